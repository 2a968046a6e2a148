"""Which model really answered, and why not another: read from recorded steps. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from swarm_core.steps.model import Failure, Tokens
from swarm_core.steps.tables import StepRow
from swarm_core.views.model import Stamp


def stamp_of(routed: str | None, runs: Iterable[Sequence[StepRow]]) -> Stamp | None:
    """The stamp of a task that was given to the model `routed`, from the attempts of its runs,
    oldest first; None when no model answered."""
    attempts = [row for run in runs for row in run if row.kind == "model"]
    answered = [n for n, row in enumerate(attempts) if row.state == "done"]
    if not answered or attempts[answered[-1]].model is None:
        return None
    last = attempts[answered[-1]]
    before = attempts[answered[-2] + 1 if len(answered) > 1 else 0 : answered[-1]]
    missed = next((row for row in before if row.name != last.name), None)
    if missed is None and routed != last.name:
        # It was left alone this time, for what it did before.
        tried = (row for row in reversed(attempts) if row.name == routed and row.failure)
        missed = next(tried, None)
    first = missed.name if missed else routed
    return Stamp(
        model=name_of(last),
        tokens=_sum(attempts[n].tokens for n in answered),
        instead_of=first if first and first != last.name else None,
        failure=Failure(code=missed.failure, data=missed.failure_data)
        if missed and missed.failure
        else None,
    )


def name_of(row: StepRow) -> str:
    """The model that answered, with the provider that was asked."""
    provider, slash, _ = row.name.partition("/")
    return f"{provider}{slash}{row.model}" if slash else row.model or row.name


def _sum(each: Iterable[Tokens | None]) -> Tokens:
    total = dict.fromkeys(Tokens.__struct_fields__, 0)
    for tokens in each:
        for name, count in msgspec.structs.asdict(tokens or Tokens()).items():
            total[name] += count
    return Tokens(**total)
