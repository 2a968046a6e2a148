"""What is wrong, or was, in words: as a notice, one in full, and the list."""

from __future__ import annotations

from bot.answers.words import Words
from bot.commands import incident_views as views
from bot.reply import Button, Buttons, Card, Level, Notice, Part, Reply, Table
from swarm_core import Cause, Incident, IncidentShown, Moment

KINDS = ("incident", "incident_reminder", "escalated", "recovered")
"""Notices about incidents."""


def told(words: Words, kind: str, shown: IncidentShown) -> Reply:
    """The words for a notice. What has changed since it was queued is in them."""
    incident = shown.incident
    if kind == "recovered":
        return Reply(parts=(Notice(level="ok", text=_over(words, incident)),))
    lead = () if kind == "incident" else (words.say(f"incident.told.{kind}"),)
    return Reply(parts=(card(words, shown, lead),))


def incident(words: Words, view: views.IncidentView) -> Reply:
    """The reply that tells `view`."""
    match view:
        case views.Incidents():
            return _listed(words, view)
        case views.IncidentWhole():
            return _whole(words, view.shown)
        case views.IncidentTaken():
            return _taken(words, view)


def card(words: Words, shown: IncidentShown, lead: tuple[str, ...] = ()) -> Card:
    """What is wrong, since when, how often, why, the last lines there are of it, and who has it."""
    say, found = words.say, shown.incident
    tasks = " ".join(f"#{task}" for task in shown.tasks[:5])
    code = found.cause.data.get("exit_code")
    log = (say("incident.log"), *shown.log) if shown.log else ()
    fields = (
        (say("column.since"), words.clock(found.since)),
        (say("incident.field.failures"), str(found.failures) if not found.alert else ""),
        (say("column.tasks"), tasks),
        (say("incident.field.exit_code"), "" if code is None else str(code)),
        (say("incident.field.taken"), _who(words, found.by) if found.by else ""),
    )
    return Card(
        title=say("incident.title", number=found.id, what=what(words, found)),
        state=_state(words, found),
        level=_level(found),
        fields=tuple((name, value) for name, value in fields if value),
        lines=(*lead, cause(words, found.cause), *log),
        buttons=_buttons(words, shown),
    )


def what(words: Words, found: Incident) -> str:
    """What is wrong, in a few words."""
    rule = found.alert or found.subject.partition("/")[0]
    key = f"incident.what.{rule}"
    return words.say(key, **({"about": found.about} if rule in _ABOUT else {}))


_ABOUT = ("priority", "provider", "undelivered")
"""What incidents are about that are of one thing among several."""


def cause(words: Words, cause: Cause) -> str:
    """Why, and what to do."""
    if cause.code.startswith("alert_"):
        return words.say(f"incident.{cause.code}", **cause.data)
    return words.failure(cause.code, cause.data)


def _state(words: Words, found: Incident) -> str:
    if found.closed is not None:
        return words.say(f"incident.state.{found.ended}")
    return words.say("incident.state.taken" if found.by else "incident.state.open")


def _level(found: Incident) -> Level:
    if found.closed is not None:
        return "ok"
    return "error" if found.severity == "critical" else "warn"


def _who(words: Words, key: str) -> str:
    return words.who(key)


def _buttons(words: Words, shown: IncidentShown) -> tuple[Button, ...]:
    say, found = words.say, shown.incident
    more = Button(say("button.details"), f"/incident show {found.id}")
    if found.closed is not None or found.by:
        return (more,)
    return (Button(say("button.have_it"), f"/incident ack {found.id}"), more)


def _over(words: Words, found: Incident) -> str:
    if found.ended == "gone":
        return words.say("incident.over.gone", what=what(words, found), number=found.id)
    assert found.closed is not None
    key = "incident.over.alert" if found.alert else "incident.over.recovered"
    data = {} if found.alert else {"failures": found.failures}
    lasted = words.length(found.closed - found.since)
    about = what(words, found) if found.alert else found.about
    return words.say(key, what=about, number=found.id, lasted=lasted, **data)


def _listed(words: Words, view: views.Incidents) -> Reply:
    say = words.say
    if not view.open and not view.closed:
        return Reply(parts=(Notice(level="ok", text=say("incident.none")),))
    rows = tuple(
        (
            str(found.id),
            what(words, found),
            _state(words, found),
            words.clock(found.since),
            _who(words, found.by) if found.by else "",
        )
        for found in (*view.open, *view.closed)
    )
    heads = (
        *(say("column.number"), say("column.what"), say("column.state"), say("column.since")),
        say("incident.field.taken"),
    )
    parts: list[Part] = [Table(columns=heads, rows=rows)]
    if not view.open:
        parts.insert(0, Notice(level="ok", text=say("incident.well")))
    untaken = [found for found in view.open if not found.by]
    if untaken:
        parts.append(Notice(level="info", text=say("incident.hint", number=untaken[0].id)))
        buttons = tuple(
            Button(f"{found.id}: {what(words, found)}", f"/incident ack {found.id}")
            for found in untaken
        )
        parts.append(Buttons(buttons, pick=say("button.have_it")))
    return Reply(parts=tuple(parts))


def _whole(words: Words, shown: IncidentShown) -> Reply:
    say = words.say
    rows = tuple((words.clock(each.at), _moment(words, each)) for each in shown.moments)
    heads = (say("column.when"), say("column.what_happened"))
    return Reply(parts=(card(words, shown), Table(columns=heads, rows=rows)))


def _moment(words: Words, moment: Moment) -> str:
    say = words.say
    match moment.what:
        case "opened" | "cause":
            assert moment.cause is not None
            return say(f"incident.moment.{moment.what}", why=cause(words, moment.cause))
        case "escalated" | "acknowledged":
            who = [_who(words, key) for key in moment.who]
            return say(f"incident.moment.{moment.what}", who=who)
    return say(f"incident.moment.{moment.what}")


def _taken(words: Words, view: views.IncidentTaken) -> Reply:
    say, found = words.say, view.incident
    if view.new:
        text = say("incident.taken.now", number=found.id, what=what(words, found))
        return Reply(parts=(Notice(level="ok", text=text),))
    if found.closed is not None:
        text = say("incident.taken.over", number=found.id, when=words.clock(found.closed))
    else:
        when = words.clock(found.acknowledged or 0)
        who = _who(words, found.by)
        text = say("incident.taken.before", number=found.id, who=who, when=when)
    return Reply(parts=(Notice(level="info", text=text),))
