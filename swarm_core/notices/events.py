"""Facts about notices."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from swarm_core.kernel.actor import Place
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import NO_TASK, NoticeId
from swarm_core.notices.model import Delivery, DeliveryClass, NoticeKind, NoticeState
from swarm_core.store import Event, Fact


class NoticeQueued(Event, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "notice.queued"

    notice: NoticeId
    notice_kind: NoticeKind
    delivery_class: DeliveryClass
    place: Place
    about: dict[str, str | int | None] = msgspec.field(default_factory=dict)
    whose: str = ""
    """Whom it is for: an account, as `surface/id`, the owner as a person; '' for nobody known."""
    held: Micros | None = None
    """It is not sent before this: whose it is has quiet hours."""
    kept: bool = False
    """It is not sent at all, and stands in the list of their notices."""

    def delivery(self, fact: Fact) -> Delivery:
        """The first attempt at it; `fact` is this event as recorded."""
        return Delivery(
            notice=self.notice,
            kind=self.notice_kind,
            delivery_class=self.delivery_class,
            task=fact.task or NO_TASK,
            place=self.place,
            repeat=False,
            about=self.about,
            created=fact.at,
        )


class NoticesHeld(Event, frozen=True, kw_only=True, gc=False):
    """The quiet hours of whose they are have changed: these wait until `until` now."""

    kind: ClassVar[str] = "notice.held"

    until: Micros
    notices: tuple[NoticeId, ...]


class NoticesEnded(Event, frozen=True, kw_only=True, gc=False):
    """What became of one or more notices: those that one round of delivery settled share a
    fact, each with the platform's id of its message, '' for none."""

    kind: ClassVar[str] = "notice.ended"

    state: NoticeState
    notices: tuple[tuple[NoticeId, str], ...]
