"""Every key of `waggle.yaml`: its type, default, meaning. The reference is made from this."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from pydantic import PrivateAttr, create_model
from pydantic.fields import FieldInfo

from swarm_core.kernel.errors import MissingKey, MissingSecret
from swarm_core.settings.alerts import Alerts
from swarm_core.settings.budget import Budget
from swarm_core.settings.chat import Chat
from swarm_core.settings.hosts import Host
from swarm_core.settings.keeping import Backup, Retention
from swarm_core.settings.kinds import Duration, Folder, Many, Text, Whole
from swarm_core.settings.models import ModelSettings, ProviderSettings, Routing
from swarm_core.settings.notices import Notices, WebhookSettings
from swarm_core.settings.people import Owner, People, PolicySettings
from swarm_core.settings.priorities import Automation, PrioritySettings
from swarm_core.settings.running import Approvals, Attachments, Confirm, Lease, Store, Tasks
from swarm_core.settings.section import About, Key, Named, Section, Spot, key_of
from swarm_core.settings.service import Log, Shutdown
from swarm_core.settings.surfaces import surface_sections

Given = TypeVar("Given", bound=Section)

_SECOND, _MINUTE, _HOUR, _DAY = (timedelta(seconds=n) for n in (1, 60, 3_600, 86_400))


class Limits(Section):
    """How much runs at once, how long, and in how many steps."""

    concurrency: Annotated[
        int, Whole(1, 1_000), About("Runs at once, for each worker; the rest waits its turn.")
    ] = 5
    ask_steps: Annotated[
        int, Whole(1, 1_000), About("Most model and tool calls to answer one question.")
    ] = 10
    task_steps: Annotated[
        int, Whole(1, 1_000), About("Most model and tool calls in one run of a task.")
    ] = 25
    ask_tokens: Annotated[
        int, Whole(1_000, 100_000_000), About("Most tokens one run at a question may use in all.")
    ] = 100_000
    task_tokens: Annotated[
        int, Whole(1_000, 100_000_000), About("Most tokens one run of a task may use in all.")
    ] = 500_000
    ask_output: Annotated[
        int, Whole(64, 200_000), About("Most tokens of one answer of a model to a question.")
    ] = 2_000
    task_output: Annotated[
        int, Whole(64, 200_000), About("Most tokens of one answer of a model in a task.")
    ] = 4_000
    tool_calls: Annotated[int, Whole(1, 10_000), About("Most tool calls in one run.")] = 200
    equal_calls: Annotated[
        int, Whole(2, 1_000), About("How often a run may make the very same tool call.")
    ] = 10
    failed_calls: Annotated[
        int, Whole(1, 1_000), About("After how many failed tool calls in a row a run is ended.")
    ] = 5
    ask_time: Annotated[
        timedelta,
        Duration(_SECOND, _DAY),
        About("How long one run (one attempt) at a question may take."),
    ] = 3 * _MINUTE
    task_time: Annotated[
        timedelta,
        Duration(_SECOND, 30 * _DAY),
        About("How long one run (one attempt) of a task may take."),
    ] = 30 * _MINUTE


class Egress(Section):
    """What workers' tools may reach besides the public internet."""

    allow: Annotated[
        tuple[str, ...],
        Many(Host()),
        About(
            "Hosts and networks that may be reached although they are private or local,"
            " and without a question after words of others."
        ),
    ] = ()


class Playbooks(Section):
    """Free, deterministic scripts that serve work without a model."""

    folders: Annotated[
        tuple[Path, ...],
        Many(Folder()),
        About("Folders with playbooks of your own, besides those that are shipped."),
    ] = ()
    disabled: Annotated[
        tuple[str, ...],
        Many(Text(64, "a playbook's name")),
        About("Names of playbooks that are not to be used."),
    ] = ()


class Identities(Section):
    """Personas: who the workers with a model are."""

    folders: Annotated[
        tuple[Path, ...],
        Many(Folder()),
        About("Folders with identities of your own, besides those that are shipped."),
    ] = ()
    disabled: Annotated[
        tuple[str, ...],
        Many(Text(64, "an identity's name")),
        About("Names of identities that are not to be used."),
    ] = ()


class Settings(Section):
    """All settings of one swarm. Folders are absolute when they come from `load`."""

    state: Annotated[
        Path,
        Folder(),
        About("Folder for all the swarm keeps. The variable WAGGLE_STATE overrides it."),
    ] = Path("data/state")
    workspace: Annotated[
        Path,
        Folder(),
        About(
            "Folder whose files can be read from the terminal chat; read only. When it is not "
            "given, the folder the swarm is started in."
        ),
    ] = Path()
    owner: Owner = Owner()
    people: People = People()
    policy: PolicySettings = PolicySettings()
    budget: Budget = Budget()
    confirm: Confirm = Confirm()
    approvals: Approvals = Approvals()
    limits: Limits = Limits()
    egress: Egress = Egress()
    chat: Chat = Chat()
    notices: Notices = Notices()
    alerts: Alerts = Alerts()
    webhooks: Annotated[Mapping[str, WebhookSettings], Named(WebhookSettings)] = {}
    providers: Annotated[Mapping[str, ProviderSettings], Named(ProviderSettings)] = {}
    models: Annotated[Mapping[str, ModelSettings], Named(ModelSettings)] = {}
    routing: Routing = Routing()
    automation: Automation = Automation()
    priorities: Annotated[Mapping[str, PrioritySettings], Named(PrioritySettings)] = {}
    playbooks: Playbooks = Playbooks()
    identities: Identities = Identities()
    tasks: Tasks = Tasks()
    attachments: Attachments = Attachments()
    lease: Lease = Lease()
    store: Store = Store()
    backup: Backup = Backup()
    retention: Retention = Retention()
    log: Log = Log()
    shutdown: Shutdown = Shutdown()

    _file: Path | None = PrivateAttr(default=None)
    _spots: Mapping[str, Spot] = PrivateAttr(default_factory=dict)
    _missing_keys: tuple[MissingKey, ...] = PrivateAttr(default=())
    _missing_secrets: tuple[MissingSecret, ...] = PrivateAttr(default=())

    @property
    def file(self) -> Path | None:
        """The file these settings came from; None when there was none."""
        return self._file

    @property
    def spots(self) -> Mapping[str, Spot]:
        """For each dotted key that was written somewhere: where."""
        return self._spots

    @property
    def missing_keys(self) -> tuple[MissingKey, ...]:
        """The providers that are switched off because the variable with their key is not set;
        to be told at start."""
        return self._missing_keys

    @property
    def missing_secrets(self) -> tuple[MissingSecret, ...]:
        """The same of webhooks and their secrets."""
        return self._missing_secrets

    @property
    def missing(self) -> tuple[MissingKey | MissingSecret, ...]:
        """Everything that is switched off for a variable that is not set."""
        return (*self._missing_keys, *self._missing_secrets)

    def of(self, section: type[Given]) -> Given:
        """What is set in the section of a surface, by its class."""
        name = next(name for name, each in surface_sections().items() if each is section)
        found = self.section(name)
        return found if isinstance(found, section) else section()

    def section(self, name: str) -> Any:
        """What stands at the top under `name`. Settings that were made before a surface brought
        its section along have its defaults there."""
        if name in type(self).model_fields or name in self.__dict__:
            return getattr(self, name)
        return surface_sections()[name]()

    def without(self, secrets: tuple[MissingSecret, ...]) -> Settings:
        """The same settings, with the webhooks switched off whose secret is missing."""
        off = {str(error.data["webhook"]) for error in secrets}
        hooks = {
            name: hook.model_copy(update={"enabled": False}) if name in off else hook
            for name, hook in self.webhooks.items()
        }
        return self.model_copy(update={"webhooks": MappingProxyType(hooks)}) if off else self

    def written_in(
        self,
        file: Path | None,
        spots: Mapping[str, Spot],
        missing: tuple[MissingKey, ...] = (),
        secrets: tuple[MissingSecret, ...] = (),
    ) -> Settings:
        """The same settings, knowing where they were written, and without the providers whose
        key is `missing`."""
        off = {str(error.data["provider"]) for error in missing}
        providers = {
            name: provider.model_copy(update={"enabled": False}) if name in off else provider
            for name, provider in self.providers.items()
        }
        copy = self.model_copy(update={"providers": MappingProxyType(providers)})
        copy._file, copy._spots, copy._missing_keys = file, dict(spots), missing
        copy._missing_secrets = secrets
        return copy


_SURFACES_BEFORE = "providers"


def settings_model() -> type[Settings]:
    """`Settings` with the sections that surfaces have brought along until now."""
    return _model(tuple(surface_sections().items()))


@functools.cache
def _model(brought: tuple[tuple[str, type[Section]], ...]) -> type[Settings]:
    fields: dict[str, Any] = {name: (section, section()) for name, section in brought}
    return create_model("Settings", __base__=Settings, **fields) if fields else Settings


def _fields() -> Iterator[tuple[str, FieldInfo]]:
    """In the order of the file; what surfaces bring along stands together."""
    every = settings_model().model_fields
    for name, field in Settings.model_fields.items():
        if name == _SURFACES_BEFORE:
            yield from ((brought, every[brought]) for brought in surface_sections())
        yield name, field


def sections() -> dict[str, type[Section]]:
    """The nested sections by name, in the order of the file."""
    return {name: type(f.default) for name, f in _fields() if isinstance(f.default, Section)}


def named() -> dict[str, type[Section]]:
    """What holds entries under names of the writer's choice: for each, the section of one."""
    return {
        name: mark.section
        for name, field in Settings.model_fields.items()
        for mark in field.metadata
        if isinstance(mark, Named)
    }


def keys() -> Iterator[Key]:
    """Every key that holds a value and has a fixed name, in the order of the file."""
    nested = sections()
    for name, field in _fields():
        if name in nested:
            yield from keys_of(name, nested[name])
        elif name not in named():
            yield key_of(name, field)


def entry_keys() -> Iterator[Key]:
    """Every key of an entry, with `<name>` for what the writer calls it."""
    for name, section in named().items():
        yield from keys_of(f"{name}.<name>", section)


def keys_of(above: str, section: type[Section]) -> Iterator[Key]:
    """The keys of `section` when it stands at `above`."""
    for name, field in section.model_fields.items():
        yield key_of(f"{above}.{name}", field)
