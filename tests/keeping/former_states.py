"""State as former versions wrote it, one small backup for each schema that was released.

`python -m tests.keeping.former_states NAME` adds the one of today; it is done before a release.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from swarm_core.store import make_backup
from tests.keeping.states import NOW, a_state

FORMER = Path(__file__).parent / "former"


def main(name: str) -> None:
    """Write the state of today's schema as `NAME.waggle`."""
    FORMER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as base:
        state = asyncio.run(a_state(Path(base)))
        make_backup(state / "waggle.db", FORMER / f"{name}.waggle", NOW)


if __name__ == "__main__":
    main(sys.argv[1])
