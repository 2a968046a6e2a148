"""The fake against the published description it carries."""

from __future__ import annotations

import pytest

from tests.fakes.discord.errors import Form
from tests.fakes.discord.routes import HANDLERS
from tests.fakes.discord.schema import check, operations, undocumented


def test_every_described_route_is_served() -> None:
    assert set(HANDLERS) == set(operations())


def test_an_answer_of_ours_with_a_field_too_many_or_few_is_noticed() -> None:
    good = {"url": "ws://127.0.0.1:1"}
    assert undocumented("get_gateway", good) == {}
    assert set(undocumented("get_gateway", {**good, "shards": 1})) == {"shards"}
    assert set(undocumented("get_gateway", {})) == {"url"}


@pytest.mark.parametrize("value", ["1", 1, 2**64 - 1, str(2**64 - 1), 0])
def test_a_snowflake_is_a_number_or_its_digits(value: object) -> None:
    form = Form()
    check(value, {"$ref": "SnowflakeType"}, form)
    assert form.tree == {}


@pytest.mark.parametrize("value", ["", "01", "x", -1, 2**64, True, None, 1.5, [1]])
def test_anything_else_is_no_snowflake(value: object) -> None:
    form = Form()
    check(value, {"$ref": "SnowflakeType"}, form)
    assert [one["code"] for one in form.tree["_errors"]] == ["NUMBER_TYPE_COERCE"]
