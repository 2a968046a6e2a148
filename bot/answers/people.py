"""People, places, policies and what is sent, in words."""

from __future__ import annotations

from bot.answers.digest import digest
from bot.answers.notices import notices
from bot.answers.undelivered import outbox
from bot.answers.words import Words
from bot.commands import people_views as views
from bot.reply import Button, Buttons, KeyValues, Notice, Part, Reply, Table
from swarm_core import OWNER, OWNER_NUMBER, Person


def people(words: Words, view: views.PeopleView) -> Reply:
    """The reply that tells `view`. Who is who and may what is for the asker's eyes alone."""
    match view:
        case views.Listed():
            return _listed(words, view)
        case views.Given():
            return _given(words, view)
        case views.Invited():
            return _invited(words, view)
        case views.Paired():
            text = words.say("people.paired", role=view.role, scope=_scope(words, view.scope))
            return _said("ok", text, words.say("people.paired_hint"))
        case views.Me():
            return _me(words, view)
        case views.Gone():
            return _gone(words, view)
        case views.Channel():
            return _channel(words, view)
        case views.WhoMay():
            return _who_may(words, view)
        case views.PoliciesChecked():
            return _checked(words, view)
        case views.Sharing():
            return _sharing(words, view)
        case views.Outbox():
            return outbox(words, view)
        case views.DigestHour():
            return _said("ok", words.say("digest.set", hour=view.hour))
        case views.DigestView():
            return digest(words, view)
        case _:
            return notices(words, view)


def _said(level: str, text: str, hint: str = "") -> Reply:
    notice = Notice(level="ok" if level == "ok" else "info", text=text, hint=hint)
    return Reply(parts=(notice,), private=True)


def _scope(words: Words, scope: str) -> str:
    return words.say("people.everywhere") if scope == "*" else scope


def _listed(words: Words, view: views.Listed) -> Reply:
    say = words.say
    rows = tuple(
        (
            str(person.number),
            person.name or person.key,
            ", ".join(person.accounts),
            _roles(words, person) or say("people.no_role"),
        )
        for person in view.people
    )
    columns = (
        say("column.number"),
        say("column.person"),
        say("column.accounts"),
        say("column.roles"),
    )
    parts: list[Part] = [Table(columns=columns, rows=rows, empty=say("people.nobody"))]
    if view.mapped:
        meant = tuple((m.scope, m.platform_role, m.role) for m in view.mapped)
        heads = (say("column.space"), say("column.platform_role"), say("column.role"))
        parts.append(Table(columns=heads, rows=meant))
    return Reply(parts=tuple(parts), private=True)


def _roles(words: Words, person: Person) -> str:
    held = [f"{g.role} ({_scope(words, g.scope)})" for g in person.grants]
    if person.number == OWNER_NUMBER:
        held.insert(0, f"{OWNER} ({_scope(words, '*')})")
    return ", ".join(dict.fromkeys(held))


def _given(words: Words, view: views.Given) -> Reply:
    key = "people.role_taken" if view.taken else "people.role_given"
    text = words.say(key, person=view.of, role=view.role, scope=_scope(words, view.scope))
    return _said("ok", text)


def _invited(words: Words, view: views.Invited) -> Reply:
    code = view.code
    text = words.say("people.code", code=code.code, role=code.role, scope=_scope(words, code.scope))
    hint = words.say("people.code_hint", code=code.code, until=words.clock(code.expires))
    if view.link:
        hint = f"{words.say('people.code_link', link=view.link)} {hint}"
    return _said("ok", text, hint)


def _me(words: Words, view: views.Me) -> Reply:
    say, person = words.say, view.person
    pairs = [
        (say("field.person"), person.name or person.key),
        (say("column.accounts"), ", ".join(person.accounts) or words.person),
        (say("column.roles"), ", ".join(view.roles) or say("people.no_role")),
    ]
    pairs += [
        (say(f"wish.{wish}"), value)
        for wish in ("language", "model", "zone")
        if (value := person.wishes.get(wish))
    ]
    pairs.append((say("wish.quiet"), view.quiet or say("notify.no_hours")))
    pairs.append((say("wish.digest"), view.digest or say("notify.no_hours")))
    parts: list[Part] = [KeyValues(pairs=tuple(pairs))]
    if view.changed:
        text = say("people.wished", wish=say(f"wish.{view.changed}"))
        parts.insert(0, Notice(level="ok", text=text))
    return Reply(parts=tuple(parts), private=True)


def _gone(words: Words, view: views.Gone) -> Reply:
    say = words.say
    pairs = (
        (say("field.person"), view.person),
        (say("column.accounts"), ", ".join(view.accounts)),
        (say("field.tasks"), str(view.tasks)),
        (say("field.texts"), str(view.texts)),
    )
    if view.done:
        last = Notice(level="ok", text=say("people.forgotten"))
    else:
        last = Notice(level="info", text=say("people.forget_preview", command=view.again))
    return Reply(parts=(KeyValues(pairs=pairs), last), private=True)


def _channel(words: Words, view: views.Channel) -> Reply:
    say, place = words.say, "" if view.here else view.place
    rows = tuple(
        (
            key,
            words.usd(int(value)) if key == "cap" else value,
            say("channel.everywhere" if key in view.for_all else "channel.here"),
        )
        for key, value in sorted(view.values.items())
    )
    columns = (say("column.setting"), say("column.value"), say("column.where"))
    table = Table(columns=columns, rows=rows, empty=say("channel.usual", place=place))
    parts: list[Part] = [table]
    if view.changed:
        text = say("channel.set", key=view.changed, place=place)
        parts.insert(0, Notice(level="ok", text=text))
    return Reply(parts=tuple(parts), private=True)


def _who_may(words: Words, view: views.WhoMay) -> Reply:
    say = words.say
    several = len({each.kind for each in view.may}) > 1
    rows = tuple(
        (
            *((each.kind,) if several else ()),
            each.role or say("people.stranger"),
            say(
                "may.all"
                if each.own and each.others
                else "may.own"
                if each.own
                else "may.others"
                if each.others
                else "may.no"
            ),
            each.rule,
        )
        for each in view.may
    )
    columns = (
        *((say("column.of"),) if several else ()),
        say("column.role"),
        say("column.may", action=view.act),
        say("column.rule"),
    )
    rules = tuple((rule, text) for rule, text in view.says.items())
    return Reply(parts=(Table(columns=columns, rows=rows), KeyValues(pairs=rules)), private=True)


def _checked(words: Words, view: views.PoliciesChecked) -> Reply:
    say = words.say
    if not view.problems:
        return _said("ok", say("policy.fine", folders=list(view.folders)))
    parts = tuple(
        Notice(level="error", text=f"{each.file}:{each.line}: {each.problem}")
        for each in view.problems
    )
    return Reply(parts=parts, private=True)


def _sharing(words: Words, view: views.Sharing) -> Reply:
    say, shared = words.say, view.shared
    if shared is None:
        text = say("share.where", task=view.task, places=list(view.places))
        return _said("info", text)
    place = "/".join(
        part for part in (shared.place.surface, shared.place.space, shared.place.thread) if part
    )
    title = words.title(shared.task)
    if shared.done:
        return _said("ok", say("share.done", title=title, place=place))
    if shared.before:
        return _said("info", say("share.before", title=title, place=place))
    command = f"/share {view.task} --to {place} --yes"
    notice = Notice(level="info", text=say("share.preview", title=title, place=place))
    button = Buttons((Button(label=say("share.button"), command=command),))
    return Reply(parts=(notice, button), private=True)
