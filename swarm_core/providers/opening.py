"""From what the configuration says of a provider to one that can be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from swarm_core.kernel.secret import Secret
from swarm_core.providers.failures import Caller
from swarm_core.providers.model import Provider
from swarm_core.providers.wire import Timeouts

if TYPE_CHECKING:
    from swarm_core.providers.breaker import Breaker

Kind = Literal["anthropic", "openai", "openai-compatible"]
ADDRESSES: dict[Kind, str] = {
    "anthropic": "https://api.anthropic.com",
    "openai": "https://api.openai.com/v1",
    "openai-compatible": "http://localhost:1234/v1",
}
"""Where providers of a kind are when nothing else is said; the last is LM Studio's."""


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """How a provider is reached. `variable` is where the key came from; `rpm` and `tpm` are
    requests and tokens a minute, 0 for no limit. The rest is the breaker's (`Patience`)."""

    name: str
    kind: Kind
    base_url: str = ""
    key: Secret | None = None
    variable: str = ""
    timeouts: Timeouts = Timeouts()
    rpm: int = 0
    tpm: int = 0
    failures: int = 5
    pause: float = 30.0
    long_pause: float = 600.0


def open_provider(access: Access) -> Breaker:
    """A provider with its limits, and left alone while it fails. Nothing is connected, and no
    SDK imported, before the first call."""
    from swarm_core.providers.breaker import Breaker, Patience
    from swarm_core.providers.limits import Limits

    patience = Patience(failures=access.failures, pause=access.pause, long_pause=access.long_pause)
    # The breaker stands outside: who may go elsewhere shall not wait here first.
    return Breaker(Limits(adapter(access), rpm=access.rpm, tpm=access.tpm), patience)


def adapter(access: Access) -> Provider:
    """The bare adapter: each call is one request, whatever came of the last."""
    caller = Caller(provider=access.name, variable=access.variable, key=access.key)
    address = (access.base_url or ADDRESSES[access.kind]).rstrip("/")
    match access.kind:
        case "anthropic":
            from swarm_core.providers.anthropic import Anthropic

            return Anthropic(caller, address, access.timeouts)
        case "openai":
            from swarm_core.providers.responses import Responses

            return Responses(caller, address, access.timeouts)
        case "openai-compatible":
            from swarm_core.providers.chat import Chat

            return Chat(caller, address, access.timeouts)
