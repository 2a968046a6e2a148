"""Settings that a test may change while a fake runs."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from tests.fakes.chat.record import Json


@dataclass
class Changeable:
    def change(self, told: Json) -> None:
        """Set what is named; a name that is none changes nothing."""
        known = {one.name for one in fields(self)}
        if wrong := set(told) - known:
            raise ValueError(f"there is no setting {sorted(wrong)}")
        for name, value in told.items():
            setattr(self, name, self.read(name, value))

    def read(self, name: str, value: Any) -> Any:
        """A value as JSON has it, as the setting has it."""
        return value
