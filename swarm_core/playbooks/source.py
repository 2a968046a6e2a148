"""Playbooks as a source of workers for routing: each playbook is a worker that costs nothing."""

from __future__ import annotations

from swarm_core.playbooks.loading import Book
from swarm_core.routing.model import Offer, Tier, Wanted, Worker

MODEL = "playbook"


class PlaybookSource:
    """Offers the playbook whose phrase the words fit, free of charge."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._workers = {
            name: Worker(
                name=name,
                model=MODEL,
                tier=Tier.PLAYBOOK,
                summary=playbook.summary,
                examples=tuple(playbook.examples),
            )
            for name, playbook in book.playbooks.items()
        }

    def workers(self) -> tuple[Worker, ...]:
        return tuple(self._workers.values())

    def offers(self, wanted: Wanted) -> tuple[Offer, ...]:
        """Raises `BadArgument` or `MissingArgument` when the words clearly mean a playbook whose
        parameters they get wrong."""
        if wanted.files:
            return ()  # a script would do its work without having seen them
        match = self._book.find(wanted.text)
        if match is None:
            return ()
        worker = self._workers[match.playbook.name]
        return (Offer(worker=worker, specific=len(match.why), because=match.why),)
