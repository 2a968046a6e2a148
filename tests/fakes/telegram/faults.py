"""What goes wrong on purpose with a request; by seed where it is by chance.

A fault is `{"kind": …}` with, to choose requests: `method`, `chat` (an id), `count` (at most so
many), `after` (not the first so many), `probability`. Kinds:
status: `status`, `description`: refused before anything is done
limit: a 429 of `retry_after` seconds; it lasts so long for the chat, or `everywhere`
before: the connection breaks and nothing was done
lost: it is done, and the connection breaks before the answer (`bytes`: after so many of it)
late: it is done, and the answer takes `seconds`
slow: it is begun after `seconds`
page: a page in HTML with `status`, as what stands before the API has; `done`: after the effect
hang: no answer ever; `done`: after the effect
"""

from __future__ import annotations

from tests.fakes.chat.faults import Faults

KINDS = {
    "status": {"status", "description"},
    "limit": {"retry_after", "everywhere"},
    "before": set[str](),
    "lost": {"bytes"},
    "late": {"seconds"},
    "slow": {"seconds"},
    "page": {"status", "done"},
    "hang": {"done"},
}


def faults(seed: int) -> Faults:
    return Faults(KINDS, {"method", "chat"}, seed)
