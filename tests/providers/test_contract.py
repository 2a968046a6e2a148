"""What holds of every provider: the adapters on their wires, and the twin that ships."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from swarm_core.kernel.errors import (
    AnswerLost,
    NoSuchModel,
    OutOfCredit,
    PromptTooLong,
    ProviderBusy,
    ProviderRejected,
    WaggleError,
    WrongKey,
)
from swarm_core.providers.model import Chunk, Message, Text, ToolResult, Unknown
from tests.providers.benches import BENCHES, Bench, ask


@pytest.fixture(params=BENCHES)
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    async with BENCHES[request.param](request.param) as opened:
        yield opened


async def test_it_answers_with_text_the_model_and_what_was_served(bench: Bench) -> None:
    bench.text("Good day to you")
    answer = await bench.provider.complete(ask(bench.model))
    assert answer.text == "Good day to you"
    assert answer.stop == "end"
    assert answer.model.startswith(bench.model)
    assert answer.usage
    assert answer.usage.input > 0
    assert answer.usage.output > 0


async def test_a_call_is_one_request(bench: Bench) -> None:
    await bench.provider.complete(ask(bench.model))
    assert bench.requests() == 1


async def test_whoever_watches_sees_what_is_answered(bench: Bench) -> None:
    bench.text("words that come in pieces, one after the other")
    seen: list[Chunk] = []
    answer = await bench.provider.complete(ask(bench.model), on_chunk=seen.append)
    assert "".join(chunk.text for chunk in seen if chunk.kind == "text") == answer.text
    assert answer.text == "words that come in pieces, one after the other"


async def test_an_answer_is_the_same_watched_or_not(bench: Bench) -> None:
    for _ in range(2):
        bench.text("the same")
    plain = await bench.provider.complete(ask(bench.model))
    watched = await bench.provider.complete(ask(bench.model), on_chunk=lambda _: None)
    long = await bench.provider.complete(ask(bench.model, max_output=9_000))
    assert (plain.parts, plain.stop) == (watched.parts, watched.stop)
    assert plain.usage
    assert watched.usage
    assert plain.usage.output == watched.usage.output
    assert long.usage


@pytest.mark.parametrize("watched", [False, True])
async def test_tools_are_called_and_their_results_read(bench: Bench, watched: bool) -> None:
    on_chunk = (lambda _: None) if watched else None
    bench.call("read", '{"path": "a"}')
    asked = ask(bench.model, Message("user", (Text("Read a."),)))
    first = await bench.provider.complete(asked, on_chunk=on_chunk)
    assert first.stop == "tool_use"
    [use] = first.tool_uses
    assert (use.name, use.arguments) == ("read", {"path": "a"})
    bench.text("It says b.")
    result = ToolResult(id=use.id, text="b")
    turns = (*asked.messages, Message("assistant", first.parts), Message("user", (result,)))
    second = await bench.provider.complete(ask(bench.model, *turns), on_chunk=on_chunk)
    assert second.text == "It says b."


@pytest.mark.parametrize("watched", [False, True])
async def test_arguments_that_are_no_object_can_be_mended(bench: Bench, watched: bool) -> None:
    if not watched and "anthropic" in bench.provider.name:
        pytest.skip("unstreamed, Anthropic's arguments are JSON by construction")
    on_chunk = (lambda _: None) if watched else None
    bench.call("read", '{"path": ')
    asked = ask(bench.model)
    first = await bench.provider.complete(asked, on_chunk=on_chunk)
    [use] = first.tool_uses
    assert use.arguments is None
    assert use.raw == '{"path": '
    bench.text("sorry")
    result = ToolResult(id=use.id, text="that was no JSON", error=True)
    turns = (*asked.messages, Message("assistant", first.parts), Message("user", (result,)))
    second = await bench.provider.complete(ask(bench.model, *turns), on_chunk=on_chunk)
    assert second.text == "sorry"


async def test_parts_of_a_kind_nobody_knows_are_kept_apart(bench: Bench) -> None:
    if bench.provider.name == "chat":
        pytest.skip("the fake's chat messages have no parts")
    bench.unknown("besides")
    answer = await bench.provider.complete(ask(bench.model))
    assert answer.text == "besides"
    assert Unknown(kind="hologram") in answer.parts


async def test_usage_that_makes_no_sense_is_none(bench: Bench) -> None:
    bench.unbilled()
    assert (await bench.provider.complete(ask(bench.model))).usage is None


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize(
    "error",
    [
        ProviderBusy,
        WrongKey,
        OutOfCredit,
        NoSuchModel,
        PromptTooLong,
        ProviderRejected,
        AnswerLost,
    ],
)
async def test_failures_say_what_they_are(
    bench: Bench, error: type[WaggleError], watched: bool
) -> None:
    bench.refuse(error)
    on_chunk = (lambda _: None) if watched else None
    with pytest.raises(error) as raised:
        await bench.provider.complete(ask(bench.model), on_chunk=on_chunk)
    assert raised.value.data.get("after", 7) == 7
    assert raised.value.data.get("variable", "FAKE_KEY") == "FAKE_KEY"
    assert bench.requests() == 1


async def test_it_goes_on_after_a_failure(bench: Bench) -> None:
    bench.refuse(AnswerLost)
    with pytest.raises(AnswerLost):
        await bench.provider.complete(ask(bench.model))
    bench.text("again")
    assert (await bench.provider.complete(ask(bench.model))).text == "again"


async def test_a_model_that_is_not_there_is_named(bench: Bench) -> None:
    with pytest.raises(NoSuchModel) as raised:
        await bench.provider.complete(ask("nobody-9"))
    assert raised.value.data["model"] == "nobody-9"


async def test_it_lists_its_models(bench: Bench) -> None:
    models = await bench.provider.models()
    assert any(model.startswith(bench.model) for model in models)


async def test_a_count_grows_with_the_prompt_or_is_refused(bench: Bench) -> None:
    asked = [ask(bench.model, Message("user", (Text("word " * n),))) for n in (1, 50, 200)]
    if not bench.provider.capabilities.counts:
        with pytest.raises(ProviderRejected):
            await bench.provider.count(asked[0])
        return
    counts = [await bench.provider.count(prompt) for prompt in asked]
    assert all(less < more for less, more in pairwise(counts))
