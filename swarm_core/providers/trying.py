"""Whether one provider answers and takes its key, before anything is built on it."""

from __future__ import annotations

import asyncio

from swarm_core.kernel.errors import ProviderUnreachable
from swarm_core.providers.opening import Access, adapter


async def try_provider(access: Access, seconds: float) -> int:
    """How many models it says it serves. Asking costs nothing.

    Raises what stands in the way: `WrongKey`, `ProviderUnreachable` and their like, the latter
    also when it says nothing for `seconds`.
    """
    provider = adapter(access)
    try:
        async with asyncio.timeout(seconds):
            return len(await provider.models())
    except TimeoutError:
        slow = f"no answer within {seconds:.0f} seconds"
        raise ProviderUnreachable(provider=access.name, problem=slow) from None
    finally:
        await provider.close()
