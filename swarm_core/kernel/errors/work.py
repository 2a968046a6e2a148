"""What can be wrong with a request, a task or a run."""

from __future__ import annotations

from collections.abc import Sequence

from swarm_core.kernel.errors.tree import Conflict, FixInput, GiveUp, TryAgain, Wait

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


class BadEdit(BadSettings):
    """After the change `file` would have `count` things to mend, so it was not made."""

    code = "bad_edit"


class MissingKeyHere(FixInput):
    """The environment's `variable`, which is to hold a key, is not set."""

    code = "missing_key_here"
    fields = ("variable",)


class UnsafeEnvFile(FixInput):
    """The file of keys `path` is not read: others may read it, by its `mode`, or `problem`."""

    code = "unsafe_env_file"
    fields = ("path", "mode", "problem")


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


class CannotListen(Conflict):
    """Task `task` is done by `worker`, a script, which reads nothing while it works."""

    code = "cannot_listen"
    fields = ("task", "worker")


class TextErased(Conflict):
    """What task `task` asked for was erased, so it cannot be done again."""

    code = "text_erased"
    fields = ("task",)


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


class SurfaceAway(TryAgain):
    """A chat service could not be reached, or took nothing just now; nothing was sent."""

    code = "surface_away"
    fields = ("surface", "problem")


class SurfaceRefused(GiveUp):
    """A chat service will not take it: the place is gone, or we may not write there."""

    code = "surface_refused"
    fields = ("surface", "problem")


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
