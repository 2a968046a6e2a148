"""The composition root of the core: constructs every room, joins them, opens and closes them.

Read it from top to bottom to know who is given what.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from swarm_core.approvals import ApprovalRules, Approvals
from swarm_core.budget.ledger import Ledger
from swarm_core.buttons import Buttons
from swarm_core.dispatch.consent import Consent, ConsentRules
from swarm_core.dispatch.control import Control
from swarm_core.dispatch.deciding import Deciding
from swarm_core.dispatch.dispatcher import Dispatcher
from swarm_core.dispatch.due import Due
from swarm_core.dispatch.hearing import Hearing
from swarm_core.dispatch.intake import Intake, digest_key
from swarm_core.dispatch.leasing import Leasing
from swarm_core.dispatch.limits import LimitRules, Limits
from swarm_core.dispatch.model import Runner
from swarm_core.dispatch.money import Money
from swarm_core.dispatch.pool import LocalPool
from swarm_core.dispatch.raising import Raising
from swarm_core.dispatch.rerouting import Rerouting
from swarm_core.dispatch.seeing import Seeing
from swarm_core.dispatch.talking import Talking
from swarm_core.identities import SHIPPED_IDENTITIES
from swarm_core.keeping import Keeping
from swarm_core.kernel.clock import Clock, SystemClock, to_micros
from swarm_core.kernel.ids import Entropy, SystemEntropy
from swarm_core.kernel.redaction import keep_secret
from swarm_core.notices import posts as notices_posts
from swarm_core.notices.mine import Mine
from swarm_core.notices.model import WEBHOOK
from swarm_core.notices.outbox import Outbox
from swarm_core.notices.sharing import Sharing
from swarm_core.notices.webhooks import PACE
from swarm_core.people import Directory
from swarm_core.policy import Policy
from swarm_core.providers.model import Provider
from swarm_core.reloading import (
    Joints,
    Reloading,
    dispatch_rules,
    lease_rules,
    models_of,
    pool_rules,
    secrets_of,
)
from swarm_core.rooms import ROOMS as ROOMS
from swarm_core.routing.model import Source
from swarm_core.routing.router import Router
from swarm_core.schedule.driver import LoopTimers, Timers
from swarm_core.schedule.reacting import Reacting
from swarm_core.scheduling import Schedule, Scheduled, wire_schedule
from swarm_core.settings import Settings
from swarm_core.setup import Stock, set_up
from swarm_core.steps.record import Seams, Steps
from swarm_core.store import Keeper, Store, open_store
from swarm_core.summing import sources_of
from swarm_core.swarm import Swarm
from swarm_core.tasks import finding
from swarm_core.tasks.similar import Similar, SimilarRules
from swarm_core.tasks.talk import Ears
from swarm_core.telemetry import Telemetry
from swarm_core.views import Views
from swarm_core.watching import watch_of
from swarm_core.wiring import intake_rules, members_of, notices_of, tasks_of, toolbox_of, wire
from swarm_core.workers.streams import Streams

DATA = Path(__file__).resolve().parent.parent / "data"
DRAIN_SECONDS = 20.0
"""How long runs may finish when the swarm closes; the rest resume at the next start."""


class World(msgspec.Struct, frozen=True, kw_only=True):
    """What a swarm stands on, and what a simulation or bench puts in its place.

    `extra` are workers besides the playbooks, each source with its runners by worker name.
    """

    clock: Clock = SystemClock()
    entropy: Entropy = SystemEntropy()
    inline: bool = False
    extra: tuple[tuple[Source, Mapping[str, Runner]], ...] = ()
    playbooks: tuple[Path, ...] = (DATA / "playbooks",)
    """Folders of shipped playbooks."""
    identities: tuple[Path, ...] = (SHIPPED_IDENTITIES,)
    """Folders of shipped identities."""
    providers: Mapping[str, Provider] | None = None
    """Who stands in for providers of the settings, by name."""
    serve: bool = True
    """False: nothing is started, for commands that only look."""
    alone: bool = False
    """Nothing starts but the tasks that `dispatcher.admit` names."""
    stand_in: Runner | None = None
    """Who carries out every run in place of the workers, where nothing may really be done."""
    drain: float = DRAIN_SECONDS
    state: Path | None = None
    """A folder in place of the settings', for a look where no swarm has ever been."""


@asynccontextmanager
async def open_swarm(settings: Settings, world: World = World()) -> AsyncIterator[Swarm]:  # noqa: B008
    """Open the state folder, take back what a former process left, and begin to work.

    Raises what `open_store` raises, having started nothing. On leaving, runs get a while to
    finish, notices are sent, and everything is closed in reverse.
    """
    keep_secret(secrets_of(settings))
    async with open_store(
        world.state or settings.state,
        ROOMS,
        clock=world.clock,
        entropy=world.entropy,
        readers=settings.store.readers,
        batch=settings.store.batch,
        least=settings.store.reserve * 1024 * 1024,
        inline=world.inline,
    ) as store:
        keeper = Keeper(store)
        swarm = await _construct(store, settings, world)
        if not world.serve:
            yield swarm
            return
        await asyncio.to_thread(store.health.take_ballast)
        await swarm.models.start()
        await swarm.ears.start()
        await swarm.hearing.start()
        await swarm.outbox.start()
        await swarm.watch.reminding.start()
        await swarm.dispatcher.start(alone=world.alone)
        await swarm.reloading.schedule.adopt(settings)
        if not world.alone:
            swarm.reloading.schedule.running.start()
        swarm.similar.start()
        swarm.finder.start()
        keeper.start()
        await swarm.outbox.attach(WEBHOOK, swarm.webhooks, PACE)
        if not (world.alone or world.inline):
            swarm.keeping.start()
            swarm.watch.alerts.start()
            await swarm.digests.start()
        try:
            yield swarm
        finally:
            await swarm.reloading.schedule.close()
            # First, so that nothing starts meanwhile; in a broken store no run can be recorded.
            await swarm.dispatcher.close(0.0 if store.health.broken else world.drain)
            await swarm.watch.close()
            await swarm.finder.close()
            await swarm.similar.close()
            await swarm.digests.close()
            await swarm.outbox.close()
            await swarm.hearing.close()
            swarm.ears.close()
            await swarm.models.close()
            await swarm.reloading.close()
            await keeper.close()
            await swarm.keeping.close()


async def _construct(store: Store, settings: Settings, world: World) -> Swarm:
    session = str(to_micros(store.clock.now()))
    tasks = tasks_of(settings)
    directory = Directory(settings.owner.accounts)
    policy = Policy(store, directory.whose, settings.policy.folders)
    ledger = Ledger(session)
    seeing = Seeing(store, policy, directory)
    toolbox = toolbox_of(store, settings, policy)
    ears, streams = Ears(store), Streams()
    stock = Stock(
        data=DATA,
        playbooks=world.playbooks,
        identities=world.identities,
        providers=world.providers,
        extra=world.extra,
        clock=store.clock,
        toolbox=toolbox,
        ears=ears,
        streams=streams,
    )
    setup = set_up(settings, stock)
    runners = dict(setup.runners)
    if world.stand_in:
        runners = dict.fromkeys(runners, world.stand_in)
    router = Router(setup.sources, setup.routing)

    approvals = Approvals(world.entropy, ApprovalRules.of(settings.approvals))
    consent = Consent(tasks, approvals, ConsentRules.of(settings))
    leasing = Leasing(tasks, Rerouting(tasks, router, consent), directory, lease_rules(settings))
    steps = Steps(store, ledger, Seams(guard=leasing.guard, finish=leasing.finish))
    leasing.steps = steps
    leasing.models = models_of(router)
    leasing.talkers = setup.talkers
    pool = LocalPool(store, steps, leasing, runners, pool_rules(settings))
    key = await digest_key(store, world.entropy)
    rules = intake_rules(settings, consent, DATA, key)
    intake = Intake(store, tasks, policy, router, consent, rules)
    intake.busy = lambda: pool.busy
    intake.places, intake.wishes = directory.set_at, directory.wishes_of
    limits = Limits(directory, store.clock, LimitRules.of(settings))
    intake.limits = consent.limits = leasing.limits = limits
    composer, webhooks, digests = notices_of(store, directory, policy, seeing, settings)
    await wire_schedule(store, Reacting(key), composer, ledger)
    wire(store, tasks, approvals, composer)
    schedule = Schedule(
        Scheduled(
            store=store,
            policy=policy,
            seeing=seeing,
            directory=directory,
            intake=intake,
            alarm=LoopTimers() if world.inline else Timers(),
        ),
        settings,
    )
    watch = watch_of(store, policy, seeing, directory, composer, settings)
    digests.gathering.sources = sources_of(watch.incidents)
    raising = Raising(tasks, policy, consent)
    await store.write(lambda tx: ledger.set_caps(tx, settings.budget.caps, settings.budget.parts))
    control = Control(store, tasks, policy, router, leasing, pool)
    talking = Talking(store, tasks, policy, router, leasing)
    deciding = Deciding(store, tasks, policy, leasing, raising)
    control.seeing = talking.seeing = deciding.seeing = seeing
    members, accounts = await members_of(store, policy, directory, ledger, world.entropy)
    similar = Similar(store, tasks, SimilarRules.of(settings))
    dispatcher = Dispatcher(
        store, leasing, pool, Due(store, tasks, leasing), dispatch_rules(settings)
    )
    joints = Joints(
        store=store,
        ledger=ledger,
        router=router,
        consent=consent,
        leasing=leasing,
        pool=pool,
        intake=intake,
        dispatcher=dispatcher,
        runners=runners,
        policy=policy,
        composer=composer,
        webhooks=webhooks,
        schedule=schedule,
        watch=watch,
    )
    reloading = Reloading(joints, stock, setup)
    schedule.join(control, lambda: reloading.current.settings)
    hearing = Hearing(store, policy, ledger, consent, directory)
    hearing.current = lambda: reloading.current
    watch.gauges.models = lambda: reloading.current.models
    return Swarm(
        store=store,
        policy=policy,
        router=router,
        streams=streams,
        ears=ears,
        toolbox=toolbox,
        intake=intake,
        money=Money(store, policy, ledger, raising),
        control=control,
        talking=talking,
        hearing=hearing,
        members=members,
        accounts=accounts,
        seeing=seeing,
        deciding=deciding,
        dispatcher=dispatcher,
        pool=pool,
        outbox=Outbox(store, composer),
        sharing=Sharing(store, policy, seeing, directory),
        digests=digests,
        mine=Mine(store, members, composer.telling),
        webhooks=webhooks,
        posts=notices_posts.Posts(store),
        watch=watch,
        similar=similar,
        keeping=Keeping(store, settings, policy, control, similar),
        finder=finding.Finder(store),
        buttons=Buttons(store, world.entropy),
        priorities=schedule.priorities,
        views=Views(store, ledger, router, directory),
        reloading=reloading,
        telemetry=Telemetry(store, session),
    )
