"""Tasks in words: receipts, listings, cards."""

from __future__ import annotations

from bot.answers import parked
from bot.answers.approvals import choices, question
from bot.answers.ending import ending, ending_parts
from bot.answers.words import LEVELS, Words
from bot.commands import views
from bot.reply import BLANK, Button, Buttons, Card, Notice, Pair, Part, Reply, Table
from swarm_core import (
    ASK_AGAIN,
    FINISHED,
    UNDECIDED,
    UNFINISHED,
    CardView,
    Doubt,
    StepView,
    Task,
    TaskState,
    TaskView,
    clip,
    errors,
)

_REQUEST = 400
"""Characters of a request that a card shows."""


def accepted(words: Words, view: views.Accepted) -> Reply:
    """The receipt; the failure at once when nobody can do it."""
    task, say = view.task, words.say
    receipt = None if view.again or view.joined or view.repeated else task.id
    if view.joined or view.repeated:
        if view.joined:
            text = say("receipt.joined", id=task.id)
        else:
            text = say("receipt.repeated", id=task.id, state=words.state(task.state))
        return _asking(words, view, Notice(level="info", text=text), None)
    if task.state is TaskState.FAILED and task.run is None:
        told = views.Ended(task=task, instead=view.instead, stamp=view.stamp)
        parts = ending_parts(words, told)
        return Reply(parts=parts, receipt=receipt, ending=task.id)
    if view.needs:
        text = say("receipt.queued", id=task.id, tasks=[f"#{n}" for n in view.needs])
    elif view.stopped:
        text = say("receipt.stopped", id=task.id, scope=words.scope(view.stopped))
    elif view.again:
        attempt = task.attempts + (task.state in UNFINISHED and task.state != "running")
        text = say("receipt.again", id=task.id, worker=task.worker, attempt=attempt)
    else:
        text = say("receipt.accepted", id=task.id, worker=task.worker)
    priced = view.most and not view.approval
    hint = say("receipt.priced", most=view.most) if priced else ""
    if task.waiting == errors.Undoable.code and task.until:
        left = max(1, -(-(task.until - words.now) // 1_000_000))
        text = say("receipt.undoable", id=task.id, worker=task.worker, seconds=left)
        wait = Notice(level="info", text=text, hint=hint)
        return Reply(parts=(wait, Buttons((_end(words, task),))), receipt=receipt)
    return _asking(words, view, Notice(level="info", text=text, hint=hint), receipt)


def _end(words: Words, task: Task) -> Button:
    """What ends an unfinished task; before it has cost anything it is undone."""
    name = "undo" if task.waiting == errors.Undoable.code else "cancel"
    return Button(words.say(f"button.{name}"), f"/cancel {task.id}")


def _asking(words: Words, view: views.Accepted, told: Notice, receipt: int | None) -> Reply:
    """The receipt, and with it what it waits for a decision on."""
    if view.approval is None:
        return Reply(parts=(told,), receipt=receipt)
    asked = question(words, view.approval)
    return Reply(parts=(told, *asked), receipt=receipt, asks=view.approval.id)


def receipt_repeated(words: Words, task: Task) -> Reply:
    """The receipt of a task whose first one may not have arrived."""
    text = words.say("receipt.late", id=task.id, state=words.state(task.state))
    return Reply(parts=(Notice(level="info", text=text, hint=words.say("ending.repeat")),))


def listing(words: Words, view: views.Tasks) -> Reply:
    say = words.say
    table = Table(
        columns=tuple(say(f"column.{name}") for name in ("task", "state", "what", "worker", "age")),
        align=("right", "left", "left", "left", "right"),
        rows=tuple(
            (
                f"#{task.id}",
                words.state(task.state),
                f"{words.request(task)} ({task.standing})"
                if task.standing
                else words.request(task),
                task.worker or "",
                words.age(task.created),
            )
            for task in view.tasks
        ),
        empty=say("tasks.none" if view.everything else "tasks.none_open"),
    )
    parts: list[Part] = [table]
    if view.more:
        parts.append(Notice(level="info", text=say("tasks.more", before=view.tasks[-1].id)))
    again = [each for each in view.tasks if each.state in (TaskState.FAILED, TaskState.CANCELLED)]
    if again:
        buttons = tuple(Button(words.title(each), f"/retry {each.id}") for each in again)
        parts.append(Buttons(buttons, pick=say("tasks.retry_which")))
    return Reply(parts=tuple(parts))


def shown(words: Words, view: views.Shown) -> Reply:
    """One task: its card, its steps, its end."""
    task = view.task.task
    parts: list[Part] = [_full_card(words, view.task)]
    if view.task.steps:
        parts.append(step_table(words, view.task))
    if task.state not in FINISHED:
        return Reply(parts=tuple(parts))
    told = views.Ended(task=task, instead=view.instead, stamp=view.task.stamp)
    parts += ending_parts(words, told)
    return Reply(parts=tuple(parts), ending=task.id)


def _full_card(words: Words, view: TaskView) -> Card:
    task, say = view.task, words.say
    asked = say("card.asked_by", when=words.clock(task.created), who=words.who(task.person))
    pairs: list[tuple[str, str]] = [
        ("asked", asked),
        ("standing", task.standing),
        ("worker", task.worker or ""),
        ("spent", words.usd(task.cost)),
        ("held", words.usd(view.held) if view.held else ""),
        ("cap", words.usd(view.cap) if view.cap is not None else ""),
        ("priority", str(task.priority) if task.priority != 5 else ""),
        ("deadline", words.clock(task.deadline) if task.deadline else ""),
        ("attempts", str(task.attempts) if task.attempts > 1 else ""),
        ("tags", ", ".join(view.tags)),
        ("files", ", ".join(file.name for file in view.files)),
        ("needs", ", ".join(f"#{n.task} ({words.state(n.state)})" for n in view.needs)),
        ("similar", ", ".join(f"#{link.task} ({link.percent}%)" for link in view.links)),
    ]
    lines = (*_meaning(words, view), *_money(words, view))
    return _card(words, view, pairs, lines=lines)


def status_card(words: Words, view: CardView) -> Card:
    """The live card of an unfinished task."""
    task = view.task
    spent = words.usd(view.spent)
    if view.held:
        spent = words.say("card.spent_held", spent=spent, held=words.usd(view.held))
    pairs = [
        ("worker", task.worker or ""),
        ("doing", view.doing or ""),
        ("steps", str(view.steps) if view.steps else ""),
        ("since", words.age(task.created) if task.ended is None else ""),
        ("took", "" if task.ended is None else words.length(task.ended - task.created)),
        ("spent", spent if view.held or view.spent else ""),
    ]
    resumed = (words.say("card.resumed"),) if view.resumed else ()
    lines = (*resumed, *_meaning(words, view), *_money(words, view))
    return _card(words, view, pairs, lines=lines)


def _money(words: Words, view: CardView | TaskView) -> tuple[str, ...]:
    return parked.lines(words, view.task.id, view.lacking, view.raising)


def _card(
    words: Words,
    view: CardView | TaskView,
    pairs: list[tuple[str, str]],
    lines: tuple[str, ...],
) -> Card:
    task, doubt = view.task, view.doubt
    fields: tuple[Pair, ...] = tuple(
        (words.say(f"field.{name}"), value) for name, value in pairs if value
    )
    buttons = [Button(words.say("button.why"), f"/why {task.id}")]
    if task.state is TaskState.RUNNING:
        buttons.append(Button(words.say("button.tell"), f"/tell {task.id} {BLANK}"))
    if task.state in UNFINISHED:
        buttons.insert(0, _end(words, task))
    elif task.state is not TaskState.DONE:
        buttons.insert(0, Button(words.say("button.retry"), f"/retry {task.id}"))
    if task.waiting == errors.OverBudget.code:
        buttons = parked.buttons(words, task.id, view.lacking)
    approval = task.waiting_data.get("approval") if task.waiting in UNDECIDED else None
    if task.waiting in ASK_AGAIN:
        buttons.insert(0, Button(words.say("button.ask_again"), f"/resume {task.id}"))
    if approval:
        # The decision is the way to end it, too: at most three choices.
        less = task.waiting_data.get("cheaper") is not None
        buttons = list(choices(words, str(approval), cheaper=less))
    if doubt:
        lines = (*lines, *_sent(words, doubt))
        # The try is named, so that a late press cannot decide about a later one.
        buttons[:0] = [
            Button(
                words.say(f"button.step_{choice}"),
                f"/resume {task.id} --step {choice} --try {doubt.attempt}",
            )
            for choice in ("repeat", "fail")
        ]
    return Card(
        title=words.title(task),
        state=words.state(task.state),
        level=LEVELS.get(task.state, "info"),
        fields=fields,
        lines=lines,
        buttons=tuple(buttons),
    )


def _sent(words: Words, doubt: Doubt) -> tuple[str, ...]:
    """What a person has to know to decide: what was sent, when, what it may have cost."""
    sent = words.say(
        "card.doubt",
        n=doubt.n,
        when=words.clock(doubt.sent),
        tries=doubt.tries,
        cost=doubt.cost,
    )
    if doubt.request is None:
        return (sent, words.say("task.erased"))
    return (sent, words.say("card.doubt_request", request=clip(doubt.request, _REQUEST)))


def _meaning(words: Words, view: CardView | TaskView) -> tuple[str, ...]:
    """Why it is not running, and until when; of money more is said by itself."""
    task = view.task
    if task.state is TaskState.QUEUED:
        return (words.say("card.queued"),)
    if task.state is not TaskState.WAITING or not task.waiting or view.lacking:
        return ()
    lines = [words.failure(task.waiting, task.waiting_data)]
    if task.until and task.waiting in ASK_AGAIN:
        lines.append(words.say("card.ends", when=words.clock(task.until)))
    elif task.until:
        lines.append(words.say("card.until", when=words.clock(task.until)))
    return tuple(lines)


def step_table(words: Words, view: TaskView) -> Table:
    say = words.say
    several = len({step.run for step in view.steps}) > 1
    tokens = any(step.tokens for step in view.steps)
    names = ("step", "call", "came_of_it", *(("tokens",) if tokens else ()), "took", "cost")
    return Table(
        columns=tuple(say(f"column.{name}") for name in names),
        align=tuple("left" if name in ("call", "came_of_it") else "right" for name in names),
        rows=tuple(
            (
                f"{step.run}.{step.n}" if several else str(step.n),
                say("step.again", name=step.name, attempt=step.attempt)
                if step.attempt > 1
                else step.name,
                step_end(words, step),
                *((_tokens(step),) if tokens else ()),
                words.length(step.ended - step.started) if step.ended else "",
                words.usd(step.cost),
            )
            for step in view.steps
        ),
    )


def _tokens(step: StepView) -> str:
    return f"{step.tokens.input:,} / {step.tokens.output:,}" if step.tokens else ""


def step_end(words: Words, step: StepView) -> str:
    """What came of one attempt of a step."""
    said = words.say(f"step.{step.state}")
    if step.model and step.name.partition("/")[2] not in ("", step.model):
        said = words.say("step.by_another", state=said, model=step.model)
    return f"{said}: {words.failure(step.failure, step.failure_data)}" if step.failure else said


def ended(words: Words, view: views.Ended) -> Reply:
    return ending(words, view)
