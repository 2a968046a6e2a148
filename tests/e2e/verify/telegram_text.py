"""What models say, posted to a Telegram of its own process: every construct of markdown in many
scripts, whole, broken and nested, each case drawn from a seed. What lost means is told by
`tests/render/arriving.py`."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from bot.messages import Messages
from tests.e2e.verify import rounds
from tests.e2e.verify.rounds import Kept, Part, Round
from tests.e2e.verify.trial import Given, Seen
from tests.fakes.telegram import Client
from tests.render.outputs import output
from tests.render.telegram_posts import Posts, said

AT_ONCE, FOUND_ENOUGH = 10, 10


async def run(given: Given) -> Seen:
    """See `Trial`."""
    kept = Kept(given.rounds)
    whole = await rounds.played(PART, given.folder, given.seed, long=given.long, kept=kept)
    told = whole.figures
    return Seen(
        f"{told['cases']} answers of {told['characters']} characters in {told['messages']} messages"
        f" and {told['files']} files, with {told['entities']} entities:"
        f" {told['refused']} refused, {told['lost']} with anything lost, {told['acting']} with"
        " anything that acts",
        whole.findings,
    )


async def _cases(folder: Path, seed: int, size: int) -> Round:
    seen, say = Round(), Messages.load(strict=True)
    figures: Counter[str] = Counter(cases=size)
    async with _a_telegram() as url, Client.at(url) as hand, aiohttp.ClientSession() as session:
        posts = Posts(session, url, await hand.private("Ana"))
        for first in range(seed * size, (seed + 1) * size, AT_ONCE):
            cases = range(first, min(first + AT_ONCE, (seed + 1) * size))
            made = [output(case) for case in cases]
            all_said = await asyncio.gather(*(said(posts, each, say) for each in made))
            for case, markdown, one in zip(cases, made, all_said, strict=True):
                figures.update(one.figures, characters=len(markdown))
                if one.problem:
                    figures[one.kind] += 1
                    seen.findings.append(f"case {case}: {one.kind}: {one.problem}")
            if len(seen.findings) >= FOUND_ENOUGH:
                break
    seen.figures = figures
    return seen


@asynccontextmanager
async def _a_telegram() -> AsyncIterator[str]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.fakes.telegram", stdin=pipe, stdout=pipe
    )
    assert process.stdout
    assert process.stdin
    try:
        ready = (await process.stdout.readline()).decode().split()
        yield ready[1]
    finally:
        process.stdin.close()
        await process.wait()


PART = Part("telegram-text", _cases, (1, 200), (20, 500))
