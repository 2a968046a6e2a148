"""What a swarm that has nothing to do has in memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.programs import environment

LATE = (
    "discord anthropic openai httpx2 numpy matplotlib prompt_toolkit rich markdown_it genai_prices"
)
CODE = """
import asyncio, sys
import bot.daemon, bot.services
from pathlib import Path
from swarm_core.build import World, open_swarm
from swarm_core.testing import settings

async def main():
    async with open_swarm(settings(Path(sys.argv[1])), World()) as swarm:
        await swarm.views.status()

asyncio.run(main())
print([name for name in sys.argv[2].split() if name in sys.modules])
"""


@pytest.mark.slow
def test_nothing_is_loaded_before_it_is_needed(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", CODE, str(tmp_path), LATE],
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "[]", done.stderr
