"""Providers that need no file: what a vendor's usual variables say, filled into the data.

A key is the one thing a swarm can do without, and the secret of a webhook is another: where its
variable is not set, that provider or webhook is switched off and told, and everything else works.
Any other missing variable stops the start.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from swarm_core.kernel.errors import MissingKey, MissingSecret
from swarm_core.settings.endpoints import Filled
from swarm_core.settings.gather import Gathered
from swarm_core.settings.schema import Settings
from swarm_core.settings.section import Spot

USUAL = {
    "anthropic": ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"),
    "openai": ("OPENAI_API_KEY", "OPENAI_BASE_URL"),
}
"""For each kind: the variables its vendor's own tools read its key and address from."""


def usual_key(kind: str) -> str:
    """The variable in which the tools of this kind of provider look for the key."""
    return USUAL[kind][0]


def fill_in(gathered: Gathered, variables: Mapping[str, str]) -> dict[str, str]:
    """Complete `gathered` in place; for each provider without a key it needs, the variable."""
    if not isinstance(gathered.data, dict):
        return {}
    written = gathered.data.get("providers")
    if written is not None and not isinstance(written, dict):
        return {}
    entries: dict[str, Any] = {} if written is None else written
    gathered.data["providers"] = entries
    absent = {
        name: missing
        for name, entry in entries.items()
        if isinstance(entry, dict) and (missing := _entry(gathered, name, entry, variables))
    }
    kinds = {entry.get("kind") for entry in entries.values() if isinstance(entry, dict)}
    for kind, (key, _) in USUAL.items():
        if variables.get(key) and kind not in kinds and kind not in entries:
            entries[kind] = {}
            _entry(gathered, kind, entries[kind], variables)
    return absent


def _entry(
    gathered: Gathered, name: str, entry: dict[str, Any], variables: Mapping[str, str]
) -> str | None:
    """Complete one provider; the variable its key should be in, when it is not set."""
    if name in USUAL:
        entry.setdefault("kind", name)
    if "key" in entry:
        given = entry["key"]
        if not isinstance(given, Filled) or given:
            return None
        _do_without(gathered, "providers", name, "key")
        return given.variable
    kind = entry["kind"] if isinstance(entry.get("kind"), str) else ""
    if kind not in USUAL:
        return None
    key, address = USUAL[kind]
    if "base_url" not in entry and variables.get(address):
        _take(gathered, name, "base_url", address, variables)
    if variables.get(key):
        _take(gathered, name, "key", key, variables)
        return None
    return None if "base_url" in entry else key


def hooks_without(gathered: Gathered) -> dict[str, str]:
    """Do without the secret of each webhook, in place, whose variable is not set; which variable
    that is."""
    written = gathered.data.get("webhooks") if isinstance(gathered.data, dict) else None
    absent = {}
    for name, entry in written.items() if isinstance(written, dict) else ():
        given = entry.get("secret") if isinstance(entry, dict) else None
        if isinstance(given, Filled) and not given:
            _do_without(gathered, "webhooks", name, "secret")
            absent[name] = given.variable
    return absent


def _do_without(gathered: Gathered, *loc: str) -> None:
    section, name, word = loc
    gathered.missing[:] = [missing for missing in gathered.missing if missing.loc != loc]
    gathered.data[section][name][word] = None


def _take(
    gathered: Gathered, name: str, word: str, variable: str, variables: Mapping[str, str]
) -> None:
    entry = gathered.data["providers"][name]
    entry[word] = Filled(variables[variable], variable)
    gathered.spots["providers", name, word] = Spot(text=f"${variable}", variable=variable)


def missing_keys(
    settings: Settings, absent: Mapping[str, str], gathered: Gathered, file: str
) -> tuple[MissingKey, ...]:
    """What to tell of the providers in `absent`, those that would be used."""
    return tuple(
        MissingKey(
            provider=name,
            variable=variable,
            file=file,
            line=gathered.spots["providers", name].line or 1,
        )
        for name, variable in absent.items()
        if settings.providers[name].enabled
    )


def missing_secrets(
    settings: Settings, absent: Mapping[str, str], gathered: Gathered, file: str
) -> tuple[MissingSecret, ...]:
    """What to tell of the webhooks in `absent`, those that would be used."""
    return tuple(
        MissingSecret(
            webhook=name,
            variable=variable,
            file=file,
            line=gathered.spots["webhooks", name, "secret"].line or 1,
        )
        for name, variable in absent.items()
        if (hook := settings.webhooks.get(name)) and hook.enabled
    )
