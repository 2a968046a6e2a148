"""Playbooks: deterministic, free scripts of tool calls that serve a kind of task.

A playbook is a YAML file: phrases that mean it, typed parameters, tool calls, and a template for
the answer. This room promises that what a person typed or a tool read is only ever data, that a
resumed run makes the same calls and says the same words, and that a wrong file is left out and
named while the others run.
"""

from swarm_core.playbooks.describing import ParamRow, Row, describe
from swarm_core.playbooks.loading import Book, Override, load_book
from swarm_core.playbooks.matching import Match, Near
from swarm_core.playbooks.ports import Assignment, Output, Tools
from swarm_core.playbooks.runner import PlaybookRunner
from swarm_core.playbooks.script import Playbook

__all__ = [
    "Assignment",
    "Book",
    "Match",
    "Near",
    "Output",
    "Override",
    "ParamRow",
    "Playbook",
    "PlaybookRunner",
    "Row",
    "Tools",
    "describe",
    "load_book",
]
