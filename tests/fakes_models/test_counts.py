"""The fake knows what it truly served, cached and charged, and keeps it where a kill cannot."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI

from tests.fakes.models import KEY, FakeModels

MARK = {"type": "ephemeral"}


def long(mark: Any = None, words: str = "word ") -> list[Any]:
    block = {"type": "text", "text": words * 1000}
    return [{**block, "cache_control": mark} if mark else block]


async def test_marked_prefixes_are_written_then_read(
    fake: FakeModels, claude: AsyncAnthropic
) -> None:
    prices = {"input": 3_000_000, "output": 15_000_000, "cached": 300_000, "written": 3_750_000}
    fake.script(models={"claude-sonnet-5": {"prices": {**prices, "written_1h": 6_000_000}}})

    async def ask(said: str, system: list[Any]) -> Any:
        turn = [{"role": "user", "content": said}]
        answer = await claude.messages.create(
            model="claude-sonnet-5", max_tokens=50, messages=turn, system=system
        )
        return answer.usage

    first = await ask("[[task 1: say abcd]]", long(MARK))
    again = await ask("[[task 1: say abcde]]", long(MARK))
    assert (first.cache_read_input_tokens, again.cache_creation_input_tokens) == (0, 0)
    assert first.cache_creation_input_tokens == again.cache_read_input_tokens > 1200
    assert first.input_tokens == again.input_tokens < 30
    hour = await ask("[[task 2: say abcd]]", long({**MARK, "ttl": "1h"}, "bird "))
    assert hour.cache_creation.ephemeral_1h_input_tokens == hour.cache_creation_input_tokens
    bare = await ask("[[task 3]]", long())
    assert (bare.cache_creation_input_tokens, bare.cache_read_input_tokens) == (0, 0)
    few = await ask("[[task 3]]", [{"type": "text", "text": "short", "cache_control": MARK}])
    assert few.cache_creation_input_tokens == 0
    counted = fake.counts()["tasks"]
    written, plain = first.cache_creation_input_tokens, first.input_tokens
    exact = written * 3_750_000 + written * 300_000 + 2 * plain * 3_000_000 + 3 * 15_000_000
    assert counted["1"]["cost"] == -(-exact // 1_000_000)
    assert counted["2"]["cost"] > hour.cache_creation_input_tokens * 6


async def test_prefixes_of_1024_tokens_are_read_unmarked(gpt: AsyncOpenAI) -> None:
    async def ask(model: str, said: str) -> Any:
        messages: Any = [
            {"role": "system", "content": "word " * 1000},
            {"role": "user", "content": said},
        ]
        answer = await gpt.chat.completions.create(model=model, messages=messages)
        return answer.usage.prompt_tokens_details

    assert (await ask("gpt-5", "a")).cached_tokens == 0
    again = await ask("gpt-5", "b")
    assert again.cached_tokens == 1152
    assert again.cache_write_tokens is None
    first, again = await ask("gpt-5.6-sol", "a"), await ask("gpt-5.6-sol", "b")
    assert (first.cache_write_tokens, again.cached_tokens) == (1152, 1152)
    told = await gpt.responses.create(model="gpt-5.6-sol", input="short")
    assert told.usage.input_tokens_details.cached_tokens == 0


async def test_a_prompt_served_twice_is_found(fake: FakeModels, gpt: AsyncOpenAI) -> None:
    said: Any = [{"role": "user", "content": "[[task 8: say x]]"}]
    fake.fault(kind="status", status=429, count=1)
    with pytest.raises(Exception, match="Rate limit"):
        await gpt.chat.completions.create(model="gpt-5", messages=said)
    await gpt.chat.completions.create(model="gpt-5", messages=said)
    assert fake.counts()["repeated"] == []
    async for _ in await gpt.chat.completions.create(model="gpt-5", messages=said, stream=True):
        pass
    (found,) = fake.counts()["repeated"]
    assert (found["task"], found["times"]) == ("8", 2)


async def test_the_admin_changes_and_tells(fake: FakeModels, gpt: AsyncOpenAI) -> None:
    async with aiohttp.ClientSession(fake.url) as admin:
        await admin.post("/_fake/script", json={"default": {"text": "told"}})
        chat = await gpt.chat.completions.create(
            model="gpt-5", messages=[{"role": "user", "content": "x"}]
        )
        assert chat.choices[0].message.content == "told"
        seen = await (await admin.get("/_fake/requests")).json()
        assert seen[0]["body"]["model"] == "gpt-5"
        log = await (await admin.get("/_fake/log")).json()
        assert [line["event"] for line in log] == ["served", "whole"]
        await admin.delete("/_fake/script")
        await admin.delete("/_fake/counts")
        counts = await (await admin.get("/_fake/counts")).json()
        assert counts["total"]["received"] == 0


@pytest.mark.slow
async def test_it_runs_as_its_own_process_and_keeps_files(tmp_path: Path) -> None:
    counts, log = tmp_path / "counts.json", tmp_path / "log.jsonl"
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.fakes.models", "--seed", "3"),
        *("--counts", str(counts), "--log", str(log)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    word, url = (await child.stdout.readline()).decode().split()
    assert word == "ready"
    async with AsyncOpenAI(api_key=KEY, base_url=f"{url}/v1", max_retries=0) as client:
        await client.responses.create(model="gpt-5", input="[[task 1: say x]]")
    child.stdin.close()
    assert await child.wait() == 0
    assert json.loads(counts.read_text())["tasks"]["1"]["whole"] == 1
    assert len(log.read_text().splitlines()) == 2
