"""One person wherever they write, in words."""

from __future__ import annotations

from bot.answers.ending import ending_parts
from bot.answers.words import Words
from bot.commands import link_views as views
from bot.commands import views as of_tasks
from bot.reply import Button, Buttons, Notice, Part, Reply, Table
from swarm_core import OWNER_NUMBER, Person


def linking(words: Words, view: views.LinkView) -> Reply:
    """The reply that tells `view`; all of it is for the asker's eyes alone."""
    match view:
        case views.LinkMade():
            return _made(words, view)
        case views.LinkUsed():
            return _used(words, view)
        case views.MyAccounts():
            return _accounts(words, view)
        case views.Carried():
            return _carried(words, view)
        case views.Latest():
            return _latest(words, view)


def _made(words: Words, view: views.LinkMade) -> Reply:
    code = view.code
    text = words.say("link.code", code=code.code, until=words.clock(code.expires))
    hint = words.say("link.code_hint")
    if view.link:
        hint = f"{words.say('people.code_link', link=view.link)} {hint}"
    parts: list[Part] = [Notice(level="ok", text=text, hint=hint)]
    if code.owners:
        parts.append(Notice(level="warn", text=words.say("link.code_owner")))
    return Reply(parts=tuple(parts), private=True)


def _used(words: Words, view: views.LinkUsed) -> Reply:
    say, linked = words.say, view.linked
    if not linked.done:
        # No button: what a button stands for is stored, and a code is not.
        text, how = say("link.sure", maker=linked.maker), say("link.sure_hint", command=view.again)
        return Reply(parts=(Notice(level="warn", text=text, hint=how),), private=True)
    text = say("link.done", maker=linked.maker)
    shared = say("link.shared", accounts=list(linked.person.accounts))
    roles, wishes = _roles(words, linked.person), _wishes(words, linked.person)
    told = say("link.yours", roles=roles, wishes=wishes)
    return Reply(
        parts=(
            Notice(level="ok", text=text, hint=shared),
            Notice(level="info", text=told, hint=say("link.undo")),
        ),
        private=True,
    )


def _roles(words: Words, person: Person) -> str:
    if person.number == OWNER_NUMBER:
        return words.say("link.owner")
    held = {f"{each.role} ({each.scope})" for each in person.grants}
    return ", ".join(sorted(held)) or words.say("people.no_role")


def _wishes(words: Words, person: Person) -> str:
    named = (f"{words.say(f'wish.{wish}')} {value}" for wish, value in person.wishes.items())
    return ", ".join(sorted(named))


def _accounts(words: Words, view: views.MyAccounts) -> Reply:
    say = words.say
    rows = tuple(
        (each.account, ", ".join(each.spaces), say("link.this_one") if each.here else "")
        for each in view.accounts
    )
    columns = (say("column.account"), say("column.space"), "")
    parts: list[Part] = [Table(columns=columns, rows=rows)]
    if view.removed:
        hint = say("link.removed_hint")
        parts.insert(
            0, Notice(level="ok", text=say("link.removed", account=view.removed), hint=hint)
        )
    return Reply(parts=tuple(parts), private=True)


def _carried(words: Words, view: views.Carried) -> Reply:
    task = view.task
    text = words.say("here.done", title=words.title(task), turns=view.turns)
    told = Notice(level="ok", text=text, hint=words.say("here.where"))
    if view.ended is None:
        # As any receipt it becomes the card of its task, which says what it waits for.
        return Reply(parts=(told,), receipt=task.id)
    end = of_tasks.Ended(task=task, instead=(), stamp=view.ended.stamp)
    return Reply(parts=(told, *ending_parts(words, end)), ending=task.id)


def _latest(words: Words, view: views.Latest) -> Reply:
    if not view.tasks:
        text = words.say("here.none" if view.private else "here.not_alone")
        return Reply(parts=(Notice(level="info", text=text),), private=True)
    buttons = tuple(Button(words.title(each), f"/here {each.id}") for each in view.tasks)
    which = Notice(level="info", text=words.say("here.which"))
    return Reply(parts=(which, Buttons(buttons)), private=True)


def told(words: Words, kind: str, about: dict[str, str | int | None]) -> Reply:
    """What the other accounts of a person are told when one was linked or taken off."""
    account, other = str(about["linked"]), str(about["with"])
    text = words.say(f"link.told_{kind}", account=account, other=other)
    hint = words.say(f"link.told_{kind}_hint", account=account)
    return Reply(parts=(Notice(level="warn", text=text, hint=hint),))
