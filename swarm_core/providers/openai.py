"""What both adapters on OpenAI's SDK share: its client, and the list of models."""

from __future__ import annotations

from swarm_core.providers.reading import thing, things, words
from swarm_core.providers.wire import Opened, Timeouts, tls

_NOBODY = "none"
"""Local servers ask for no key; the SDK asks for one."""


def open_openai(key: str, base_url: str, timeouts: Timeouts, *, foreign: bool = False) -> Opened:
    """A client of the SDK. With `foreign` the server is not OpenAI's: the account's organisation
    and project, which the SDK reads from the environment, are not told to it."""
    import httpx2
    import openai

    timeout = httpx2.Timeout(
        connect=timeouts.connect, read=timeouts.read, write=timeouts.read, pool=None
    )
    client = openai.AsyncOpenAI(
        api_key=key or _NOBODY,
        base_url=base_url,
        timeout=timeout,
        max_retries=0,
        http_client=openai.DefaultAioHttpClient(
            verify=tls(), timeout=timeout, follow_redirects=False
        ),
    )
    if foreign:
        client.organization = client.project = None
    return Opened(client, openai.APIStatusError)


def listed(answer: object) -> tuple[str, ...]:
    """The ids in a list of models: OpenAI's, Ollama's own, or a bare list."""
    told = thing(answer)
    models = things(answer) or things(told.get("data")) or things(told.get("models"))
    ids = (words(one.get("id")) or words(one.get("name")) for one in models)
    return tuple(filter(None, ids))
