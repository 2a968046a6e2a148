"""Captures for the documents: `python -m tests.captures.discord FOLDER [SCENE…]`.

A real `waggle up` on the fake Discord with the fake models plays a few scenes; what the people
there see is drawn by `tests.fakes.discord.look`, and chromium takes a capture of each. Nothing
else needs a browser.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops

from tests.cli.programs import COMMAND, environment
from tests.fakes.discord import TOKEN, Client, Settings
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.discord.server import serving as discord
from tests.fakes.models import KEY, FakeModels
from tests.fakes.models import serving as models

WIDTH, TALL = 760, 2600
PATIENCE = 300.0
GROUND = (49, 51, 56)
COLORS = 128

PLAN = """Three things keep the build slow:

1. **Tests start a database each.** One for a worker, emptied between tests, saves four minutes.
2. `npm ci` runs in every job. Cache `~/.npm` by the lock file's hash.
3. The linter waits for the tests; nothing it needs comes from them.

```yaml
- uses: actions/cache@v4
  with:
    path: ~/.npm
    key: npm-${{ hashFiles('package-lock.json') }}
```
Together that is 5 minutes instead of 11."""
GERMAN = """Für den Umzug am Samstag fehlen noch drei Dinge:

- **Transporter**: bis Donnerstag bestellen
- **Kartons**: etwa 25 Stück
- **Halteverbot**: mit drei Tagen Vorlauf beim Amt"""


@dataclass
class Scene:
    """A swarm in a server with a channel, and those who talk there."""

    fake: FakeDiscord
    hand: Client
    model: FakeModels
    guild: str
    channel: str
    ana: str
    ben: str

    async def command(self, person: str, name: str, **options: Any) -> dict[str, Any]:
        event = await self.hand.command(self.channel, person, name, **options)
        await _happened(self.hand, "answer", id=event)
        return await self.hand.answered(event)

    async def until(self, what: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first message of the channel of which `what` is so."""
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    since = await self.hand.now()
                    for message in await self.hand.messages(self.channel, user=self.ana):
                        if what(message):
                            return message
                    await self.hand.record(since, wait=10)
        except TimeoutError:
            print(await self.hand.messages(self.channel, user=self.ana), file=sys.stderr)
            raise

    async def telling(self, *words: str) -> dict[str, Any]:
        return await self.until(lambda said: all(word in str(said) for word in words))


async def _happened(hand: Client, kind: str, **like: Any) -> None:
    """Wait for something, on a machine that may be busy."""
    async with asyncio.timeout(PATIENCE):
        since, found = 0, list[Any]()
        while not any({**entry, **like, "kind": kind} == entry for entry in found):
            since += len(found)
            found = await hand.record(since, wait=10)


Play = Callable[[Scene], Awaitable[str]]


async def ask(at: Scene) -> str:
    """A question, its card while it works, the answer that calls who asked."""
    at.model.script(queue=[{"text": PLAN, "faults": [{"kind": "latency", "seconds": 6}]}])
    await at.command(at.ana, "ask", text="why does our build take 11 minutes?")
    await at.telling("Three things", f"<@{at.ana}>")
    return at.ana


async def working(at: Scene) -> str:
    """A task at work, with what can be done about it."""
    slow = {"kind": "latency", "seconds": 60}
    at.model.script(default={"text": "Later.", "faults": [slow]})
    await at.command(at.ana, "task", text="check the links of our documentation")
    await at.until(lambda said: "Cancel" in str(said["components"]))
    return at.ana


async def approval(at: Scene) -> str:
    """A price above what may be spent unasked."""
    await at.command(
        at.ana,
        "task",
        text="review the whole design of the billing service",
        complexity="high",
        cap="2",
    )
    await at.until(lambda said: "Cheaper" in str(said["components"]))
    return at.ana


async def budget(at: Scene) -> str:
    """What was spent, and a chart."""
    at.model.script(default={"text": "Done."})
    await at.command(at.ana, "ask", text="name three colours")
    await at.telling("Done.")
    await at.command(at.ana, "budget")
    await at.command(at.ana, "budget", what="chart")
    await at.telling("attachment")
    return at.ana


async def refusal(at: Scene) -> str:
    """A member who asks for what is not theirs."""
    await at.command(at.ben, "task", text="delete the staging server")
    await at.command(at.ben, "stop", what="all")
    return at.ben


async def german(at: Scene) -> str:
    """The same in German, for who wishes it."""
    at.model.script(queue=[{"text": GERMAN, "faults": [{"kind": "latency", "seconds": 4}]}])
    await at.command(at.ana, "me", wish="language", value="de")
    await at.command(at.ana, "ask", text="Was fehlt noch für den Umzug am Samstag?")
    await at.telling("Transporter", f"<@{at.ana}>")
    await at.command(at.ana, "status")
    return at.ana


SCENES: dict[str, Play] = {
    play.__name__: play for play in (ask, working, approval, budget, refusal, german)
}


async def played(name: str, folder: Path) -> str:
    """The page of a scene, once it has come to its end."""
    patient = Settings(interaction_deadline=PATIENCE)
    async with (
        discord(seed=11, settings=patient) as fake,
        Client.at(fake.url) as hand,
        models() as model,
    ):
        guild = await hand.guild("Garden Club")
        channel = await hand.channel(guild, "ask-waggle")
        ana = await hand.person("ana", guild)
        ben = await hand.person("ben", guild)
        (folder / "waggle.yaml").write_text(
            f"owner: {{name: Ana, discord: {ana}}}\n"
            f"discord: {{api_url: {fake.url}/api/v10}}\n"
            f"providers: {{anthropic: {{base_url: {model.url}}}}}\n"
            "confirm: {above: 0.05}\n"
        )
        env = environment(DISCORD_TOKEN=TOKEN, ANTHROPIC_API_KEY=KEY)
        process = await asyncio.create_subprocess_exec(
            *COMMAND, "up", "--headless", cwd=folder, env=env
        )
        try:
            await _happened(hand, "commands")
            at = Scene(fake, hand, model, guild, channel, ana, ben)
            seen_by = await SCENES[name](at)
            address = f"{fake.url}/_fake/look/{channel}?user={seen_by}&width={WIDTH}"
            await capture(address, folder / "page.png")
            return str(folder / "page.png")
        finally:
            process.terminate()
            await process.wait()


async def capture(address: str, file: Path) -> None:
    words = ("--headless", "--no-sandbox", "--hide-scrollbars", f"--window-size={WIDTH},{TALL}")
    browser = shutil.which("chromium")
    if browser is None:
        raise SystemExit("captures are taken by chromium, which is not installed")
    process = await asyncio.create_subprocess_exec(
        browser, *words, f"--screenshot={file}", address, stderr=asyncio.subprocess.DEVNULL
    )
    await process.wait()


def cropped(taken: Path, out: Path) -> None:
    """Without the empty ground below, and small."""
    with Image.open(taken) as opened:
        picture = opened.convert("RGB")
    box = ImageChops.difference(picture, Image.new("RGB", picture.size, GROUND)).getbbox()
    bottom = min(TALL, (box[3] if box else TALL) + 16)
    picture.crop((0, 0, WIDTH, bottom)).quantize(COLORS).save(out, optimize=True)


def main(out: Path, names: list[str]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for name in names or list(SCENES):
        with tempfile.TemporaryDirectory(prefix="waggle-capture-") as folder:
            taken = asyncio.run(played(name, Path(folder)))
            cropped(Path(taken), out / f"discord-{name}.png")
        print(out / f"discord-{name}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
