"""The tree of errors, named by what the caller does next.

An error carries a stable `code` and data, never a sentence: what a person reads comes from the
message catalogue under `error.<code>`, and a test holds that every code has its sentence and
that the sentence uses only the data the error carries.

    WaggleError
    ├── FixInput      the request is wrong: change it
    ├── NotAllowed    policy says no: ask somebody who may
    ├── NotFound      there is no such thing
    ├── Conflict      the world moved on, or this would break a rule of state
    ├── Wait          nothing is wrong, not now
    ├── TryAgain      the outside world failed for a moment
    └── GiveUp        trying again will not help; an operator has to look
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

type_names: dict[str, type[WaggleError]] = {}

Value = str | int | bool | None | Sequence[str]


class WaggleError(Exception):
    """Base of all errors people may meet. `data` has exactly the keys in `fields`."""

    code: ClassVar[str] = "unknown"
    fields: ClassVar[tuple[str, ...]] = ()

    def __init__(self, **data: Value) -> None:
        if set(data) != set(self.fields):
            raise TypeError(f"{type(self).__name__} takes {self.fields}, got {tuple(data)}")
        self.data: dict[str, Value] = data
        super().__init__(
            f"{self.code}: " + ", ".join(f"{key}={value}" for key, value in data.items())
        )

    def __init_subclass__(cls) -> None:
        if "code" in cls.__dict__:
            if cls.code in type_names:
                raise TypeError(f"error code {cls.code} is taken by {type_names[cls.code]}")
            type_names[cls.code] = cls


class FixInput(WaggleError):
    """The request is wrong: change it and ask again."""


class NotAllowed(WaggleError):
    """`actor` may not do `action` on `resource`; `rule` is the policy that says so."""

    code = "not_allowed"
    fields: ClassVar[tuple[str, ...]] = ("actor", "action", "resource", "rule", "instead")


class NotFound(WaggleError):
    """There is no `kind` called `name`; `near` are the closest ones."""

    code = "not_found"
    fields = ("kind", "name", "near")


class Conflict(WaggleError):
    """The state does not allow this now."""


class Wait(WaggleError):
    """Nothing is wrong with the request, but not now."""


class TryAgain(WaggleError):
    """The outside world failed in a way that may pass."""


class GiveUp(WaggleError):
    """Trying again will not help; somebody has to look."""


# ── input ────────────────────────────────────────────────────────────────────


class UnknownCommand(FixInput):
    """No command is called `name`; `near` are the closest ones."""

    code = "unknown_command"
    fields = ("name", "near")


class BadArgument(FixInput):
    """`value` does not fit argument `name` of `command`: `expected`; `example` would."""

    code = "bad_argument"
    fields = ("command", "name", "value", "expected", "example")


class MissingArgument(FixInput):
    """`command` needs argument `name`; `example` has it."""

    code = "missing_argument"
    fields = ("command", "name", "example")


class UnknownOption(FixInput):
    """`command` has no option `name`; `near` are the closest ones, `example` is right."""

    code = "unknown_option"
    fields = ("command", "name", "near", "example")


class BadYaml(FixInput):
    """`file` cannot be read as YAML at `line`: `problem`."""

    code = "bad_yaml"
    fields = ("file", "line", "problem")


class BadValue(FixInput):
    """At `file`:`line` the value of `key` is wrong: `problem`; `expected` would do."""

    code = "bad_value"
    fields = ("file", "line", "key", "problem", "expected")


class UnknownKey(FixInput):
    """At `file`:`line` there is a key nobody knows; `near` are the closest known ones."""

    code = "unknown_key"
    fields = ("file", "line", "key", "near")


class MissingVariable(FixInput):
    """At `file`:`line` `key` refers to an environment `variable` that is not set."""

    code = "missing_variable"
    fields = ("file", "line", "key", "variable")


class UnreadableSettings(FixInput):
    """The configuration `file` cannot be read: `problem`."""

    code = "unreadable_settings"
    fields = ("file", "problem")


class BadSettings(FixInput):
    """`file` has `count` `problems`; nothing of it is used."""

    code = "bad_settings"
    fields = ("file", "count")

    def __init__(self, file: str, problems: Sequence[FixInput]) -> None:
        super().__init__(file=file, count=len(problems))
        self.problems = tuple(problems)


class BadPlaybook(FixInput):
    """Playbook `file` is left out: at `line`, `problem`."""

    code = "bad_playbook"
    fields = ("file", "line", "problem")


class DependencyCycle(FixInput):
    """These tasks would wait for each other: `cycle`."""

    code = "dependency_cycle"
    fields = ("cycle",)


# ── state ────────────────────────────────────────────────────────────────────


class IllegalTransition(Conflict):
    """A task in `state` cannot be moved by `event`."""

    code = "illegal_transition"
    fields = ("task", "state", "event")


class StaleLease(Conflict):
    """This run lost its lease: whoever holds it now decides."""

    code = "stale_lease"
    fields = ("run",)


class ReplayDiverged(Conflict):
    """On resuming, step `n` asks for `asked` where the record has `recorded`."""

    code = "replay_diverged"
    fields = ("run", "n", "asked", "recorded")


class AlreadyEnded(Conflict):
    """Task `task` has ended as `state` already."""

    code = "already_ended"
    fields = ("task", "state")


class OverBudget(Wait):
    """Holding `most` does not fit under the cap of `scope`. Amounts in micro-dollars."""

    code = "over_budget"
    fields = ("scope", "cap", "held", "spent", "most")


class ScopeFrozen(Wait):
    """`scope` is frozen: a bill was larger than its hold."""

    code = "scope_frozen"
    fields = ("scope",)


class Stopped(Wait):
    """Work is stopped for `scope` until somebody resumes it."""

    code = "stopped"
    fields = ("scope",)


class Closing(Wait):
    """The swarm is going down and takes nothing new."""

    code = "closing"


class LockedOut(GiveUp):
    """The control socket belongs to somebody else: uid `uid` is not whom this swarm serves."""

    code = "locked_out"
    fields = ("uid",)


class Undecided(Wait):
    """Nobody knows whether step `n`, `name`, took effect; a person decides about repeating it."""

    code = "undecided"
    fields = ("n", "name")


class NothingToDecide(Conflict):
    """No step of `task`, which is `state`, waits for a decision."""

    code = "nothing_to_decide"
    fields = ("task", "state")


class DecidedBefore(Conflict):
    """That try of step `n` of `task` was decided on before."""

    code = "decided_before"
    fields = ("task", "n")


class GivenUp(GiveUp):
    """`actor` took step `n`, `name`, of unknown outcome as not done."""

    code = "given_up"
    fields = ("n", "name", "actor")


class AnswerLost(TryAgain):
    """The call was sent and its answer never came: it may have taken effect."""

    code = "answer_lost"
    fields = ("what", "problem")


class Internal(GiveUp):
    """Something failed that nobody foresaw; the log has the traceback under `problem`."""

    code = "internal"
    fields = ("problem",)


class NoWorker(FixInput):
    """Nobody here can do it."""

    code = "no_worker"


class ResultKept(GiveUp):
    """A step's result is safe, but what follows from it could not be recorded: `problem`."""

    code = "result_kept"
    fields = ("problem",)


class CancelledBy(GiveUp):
    """The task was cancelled by `actor`."""

    code = "cancelled_by"
    fields = ("actor",)


class WorkerGone(GiveUp):
    """The worker that had begun this task is no longer there."""

    code = "worker_gone"
    fields = ("worker",)


class DependencyFailed(GiveUp):
    """Task `needs`, which this one waits for, was not done."""

    code = "dependency_failed"
    fields = ("needs",)


class DeadlinePassed(GiveUp):
    """The task had not started by its deadline."""

    code = "deadline_passed"


class CeilingReached(GiveUp):
    """The run met its `limit` of `value` `unit`."""

    code = "ceiling_reached"
    fields = ("limit", "value", "unit")


# ── store and process ────────────────────────────────────────────────────────


class StoreLocked(Conflict):
    """Another swarm, process `pid`, holds the state folder `folder`."""

    code = "store_locked"
    fields = ("folder", "pid")


class StoreUnwritable(GiveUp):
    """The state folder `folder` cannot be written: `problem`."""

    code = "store_unwritable"
    fields = ("folder", "problem")


class ForeignStore(GiveUp):
    """`file` is not a Waggle database."""

    code = "foreign_store"
    fields = ("file",)


class NewerStore(GiveUp):
    """`file` was written by a newer Waggle (`unknown` migration); nothing was changed."""

    code = "newer_store"
    fields = ("file", "unknown")


class DamagedStore(GiveUp):
    """`file` is damaged: `problem`. All writing has stopped."""

    code = "damaged_store"
    fields = ("file", "problem")


class NotRunning(Conflict):
    """No swarm is running on `folder`."""

    code = "not_running"
    fields = ("folder",)


class BadRequest(FixInput):
    """What came over the control socket cannot be understood: `problem`."""

    code = "bad_request"
    fields = ("problem",)


class UnsafeSocket(GiveUp):
    """The control socket cannot be made at `path`: `problem`."""

    code = "unsafe_socket"
    fields = ("path", "problem")


class NeedsCheckout(FixInput):
    """`command` works on the source tree, and there is none."""

    code = "needs_checkout"
    fields = ("command",)


# ── tools ────────────────────────────────────────────────────────────────────


class UnknownTool(FixInput):
    """No tool is called `name`; `near` are the closest ones."""

    code = "unknown_tool"
    fields = ("name", "near")


class BadToolArguments(FixInput):
    """The arguments of `tool` are wrong: `problem`."""

    code = "bad_tool_arguments"
    fields = ("tool", "problem")


class OutsideWorkspace(FixInput):
    """`path` leads outside the workspace `workspace`."""

    code = "outside_workspace"
    fields = ("path", "workspace")


class NoWorkspace(FixInput):
    """This place has no workspace, so files cannot be reached."""

    code = "no_workspace"


class PathMissing(FixInput):
    """`path` is not in the workspace; `near` are the closest names."""

    code = "path_missing"
    fields = ("path", "near")


class NotAFile(FixInput):
    """`path` is a `kind`, not a regular file."""

    code = "not_a_file"
    fields = ("path", "kind")


class NotAFolder(FixInput):
    """`path` is a `kind`, not a folder."""

    code = "not_a_folder"
    fields = ("path", "kind")


class PathUnreadable(FixInput):
    """`path` is there but cannot be opened: `problem`."""

    code = "path_unreadable"
    fields = ("path", "problem")


class BinaryFile(FixInput):
    """`path` holds binary data, not text."""

    code = "binary_file"
    fields = ("path",)


class TooLarge(FixInput):
    """`what` has `size` bytes, more than the limit of `limit`."""

    code = "too_large"
    fields = ("what", "size", "limit")


class BadPattern(FixInput):
    """`pattern` is not a regular expression: `problem`."""

    code = "bad_pattern"
    fields = ("pattern", "problem")


class BadUrl(FixInput):
    """`url` is not an http or https address: `problem`."""

    code = "bad_url"
    fields = ("url", "problem")


class EgressRefused(FixInput):
    """`host` resolves to `address`, which `rule` does not allow."""

    code = "egress_refused"
    fields = ("host", "address", "rule")


class NoSuchHost(TryAgain):
    """The name `host` does not resolve."""

    code = "no_such_host"
    fields = ("host",)


class Unreachable(TryAgain):
    """No answer came from `host`: `problem`."""

    code = "unreachable"
    fields = ("host", "problem")


class BadCertificate(GiveUp):
    """The certificate of `host` does not hold: `problem`."""

    code = "bad_certificate"
    fields = ("host", "problem")


class BadRedirect(GiveUp):
    """`url` redirects to `to`, which is not followed: `problem`."""

    code = "bad_redirect"
    fields = ("url", "to", "problem")


class ToolTimeout(TryAgain):
    """`tool` did not finish within `seconds`."""

    code = "tool_timeout"
    fields = ("tool", "seconds")


class ToolCrashed(GiveUp):
    """`tool` failed in a way nobody foresaw: `problem`."""

    code = "tool_crashed"
    fields = ("tool", "problem")


# ── playbooks ────────────────────────────────────────────────────────────────


class PlaybookBroken(GiveUp):
    """Playbook `playbook` stopped at `where` (a step or "output"): `problem`; its file is wrong."""

    code = "playbook_broken"
    fields = ("playbook", "where", "problem")
