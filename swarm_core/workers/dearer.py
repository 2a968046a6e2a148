"""Whether another model may take over a run without somebody's yes to what it costs."""

from __future__ import annotations

from swarm_core.kernel.errors import DearerFallback
from swarm_core.providers.card import ModelCard
from swarm_core.providers.model import Prompt
from swarm_core.workers.job import Job
from swarm_core.workers.ports import Assignment


def allowed(job: Job, assignment: Assignment, card: ModelCard, prompt: Prompt) -> None:
    """Return when `card` may be asked, else raise `DearerFallback`, which waits for a person.

    Compared is what is held for the next call: that of the model the run was given to, or, where
    a price was approved, that price. Without either nothing is asked: the caps alone bind.
    """
    models, granted, first = job.ways.models, assignment.granted, job.first
    if card.name == first or (granted.limit is None and not job.ways.asks):
        return
    most = models.quote(card, prompt).most(prompt.max_output)
    usual = models.card(first)
    wanted = job.prompt(usual)
    own = models.quote(usual, wanted).most(wanted.max_output)
    limit = max(own, granted.limit or 0, granted.models.get(card.name, 0))
    if most > limit:
        raise DearerFallback(approval="", model=card.name, most=most, instead_of=first)
