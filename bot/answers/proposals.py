"""Standing priorities before they hold, in words: when, how dear, what is told of them, and what
could not be read."""

from __future__ import annotations

from bot.answers.schedules import in_words, next_words, unsure_words
from bot.answers.words import Words
from bot.commands import priority_views as views
from bot.offering import LET_GO
from bot.reply import Button, Buttons, Card, Notice, Part, Reply
from swarm_core import StandingPriority

_NO_PRICE = ("remind",)


def proposed(words: Words, view: views.Proposed) -> Reply:
    """What would hold, to be looked at, and the way to have it so."""
    say, each = words.say, view.priority
    new = not view.changed
    yes = Button(say("priority.button.create" if new else "priority.button.change"), view.line)
    once = Button(say("priority.button.run_once"), view.once)
    no = Button(say("button.cancel"), LET_GO)
    card = Card(
        title=words.text(each.text),
        state=say("priority.state.proposed" if new else "priority.state.changing"),
        fields=_fields(words, each),
        lines=(*_when(words, view), *_reports(words, each), *conditions(words, each)),
        buttons=(yes, once, no) if view.once else (yes, no),
    )
    parts: list[Part] = []
    if view.dearer:
        parts.append(Notice(level="warn", text=say("priority.dearer", most=view.estimate.most)))
    parts.append(card)
    if view.estimate.worker is None and each.action not in _NO_PRICE:
        parts.append(Notice(level="warn", text=say("priority.nobody")))
    return Reply(parts=tuple(parts), follow=view.line, ending=view.task)


def _fields(words: Words, each: StandingPriority) -> tuple[tuple[str, str], ...]:
    pairs = (("name", each.name), ("worker", each.worker or ""), ("model", each.model or ""))
    return tuple((words.say(f"priority.field.{name}"), value) for name, value in pairs if value)


def _when(words: Words, view: views.Proposed) -> list[str]:
    say, each, costs = words.say, view.priority, view.estimate
    when = in_words(each.trigger, each.zone, say)
    price = say("priority.free")
    if not costs.free and each.action not in _NO_PRICE:
        key = "priority.price" if costs.usual is None else "priority.price_usual"
        usual = {} if costs.usual is None else {"usual": costs.usual}
        price = say(key, most=costs.most, month=costs.month, cap=each.month_cap, **usual)
    lines = [say("priority.when_and_price", when=when[:1].upper() + when[1:], price=price)]
    if view.next:
        lines.append(next_words(view.next, each.zone, words.now, say))
    if view.assumed:
        lines.append(say("priority.assumed"))
    return lines


def _reports(words: Words, each: StandingPriority) -> list[str]:
    kind = "remind" if each.action == "remind" else each.report
    return [words.say(f"priority.report.{kind}")]


def conditions(words: Words, each: StandingPriority) -> list[str]:
    """What else has to be so that it runs, each in a sentence."""
    say, lines = words.say, list[str]()
    if each.gate:
        changed = "changed" if each.only_if_changed else each.gate.when
        lines.append(say(f"priority.gate.{changed}", run=words.text(each.gate.run)))
    if each.quiet:
        lines.append(say("priority.quiet", hours=each.quiet, zone=each.zone))
    if each.jitter:
        lines.append(say("priority.jitter", most=words.length(each.jitter)))
    if each.overlap != "skip":
        lines.append(say(f"priority.overlap.{each.overlap}"))
    if each.catch_up != "ask":
        lines.append(say(f"priority.catch_up.{each.catch_up}"))
    if each.mode:
        lines.append(say("priority.own_mode", mode=each.mode))
    return lines


def now_set(words: Words, view: views.Set) -> Reply:
    """It holds."""
    say, each = words.say, view.priority
    when = in_words(each.trigger, each.zone, say)
    if view.again:
        key = "priority.set.same"
    else:
        key = "priority.set.changed" if view.changed else "priority.set.new"
    text = say(key, name=each.name, when=when)
    coming = next_words(view.next, each.zone, words.now, say) if view.next else ""
    hint = say("priority.set.hint", name=each.name, coming=coming)
    return Reply(parts=(Notice(level="ok", text=text, hint=hint),))


def unclear(words: Words, view: views.Unclear) -> Reply:
    """What could not be read, what was understood, and what may be meant."""
    say = words.say
    text = unsure_words(view.unsure, say)
    hint = say("priority.unclear_hint" if view.suggestions else "priority.unclear_write")
    buttons = [
        Button(in_words(each.reading.trigger, each.reading.zone, say), each.line)
        for each in view.suggestions
    ]
    if view.by_model:
        label = say("priority.button.by_model", most=view.most)
        buttons.append(Button(label, view.by_model))
    parts: list[Part] = [Notice(level="warn", text=text, hint=hint)]
    if buttons:
        parts.append(Buttons(tuple(buttons)))
    return Reply(parts=tuple(parts), ending=view.task)
