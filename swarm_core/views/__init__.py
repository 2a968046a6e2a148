"""The read side: what people and programs are shown, composed over the rooms.

`values` are what is shown, `views` reads them, `stamping` says which model really answered,
`judging` what people said about it.
"""

from swarm_core.views.decisions import TABLES
from swarm_core.views.values import (
    CardView,
    Link,
    Need,
    Stamp,
    StatusView,
    StepView,
    TaskView,
    WorkerView,
)
from swarm_core.views.views import Views

__all__ = [
    "TABLES",
    "CardView",
    "Link",
    "Need",
    "Stamp",
    "StatusView",
    "StepView",
    "TaskView",
    "Views",
    "WorkerView",
]
