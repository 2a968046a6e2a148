"""Reading when people want something done, from the line in which they say it.

A line is taken apart into tokens; the phrases that `data/schedule/` declares for each language are
matched at its start and at its end; what they say is joined to one trigger. Nothing is guessed:
what could be meant in two ways, or is left over beside a phrase, comes back as `Unsure` with what
may be meant. What was not said and has a usual value (the hour of `every Monday`) is named as
`assumed`, for people to see before anything is made of it.
"""

from swarm_core.schedule.reading.asking import from_model, prompt_for
from swarm_core.schedule.reading.lines import read_schedule
from swarm_core.schedule.reading.values import Assumed, Problem, Reading, Unsure

__all__ = ["Assumed", "Problem", "Reading", "Unsure", "from_model", "prompt_for", "read_schedule"]
