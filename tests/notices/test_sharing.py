"""What did not arrive, and ends that are shown elsewhere as well."""

from __future__ import annotations

from pathlib import Path

import pytest

from swarm_core.kernel.actor import SWARM, Place
from swarm_core.kernel.errors import NotEnded, NotFound
from swarm_core.kernel.ids import NO_TASK, NoticeId, TaskId
from swarm_core.notices.events import NoticeQueued, NoticesEnded
from swarm_core.notices.sharing import Undelivered
from swarm_core.people import TERMINAL
from swarm_core.store import Tx
from swarm_core.swarm import Swarm
from swarm_core.testing import OWNER
from tests.people.test_company import asked, company
from tests.worlds import ask, over

THERE = Place(surface="discord", space="11", thread="7")


async def shared(swarm: Swarm, task: TaskId, place: Place, actor=OWNER) -> tuple[bool, bool]:  # type: ignore[no-untyped-def]
    found = await swarm.sharing.share(actor, task, place, post=True)
    return found.before, found.done


async def test_an_end_is_shown_once_at_each_place_unless_that_failed(tmp_path: Path) -> None:
    async with company(tmp_path) as here:
        swarm = here.swarm
        task = (await ask(swarm, "the garden")).task
        await over(swarm, task)
        other = (await ask(swarm, "the house")).task
        await over(swarm, other)
        looked = await swarm.sharing.share(OWNER, task, THERE)
        assert (looked.task.id, looked.before, looked.done) == (task, False, False)
        assert await shared(swarm, task, THERE) == (False, True)
        assert await shared(swarm, task, THERE) == (True, False)
        assert (await swarm.sharing.share(OWNER, task, THERE)).before
        assert await shared(swarm, other, THERE) == (False, True)
        for place in (
            Place(surface="discord", space="11", thread="8"),
            Place(surface="discord", space="12", thread="7"),
            Place(surface="telegram", space="11", thread="7"),
        ):
            assert await shared(swarm, task, place) == (False, True)
        first = next(n for n in await swarm.sharing.undelivered(OWNER) if n.place == THERE)
        failed = NoticesEnded(state="failed", notices=((first.notice, ""),))
        await swarm.store.write(lambda tx: tx.append(failed, SWARM))
        assert await shared(swarm, other, THERE) == (False, True)
        assert await shared(swarm, task, THERE) == (True, False)
        sent = await swarm.store.read(
            lambda rows: rows.execute(
                "select distinct kind, class from notices where surface = 'discord'"
            ).fetchall()
        )
        assert ("ended", "decision") in sent, "never sent again by itself"


async def test_nothing_is_shared_that_has_not_ended_or_where_one_is_not_known(
    tmp_path: Path,
) -> None:
    async with company(tmp_path) as here:
        ana = await here.member("7", "10")
        ended = await asked(ana, "about the garden")
        await over(here.swarm, TaskId(ended))
        for place in (THERE, TERMINAL):
            with pytest.raises(NotFound) as found:
                await here.swarm.sharing.share(ana.actor, TaskId(ended), place, post=True)
            assert found.value.data["name"] == f"{place.surface}/{place.space}"
        await here.member("7", "11")
        assert await shared(here.swarm, TaskId(ended), THERE, ana.actor) == (False, True)
        await here.swarm.control.stop(OWNER, "all")
        waits = (await ask(here.swarm, "later")).task
        with pytest.raises(NotEnded):
            await here.swarm.sharing.share(OWNER, waits, THERE)


async def test_what_has_not_arrived_is_listed_for_whom_it_concerns(tmp_path: Path) -> None:
    about = {"percent": 90}

    def fn(tx: Tx) -> None:
        for place, task, more in ((THERE, 3, {}), (TERMINAL, None, about)):
            event = NoticeQueued(
                notice=NoticeId(tx.next_id("notices")),
                notice_kind="warned",
                delivery_class="decision",
                place=place,
                about=more,
            )
            tx.append(event, SWARM, task=task)  # type: ignore[arg-type]

    async with company(tmp_path) as here:
        swarm = here.swarm
        await swarm.outbox.detach(TERMINAL.surface)
        await swarm.store.write(fn)
        found = await swarm.sharing.undelivered(OWNER)
        assert [(n.place, n.task, n.about, n.kind, n.tries) for n in found] == [
            (TERMINAL, None, about, "warned", 0),
            (THERE, 3, {}, "warned", 0),
        ]
        admin = await here.member("9", "11", "admin")
        seen = await swarm.sharing.undelivered(admin.actor)
        assert [n.place for n in seen] == [THERE]
        one = await swarm.sharing.one(found[0].notice)
        assert isinstance(one, Undelivered)
        assert (one.state, one.about) == ("pending", about)
        assert await swarm.sharing.one(NoticeId(99)) is None
        assert NO_TASK not in [n.task for n in found]
