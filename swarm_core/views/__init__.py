"""The read side: what people and programs are shown, composed over the rooms.

`model` has the values, `views` reads them, `stamping` says which model really answered.
"""

from swarm_core.views.model import (
    CardView,
    Link,
    Need,
    Stamp,
    StatusView,
    StepView,
    TaskView,
    WorkerView,
)
from swarm_core.views.views import TABLES, Views

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
