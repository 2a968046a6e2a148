"""A start tells what is wrong with models: a missing key, a wrong one, an address nobody is at."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.cli.programs import environment, running, waggle
from tests.fakes.models import serving

pytestmark = pytest.mark.slow

SETTINGS = """\
providers:
  away: {kind: openai-compatible, base_url: "http://127.0.0.1:9/v1", free: true}
  keyless: {kind: openai, key: $NO_SUCH_KEY}
"""


async def test_a_start_says_once_what_is_wrong_with_models(tmp_path: Path) -> None:
    (tmp_path / "waggle.yaml").write_text(SETTINGS)
    async with serving() as fake:
        env = environment(ANTHROPIC_API_KEY="sk-wrong", ANTHROPIC_BASE_URL=fake.url)
        told = await _told(tmp_path, env)
    assert told.count("NO_SUCH_KEY") == 1
    assert told.count("does not accept the key in `ANTHROPIC_API_KEY`") == 1
    assert told.count("away cannot be reached") == 1
    assert "sk-wrong" not in told


async def _told(folder: Path, env: dict[str, str]) -> str:
    def read() -> str:
        lines: list[str] = []
        with running(folder, env=env) as up:
            assert up.stderr
            while not {"ANTHROPIC_API_KEY", "away"} <= {w for w in WORDS if w in "".join(lines)}:
                lines.append(up.stderr.readline())
            status = waggle(folder, "status", env=env).stdout
        assert "ANTHROPIC_API_KEY" in status
        assert "NO_SUCH_KEY" in status
        return " ".join("".join(lines).split())

    return await asyncio.to_thread(read)


WORDS = ("ANTHROPIC_API_KEY", "away")
