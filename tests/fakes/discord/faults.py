"""What goes wrong on purpose with a request; by seed where it is by chance.

A fault is `{"kind": …}` with, to choose requests: `operation` (as in schema.json), `channel`,
`count` (at most so many), `after` (not the first so many), `probability`. Kinds:
status: `status`, `code`, `message`: refused before anything is done
limit: a 429 of `retry_after` seconds, `everywhere` for the global one, `shared` for a shared one
before: the connection breaks and nothing was done
lost: it is done, and the connection breaks before the answer (`bytes`: after so many of it)
late: it is done, and the answer takes `seconds`
slow: it is begun after `seconds`
page: a page of Cloudflare's with `status`, no JSON; `done` true: after the effect
hang: no answer ever; `done` true: after the effect
"""

from __future__ import annotations

from tests.fakes.chat.faults import Faults

KINDS = {
    "status": {"status", "code", "message"},
    "limit": {"retry_after", "everywhere", "shared"},
    "before": set[str](),
    "lost": {"bytes"},
    "late": {"seconds"},
    "slow": {"seconds"},
    "page": {"status", "done"},
    "hang": {"done"},
}


def faults(seed: int) -> Faults:
    return Faults(KINDS, {"operation", "channel"}, seed)
