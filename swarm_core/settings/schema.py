"""Every key of `waggle.yaml`: its type, default, meaning. The reference is made from this."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from pydantic import BaseModel, ConfigDict, PrivateAttr

from swarm_core.kernel.money import MicroUSD
from swarm_core.settings.hosts import Host
from swarm_core.settings.kinds import (
    Choice,
    Duration,
    Flag,
    Folder,
    Kind,
    Many,
    Money,
    Text,
    Whole,
)

_SECOND, _MINUTE, _HOUR, _DAY = (timedelta(seconds=n) for n in (1, 60, 3_600, 86_400))


def _dollars(cents: int) -> MicroUSD:
    return MicroUSD(cents * 10_000)


class About(msgspec.Struct, frozen=True):
    """What a key is for, for people, with its unit."""

    text: str


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Owner(Section):
    """Whose swarm this is."""

    name: Annotated[
        str | None, Text(80, "a name", none="no name"), About("How the owner is called in answers.")
    ] = None


class Budget(Section):
    """Caps on what may be spent. A task that meets one waits and says so."""

    total: Annotated[MicroUSD | None, Money("no cap"), About("Most that may ever be spent.")] = None
    day: Annotated[MicroUSD | None, Money("no cap"), About("Most in one day (UTC).")] = _dollars(
        500
    )
    month: Annotated[MicroUSD | None, Money("no cap"), About("Most in one month (UTC).")] = (
        _dollars(5_000)
    )
    session: Annotated[
        MicroUSD | None, Money("no cap"), About("Most from one start of the swarm to its end.")
    ] = None
    person_day: Annotated[
        MicroUSD | None, Money("no cap"), About("Most for each person in one day (UTC).")
    ] = None
    task: Annotated[MicroUSD | None, Money("no cap"), About("Most for one task.")] = _dollars(25)
    ask: Annotated[MicroUSD | None, Money("no cap"), About("Most for one question.")] = _dollars(5)


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
        About("Hosts and networks that may be reached although they are private or local."),
    ] = ()


class Chat(Section):
    """How what people type is understood."""

    plain_text: Annotated[
        Literal["ask", "task", "off"],
        Choice("ask", "task", "off"),
        About(
            "What a line without a command does in the terminal: ask a question, make a task, "
            "or nothing."
        ),
    ] = "ask"


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


class Tasks(Section):
    """The order in which tasks run, and what counts as the same request."""

    priority_weight: Annotated[
        timedelta,
        Duration(timedelta(0), _DAY),
        About("How much waiting time one step of priority outweighs."),
    ] = _MINUTE
    fairness_quantum: Annotated[
        timedelta,
        Duration(timedelta(0), _HOUR),
        About("How far each of a person's waiting tasks stands behind the one before it."),
    ] = _SECOND
    join_identical: Annotated[
        bool,
        Flag(),
        About("Whether a request equal to one of yours that is not finished joins it."),
    ] = True
    link_similar: Annotated[
        bool, Flag(), About("Whether a similar task is named when a new one is accepted.")
    ] = True
    similarity: Annotated[
        int, Whole(50, 100, "%"), About("From how many percent on two requests count as similar.")
    ] = 90


class Lease(Section):
    """Advanced: how a lost worker is noticed."""

    duration: Annotated[
        timedelta,
        Duration(_SECOND, _HOUR),
        About("How long a run stays with its worker without a sign of life."),
    ] = 30 * _SECOND


class Store(Section):
    """Advanced: the database."""

    readers: Annotated[int, Whole(1, 16), About("Connections that read beside the writer.")] = 2
    batch: Annotated[int, Whole(1, 100_000), About("Most changes that are committed together.")] = (
        1_000
    )


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """Where a value was written: its line, or the variable that overrides the file."""

    text: str
    """As written, with references to variables as references."""
    line: int | None = None
    variable: str | None = None


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
    budget: Budget = Budget()
    limits: Limits = Limits()
    egress: Egress = Egress()
    chat: Chat = Chat()
    playbooks: Playbooks = Playbooks()
    identities: Identities = Identities()
    tasks: Tasks = Tasks()
    lease: Lease = Lease()
    store: Store = Store()

    _file: Path | None = PrivateAttr(default=None)
    _spots: Mapping[str, Spot] = PrivateAttr(default_factory=dict)

    @property
    def file(self) -> Path | None:
        """The file these settings came from; None when there was none."""
        return self._file

    @property
    def spots(self) -> Mapping[str, Spot]:
        """For each dotted key that was written somewhere: where."""
        return self._spots

    def written_in(self, file: Path | None, spots: Mapping[str, Spot]) -> Settings:
        """The same settings, knowing where they were written."""
        copy = self.model_copy()
        copy._file, copy._spots = file, dict(spots)
        return copy


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """One key as the model declares it."""

    name: str
    """Dotted: `limits.task_time`."""
    kind: Kind[Any]
    about: str
    default: Any


def sections() -> dict[str, type[Section]]:
    """The nested sections by name, in the order of the file."""
    fields = Settings.model_fields
    return {name: type(f.default) for name, f in fields.items() if isinstance(f.default, Section)}


def keys() -> Iterator[Key]:
    """Every key that holds a value, in the order of the file."""
    nested = sections()
    for name, field in Settings.model_fields.items():
        if name not in nested:
            yield _key(name, field)
            continue
        for inner, inner_field in nested[name].model_fields.items():
            yield _key(f"{name}.{inner}", inner_field)


def _key(name: str, field: Any) -> Key:
    kind = next(mark for mark in field.metadata if isinstance(mark, Kind))
    about = next(mark for mark in field.metadata if isinstance(mark, About))
    return Key(name=name, kind=kind, about=about.text, default=field.default)
