"""Values of a permission decision."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Action(StrEnum):
    """Everything a person can ask for. A tool call is `TOOL` on the tool's name. What comes in
    from outside is an `event.…` first, whatever it asks for then."""

    COMMAND = "event.command"
    TEXT = "event.text"
    REACTION = "event.reaction"
    BUTTON = "event.button"
    FORM = "event.form"
    EDIT = "event.edit"
    DELETE = "event.delete"
    WEBHOOK = "event.webhook"
    API = "event.api"
    CREATE_TASK = "task.create"
    PRIORITISE = "task.prioritise"
    READ_TASK = "task.read"
    CANCEL_TASK = "task.cancel"
    RETRY_TASK = "task.retry"
    TELL_TASK = "task.tell"
    SHARE_TASK = "task.share"
    BEGIN_TALK = "talk.begin"
    FORGET_TALK = "talk.forget"
    STOP = "swarm.stop"
    RESUME = "swarm.resume"
    DECIDE_STEP = "step.decide"
    DECIDE = "approval.decide"
    READ_APPROVALS = "approval.read"
    ASK_RAISE = "budget.ask_raise"
    RAISE_CAP = "budget.raise"
    """To raise without asking anybody; within the limits for whoever is not the owner."""
    READ_SWARM = "swarm.read"
    READ_BOARD = "swarm.board"
    """What is told of everybody's work, not of one's own alone."""
    READ_OUTBOX = "outbox.read"
    SEND_AGAIN = "outbox.send"
    READ_INCIDENTS = "incident.read"
    TAKE_INCIDENT = "incident.take"
    """To say that one has it, so that nobody else is told."""
    THAW_BUDGET = "budget.thaw"
    READ_BUDGET = "budget.read"
    SET_CAP = "budget.set"
    VERIFY = "swarm.verify"
    BACK_UP = "swarm.backup"
    ARCHIVE = "swarm.archive"
    EXPORT = "swarm.export"
    PAIR = "person.pair"
    LINK = "person.link"
    """To make another account one's own, or take it off."""
    MAKE_PAIRING = "person.invite"
    READ_PEOPLE = "person.read"
    GRANT = "person.grant"
    SET_OWN = "person.prefer"
    ERASE_PERSON = "person.erase"
    READ_CHANNEL = "channel.read"
    SET_CHANNEL = "channel.set"
    READ_POLICY = "policy.read"
    RELOAD = "swarm.reload"
    END = "swarm.end"
    CONFIGURE = "swarm.configure"
    READ_PRIORITIES = "priority.read"
    SET_PRIORITY = "priority.set"
    """To add, change, pause or remove one."""
    SET_AUTOMATION = "automation.set"
    RUN_PRIORITY = "priority.run"
    """To have one run now, or let what it missed be."""
    TOOL = "tool.call"


KINDS: dict[Action, tuple[str, ...]] = {
    Action.CREATE_TASK: ("ask", "task"),
    Action.DECIDE: ("price", "fallback", "address", "raise"),
}
"""Kinds of resource an action knows apart; any other action is on one kind."""


class Resource(msgspec.Struct, frozen=True):
    """What it is done to; `owner` is the key of the person whose it is, '' for nobody's."""

    kind: str
    name: str = ""
    owner: str = ""


class Sending(msgspec.Struct, frozen=True, kw_only=True):
    """What a call of a tool would send out of this machine, and after what."""

    sends: bool = False
    """It sends something to somewhere else, were it but an address that is asked for."""
    tainted: bool = False
    """Its worker has read words of others, which may hold instructions."""
    named: bool = False
    """Whoever asked wrote that very address, or the operator allows it by name."""
    agreed: bool = False
    """Whoever asked has said yes to that very address."""


NOTHING_SENT = Sending()


class Decision(msgspec.Struct, frozen=True):
    """`rule` names why; `instead` what the actor may do, '' for nothing."""

    allowed: bool
    rule: str
    instead: str = ""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a file of policies, and in which line."""

    file: str
    line: int
    problem: str


class May(msgspec.Struct, frozen=True, kw_only=True):
    """Whether those of a role may do an action on a kind of thing: on their `own`, on another's."""

    role: str
    kind: str
    own: bool
    others: bool
    rule: str
    """What allows it, or what would have to."""
