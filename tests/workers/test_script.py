"""Answers in another script than the request: seen when it is sure, left alone otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from swarm_core.workers.prompts import read_prompts
from swarm_core.workers.script import Before, Stray, stray
from tests.commands.desks import said
from tests.commands.models import answered, served

LANGUAGES = read_prompts(Path(__file__).parents[2] / "data" / "prompts").languages
ASKED = "Why do leaves fall from the trees in autumn?"
RUSSIAN = (
    "Осенью дни становятся короче, и деревья перестают питать листву. Между черешком и веткой "
    "вырастает слой клеток, который отделяет лист, и ветер уносит его."
)
CHINESE = (
    "秋天白昼变短，树木不再给叶子输送养分。叶柄与树枝之间长出一层细胞，"
    "把叶子与枝条隔开，风一吹，叶子就落下来了。"
)
ENGLISH = (
    "In autumn the days grow short and trees stop feeding their leaves. A layer of cells grows "
    "between leaf and branch, and the wind does the rest."
)


def found(answer: str, asked: str = ASKED, **more: object) -> Stray | None:
    return stray(answer, Before(asked=asked, **more), LANGUAGES)  # type: ignore[arg-type]


def test_a_whole_answer_in_another_script_is_seen() -> None:
    assert found(RUSSIAN) == Stray("Latin", "Cyrillic")
    assert found(CHINESE) == Stray("Latin", "Chinese or Japanese")
    asked = "Почему осенью с деревьев падают листья?"
    assert found(ENGLISH, asked) == Stray("Cyrillic", "Latin")
    assert found(RUSSIAN, who="You speak one language well: that of facts.") is not None


@pytest.mark.parametrize(
    "answer",
    [
        ENGLISH,
        "Потому что осень.",
        f"```\n{RUSSIAN}\n```",
        f"> {RUSSIAN}",
        f"He wrote «{RUSSIAN}»",
        f"{ENGLISH}\n\nЧайковский, Толстой, Достоевский, Чехов",
        "42 " * 100,
        "",
    ],
)
def test_short_answers_code_quotations_and_names_are_left_alone(answer: str) -> None:
    assert found(answer) is None


@pytest.mark.parametrize(
    "asked",
    [
        "Say it in Russian: leaves fall",
        "Translate: leaves fall from trees",
        "ok?",
        "Листья: why fall?",
    ],
)
def test_who_speaks_of_languages_or_mixes_them_gets_what_comes(asked: str) -> None:
    assert found(RUSSIAN, asked) is None


def test_what_came_before_may_be_the_reason() -> None:
    assert found(RUSSIAN, said=("From now on, answer in Russian.",)) is None
    assert found(RUSSIAN, said=("Привет, как дела",)) is None
    assert found(RUSSIAN, material=("Статья о листьях",)) is None
    assert found(RUSSIAN, who="You are Ivan and answer in Russian.") is None


async def test_the_model_is_told_once_and_why_says_so(tmp_path: Path) -> None:
    async with served(tmp_path, RUSSIAN, ENGLISH) as (at, courier):
        task = await answered(at, courier, f"/ask {ASKED}")
        vendor = at.swarm.models.providers["vendor"]
        assert "Cyrillic script" in str(vendor.prompts[1].messages[-1])
        assert ENGLISH[:40] in await said(at, f"/show {task}")
        why = " ".join((await said(at, f"/why {task}", width=400)).split())
        assert "because it had answered in another script" in why


async def test_an_answer_that_stays_so_is_taken_as_it_is(tmp_path: Path) -> None:
    async with served(tmp_path, RUSSIAN, RUSSIAN, "never asked for") as (at, courier):
        task = await answered(at, courier, f"/ask {ASKED}")
        assert RUSSIAN[:40] in await said(at, f"/show {task}")
        assert len(at.swarm.models.providers["vendor"].prompts) == 2
