"""Every fact any room can record: exact, canonical, and read back as it was written."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import msgspec.inspect as mi
import pytest
from hypothesis import given
from hypothesis import strategies as st

import swarm_core
from swarm_core.build import ROOMS
from swarm_core.kernel.actor import SWARM
from swarm_core.kernel.errors import ToolTimeout
from swarm_core.steps.model import Answer
from swarm_core.store import Event
from swarm_core.store.replay import Decoder
from swarm_core.store.schema import STORE_TABLES
from swarm_core.testing import ScriptedModel, finish, swarm
from tests.store.things import things_store

EVENTS = sorted(
    {e for room in (STORE_TABLES, *ROOMS) for e in (*room.events, *room.projectors)},
    key=lambda e: e.kind,
)
FREE_JSON = {
    ("task.parked", "data"),
    ("task.ended", "failure_data"),
    ("step.ended", "failure_data"),
    ("incident.opened", "data"),
    ("incident.grew", "data"),
}
"""Fields of any shape: what an error carries. The list may only shrink."""

each_event = pytest.mark.parametrize("event", EVENTS, ids=lambda e: e.kind)


def declared(base: type[Event] = Event) -> Iterator[type[Event]]:
    for event in base.__subclasses__():
        yield event
        yield from declared(event)


def test_every_event_of_the_program_belongs_to_a_room() -> None:
    for module in pkgutil.walk_packages(swarm_core.__path__, "swarm_core."):
        if ".children." not in module.name:
            importlib.import_module(module.name)
    ours = {event for event in declared() if event.__module__.startswith("swarm_core.")}
    assert ours == set(EVENTS)


def test_kinds_are_unique_and_say_their_room() -> None:
    kinds = [event.kind for event in EVENTS]
    assert len(set(kinds)) == len(kinds)
    for kind in kinds:
        noun, _, verb = kind.partition(".")
        assert noun.isidentifier(), kind
        assert verb.isidentifier(), kind


@each_event
def test_an_event_cannot_be_changed(event: type[Event]) -> None:
    config = event.__struct_config__
    assert config.frozen
    assert isinstance(event.version, int)
    assert event.version >= 1


def kinds_of_type(hint: Any, where: tuple[str, str]) -> Iterator[Any]:
    """Every plain type a field may hold, however deep."""
    if hint is Any:
        assert where in FREE_JSON, f"{where} may hold anything"
        return
    if get_origin(hint) is not None:
        for inner in get_args(hint):
            if inner is not Ellipsis and not isinstance(inner, str | int):
                yield from kinds_of_type(inner, where)
        return
    hint = getattr(hint, "__supertype__", hint)
    yield hint
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        for inner in get_type_hints(hint).values():
            yield from kinds_of_type(inner, where)


@each_event
def test_no_fact_holds_a_float(event: type[Event]) -> None:
    hints = get_type_hints(event)
    for name in event.__struct_fields__:
        for kind in kinds_of_type(hints[name], (event.kind, name)):
            assert kind is not float, f"{event.kind}.{name}"
            assert kind is not object, f"{event.kind}.{name}"


words = st.text(st.characters(codec="utf-8"), max_size=8)
whole = st.integers(-(2**63), 2**63 - 1)
free_json = st.dictionaries(
    words, st.none() | st.booleans() | whole | words | st.lists(words, max_size=3), max_size=3
)


def values(kind: mi.Type) -> st.SearchStrategy[Any]:
    """Values of a type as msgspec describes it."""
    match kind:
        case mi.StrType():
            return words
        case mi.BoolType():
            return st.booleans()
        case mi.IntType():
            return whole
        case mi.NoneType():
            return st.none()
        case mi.AnyType():
            return free_json
        case mi.LiteralType(values=allowed):
            return st.sampled_from(allowed)
        case mi.EnumType(cls=cls):
            return st.sampled_from(cls)
        case mi.UnionType(types=types):
            return st.one_of(*map(values, types))
        case mi.VarTupleType(item_type=item):
            return st.lists(values(item), max_size=3).map(tuple)
        case mi.TupleType(item_types=items):
            return st.tuples(*map(values, items))
        case mi.DictType(key_type=key, value_type=value):
            return st.dictionaries(values(key), values(value), max_size=3)
        case mi.StructType(cls=cls, fields=fields):
            return st.builds(cls, **{field.name: values(field.type) for field in fields})
    raise AssertionError(f"no values for {kind}")


@cache
def facts(event: type[Event]) -> st.SearchStrategy[Any]:
    return values(mi.type_info(event))


@each_event
@given(st.data())
def test_a_fact_is_read_back_as_it_was_written(event: type[Event], data: st.DataObject) -> None:
    value = data.draw(facts(event))
    payload = msgspec.json.encode(value, order="sorted")
    decoded = Decoder((STORE_TABLES, *ROOMS))(event.kind, event.version, payload.decode())
    assert decoded == value
    assert type(decoded) is event
    assert msgspec.json.encode(decoded, order="sorted") == payload, "canonical"


@each_event
@given(data=st.data())
def test_what_is_stored_is_canonical(event: type[Event], data: st.DataObject) -> None:
    """Sorted keys at every depth, no spaces, however the value was put together."""
    value = data.draw(facts(event))
    payload = msgspec.json.encode(value, order="sorted")
    assert msgspec.json.encode(msgspec.json.decode(payload), order="sorted") == payload


async def test_an_event_with_a_dictionary_in_any_order_is_one_payload(tmp_path: Path) -> None:
    from swarm_core.budget.events import CapsSet

    async with things_store(tmp_path, *ROOMS) as store:
        for caps in ({"day": 1, "month": 2}, {"month": 2, "day": 1}):
            await store.write(lambda tx, caps=caps: tx.append(CapsSet(caps=caps), SWARM))
        payloads = await store.read(
            lambda r: r.execute("select distinct payload from journal").fetchall()
        )
        assert payloads == [('{"caps":{"day":1,"month":2},"shares":{}}',)]


async def test_no_float_reaches_the_journal_of_a_working_swarm(tmp_path: Path) -> None:
    async def play(assignment: object, n: int) -> Answer:
        raise ToolTimeout(tool="clock", seconds=3)

    good, bad = ScriptedModel("good", words=("good",)), ScriptedModel("bad", play=play)
    async with swarm(tmp_path, good, bad) as (opened, courier):
        await finish(opened, courier, "good work please")
        await finish(opened, courier, "bad luck this time")
        floats = await opened.store.read(
            lambda r: r.execute(
                "select kind, t.fullkey from journal, json_tree(payload) t where t.type = 'real'"
            ).fetchall()
        )
        assert floats == []
        assert (await opened.store.verify()).ok
