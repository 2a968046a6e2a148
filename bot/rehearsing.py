"""`waggle simulate week`: what the coming week of standing priorities would be like.

It works on a copy of the state, so a swarm may run meanwhile, and what is there stays as it is.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from bot.answers.rehearsed import week
from bot.answers.words import Words
from bot.opening import prepare, settings_of
from bot.program import DONE, Program
from swarm_core import Plan, Settings, has_state, local_owner, rehearse

_SURFACES = ("terminal", "discord", "telegram")
_PROVIDER = {"providers": {"example": {"kind": "anthropic"}}}


def simulate_week(program: Program, given: Mapping[str, Any]) -> int:
    """Print what a week would be like. Raises what stands in its way."""
    prepare(program)
    settings, example = settings_of(program), bool(given.get("example"))
    if example and not settings.providers:
        settings = _with_a_provider(settings)
    copied = None if example or not has_state(settings.state) else settings.state
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    with TemporaryDirectory(prefix="waggle-week-") as folder:
        report = rehearse(
            _example(settings) if example else settings,
            Plan(
                folder=Path(folder) / "state",
                start=now,
                copy=copied,
                surfaces=_SURFACES,
                seed=int(given.get("seed") or 1),
                example=example,
                calm=bool(given.get("calm")),
            ),
        )
    words = Words(program.screen.say, now=report.start, person=local_owner(os.getuid()).key)
    program.screen.answer(msgspec.to_builtins(report), week(words, report))
    return DONE


def _example(settings: Settings) -> Settings:
    """Without the priorities of the file."""
    return settings.model_copy(update={"priorities": {}})


def _with_a_provider(settings: Settings) -> Settings:
    """With one whose models are known, so that there are prices; it is never called."""
    made = type(settings).model_validate({**_PROVIDER, "state": settings.state})
    return settings.model_copy(update={"providers": made.providers})
