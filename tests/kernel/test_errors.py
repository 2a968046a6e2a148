"""The tree of errors: named by what the caller does next, carrying data."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from swarm_core.kernel import errors
from swarm_core.kernel.errors import (
    BadSettings,
    Conflict,
    FixInput,
    GiveUp,
    NotAllowed,
    NotFound,
    OverBudget,
    TryAgain,
    UnknownKey,
    WaggleError,
    Wait,
)

BRANCHES = (FixInput, NotAllowed, NotFound, Conflict, Wait, TryAgain, GiveUp)


def below(base: type[WaggleError]) -> Iterator[type[WaggleError]]:
    for error in base.__subclasses__():
        if error.__module__.startswith(errors.__name__):
            yield error
            yield from below(error)


NAMED = [error for error in below(WaggleError) if "code" in error.__dict__]
each_error = pytest.mark.parametrize("error", NAMED, ids=lambda e: e.code)


def make(error: type[WaggleError]) -> WaggleError:
    if issubclass(error, BadSettings):
        return error("waggle.yaml", [UnknownKey(file="f", line=1, key="k", near=())])
    return error(**dict.fromkeys(error.fields, "value"))


def test_the_tree_has_the_branches_that_are_drawn() -> None:
    assert set(WaggleError.__subclasses__()) == set(BRANCHES)
    drawn = re.findall(r"[├└]── (\w+)", errors.__doc__ or "")
    assert drawn == [branch.__name__ for branch in BRANCHES]


@each_error
def test_every_error_says_what_to_do_next_in_one_way(error: type[WaggleError]) -> None:
    assert sum(issubclass(error, branch) for branch in BRANCHES) == 1


def test_codes_are_unique_and_words() -> None:
    codes = [error.code for error in NAMED]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", code) for code in codes)
    assert {errors.type_names[code] for code in codes} == set(NAMED)


def test_a_code_that_is_taken_cannot_be_given_again() -> None:
    with pytest.raises(TypeError, match="is taken"):
        type("Again", (GiveUp,), {"code": OverBudget.code})
    assert errors.type_names[OverBudget.code] is OverBudget


@each_error
def test_an_error_carries_exactly_its_fields(error: type[WaggleError]) -> None:
    made = make(error)
    assert tuple(made.data) == error.fields
    assert made.code == error.code
    assert str(made).startswith(error.code)
    for value in made.data.values():
        assert str(value) in str(made)


@each_error
def test_an_error_with_other_data_is_a_bug(error: type[WaggleError]) -> None:
    data = dict.fromkeys(error.fields, "value")
    with pytest.raises(TypeError):
        error(**data, unheard_of="value")
    if error.fields and not issubclass(error, BadSettings):
        data.pop(error.fields[0])
        with pytest.raises(TypeError):
            error(**data)


@each_error
def test_an_error_is_explained_with_its_fields(error: type[WaggleError]) -> None:
    assert error.__doc__
    named = set(re.findall(r"`(\w+)`", error.__doc__))
    assert named <= {*error.fields, *(["problems"] if issubclass(error, BadSettings) else [])}


def test_bad_settings_hold_their_problems() -> None:
    error = make(BadSettings)
    assert isinstance(error, BadSettings)
    assert error.data["count"] == 1
    assert [problem.code for problem in error.problems] == ["unknown_key"]
