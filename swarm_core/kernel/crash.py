"""Named points at which a test may kill the process, to prove that nothing is lost there.

`crash_point("store.commit.before")` costs one comparison unless it was armed. Arming is done by
the process's entry (`waggle` reads `WAGGLE_CRASH=point:n` through settings), never by the code
under test. The kill is SIGKILL: no handler, no flush, no cleanup, like the real thing.
"""

from __future__ import annotations

import os
import signal

_armed: tuple[str, int] | None = None
_hits = 0

POINTS = (
    "store.commit.before",
    "store.commit.after",
    "step.intent.before",
    "step.intent.after",
    "step.act.before",
    "step.act.after",
    "step.result.before",
    "step.result.after",
    "intake.commit.before",
    "intake.commit.after",
    "claim.commit.before",
    "claim.commit.after",
    "outbox.send.before",
    "outbox.send.after",
    "outbox.settle.after",
)
"""Those a swarm passes at work."""
KEEPING_POINTS = (
    "restore.swap.before",
    "restore.rename.before",
    "restore.swap.after",
    "rebuild.commit.before",
    "rebuild.commit.after",
    "archive.segment.after",
    "archive.tables.after",
    "archive.commit.after",
    "archive.trim.after",
    "archive.drop.after",
)
"""Those of what puts its state back, makes it anew or moves it."""

VOICE_POINTS = ("voice.taken.before", "voice.act.before", "voice.act.after", "voice.ended.after")
"""Those of a voice note on its way to being words."""
CHAT_POINTS = ("update.taken.before", "chat.moved.after")
"""Those of what comes from a chat: before anything is done about it, and when it is noted that a
group became another one, before its cards stand there."""
SCHEDULE_POINTS = ("instant.decide.before", "instant.decide.after")
"""Those of an instant of a standing priority on its way to being a task."""
_ALL = (*POINTS, *KEEPING_POINTS, *VOICE_POINTS, *CHAT_POINTS, *SCHEDULE_POINTS)


def arm(spec: str) -> None:
    """`point:n` kills the process when `point` is passed for the n-th time.

    Raises ValueError for a point that does not exist or a count below one: a test that kills
    nowhere proves nothing.
    """
    global _armed, _hits
    point, _, count = spec.partition(":")
    if point not in _ALL:
        raise ValueError(f"no crash point {point!r}; there are: {', '.join(_ALL)}")
    passes = int(count or 1)
    if passes < 1:
        raise ValueError(f"a point is passed for the first time at 1, not {count}")
    _armed, _hits = (point, passes), 0


def crash_point(name: str) -> None:
    """Die here if a test armed this point, else nothing."""
    if _armed is None:
        return
    global _hits
    if name == _armed[0]:
        _hits += 1
        if _hits == _armed[1]:
            os.kill(os.getpid(), signal.SIGKILL)
