"""Work that recurs, in words: what there is, how it stands, what was done about it."""

from __future__ import annotations

from bot.answers import proposals
from bot.answers.schedules import in_words
from bot.answers.words import Words
from bot.commands import priority_views as views
from bot.offering import LET_GO
from bot.reply import Button, Buttons, Card, Level, Notice, Pair, Part, Reply, Table
from swarm_core import Instant, PriorityStanding, StandingPriority

MOST_PICKED = 25


def priorities(words: Words, view: views.PriorityView) -> Reply:
    """The reply that tells `view`."""
    match view:
        case views.Listed():
            return _listed(words, view)
        case views.Told():
            return _told(words, view)
        case views.Proposed():
            return proposals.proposed(words, view)
        case views.Unclear():
            return proposals.unclear(words, view)
        case views.Set():
            return proposals.now_set(words, view)
        case views.Steered():
            return _steered(words, view)
        case views.Doubted():
            return _doubted(words, view.priority)
        case views.LetGo():
            return _said(words.say("priority.let_go"), "info")
        case views.Ran():
            return _said(words.say("priority.reminded", name=view.name), "ok")
        case views.Automation():
            return _automation(words, view)


def _said(text: str, level: Level = "ok", hint: str = "") -> Reply:
    return Reply(parts=(Notice(level=level, text=text, hint=hint),))


def _listed(words: Words, view: views.Listed) -> Reply:
    say = words.say
    if not view.priorities:
        return _said(say("priority.none", may_add=view.may_add), "info")
    names = ("name", "when", "next", "last", "state", "month")
    table = Table(
        columns=tuple(say(f"priority.column.{name}") for name in names),
        align=("left", "left", "left", "left", "left", "right"),
        rows=tuple(
            (
                each.priority.name,
                in_words(each.priority.trigger, each.priority.zone, say),
                moment(words, each.next) if each.next is not None else say("priority.no_next"),
                came_of(words, each.last) if each.last else say("priority.never"),
                state(words, each),
                words.usd(each.spent_month),
            )
            for each in view.priorities
        ),
    )
    look = Buttons(
        tuple(
            Button(each.priority.name, f"/priority show {each.priority.name}")
            for each in view.priorities[:MOST_PICKED]
        ),
        say("priority.pick"),
    )
    return Reply(parts=(table, *by_mode(words, view.mode), look))


def moment(words: Words, at: int) -> str:
    """As a schedule tells times: to the minute."""
    told = words.clock(at)
    return told.rpartition(":")[0] if told.count(":") > 1 else told


def by_mode(words: Words, mode: str) -> tuple[Part, ...]:
    """What keeps all of them back."""
    if mode != "manual":
        return ()
    return (Notice(level="warn", text=words.say("priority.manual")),)


def state(words: Words, standing: PriorityStanding) -> str:
    """How it stands, in a few words."""
    if standing.paused:
        return words.say(f"priority.state.{standing.paused}")
    if standing.missed:
        return words.say("priority.state.missed", count=standing.missed)
    return words.say("priority.state.active")


def came_of(words: Words, instant: Instant) -> str:
    """What became of one instant."""
    say = words.say
    if instant.state == "skipped":
        return say(f"priority.skipped.{instant.reason}")
    if instant.state == "missed":
        return say("priority.missed_one")
    told: dict[str, object] = {"task": instant.task or 0, "late": instant.late}
    match instant.outcome:
        case "":
            return say("priority.ran.running", **told)
        case "failed" | "cancelled":
            return say(f"priority.ran.{instant.outcome}", **told)
    return say("priority.ran.done", changed=instant.changed, **told)


def _told(words: Words, view: views.Told) -> Reply:
    say, standing = words.say, view.shown.standing
    each = standing.priority
    card = Card(
        title=words.text(each.text),
        state=state(words, standing),
        level="warn" if standing.paused else "info",
        fields=_fields(words, standing),
        lines=_lines(words, view),
        buttons=_steering(words, view) if view.may_steer else (),
    )
    parts: list[Part] = [card, *by_mode(words, each.mode or view.mode)]
    if view.shown.instants:
        rows = tuple(
            (words.clock(one.at), came_of(words, one), words.usd(one.cost) if one.task else "")
            for one in view.shown.instants
        )
        heads = tuple(say(f"priority.column.{name}") for name in ("when", "what_happened", "cost"))
        parts.append(Table(columns=heads, rows=rows, align=("left", "left", "right")))
    if view.shown.missed:
        parts += missed(words, each.name, view.shown.missed, standing.missed, view.may_steer)
    return Reply(parts=tuple(parts))


def _fields(words: Words, standing: PriorityStanding) -> tuple[Pair, ...]:
    say, each = words.say, standing.priority
    pairs = (
        ("name", each.name),
        ("when", in_words(each.trigger, each.zone, say)),
        ("next", moment(words, standing.next) if standing.next is not None else ""),
        ("for_whom", words.who(each.by)),
        ("worker", each.worker or ""),
        ("model", each.model or ""),
        ("spent_month", say("priority.of_month", spent=standing.spent_month, cap=each.month_cap)),
        ("a_run", say("priority.a_run", cap=each.cap)),
        ("told_at", "/".join(part for part in (each.place.surface, each.place.space) if part)),
    )
    return tuple((say(f"priority.field.{name}"), value) for name, value in pairs if value)


def _lines(words: Words, view: views.Told) -> tuple[str, ...]:
    say, standing = words.say, view.shown.standing
    lines = [*proposals.conditions(words, standing.priority)]
    if standing.paused:
        since = words.clock(standing.since) if standing.since is not None else ""
        why = say(f"priority.why_paused.{standing.paused}")
        lines.insert(0, say("priority.paused_since", since=since, why=why))
    elif standing.priority.source == "file":
        lines.append(say("priority.in_file"))
    return tuple(lines)


def _steering(words: Words, view: views.Told) -> tuple[Button, ...]:
    say, standing = words.say, view.shown.standing
    name = standing.priority.name
    # By its key it runs once, however often it is pressed.
    key = f" --key at{words.now}" if view.pressed else ""
    run = Button(say("priority.button.run_now"), f"/priority run {name}{key}")
    other = "resume" if standing.paused else "pause"
    buttons = [run, Button(say(f"priority.button.{other}"), f"/priority {other} {name}")]
    if standing.priority.source == "chat":
        buttons.append(Button(say("priority.button.remove"), f"/priority remove {name}"))
    return tuple(buttons)


def missed(
    words: Words, name: str, instants: tuple[Instant, ...], count: int, may_steer: bool
) -> list[Part]:
    """What was missed, and what can be done about it: all of it, or one by one."""
    say = words.say
    first, last = instants[0].at, instants[-1].at
    text = say("priority.missed", count=count, first=moment(words, first), last=moment(words, last))
    parts: list[Part] = [Notice(level="warn", text=text)]
    if not may_steer:
        return parts
    parts.append(Buttons(choices(words, name, last)))
    if len(instants) > 1:
        one_by_one = tuple(
            Button(moment(words, each.at), f"/priority run {name} --at {each.at}")
            for each in instants[-MOST_PICKED:]
        )
        parts.append(Buttons(one_by_one, say("priority.pick_missed")))
    return parts


def choices(words: Words, name: str, at: int) -> tuple[Button, ...]:
    """What can be done about missed instants, of which the last was `at`."""
    return (
        Button(words.say("priority.button.run_missed"), f"/priority run {name} --at {at}"),
        Button(words.say("button.skip"), f"/priority skip {name}"),
    )


def _steered(words: Words, view: views.Steered) -> Reply:
    say = words.say
    match view.done:
        case "skipped":
            return _said(say("priority.did.skipped", name=view.name, count=view.count))
        case "resumed":
            told = moment(words, view.next) if view.next is not None else ""
            return _said(say("priority.did.resumed", name=view.name, next=told))
        case "paused":
            hint = say("priority.resume_hint", name=view.name)
            return _said(say("priority.did.paused", name=view.name), "ok", hint)
    return _said(say(f"priority.did.{view.done}", name=view.name))


def _doubted(words: Words, priority: StandingPriority) -> Reply:
    say = words.say
    text = say("priority.doubted", name=priority.name, text=words.text(priority.text))
    yes = Button(say("priority.button.remove"), f"/priority remove {priority.name} --yes")
    no = Button(say("priority.button.keep"), LET_GO)
    return Reply(parts=(Notice(level="warn", text=text), Buttons((yes, no))), follow=yes.command)


def _automation(words: Words, view: views.Automation) -> Reply:
    say = words.say
    means = say(f"automation.means.{view.mode}")
    if not view.changed:
        text = say("automation.is", mode=view.mode, means=means)
        others = tuple(
            Button(say(f"automation.button.{mode}"), f"/automation {mode}")
            for mode in ("manual", "hybrid", "auto")
            if mode != view.mode
        )
        return Reply(parts=(Notice(level="info", text=text), Buttons(others)))
    hint = say("automation.written", file=view.file, waits=view.waits)
    return _said(say("automation.is", mode=view.mode, means=means), "ok", hint)
