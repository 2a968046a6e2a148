"""What happens because of what: reactors between rooms that do not know each other."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from swarm_core.approvals import Approvals
from swarm_core.approvals import tables as approved
from swarm_core.approvals.events import (
    ApprovalAsked,
    ApprovalDecided,
    ApprovalExpired,
    ApprovalReminded,
)
from swarm_core.budget.events import BudgetSettled, BudgetWarned
from swarm_core.budget.ledger import Ledger
from swarm_core.dispatch.accounts import Accounts
from swarm_core.dispatch.consent import Consent
from swarm_core.dispatch.intake import IntakeRules
from swarm_core.dispatch.members import Members
from swarm_core.dispatch.seeing import Seeing
from swarm_core.kernel.actor import SWARM, Actor
from swarm_core.kernel.errors import DependencyFailed
from swarm_core.kernel.ids import Entropy
from swarm_core.notices import linked
from swarm_core.notices.compose import Composer
from swarm_core.notices.digests import Digests
from swarm_core.notices.events import NoticesEnded
from swarm_core.notices.gathering import Gathering
from swarm_core.notices.telling import NoticeRules, Telling
from swarm_core.notices.webhooks import Webhooks, hooks_of, targets_of
from swarm_core.people import Directory, Linking, Pairing, Registering, accounts_of
from swarm_core.people.events import AccountRemoved, PersonLinked, PersonPreferred
from swarm_core.policy import Action, Policy, Resource, Sending
from swarm_core.settings import Settings
from swarm_core.store import Fact, Store, Tx
from swarm_core.tasks.events import TaskAccepted, TaskEnded, TaskParked
from swarm_core.tasks.files import FileRules
from swarm_core.tasks.labels import Labeller
from swarm_core.tasks.model import TaskState
from swarm_core.tasks.tasks import Order, Tasks
from swarm_core.tools import Egress, EgressRules, Toolbox, read_only_tools, remembering
from swarm_core.tools.activity import ActivityTool
from swarm_core.tools.posting import Poster


def wire(store: Store, tasks: Tasks, approvals: Approvals, composer: Composer) -> None:
    """Register every reactor, in the order in which they act."""

    def settle_dependents(tx: Tx, fact: Fact) -> None:
        event = fact.event
        assert isinstance(event, TaskEnded)
        assert fact.task is not None
        if event.outcome is TaskState.DONE:
            tasks.unblock_dependents(tx, fact.task, fact.seq)
        elif event.failure != DependencyFailed.code:  # else its own cause ends the rest as well
            tasks.fail_dependents(tx, fact.task, fact.seq)

    def withdraw_approvals(tx: Tx, fact: Fact) -> None:
        assert fact.task is not None
        approvals.withdraw(tx, fact.task)

    def remind(tx: Tx, fact: Fact) -> None:
        event = fact.event
        assert isinstance(event, ApprovalReminded)
        approval = approved.get(tx, event.approval)
        if approval and approval.place:
            composer.on_asked(tx, fact, approval, approval.place)
        elif fact.task is not None:
            composer.on_reminded(tx, fact)

    def ask(tx: Tx, fact: Fact) -> None:
        event = fact.event
        assert isinstance(event, ApprovalAsked)
        approval = approved.get(tx, event.approval) if event.place else None
        if approval and approval.place:
            composer.on_asked(tx, fact, approval, approval.place)

    def tell_decision(tx: Tx, fact: Fact) -> None:
        event = fact.event
        assert isinstance(event, ApprovalDecided | ApprovalExpired)
        approval = approved.get(tx, event.approval)
        if approval and approval.place:
            composer.on_decided(tx, fact, approval, approval.place)

    store.react(TaskAccepted, composer.on_accepted)
    store.react(TaskParked, composer.on_parked)
    store.react(TaskEnded, composer.on_ended)
    store.react(TaskEnded, withdraw_approvals)
    store.react(BudgetWarned, composer.on_warned)
    store.react(BudgetSettled, composer.on_settled)
    store.react(TaskEnded, settle_dependents)
    store.react(PersonPreferred, composer.on_preferred)
    store.react(NoticesEnded, composer.on_undelivered)
    store.react(ApprovalReminded, remind)
    store.react(ApprovalAsked, ask)
    store.react(ApprovalDecided, tell_decision)
    store.react(ApprovalExpired, tell_decision)


def tasks_of(settings: Settings) -> Tasks:
    """Tasks, in the order of the settings."""
    weight, quantum = settings.tasks.priority_weight, settings.tasks.fairness_quantum
    microsecond = timedelta(microseconds=1)
    return Tasks(Order(weight=weight // microsecond, quantum=quantum // microsecond))


def wire_accounts(store: Store, ledger: Ledger) -> None:
    """What follows when two people become one, and when an account is taken off."""

    def link(tx: Tx, fact: Fact) -> None:
        event = fact.event
        assert isinstance(event, PersonLinked)
        ledger.join(tx, SWARM, f"person/{event.other}", f"person/{event.person}")
        linked.on_linked(tx, fact, accounts_of(tx, event.person))

    def unlink(tx: Tx, fact: Fact) -> None:
        event = fact.event
        assert isinstance(event, AccountRemoved)
        ledger.part(tx, SWARM, f"person/{event.person}", f"person/{event.other}")
        linked.on_removed(tx, fact, accounts_of(tx, event.person))

    store.react(PersonLinked, link)
    store.react(AccountRemoved, unlink)


def intake_rules(settings: Settings, consent: Consent, data: Path, key: bytes) -> IntakeRules:
    """What intake keeps to; `key` hides the digests of requests."""
    return IntakeRules(
        caps=consent.rules.caps,
        labeller=Labeller.read(data / "labels.toml"),
        digest_key=key,
        join=settings.tasks.join_identical,
        files=FileRules.of(settings.attachments),
    )


async def members_of(
    store: Store, policy: Policy, directory: Directory, ledger: Ledger, entropy: Entropy
) -> tuple[Members, Accounts]:
    """What people do about people, and about accounts of their own; `directory` knows afterwards
    who was met before."""
    registering = Registering(store, directory)
    await registering.open()
    policy.were_one = directory.were_one
    wire_accounts(store, ledger)
    pairing, linking = Pairing(store, directory, entropy), Linking(store, directory, entropy)
    members = Members(policy, directory, registering, pairing, ledger)
    return members, Accounts(policy, directory, linking)


def notices_of(
    store: Store, directory: Directory, policy: Policy, seeing: Seeing, settings: Settings
) -> tuple[Composer, Webhooks, Digests]:
    """Who makes notices of facts, who tells other systems, and who sums up for each person."""
    telling = Telling(directory, policy, NoticeRules.of(settings.notices))
    composer = Composer(telling)
    egress = Egress(EgressRules(allow=settings.egress.allow))
    webhooks = Webhooks(store, policy, Poster(egress))
    webhooks.targets = targets_of(settings)
    composer.hooks = hooks_of(webhooks.targets)
    digests = Digests(store, telling, Gathering(directory, policy, seeing))
    store.react(PersonPreferred, digests.on_preferred)
    return composer, webhooks, digests


def toolbox_of(store: Store, settings: Settings, policy: Policy) -> Toolbox:
    """The tools of workers; each call passes the policy."""

    def authorize(actor: Actor, action: str, resource: str, sending: Sending) -> None:
        policy.authorize(actor, Action.TOOL, Resource(action, resource), sending)

    def allows(actor: Actor, action: str, resource: str, sending: Sending) -> bool:
        return policy.allows(actor, Action.TOOL, Resource(action, resource), sending)

    return Toolbox(
        [
            *read_only_tools(Egress(EgressRules(allow=settings.egress.allow))),
            remembering.LastResult(store),
            remembering.Remember(store),
            ActivityTool(store),
        ],
        authorize,
        allows=allows,
    )
