"""Commands about people, places, policies and what is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.commands import people_views as views
from bot.commands.desk import Desk
from bot.commands.digests import HANDLERS as DIGESTS
from bot.commands.notices import HANDLERS as NOTICES
from bot.commands.starting import start_link
from swarm_core import Action, NoticeId, Place, Resource, errors, nearest

Arguments = Mapping[str, Any]


def _needed(command: str, given: Arguments, name: str, example: str) -> Any:
    if name not in given:
        raise errors.MissingArgument(command=command, name=name, example=example)
    return given[name]


async def people(desk: Desk, given: Arguments) -> views.PeopleView:
    members = desk.swarm.members
    match given.get("do", "list"):
        case "role":
            example = "/people role 7 operator"
            who = _needed("people", given, "who", example)
            role = _needed("people", given, "role", example)
            taken = bool(given.get("take"))
            person, scope = await members.give(
                desk.actor, who, role, given.get("space"), take=taken
            )
            return views.Given(of=person.name or person.key, role=role, scope=scope, taken=taken)
        case "map":
            example = "/people map 4711 member"
            theirs = _needed("people", given, "who", example)
            taken = bool(given.get("take"))
            ours = None if taken else _needed("people", given, "role", example)
            scope = await members.map_role(desk.actor, theirs, ours, given.get("space"))
            return views.Given(of=theirs, role=ours or "", scope=scope, taken=taken)
        case "forget":
            who = _needed("people", given, "who", "/people forget 7")
            return await _forget(desk, who, given, f"/people forget {who} --yes")
    found, mapped = members.listing(desk.actor)
    return views.Listed(people=found, mapped=mapped)


async def pair(desk: Desk, given: Arguments) -> views.PeopleView:
    """With a code: use it. Without: make one."""
    members = desk.swarm.members
    if "code" in given:
        used = await members.pair(desk.actor, given["code"])
        return views.Paired(role=used.role, scope=used.scope)
    role = given.get("role", "member")
    code = await members.invite(desk.actor, role, given.get("space"))
    return views.Invited(code=code, link=await start_link(desk.swarm, code.code))


async def me(desk: Desk, given: Arguments) -> views.PeopleView:
    members, wish = desk.swarm.members, given.get("wish")
    person = members.me(desk.actor)
    if wish is not None:
        value = _needed("me", given, "value", "/me zone Europe/Berlin")
        _known_wish(desk, wish, value)
        none = "default" if wish in _HOURS else "none"
        person = await members.prefer(desk.actor, wish, None if value == none else value)
    holds = desk.swarm.mine.preferences(desk.actor)
    roles = tuple(sorted(desk.actor.roles))
    return views.Me(person=person, roles=roles, changed=wish, quiet=holds.quiet, digest=holds.hour)


_HOURS = ("quiet", "digest")
"""Wishes of which `none` is one of their values: without them other hours hold."""


def _known_wish(desk: Desk, wish: str, value: str) -> None:
    """Raises `BadArgument` for a value that could not be followed."""
    known: tuple[str, ...] = ()
    match wish:
        case "language":
            known = desk.messages.languages()
        case "model":
            known = tuple(desk.swarm.settings.models) or (value,)
    if known and value not in (*known, "none"):
        raise errors.BadArgument(
            command="me",
            name=wish,
            value=value[:60],
            expected=" or ".join((*known, "none")),
            example=f"/me {wish} {known[0]}",
        )


async def forget_me(desk: Desk, given: Arguments) -> views.PeopleView:
    return await _forget(desk, "me", given, "/forget-me --yes")


async def _forget(desk: Desk, who: str, given: Arguments, again: str) -> views.PeopleView:
    """Without `yes` it only tells what there is. First what they wrote, then who they were: a
    kill in between leaves an account, and the same command erases the rest."""
    members, erasing = desk.swarm.members, desk.swarm.keeping.erasing
    person = members.forgettable(desk.actor, who)
    own = members.own(desk.actor, person)
    tasks, texts, open_ones = 0, 0, list[int]()
    done = bool(given.get("yes"))
    for account in person.accounts or (desk.actor.key,) if own else person.accounts:
        try:
            found = (
                await erasing.erase(desk.actor, account, cancel=bool(given.get("cancel")))
                if done
                else await erasing.look(desk.actor, account)
            )
        except errors.NotFound:
            continue  # nothing was ever written from there
        tasks, texts = tasks + found.tasks, texts + found.texts
        open_ones += found.open
    if done:
        await members.forget(desk.actor, who)
    return views.Gone(
        person=person.name or person.key,
        accounts=person.accounts,
        tasks=tasks,
        texts=texts,
        open=tuple(open_ones),
        again=f"{again}{' --cancel' if open_ones else ''}",
        done=done,
    )


async def channel(desk: Desk, given: Arguments) -> views.PeopleView:
    members, place = desk.swarm.members, desk.place
    if "space" in given:
        place = place_of(given["space"], "channel")
        if (place.surface, place.space) != (desk.place.surface, desk.place.space):
            members.reach(desk.actor, place)
    key, for_all = None, bool(given.get("everywhere"))
    if given.get("do") == "set":
        key = _needed("channel", given, "key", "/channel set plain-text off")
        value = _needed("channel", given, "value", "/channel set plain-text off")
        members.may_set(desk.actor, key)
        wanted = None if value == "none" else await _sensible(desk, key, value)
        await members.set_at(desk.actor, place, key, wanted, for_all=for_all)
    values = members.settings_at(desk.actor, place)
    usual = members.directory.set_for_all(place)
    name = "/".join(part for part in (place.surface, place.space, place.channel) if part)
    return views.Channel(
        place=name,
        here="space" not in given,
        values=values,
        for_all=tuple(key for key in values if usual.get(key) == values[key]),
        changed=key,
    )


async def _sensible(desk: Desk, key: str, value: str) -> str:
    """A value that is about something there is. Raises `NotFound`, `BadArgument`."""
    if key == "identity":
        known = desk.swarm.router.workers()
        if value not in known:
            near = nearest(value, list(known))
            raise errors.NotFound(kind="worker", name=value[:60], near=near)
    if key == "language" and value not in (known_ones := desk.messages.languages()):
        raise errors.BadArgument(
            command="channel",
            name=key,
            value=value[:60],
            expected=" or ".join((*known_ones, "none")),
            example="/channel set language de",
        )
    if key == "workspace":
        folder = Path(value)
        if not folder.is_absolute() or not await asyncio.to_thread(folder.is_dir):
            raise errors.BadArgument(
                command="channel",
                name=key,
                value=value[:60],
                expected="the whole path of a folder of this machine",
                example="/channel set workspace /srv/docs",
            )
        return str(folder)
    return value


def place_of(text: str, command: str) -> Place:
    """`discord/10`, or `discord/10/77` for a thread of it. Raises `BadArgument`."""
    surface, _, rest = text.partition("/")
    space, _, thread = rest.partition("/")
    if not surface or not space:
        raise errors.BadArgument(
            command=command,
            name="place",
            value=text[:60],
            expected="a surface and a space, like discord/10",
            example=f"/{command} 142 --to discord/10",
        )
    return Place(surface=surface, space=space, thread=thread)


async def who_may(desk: Desk, given: Arguments) -> views.PeopleView:
    members = desk.swarm.members
    action = _needed("who-may", given, "act", "/who-may task.create")
    act, may = members.who_may(desk.actor, action)
    says = {each.rule: members.says(each.rule) for each in may}
    return views.WhoMay(act=act.value, may=may, says=says)


async def policy(desk: Desk, given: Arguments) -> views.PeopleView:
    if given["do"] == "who-may":
        return await who_may(desk, given)
    folders = desk.swarm.settings.policy.folders
    problems = desk.swarm.policy.check(folders)
    return views.PoliciesChecked(
        problems=tuple(problems), folders=tuple(str(folder) for folder in folders)
    )


async def share(desk: Desk, given: Arguments) -> views.PeopleView:
    number = given["number"]
    if "to" not in given:
        return views.Sharing(shared=None, task=number, places=desk.swarm.members.places(desk.actor))
    place = place_of(given["to"], "share")
    post = bool(given.get("yes"))
    shared = await desk.swarm.sharing.share(desk.actor, number, place, post=post)
    return views.Sharing(shared=shared, task=number)


async def outbox(desk: Desk, given: Arguments) -> views.PeopleView:
    sharing, sent = desk.swarm.sharing, None
    if given.get("do") == "send":
        sent = NoticeId(_needed("outbox", given, "notice", "/outbox send 17"))
        await sharing.send_again(desk.actor, sent)
    # Whoever asked for a task has its own sent again, and does not see those of others.
    sees = sent is None or desk.swarm.policy.allows(
        desk.actor, Action.READ_OUTBOX, Resource("outbox")
    )
    notices = await sharing.undelivered(desk.actor) if sees else ()
    return views.Outbox(notices=notices, sent=sent)


HANDLERS = {
    **NOTICES,
    **DIGESTS,
    "people": people,
    "pair": pair,
    "me": me,
    "forget-me": forget_me,
    "channel": channel,
    "who-may": who_may,
    "policy": policy,
    "share": share,
    "outbox": outbox,
}
