"""What looking at the configuration and changing it answer, as values."""

from __future__ import annotations

import msgspec

from bot.commands.model_views import Failed


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One key. `origin` is default, file or environment."""

    key: str
    value: str
    default: str
    about: str
    origin: str
    line: int | None
    variable: str | None


class Config(msgspec.Struct, frozen=True, kw_only=True):
    file: str | None
    settings: tuple[Setting, ...]


class ConfigChanged(msgspec.Struct, frozen=True, kw_only=True):
    """The file, what was changed in it (None: taken out), the copy of the file as it was; and
    keys of providers that are not in the environment. `written` False: it said so already."""

    file: str
    written: bool
    changed: dict[str, str | None]
    backup: str | None
    missing: tuple[Failed, ...] = ()


class ConfigChecked(msgspec.Struct, frozen=True, kw_only=True):
    """A file that holds; `file` None: there is none, and the defaults hold."""

    file: str | None
    missing: tuple[Failed, ...] = ()
