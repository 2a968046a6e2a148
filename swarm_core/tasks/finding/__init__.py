"""Finding tasks again: their words by full text, and what ended, by day.

Both stand on an index beside the tables of the room. Nothing waits for it: it is made in lulls,
after the commits, from what the tables say then; whoever looks brings it up to date first. It can
be thrown away at any time and is made anew.
"""

from swarm_core.tasks.finding.finder import Finder
from swarm_core.tasks.finding.index import TABLES
from swarm_core.tasks.finding.model import Day, Ending, Filters, Found, History, Hit
from swarm_core.tasks.finding.words import search_words

__all__ = [
    "TABLES",
    "Day",
    "Ending",
    "Filters",
    "Finder",
    "Found",
    "History",
    "Hit",
    "search_words",
]
