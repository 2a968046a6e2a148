"""Everything behind the doors, put together once."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.fakes.chat.faults import Faults
from tests.fakes.chat.record import Recorded
from tests.fakes.chat.settings import Changeable
from tests.fakes.telegram import shapes
from tests.fakes.telegram.callbacks import Callbacks
from tests.fakes.telegram.commands import Commands
from tests.fakes.telegram.errors import Json
from tests.fakes.telegram.faults import faults
from tests.fakes.telegram.files import Files
from tests.fakes.telegram.floods import Floods
from tests.fakes.telegram.posting import Draft, Posting
from tests.fakes.telegram.settings import Settings
from tests.fakes.telegram.telling import Telling
from tests.fakes.telegram.updates import Updates
from tests.fakes.telegram.webhook import Webhook
from tests.fakes.telegram.world import Chat, World


@dataclass
class Service:
    world: World
    faults: Faults
    requests: list[Json] = field(default_factory=list)
    undocumented: list[Json] = field(default_factory=list)
    odd: list[Json] = field(default_factory=list)
    """What the service passed over in requests: schema.py, `odd`."""

    def __post_init__(self) -> None:
        self.updates = Updates(self.world, self.faults.seed)
        self.telling = Telling(self.world, self.updates)
        self.posting = Posting(self.world, self.telling)
        self.callbacks = Callbacks(self.world, self.telling)
        self.commands = Commands(self.world)
        self.files = Files(self.world.settings)
        self.floods = Floods(self.world)
        self.webhook = Webhook(self.world, self.updates)

    @classmethod
    def new(cls, *, seed: int = 0, settings: Settings | None = None) -> Service:
        return cls(World(settings), faults(seed))

    @property
    def recorded(self) -> Recorded:
        return self.world

    @property
    def changeable(self) -> Changeable:
        return self.world.settings

    # Coming and going, by the bot or by people

    def member(self, chat: Chat, by: int, new: Json) -> None:
        """Somebody's part in a chat is another, and the bot is told."""
        user = new["user"]["id"]
        old = chat.members.get(user) or shapes.member(new["user"], "left")
        chat.members[user] = new
        if user == self.world.me and not _inside(old) and _inside(new):
            chat.reads_all = not self.world.settings.privacy
        self.telling.member(chat, by, old, new)

    def leave(self, chat: Chat, user: int, by: int, *, banned: bool = False) -> None:
        """Somebody goes, or is made to."""
        person = self.world.person(user)
        gone = shapes.banned(person) if banned else shapes.member(person, "left")
        self.member(chat, by, gone)
        if chat.kind != "channel":
            self.posting.put(chat, by, Draft({"left_chat_member": person}))

    def counts(self) -> Json:
        """What a test counts: effects, requests by method, and what the service minded."""
        world, kinds = self.world, dict[str, int]()
        for entry in world.record:
            if entry["kind"] in ("send", "edit", "delete") and entry["by"] != world.me:
                continue
            kinds[entry["kind"]] = kinds.get(entry["kind"], 0) + 1
        return {
            "sent": kinds.get("send", 0),
            "edited": kinds.get("edit", 0),
            "deleted": kinds.get("delete", 0),
            "answers": kinds.get("answer", 0),
            "unanswered": self.callbacks.unanswered(),
            "late": self.callbacks.late,
            "updates": kinds.get("update", 0),
            "unasked": kinds.get("unasked", 0),
            "expired": kinds.get("expired", 0),
            "pending": self.updates.pending(),
            "conflicts": self.updates.conflicts,
            "command_writes": self.commands.writes,
            "requests": len(self.requests),
            "methods": self._methods(),
            "refused_429": self.floods.refused,
            "inside_retry_after": self.floods.too_early,
            "undocumented": self.undocumented,
            "odd": self.odd,
        }

    def _methods(self) -> Json:
        """By method how often it was asked for, and how often done."""
        made: Json = {}
        for one in self.requests:
            counted = made.setdefault(one["method"], {"asked": 0, "done": 0})
            counted["asked"] += 1
            counted["done"] += one["status"] == 200
        return made


def _inside(member: Json) -> bool:
    return member["status"] not in ("left", "kicked")
