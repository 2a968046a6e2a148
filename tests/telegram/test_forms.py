"""Blanks of a command line, asked for one after the other."""

from __future__ import annotations

import pytest

from bot.commands.declared import COMMANDS
from bot.messages import Messages
from bot.render.entities import entities
from bot.telegram.forms import Filled, Question, answered, begun, blanks, question
from swarm_core import Choice, errors
from tests.render.telegram_limits import acts, refused

SAY = Messages.load(strict=True)


def asked(found: Question | Filled) -> str:
    assert isinstance(found, Question)
    assert not refused(found.message)
    assert not acts(found.message)
    assert len(found.placeholder) <= 64
    return entities(found.message.content)[0]


def filled(found: Question | Filled) -> Filled:
    assert isinstance(found, Filled)
    return found


def test_one_blank_is_one_question() -> None:
    choice = begun(Choice("Ask separately", "/ask \u2026"))
    first = question(choice, SAY)
    assert asked(first).startswith("Ask separately\n\nYour question")
    done = filled(answered(first.choice, " why is it \u2026 slow?\n", SAY))
    assert (done.name, done.given) == ("ask", {"text": "why is it \u2026 slow?"})


def test_two_blanks_are_two_questions_and_what_was_answered_is_kept_in_the_choice() -> None:
    first = question(begun(Choice("Tell", "/tell \u2026 \u2026")), SAY)
    assert "(1 of 2)" in asked(first)
    second = answered(first.choice, "#142", SAY)
    assert "(2 of 2)" in asked(second)
    assert isinstance(second, Question)
    done = filled(answered(second.choice, "/stop is no command here", SAY))
    assert done.given == {"number": "#142", "text": "/stop is no command here"}
    again = filled(answered(second.choice, "the second time", SAY))
    assert again.given == {"number": "#142", "text": "the second time"}


def test_what_was_given_with_the_line_stays() -> None:
    choice = begun(Choice("Why not?", "/deny k7m2p9xdqr --reason \u2026"))
    assert blanks(choice.line) == ("reason",)
    done = filled(answered(choice, "too dear", SAY))
    assert done.given == {"id": "k7m2p9xdqr", "reason": "too dear"}


def test_several_values_are_filled_in_at_once() -> None:
    assert blanks("/cancel \u2026") == ("numbers",)
    choice = begun(Choice("Cancel", "/cancel \u2026"))
    assert filled(answered(choice, "142, 143", SAY)).given == {"numbers": "142, 143"}


@pytest.mark.parametrize("answer", ["", "  ", "many", "0", "1" * 1200])
def test_an_answer_that_does_not_fit_is_refused_and_the_question_stays_open(answer: str) -> None:
    choice = begun(Choice("Show", "/show \u2026"))
    with pytest.raises((errors.BadArgument, errors.MissingArgument)):
        answered(choice, answer, SAY)
    assert filled(answered(choice, "142", SAY)).given == {"number": "142"}


def test_typing_again_begins_anew_and_shows_what_stood_there() -> None:
    choice = begun(Choice("Tell", "/tell \u2026 \u2026"))
    second = answered(choice, "142", SAY)
    assert isinstance(second, Question)
    once_more = begun(filled(answered(second.choice, "hurry ``` @ana up", SAY)).again)
    first = question(once_more, SAY)
    assert "Before, you wrote:\n142" in asked(first)
    assert first.placeholder == "142"
    last = answered(first.choice, "143", SAY)
    assert "hurry ``` @ana up" in asked(last)
    assert isinstance(last, Question)
    done = filled(answered(last.choice, "slow down", SAY))
    assert done.given == {"number": "143", "text": "slow down"}
    assert begun(begun(done.again)) == begun(done.again)


def test_a_question_is_a_message_of_its_own_however_long_what_stood_there() -> None:
    choice = begun(Choice("x" * 300, "/ask \u2026", typed={"text": "word " * 5000}))
    assert asked(question(choice, SAY))


def test_a_line_without_blanks_has_no_question() -> None:
    with pytest.raises(ValueError, match="nothing is to be filled in"):
        question(Choice("Tasks", "/tasks"), SAY)


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_argument_can_be_asked_for(language: str) -> None:
    say = Messages.load(language, strict=True)
    for command in COMMANDS:
        for n, param in enumerate(command.params):
            if command.program or param.program or param.kind.switch:
                continue
            before = ["1"] * sum(each.word for each in command.params[:n])
            words = [*before, "\u2026"] if param.word else [f"{param.option}=\u2026"]
            choice = Choice("x", " ".join([f"/{command.name}", *words]))
            assert param.name in blanks(choice.line)
            assert asked(question(begun(choice), say))
