"""The program itself on Discord: another token is taken by a reload."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.cli.programs import TIMEOUT, running, waggle
from tests.discord.bench import API, bench
from tests.fakes.discord.settings import TOKEN

WRONG = "MTAw.wrong.token-for-tests-only"


@pytest.mark.slow
async def test_a_reload_takes_a_new_token_and_leaves_when_there_is_none(tmp_path: Path) -> None:
    keys = tmp_path / "waggle.env"

    def write(token: str) -> None:
        keys.write_text(f"DISCORD_TOKEN={token}\n" if token else "")
        keys.chmod(0o600)

    async with bench(tmp_path / "fake") as at:
        settings = {"discord": {"api_url": at.fake.url + API}}
        (tmp_path / "waggle.yaml").write_text(json.dumps(settings))
        write(WRONG)
        up = running(tmp_path, "up", "--headless")
        process = await asyncio.to_thread(up.__enter__)
        try:
            await at.hand.wait("request", status=401)
            write(TOKEN)
            done = await asyncio.to_thread(waggle, tmp_path, "reload")
            await at.hand.wait("identify")
            await at.hand.wait("commands")
            write("")
            await asyncio.to_thread(waggle, tmp_path, "reload")
            await at.hand.wait("session_ended")
            counts = await at.hand.counts()
        finally:
            process.terminate()
            out, remarks = await asyncio.to_thread(process.communicate, timeout=TIMEOUT)
    assert done.returncode == 0
    assert counts["invalid_requests"] == 1
    assert counts["identifies"] == 1
    # What is logged is shown there as well, but not what was said there.
    assert remarks.count("Discord refuses the token") == 1
    log = (tmp_path / "data" / "state" / "waggle.log").read_text()
    assert log.count("Discord refuses the token") == 1
    assert "waggle reload" in remarks
    assert "On Discord as" in remarks
    assert not any(token in out + remarks for token in (WRONG, TOKEN))
