"""Composition: other settings for a swarm at work. Part of `build`.

What can go wrong: the new file is wrong; a run is under way with what is being replaced; the
process dies in between. So: settings come here only when they are valid as a whole; everything is
made beside what runs, and takes its place in one go on the loop, after the caps are in the
journal; a run keeps what it began with, and providers that were replaced are closed when the last
run that may use them has ended. A process that dies in between reads the new file at its start.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

import msgspec

from swarm_core.approvals import ApprovalRules
from swarm_core.budget.ledger import Ledger
from swarm_core.dispatch.consent import Consent, ConsentRules
from swarm_core.dispatch.dispatcher import Dispatcher, DispatchRules
from swarm_core.dispatch.intake import Intake
from swarm_core.dispatch.leasing import LeaseRules, Leasing
from swarm_core.dispatch.limits import LimitRules
from swarm_core.dispatch.model import Runner
from swarm_core.dispatch.pool import LocalPool, PoolRules
from swarm_core.kernel.redaction import keep_secret
from swarm_core.kernel.secret import Secret
from swarm_core.notices.compose import Composer
from swarm_core.notices.telling import NoticeRules
from swarm_core.notices.webhooks import Webhooks, hooks_of, targets_of
from swarm_core.policy import Policy
from swarm_core.providers.registry import Registry
from swarm_core.routing.router import Router
from swarm_core.scheduling import Schedule
from swarm_core.settings import Settings, explain
from swarm_core.settings.names import fixed, waits_for_start
from swarm_core.setup import Setup, Stock, set_up
from swarm_core.store import Store, Tx
from swarm_core.watching import Watch

log = logging.getLogger(__name__)

_SERVED = ("providers", "models", "routing")
"""Sections by which models are opened; while they are the same, so are the connections."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One key that says something else now, in the words of `/config`; '' where it said nothing."""

    key: str
    before: str
    after: str


class Reloaded(msgspec.Struct, frozen=True, kw_only=True):
    """What a reload changed: keys, and who came, went or is another one now. `later` are keys
    that were changed in the file and hold from the next start on."""

    changed: tuple[Change, ...] = ()
    later: tuple[Change, ...] = ()
    policies: int | None = None
    """How many policies hold now, when what they say was changed."""
    come: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()


class Joints(msgspec.Struct, frozen=True, kw_only=True):
    """The rooms that hold something made from settings."""

    store: Store
    ledger: Ledger
    router: Router
    consent: Consent
    leasing: Leasing
    pool: LocalPool
    intake: Intake
    dispatcher: Dispatcher
    runners: dict[str, Runner]
    policy: Policy
    composer: Composer
    webhooks: Webhooks
    schedule: Schedule
    watch: Watch


class Reloading:
    """Puts other settings in force; `current` are those that are."""

    def __init__(self, joints: Joints, stock: Stock, current: Setup) -> None:
        self._joints = joints
        self._stock = stock
        self.current = current
        self._one = asyncio.Lock()
        self._retired: set[asyncio.Task[None]] = set()

    async def apply(self, wanted: Settings) -> Reloaded:
        """Put `wanted`, which is valid as a whole, in force as far as that goes without a start.
        When this returns, whatever begins from here on begins with it. Raises `BadPolicy`, and
        then nothing was changed."""
        async with self._one:
            before = self.current
            stays = {name: before.settings.section(name) for name in fixed()}
            settings = wanted.model_copy(update=stays)
            policy, folders = self._joints.policy, settings.policy.folders
            policies = await asyncio.to_thread(policy.read, folders)
            keep_secret(secrets_of(settings))
            same = _same_models(settings, before.settings)
            after = await asyncio.to_thread(
                set_up, settings, self._stock, before.models if same else None
            )
            if not same:
                await after.models.start()
            await self._joints.store.write(lambda tx: self._set_caps(tx, settings))
            self._put_in_place(after)
            judged_anew = policy.adopt(policies, folders)
            await self._joints.store.write(self._see_to_waiting)
            await self._joints.schedule.adopt(settings)
            if not same:
                self._retire(before.models)
            told = _told(before, after, wanted)
            if judged_anew:
                told = msgspec.structs.replace(told, policies=len(policies.rules))
            return told

    @property
    def schedule(self) -> Schedule:
        return self._joints.schedule

    async def close(self) -> None:
        """Close what was replaced, whoever still uses it."""
        for task in self._retired:
            task.cancel()
        await asyncio.gather(*self._retired, return_exceptions=True)

    def _set_caps(self, tx: Tx, settings: Settings) -> None:
        self._joints.ledger.set_caps(tx, settings.budget.caps, settings.budget.parts)

    def _put_in_place(self, setup: Setup) -> None:
        """All at once: nothing else runs on the loop meanwhile, and what the writer's thread
        looks at are whole values."""
        joints, settings = self._joints, setup.settings
        joints.router.adopt(setup.sources, setup.routing)
        joints.runners.clear()
        joints.runners.update(setup.runners)
        joints.consent.rules = ConsentRules.of(settings)
        joints.consent.approvals.rules = ApprovalRules.of(settings.approvals)
        joints.intake.limits.rules = LimitRules.of(settings)
        joints.leasing.directory.owners = settings.owner.accounts
        joints.intake.adopt(joints.consent.rules.caps)
        joints.leasing.adopt(lease_rules(settings), models_of(joints.router), setup.talkers)
        joints.composer.telling.rules = NoticeRules.of(settings.notices)
        joints.webhooks.targets = targets_of(settings)
        joints.composer.hooks = hooks_of(joints.webhooks.targets)
        joints.watch.adopt(settings)
        joints.pool.adopt(pool_rules(settings))
        joints.dispatcher.adopt(dispatch_rules(settings))
        self.current = setup

    def _see_to_waiting(self, tx: Tx) -> None:
        """What waits for a worker that is gone, or for a provider that may be well now."""
        self._joints.leasing.reroute_orphans(tx)
        self._joints.leasing.wake_for_providers(tx)

    def _retire(self, models: Registry) -> None:
        task = asyncio.create_task(self._close_later(models), name="retire")
        self._retired.add(task)
        task.add_done_callback(self._retired.discard)

    async def _close_later(self, models: Registry) -> None:
        try:
            await self._joints.pool.those_under_way()
        finally:
            await models.close()


def secrets_of(settings: Settings) -> list[Secret]:
    """All that nothing may ever show."""
    keys = [provider.key for provider in settings.providers.values()]
    signing = [target.secret for target in settings.webhooks.values()]
    return [secret for secret in (*keys, *signing) if secret]


def lease_rules(settings: Settings) -> LeaseRules:
    return LeaseRules(
        duration=settings.lease.duration,
        ask_steps=settings.limits.ask_steps,
        task_steps=settings.limits.task_steps,
        workspace=settings.workspace,
    )


def pool_rules(settings: Settings) -> PoolRules:
    return PoolRules(
        ask_seconds=settings.limits.ask_time.total_seconds(),
        task_seconds=settings.limits.task_time.total_seconds(),
    )


def dispatch_rules(settings: Settings) -> DispatchRules:
    return DispatchRules(concurrency=settings.limits.concurrency, lease=settings.lease.duration)


def models_of(router: Router) -> dict[str, str]:
    """The usual model of each worker there is."""
    return {name: worker.model for name, worker in router.workers().items()}


def _told(before: Setup, after: Setup, wanted: Settings) -> Reloaded:
    changes = _changes(_values(before.settings), _values(wanted))
    later = tuple(change for change in changes if waits_for_start(change.key))
    old, new = _people(before), _people(after)
    return Reloaded(
        changed=tuple(change for change in changes if change not in later),
        later=later,
        come=tuple(sorted(new.keys() - old.keys())),
        gone=tuple(sorted(old.keys() - new.keys())),
        altered=tuple(sorted(n for n in old.keys() & new.keys() if old[n] != new[n])),
    )


def _values(settings: Settings) -> dict[str, str]:
    return {row.key: row.value for row in explain(settings)}


def _changes(old: Mapping[str, str], new: Mapping[str, str]) -> list[Change]:
    return [
        Change(key=key, before=old.get(key, ""), after=new.get(key, ""))
        for key in dict.fromkeys((*old, *new))
        if old.get(key) != new.get(key)
    ]


def _people(setup: Setup) -> dict[str, object]:
    return {**setup.roster.identities, **setup.scripts}


def _same_models(after: Settings, before: Settings) -> bool:
    same = all(getattr(after, name) == getattr(before, name) for name in _SERVED)
    return same and after.chat.transcription == before.chat.transcription
