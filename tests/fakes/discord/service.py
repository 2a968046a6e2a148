"""Everything behind the doors, put together once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.fakes.chat.faults import Faults
from tests.fakes.chat.record import Recorded
from tests.fakes.chat.settings import Changeable
from tests.fakes.discord.commands import Commands
from tests.fakes.discord.content import File
from tests.fakes.discord.errors import Json
from tests.fakes.discord.faults import faults
from tests.fakes.discord.gateway import Gateway
from tests.fakes.discord.interactions import Interactions
from tests.fakes.discord.limits import Limits
from tests.fakes.discord.posting import Posting
from tests.fakes.discord.settings import Settings
from tests.fakes.discord.world import World


@dataclass
class Call:
    """A request that fits its route's description."""

    operation: str
    at: dict[str, str]
    query: Json
    body: Any
    files: dict[int, File]


@dataclass
class Service:
    world: World
    faults: Faults
    requests: list[Json] = field(default_factory=list)
    undocumented: list[Json] = field(default_factory=list)
    uploads: dict[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.posting = Posting(self.world)
        self.interactions = Interactions(self.world, self.posting)
        self.commands = Commands(self.world)
        self.limits = Limits(self.world)
        self.gateway = Gateway(self.world)

    @classmethod
    def new(cls, *, seed: int = 0, settings: Settings | None = None) -> Service:
        return cls(World(settings), faults(seed))

    @property
    def recorded(self) -> Recorded:
        return self.world

    @property
    def changeable(self) -> Changeable:
        return self.world.settings

    def counts(self) -> Json:
        """What a test counts: sends, sessions, and what the service would have minded."""
        world, kinds = self.world, dict[str, int]()
        for entry in world.record:
            kinds[entry["kind"]] = kinds.get(entry["kind"], 0) + 1
        window = world.settings.identify_window or 5.0
        return {
            "created": sum(
                e["kind"] == "create" and e["author"] == world.bot["id"] for e in world.record
            ),
            "pings": sum(
                e["kind"] == "create" and e["author"] == world.bot["id"] and bool(e["pinged"])
                for e in world.record
            ),
            "edited": kinds.get("edit", 0),
            "deleted": kinds.get("delete", 0),
            "answers": kinds.get("answer", 0),
            "unanswered": self.interactions.unanswered(),
            "late": kinds.get("late", 0),
            "answered_twice": kinds.get("answered_twice", 0),
            "nonce_again": kinds.get("nonce_again", 0),
            "connects": kinds.get("connect", 0),
            "identifies": len(self.gateway.identified),
            "identifies_left": self.gateway.remaining(),
            "identifies_too_soon": self.gateway.too_soon,
            "identify_window": window,
            "resumes": kinds.get("resume", 0),
            "command_writes": self.commands.writes,
            "requests": len(self.requests),
            "refused_429": self.limits.refused,
            "inside_retry_after": self.limits.too_early,
            "invalid_requests": self.limits.invalid(),
            "banned": self.limits.banned(),
            "undocumented": self.undocumented,
        }
