"""The trials by name. A new one is a module beside this one and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from tests.e2e.verify import (
    contention,
    damage,
    discord,
    disk,
    injection,
    power,
    restore,
    schedules,
    soak,
    telegram,
    telegram_text,
    zombies,
)
from tests.e2e.verify.trial import Trial

TRIALS: Mapping[str, Trial] = {
    "power": power.run,
    "damage": damage.run,
    "contention": contention.run,
    "disk": disk.run,
    "zombies": zombies.run,
    "restore": restore.run,
    "discord": discord.run,
    "telegram": telegram.run,
    "telegram-text": telegram_text.run,
    "injection": injection.run,
    "schedules": schedules.run,
    "soak": soak.run,
}
