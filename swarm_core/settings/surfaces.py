"""Sections that chat surfaces bring along: the core has a place for them and names none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from swarm_core.settings.section import Section

_LOADERS: dict[str, Callable[[], type[Section]]] = {}


def surface_section(name: str, loader: Callable[[], type[Section]]) -> None:
    """From now on `waggle.yaml` has a section `name`. Its class is loaded when settings are read
    or told of, not before; every key of it has a default."""
    _LOADERS[name] = loader


def surface_names() -> frozenset[str]:
    """The names of these sections, without loading any."""
    return frozenset(_LOADERS)


def surface_sections() -> Mapping[str, type[Section]]:
    """These sections by name, in the order they came in."""
    return MappingProxyType({name: loader() for name, loader in _LOADERS.items()})
