"""The swarm: its rooms as attributes, nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from swarm_core.buttons import Buttons
from swarm_core.dispatch.accounts import Accounts
from swarm_core.dispatch.control import Control
from swarm_core.dispatch.deciding import Deciding
from swarm_core.dispatch.dispatcher import Dispatcher
from swarm_core.dispatch.hearing import Hearing
from swarm_core.dispatch.intake import Intake
from swarm_core.dispatch.members import Members
from swarm_core.dispatch.money import Money
from swarm_core.dispatch.pool import LocalPool
from swarm_core.dispatch.seeing import Seeing
from swarm_core.dispatch.talking import Talking
from swarm_core.identities import Roster
from swarm_core.keeping import Keeping
from swarm_core.notices.digests import Digests
from swarm_core.notices.mine import Mine
from swarm_core.notices.outbox import Outbox
from swarm_core.notices.posts import Posts
from swarm_core.notices.sharing import Sharing
from swarm_core.notices.webhooks import Webhooks
from swarm_core.playbooks import Book
from swarm_core.policy import Policy
from swarm_core.providers.registry import Registry
from swarm_core.reloading import Reloading
from swarm_core.routing.router import Router
from swarm_core.schedule.priorities import Priorities
from swarm_core.settings import Settings
from swarm_core.store import Store
from swarm_core.tasks.finding import Finder
from swarm_core.tasks.similar import Similar
from swarm_core.tasks.talk import Ears
from swarm_core.telemetry import Telemetry
from swarm_core.tools import Toolbox
from swarm_core.views import Views
from swarm_core.watching import Watch
from swarm_core.workers.streams import Streams


@dataclass(frozen=True, kw_only=True)
class Swarm:
    """An open swarm. Made by `open_swarm`."""

    store: Store
    policy: Policy
    router: Router
    streams: Streams
    ears: Ears
    toolbox: Toolbox
    intake: Intake
    control: Control
    talking: Talking
    hearing: Hearing
    members: Members
    accounts: Accounts
    seeing: Seeing
    deciding: Deciding
    money: Money
    dispatcher: Dispatcher
    pool: LocalPool
    outbox: Outbox
    sharing: Sharing
    mine: Mine
    digests: Digests
    webhooks: Webhooks
    posts: Posts
    watch: Watch
    similar: Similar
    keeping: Keeping
    finder: Finder
    buttons: Buttons
    priorities: Priorities
    views: Views
    reloading: Reloading
    telemetry: Telemetry

    @property
    def settings(self) -> Settings:
        """Those in force, as are the next three: a reload puts others in their place."""
        return self.reloading.current.settings

    @property
    def book(self) -> Book:
        return self.reloading.current.book

    @property
    def roster(self) -> Roster:
        return self.reloading.current.roster

    @property
    def models(self) -> Registry:
        return self.reloading.current.models
