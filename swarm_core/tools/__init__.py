"""Tools: what workers and playbooks can do to the world, and the one pipeline each call passes.

It promises that a call is checked, permitted, bounded in time and size and free of what could
repaint a screen, whoever wrote the tool; that files are reached inside the workspace only; and
that connections go only where the owner's rules allow, checked on the real address.
"""

from swarm_core.tools.builtin import read_only_tools, tool_names
from swarm_core.tools.egress import Egress, EgressRules, Resolver
from swarm_core.tools.model import Arguments, Effect, Tool, ToolContext, ToolOutput
from swarm_core.tools.output import OutputLimits
from swarm_core.tools.toolbox import Authorize, Toolbox

__all__ = [
    "Arguments",
    "Authorize",
    "Effect",
    "Egress",
    "EgressRules",
    "OutputLimits",
    "Resolver",
    "Tool",
    "ToolContext",
    "ToolOutput",
    "Toolbox",
    "read_only_tools",
    "tool_names",
]
