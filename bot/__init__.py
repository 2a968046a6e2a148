"""People's side: commands, surfaces, rendering, the `waggle` program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from swarm_core import surface_section

if TYPE_CHECKING:
    from swarm_core import section_kit


def _discord() -> type[section_kit.Section]:
    from bot.sections.discord import Discord  # with validation, which most commands do without

    return Discord


def _telegram() -> type[section_kit.Section]:
    from bot.sections.telegram import Telegram

    return Telegram


# Here, as every way to a swarm's settings that a person can take leads through this package.
surface_section("discord", _discord)
surface_section("telegram", _telegram)
