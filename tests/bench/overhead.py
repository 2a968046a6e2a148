"""P2: what the whole road costs a task with a model, beside the vendor's SDK alone.

Both sides run the same conversations against the same lean server (`lean`): the system prompt and
the tools of the assistant, one call each that takes 50 ms, or three with a tool call between. Ours
is durable, budgeted, routed and delivered; the other side is the SDK in a loop.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from swarm_core import TERMINAL, World, open_swarm, settle_in
from swarm_core.kernel.secret import Secret
from swarm_core.providers import anthropic as messages
from swarm_core.providers import chat
from swarm_core.providers.model import Prompt
from swarm_core.testing import OWNER, ScriptedProvider, request, settings
from tests.bench.lean import MODEL, limit, serving
from tests.bench.measure import Result, Sample, Sizes, fresh, in_turns, result
from tests.bench.worlds import CAPS, Postman, words

SECONDS = 0.05
AT_ONCE = 100
WIRES = ("messages", "chat")
KINDS = {"messages": "anthropic", "chat": "openai-compatible"}
WARM = 20
"""Tasks before the clock starts: imports, connections, the first of everything."""


def run(sizes: Sizes) -> Iterator[Result]:
    tasks = min(sizes.tasks, 1_000)
    with serving(0.0, 0) as port:
        most = asyncio.run(limit(port, max(200, 5 * tasks), AT_ONCE))
    yield result("overhead: the lean server's own limit", "calls/s", [most])
    for wire in WIRES:
        for tools in sizes.tools:
            with serving(SECONDS, tools) as port:
                size = {"tasks": tasks, "wire": wire, "tools": tools, "port": port}
                bare, ours = in_turns(
                    sizes.repeats,
                    lambda size=size: fresh("overhead:bare", **size),  # type: ignore[misc]
                    lambda size=size: fresh("overhead:ours", **size),  # type: ignore[misc]
                )
            name = f"overhead, {wire}, {tools} tool calls:"
            for key, what, unit, goal in (
                ("rate", "tasks", "tasks/s", f"ratio ≥ {0.75 if tools else 0.7}"),
                ("cpu", "CPU", "ms/task", "ratio ≤ 1.4"),
            ):
                mine, theirs = [s[key] for s in ours], [s[key] for s in bare]
                yield result(f"{name} {what}", unit, mine, theirs, goal=goal)


def ours(tasks: int, wire: str, tools: int, port: int) -> Sample:
    """The whole road."""
    with tempfile.TemporaryDirectory(prefix="waggle-bench-") as folder:
        return asyncio.run(_ours(Path(folder), tasks, wire, port))


def _chosen(folder: Path, wire: str, port: int) -> Any:
    door = "" if wire == "messages" else "/v1"
    provider = {
        "kind": KINDS[wire],
        "key": Secret("a-key", "BENCH_KEY"),
        "base_url": f"http://127.0.0.1:{port}{door}",
        "models": (MODEL[wire],),
    }
    prices = {"input": 1_000_000, "output": 5_000_000}
    chosen = settings(
        folder,
        providers={"bench": provider},
        models={MODEL[wire]: {**prices, "window": 200_000, "tier": "cheap"}},
        routing={"preset": "paid"},
        limits={"concurrency": 1_000},
        budget=CAPS,
    )
    (folder / "workspace" / "notes.txt").write_text("Buy milk.\n")
    return chosen


async def _ours(folder: Path, tasks: int, wire: str, port: int) -> Sample:
    chosen = _chosen(folder, wire, port)
    async with open_swarm(chosen, World(drain=0.0)) as swarm:
        postman = Postman()
        await swarm.outbox.attach(TERMINAL.surface, postman)
        settle_in()

        async def one(number: int) -> None:
            asked = request(f"please {words(number)}", worker="assistant")
            receipt = await swarm.intake.submit(OWNER, asked)
            swarm.outbox.replied(receipt.task)
            await postman.ended(receipt.task)

        sample = await _measured(one, tasks)
        done = (await swarm.views.status()).ended
        if done != {"done": tasks + WARM}:
            raise SystemExit(f"{tasks} tasks were asked for and ended as {done}")
    return sample


def bare(tasks: int, wire: str, tools: int, port: int) -> Sample:
    """The SDK alone, with the prompt that the swarm would have sent."""
    with tempfile.TemporaryDirectory(prefix="waggle-bench-") as folder:
        return asyncio.run(_bare(Path(folder), tasks, wire, tools, port))


async def _prompt(folder: Path, wire: str, port: int) -> Prompt:
    """What a swarm asks of a model for a task like these."""
    asked = ScriptedProvider(name="bench", models=(MODEL[wire],))
    world = World(drain=0.0, providers={"bench": asked})
    async with open_swarm(_chosen(folder, wire, port), world) as swarm:
        postman = Postman()
        await swarm.outbox.attach(TERMINAL.surface, postman)
        one = request(f"please {words(0)}", worker="assistant")
        receipt = await swarm.intake.submit(OWNER, one)
        swarm.outbox.replied(receipt.task)
        await postman.ended(receipt.task)
    return asked.prompts[0]


async def _bare(folder: Path, tasks: int, wire: str, tools: int, port: int) -> Sample:
    prompt = await _prompt(folder, wire, port)
    notes = (folder / "workspace" / "notes.txt").read_text
    client = _client(wire, port)
    talk = _talk_messages if wire == "messages" else _talk_chat
    settle_in()
    async with client:
        return await _measured(talk(client, prompt, notes), tasks)


def _client(wire: str, port: int) -> Any:
    address = f"http://127.0.0.1:{port}"
    if wire == "messages":
        import anthropic

        return anthropic.AsyncAnthropic(
            api_key="a-key",
            base_url=address,
            max_retries=0,
            http_client=anthropic.DefaultAioHttpClient(),
        )
    import openai

    return openai.AsyncOpenAI(
        api_key="a-key",
        base_url=f"{address}/v1",
        max_retries=0,
        http_client=openai.DefaultAioHttpClient(),
    )


def _talk_messages(
    client: Any, prompt: Prompt, notes: Callable[[], str]
) -> Callable[[int], Awaitable[None]]:
    body = {**messages.request(prompt), "max_tokens": prompt.max_output}

    async def one(number: int) -> None:
        said = [*body["messages"]]
        while True:
            answer = await client.messages.create(**{**body, "messages": said})
            uses = [block for block in answer.content if block.type == "tool_use"]
            if not uses:
                return
            said.append({"role": "assistant", "content": answer.content})
            results = [
                {"type": "tool_result", "tool_use_id": use.id, "content": notes()} for use in uses
            ]
            said.append({"role": "user", "content": results})

    return one


def _talk_chat(
    client: Any, prompt: Prompt, notes: Callable[[], str]
) -> Callable[[int], Awaitable[None]]:
    body = chat.request(prompt)

    async def one(number: int) -> None:
        said = [*body["messages"]]
        while True:
            answer = await client.chat.completions.create(**{**body, "messages": said})
            message = answer.choices[0].message
            if not message.tool_calls:
                return
            said.append(message.model_dump(exclude_none=True))
            for call in message.tool_calls:
                json.loads(call.function.arguments)
                said.append({"role": "tool", "tool_call_id": call.id, "content": notes()})

    return one


async def _measured(one: Callable[[int], Awaitable[None]], tasks: int) -> Sample:
    """Tasks a second and processor time for each, so many at once."""
    await asyncio.gather(*(one(tasks + n) for n in range(WARM)))
    numbers = iter(range(tasks))

    async def some() -> None:
        for number in numbers:
            await one(number)

    began, burned = time.perf_counter(), time.process_time()
    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    wall, cpu = time.perf_counter() - began, time.process_time() - burned
    return {"rate": tasks / wall, "cpu": cpu / tasks * 1e3}
