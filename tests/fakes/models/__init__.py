"""A fake of the services that sell models: Anthropic's Messages, OpenAI's Chat Completions and
Responses, on one port, strict about what it takes and honest about what it served.

In this process: `async with serving() as fake:`; as its own: `python -m tests.fakes.models`. How it
is told what to answer is in `marker` (words in a prompt), `answer.from_json` (steps of a script),
`faults` (what goes wrong) and `server` (the admin's door).
"""

from tests.fakes.models.script import KEY
from tests.fakes.models.server import FakeModels, serving

__all__ = ["KEY", "FakeModels", "serving"]
