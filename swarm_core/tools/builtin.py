"""The tools that come with the swarm and change nothing."""

from __future__ import annotations

from typing import Any

from swarm_core.tools.activity import ActivityTool
from swarm_core.tools.egress import Egress
from swarm_core.tools.http import HttpGet
from swarm_core.tools.listing import List
from swarm_core.tools.model import Tool
from swarm_core.tools.reading import Read
from swarm_core.tools.searching import Search
from swarm_core.tools.summary import ExtractSummary


def read_only_tools(egress: Egress) -> tuple[Tool[Any], ...]:
    """`list`, `read`, `search`, `extract_summary` and `http_get`, the latter through `egress`."""
    return (List(), Read(), Search(), ExtractSummary(), HttpGet(egress))


def tool_names() -> frozenset[str]:
    """The names of every tool that comes with the swarm and serves whoever works."""
    tools = (List, Read, Search, ExtractSummary, HttpGet, ActivityTool)
    return frozenset(tool.name for tool in tools)
