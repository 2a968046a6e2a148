"""The questions of `waggle init`: what is asked, what answers mean, what they would change."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

import msgspec

from bot.asking import Asker, Known
from swarm_core import errors, format_usd, parse_usd, printable, usual_key

PROVIDERS = ("none", "anthropic", "openai", "local")
LOCAL_ADDRESS = "http://localhost:1234/v1"
"""LM Studio's; Ollama and vLLM say their own."""
LOCAL_KEY = "LOCAL_API_KEY"


class Plan(msgspec.Struct):
    """What is to be written: settings as typed, and keys by variable. `provider` is the one to
    be tried, '' for none."""

    changes: dict[str, str | None] = {}
    keys: dict[str, str] = {}
    provider: str = ""


class Questions:
    """Asks what nothing of `known` says."""

    def __init__(self, asker: Asker, known: Known) -> None:
        self._asker = asker
        self._known = known
        self._settings = known.settings
        self._given = known.given
        self._kind = ""
        """What was answered last, should it be asked again."""
        self.wants_key = False
        """A server of one's own has said that it takes nobody without a key."""

    def owner(self) -> dict[str, str | None]:
        now = self._settings.owner.name
        name = self._given.get("owner") or self._asker.ask(
            "init.owner", _name, "a name of at most 80 letters", now, now or ""
        )
        return {"owner.name": name} if name and name != now else {}

    def cap(self) -> dict[str, str | None]:
        now, cap = self._settings.budget.day, self._given.get("cap")
        shown = format_usd(now) if now is not None else ""
        if cap is None:
            expected = "an amount in dollars, like 5"
            cap = self._asker.ask("init.cap", parse_usd, expected, now, shown)
        if cap is None or cap == now:
            return {}
        return {"budget.day": format_usd(cap).removeprefix("$")}

    def provider(self) -> Plan:
        """Whose models are to be used, and with which key or where."""
        now = self._kind or self._kind_now()
        kind = self._given.get("provider") or self._asker.ask(
            "init.provider", _one_of, "none, anthropic, openai or local", now, now
        )
        self._kind = kind
        if kind == "none":
            return Plan()
        return self._local() if kind == "local" else self._vendor(kind)

    def _kind_now(self) -> str:
        for entry in self._settings.providers.values():
            if entry.enabled:
                return "local" if entry.kind == "openai-compatible" else entry.kind
        return "none"

    def _local(self) -> Plan:
        servers = self._settings.providers.items()
        found = {name: entry for name, entry in servers if entry.kind == "openai-compatible"}
        name = next(iter(found), "local")
        there = found.get(name)
        now = (there.base_url if there else None) or LOCAL_ADDRESS
        address = self._given.get("address") or self._asker.ask(
            "init.address", _address, f"an address like {LOCAL_ADDRESS}", now, now
        )
        free = self._given.get("free")
        if free is None:
            free = there.free if there else _of_ones_own(address)
            self._asker.tell("init.counts", name=name, free=free)
        above = f"providers.{name}"
        wanted = {
            f"{above}.kind": "openai-compatible",
            f"{above}.base_url": address,
            f"{above}.free": "true" if free else "false",
        }
        if there:
            del wanted[f"{above}.kind"]
            if there.base_url == address:
                del wanted[f"{above}.base_url"]
            if there.free == free:
                del wanted[f"{above}.free"]
        plan = Plan(changes=dict(wanted), provider=name)
        if variable := self._key_from():
            plan.changes[f"{above}.key"] = f"${variable}"
        elif self.wants_key and (key := self._asker.secret("init.key", provider=name, known=False)):
            plan.keys[LOCAL_KEY] = key
            plan.changes[f"{above}.key"] = f"${LOCAL_KEY}"
        return plan

    def _vendor(self, kind: str) -> Plan:
        plan, usual = Plan(provider=kind), usual_key(kind)
        if address := self._given.get("address"):
            plan.changes[f"providers.{kind}.base_url"] = address
        if variable := self._key_from():
            if variable != usual:
                plan.changes[f"providers.{kind}.key"] = f"${variable}"
        elif self._known.outside(usual):
            self._asker.tell("init.from_environment", variable=usual)
        else:
            known = usual in self._known.typed
            if key := self._asker.secret("init.key", provider=kind, known=known):
                plan.keys[usual] = key
            elif not known:
                return Plan()
        return plan

    def _key_from(self) -> str | None:
        """The variable an option names. Raises `MissingKeyHere` when it is not set."""
        variable: str | None = self._given.get("key-from")
        if variable and not self._known.variables.get(variable):
            raise errors.MissingKeyHere(variable=variable)
        return variable


def _name(line: str) -> str:
    if len(line) > 80 or printable(line) != line:
        raise ValueError
    return line


def _one_of(line: str) -> str:
    found = [name for name in PROVIDERS if name.startswith(line.casefold())]
    if len(found) != 1:
        raise ValueError
    return found[0]


def _address(line: str) -> str:
    if "://" not in line:
        raise ValueError
    return line


def _of_ones_own(address: str) -> bool:
    """Whether a server is on this machine or in its own network, where nobody sends bills."""
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".local", ".lan", ".internal", ".localhost"))


def yes_or_no(line: str) -> bool:
    word = line.casefold()
    if word not in ("y", "yes", "n", "no"):
        raise ValueError
    return word.startswith("y")
