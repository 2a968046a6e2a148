"""Composition: the rooms that keep something, in the order in which their tables are made. Part of
`build`."""

from __future__ import annotations

from swarm_core.approvals import tables as approvals_tables
from swarm_core.budget import tables as budget_tables
from swarm_core.buttons import TABLES as BUTTON_TABLES
from swarm_core.dispatch import tables as dispatch_tables
from swarm_core.dispatch import voices
from swarm_core.incidents import TABLES as INCIDENT_TABLES
from swarm_core.keeping import TABLES as KEEPING_TABLES
from swarm_core.notices import digest_tables, questions
from swarm_core.notices import posts as notices_posts
from swarm_core.notices import tables as notices_tables
from swarm_core.people import TABLES as PEOPLE_TABLES
from swarm_core.policy import events as policy_events
from swarm_core.routing import events as routing_events
from swarm_core.schedule import tables as schedule_tables
from swarm_core.steps import tables as steps_tables
from swarm_core.store import RoomTables
from swarm_core.tasks import files, finding, room, talk
from swarm_core.tasks import tables as tasks_tables
from swarm_core.tools import remembering
from swarm_core.views import TABLES as VIEW_TABLES

ROOMS: tuple[RoomTables, ...] = (
    approvals_tables.TABLES,
    tasks_tables.TABLES,
    talk.TABLES,
    files.TABLES,
    room.TABLES,
    finding.TABLES,
    PEOPLE_TABLES,
    policy_events.TABLES,
    budget_tables.TABLES,
    steps_tables.TABLES,
    routing_events.TABLES,
    remembering.TABLES,
    dispatch_tables.TABLES,
    notices_tables.TABLES,
    notices_posts.TABLES,
    questions.TABLES,
    digest_tables.TABLES,
    VIEW_TABLES,
    KEEPING_TABLES,
    BUTTON_TABLES,
    voices.TABLES,
    schedule_tables.TABLES,
    INCIDENT_TABLES,
)
