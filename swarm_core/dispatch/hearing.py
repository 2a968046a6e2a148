"""Voice notes put into words: authorized, priced, held for, sent once, and on record.

What can go wrong: an event comes twice, at once or after a restart; the process dies while the
provider works; its answer is lost; the recording is longer than was said. So: a note goes by the
key of its event, and what was heard is never paid again; what may be charged is held before, and
a note that a dead process left counts as paid in full; without a known outcome it is sent once more
at most, when its event comes again; the longest of all lengths told counts. The recording itself is
nowhere kept.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from swarm_core.budget.ledger import Ledger
from swarm_core.budget.model import Hold, Payer
from swarm_core.dispatch import tables, voices
from swarm_core.dispatch.admitting import Current, Fetch, Terms, VoiceNote, fits, terms_of
from swarm_core.dispatch.consent import Consent
from swarm_core.dispatch.events import EVERYTHING
from swarm_core.dispatch.voices import (
    Voice,
    VoiceAsked,
    VoiceEnded,
    VoiceId,
    VoiceState,
    VoiceTaken,
)
from swarm_core.kernel.actor import OWNER, SWARM, Actor, Place
from swarm_core.kernel.crash import crash_point
from swarm_core.kernel.errors import (
    AnswerLost,
    Internal,
    NotFound,
    NothingHeard,
    OverBudget,
    ProviderBusy,
    ProviderPaused,
    ProviderUnreachable,
    Stopped,
    VoiceAway,
    VoiceLost,
    VoiceTooDear,
    VoiceUnpaid,
    WaggleError,
)
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import ZERO, MicroUSD
from swarm_core.kernel.text import describe
from swarm_core.people import Directory
from swarm_core.policy import Action, Policy, Resource
from swarm_core.providers.lengths import Length, at_most, length_of
from swarm_core.providers.speech import Recording, SpeechCard
from swarm_core.steps.events import ModelUsed, Use
from swarm_core.steps.model import Tokens
from swarm_core.steps.rules import may_repeat
from swarm_core.store import Store, Tx

log = logging.getLogger(__name__)

WORKER = "ears"
"""What its cost is booked under, among those of workers."""

_PASSING = (ProviderBusy, ProviderUnreachable, ProviderPaused)


class Hearing:
    """Hears voice notes."""

    def __init__(
        self, store: Store, policy: Policy, ledger: Ledger, consent: Consent, directory: Directory
    ) -> None:
        self._store = store
        self._policy = policy
        self._ledger = ledger
        self._consent = consent
        self._directory = directory
        self.current: Callable[[], Current]
        """What is in force; set by the composition root."""
        self._under_way: dict[str, asyncio.Task[VoiceId]] = {}

    async def start(self) -> None:
        """Close what a former process left: nobody knows whether it was served."""
        await self._store.write(self._abandon)

    async def close(self) -> None:
        """What is under way stays open on record, and counts as paid."""
        open_ = tuple(self._under_way.values())
        for task in open_:
            task.cancel()
        await asyncio.gather(*open_, return_exceptions=True)

    async def hear(self, actor: Actor, place: Place, note: VoiceNote, fetch: Fetch) -> Voice:
        """What was said in `note`. What was heard before is not fetched, sent or paid again.

        Raises, with nothing sent: `NotAllowed`, `Stopped`, `TooManyRequests`, `NoTranscription`,
        `UnknownModel`, `UnknownPrice`, `UnfitVoice`, `VoiceTooLong`, `TooLarge`, `VoiceTooDear`,
        `VoiceUnpaid`, `ScopeFrozen`, `VoiceAway`, what stands in a provider's way, and what `fetch`
        raises. Else `VoiceLost`, or `NothingHeard`.
        """
        self._policy.authorize(actor, Action.CREATE_TASK, Resource("ask"))
        key = f"{actor.key}/{note.key}"
        known = await self._store.read(lambda rows: voices.by_key(rows, key))
        if known is None or known.state != "heard":
            await self._once(actor, place, note, key, fetch)
            known = await self._store.read(lambda rows: voices.by_key(rows, key))
            assert known is not None
        if not known.text:
            raise NothingHeard
        return known

    async def find(self, actor: Actor, number: int) -> Voice:
        """A voice note of the actor's own. Raises `NotFound`, `NotAllowed`."""
        found = await self._store.read(lambda rows: voices.get(rows, VoiceId(number)))
        if found is None or found.text is None:
            raise NotFound(kind="voice note", name=str(number), near=())
        mine = Resource("task", f"voice {number}", found.person)
        self._policy.authorize(actor, Action.TELL_TASK, mine)
        return found

    async def asked(self, actor: Actor, voice: VoiceId, task: TaskId) -> None:
        """It was carried out as `task`; said again, that changes nothing."""

        def note(tx: Tx) -> None:
            found = voices.get(tx, voice)
            if found and found.task != task:
                tx.append(VoiceAsked(voice=voice, asked=task), actor)

        await self._store.write(note, first=True)

    async def _once(
        self, actor: Actor, place: Place, note: VoiceNote, key: str, fetch: Fetch
    ) -> None:
        """Hear it, or wait for whoever is hearing it. Whoever waits may go away; a call that was
        made is seen to its end all the same."""
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.create_task(self._hear(actor, place, note, key, fetch), name="hear")
            self._under_way[key] = task
            task.add_done_callback(lambda done: self._over(key, done))
        await asyncio.shield(task)

    def _over(self, key: str, done: asyncio.Task[VoiceId]) -> None:
        self._under_way.pop(key, None)
        if not done.cancelled():
            done.exception()  # whoever waits is told; without anybody it is on record

    async def _hear(
        self, actor: Actor, place: Place, note: VoiceNote, key: str, fetch: Fetch
    ) -> VoiceId:
        now = self.current()
        terms = await terms_of(note, now)
        told = note.seconds is not None
        fits(note.size, at_most(note.size, note.seconds), now.settings.chat, known=told)
        if self._consent.limits:
            self._consent.limits.count(actor)
        data = await fetch()
        length = length_of(data, terms.form, note.seconds)
        fits(len(data), length.seconds, now.settings.chat)
        most = terms.card.cost(length.most)
        above = self._consent.above(actor.key)
        if above is not None and most > above:
            raise VoiceTooDear(most=most, above=above)
        crash_point("voice.taken.before")
        try:
            voice, hold = await self._store.write(
                lambda tx: self._take(tx, actor, place, key, terms.card, length), first=True
            )
        except OverBudget as error:
            raise VoiceUnpaid(**error.data) from None
        crash_point("voice.act.before")
        await self._act(actor, voice, hold, terms, data, length.seconds)
        return voice

    def _take(
        self, tx: Tx, actor: Actor, place: Place, key: str, card: SpeechCard, length: Length
    ) -> tuple[VoiceId, Hold | None]:
        known = voices.by_key(tx, key)
        if known and not may_repeat("paid", known.lost):
            raise VoiceLost(model=known.model, tries=known.lost, problem="")
        stopped = [s for s in tables.stops(tx) if s in (EVERYTHING, actor.key)]
        if stopped:
            raise Stopped(scope=stopped[0])
        self._store.health.admit()
        hold = self._ledger.reserve(
            tx,
            self._payer(actor, place),
            task=None,
            run=None,
            most=card.cost(length.most),
            task_cap=None,
        )
        voice = known.id if known else VoiceId(tx.next_id("voices"))
        taken = VoiceTaken(
            voice=voice,
            key=key,
            place=place,
            seconds=length.seconds,
            model=card.name,
            hold=hold.id if hold else None,
        )
        tx.append(taken, actor)
        return voice, hold

    def _payer(self, actor: Actor, place: Place) -> Payer:
        owner = OWNER in actor.roles
        return Payer(
            person=actor.key if owner else self._directory.whose(actor.key),
            place=f"{place.surface}/{place.space}",
            worker=WORKER,
            owner=owner,
        )

    async def _act(
        self,
        actor: Actor,
        voice: VoiceId,
        hold: Hold | None,
        terms: Terms,
        data: bytes,
        seconds: int,
    ) -> None:
        card, most = terms.card, hold.most if hold else ZERO
        recording = Recording(data=data, form=terms.form, model=card.id)
        try:
            heard = await terms.provider.transcribe(recording)
        except AnswerLost as error:
            await self._end(actor, voice, hold, "lost", most, error)
            found = await self._store.read(lambda rows: voices.get(rows, voice))
            problem, tries = str(error.data["problem"]), found.lost if found else 1
            raise VoiceLost(model=card.name, tries=tries, problem=problem) from error
        except WaggleError as error:
            await self._end(actor, voice, hold, "refused", ZERO, error)
            if isinstance(error, _PASSING):
                problem = str(error.data["problem"])
                raise VoiceAway(provider=card.provider, problem=problem) from error
            raise
        except Exception as error:
            # A bug must not lose what it may have cost.
            log.exception("a voice note could not be heard")
            broken = Internal(problem=describe(error))
            await self._end(actor, voice, hold, "lost", most, broken)
            raise broken from error
        crash_point("voice.act.after")
        counted = seconds if heard.seconds is None else heard.seconds
        cost = card.cost(counted)
        use = Use(worker=WORKER, person=actor.key, model=card.name, tokens=Tokens())

        def end(tx: Tx) -> None:
            text = tx.put_body(heard.text)
            tx.append(VoiceEnded(voice=voice, state="heard", text=text, cost=cost), actor)
            tx.append(ModelUsed(use=use, cost=cost), actor)
            self._ledger.settle(tx, hold, cost, task=None, run=None)

        await self._store.keep(end)
        crash_point("voice.ended.after")

    async def _end(
        self,
        actor: Actor,
        voice: VoiceId,
        hold: Hold | None,
        state: VoiceState,
        cost: MicroUSD,
        error: WaggleError,
    ) -> None:
        def end(tx: Tx) -> None:
            tx.append(VoiceEnded(voice=voice, state=state, failure=error.code, cost=cost), actor)
            self._ledger.settle(tx, hold, cost, task=None, run=None)

        await self._store.keep(end)

    def _abandon(self, tx: Tx) -> None:
        for voice in voices.taken(tx):
            hold = self._ledger.open_hold(tx, voice.hold)
            cost = hold.most if hold else ZERO
            ended = VoiceEnded(voice=voice.id, state="lost", failure=AnswerLost.code, cost=cost)
            tx.append(ended, SWARM)
            self._ledger.settle(tx, hold, cost, task=None, run=None)
