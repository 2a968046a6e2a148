"""What people do to chats, their members and topics, by hand in their client."""

from __future__ import annotations

from typing import Any

from tests.fakes.chat.door import Act
from tests.fakes.telegram import shapes, topics
from tests.fakes.telegram.errors import Json
from tests.fakes.telegram.posting import Draft
from tests.fakes.telegram.rights import administers
from tests.fakes.telegram.service import Service
from tests.fakes.telegram.world import Chat


def person(service: Service, *, name: str, bot: bool = False, **more: Any) -> Json:
    """Somebody new; `username` null for none, `last_name` and `language` if they have any."""
    more.setdefault("username", name.lower())
    return service.world.add_user(name, bot=bot, **more)


def change(service: Service, *, user: int, **more: Any) -> Json:
    """Another name, username or language; null takes it away."""
    world = service.world
    if "language" in more:
        world.languages[user] = more.pop("language") or ""
    for key, value in more.items():
        world.users[user].pop(key, None)
        if value is not None:
            world.users[user][key] = value
    return world.person(user)


# Groups


def chat(
    service: Service,
    *,
    kind: str,
    title: str,
    owner: int | None = None,
    members: list[int] | None = None,
    invited: bool = True,
    administrator: bool = False,
    **more: Any,
) -> Json:
    """A new group, supergroup (`forum`, `username`) or channel; the bot is in it if `invited`."""
    world = service.world
    if more.pop("forum", False):
        more["is_forum"] = True
    by = owner or world.add_user("Owner", username="owner")["id"]
    made = world.add_chat(kind, title, by, **more)
    for user in members or []:
        made.members[user] = shapes.member(world.users[user])
    if invited:
        invite(service, chat=made.id, by=by, administrator=administrator or kind == "channel")
    return made.json


def invite(service: Service, *, chat: int, by: int, administrator: bool = False) -> Json:
    """The bot is added."""
    world, where = service.world, service.world.chats[chat]
    service.member(where, by, shapes.member(world.bot))
    if where.kind != "channel":
        service.posting.put(where, by, Draft({"new_chat_members": [world.bot]}))
    if administrator:
        promote(service, chat=chat, user=world.me, by=by)
    return {}


def _by(where: Chat, by: int | None) -> int:
    """Who does it: the owner, if nobody is named."""
    if by is not None:
        if not administers(where, by):
            raise ValueError("only administrators can")
        return by
    return next(user for user in where.members if where.status(user) == "creator")


def join(service: Service, *, chat: int, user: int, by: int | None = None) -> Json:
    where, world = service.world.chats[chat], service.world
    if where.holds(user):
        raise ValueError("they are in it")
    new = world.person(user)
    service.member(where, by or user, shapes.member(new))
    if where.kind != "channel":
        service.posting.put(where, by or user, Draft({"new_chat_members": [new]}))
    return {}


def leave(service: Service, *, chat: int, user: int) -> Json:
    where = service.world.chats[chat]
    if not where.holds(user):
        raise ValueError("they are not in it")
    service.leave(where, user, user)
    return {}


def kick(service: Service, *, chat: int, user: int | None = None, by: int | None = None) -> Json:
    """Somebody is banned; the bot, if nobody is named."""
    where = service.world.chats[chat]
    service.leave(where, user or service.world.me, _by(where, by), banned=True)
    return {}


def promote(
    service: Service,
    *,
    chat: int,
    user: int | None = None,
    rights: list[str] | None = None,
    by: int | None = None,
) -> Json:
    """An administrator with `rights`, or with all."""
    world, where = service.world, service.world.chats[chat]
    who = user or world.me
    given = None if rights is None else set(rights)
    made = shapes.administrator(world.users[who], where.kind, given, editable=False)
    service.member(where, _by(where, by), made)
    return {}


def demote(service: Service, *, chat: int, user: int | None = None, by: int | None = None) -> Json:
    world, where = service.world, service.world.chats[chat]
    service.member(where, _by(where, by), shapes.member(world.users[user or world.me]))
    return {}


def restrict(
    service: Service, *, chat: int, user: int | None = None, allowed: list[str] | None = None
) -> Json:
    """Somebody may do only what is `allowed`; the bot, if nobody is named."""
    world, where = service.world, service.world.chats[chat]
    made = shapes.restricted(world.users[user or world.me], set(allowed or []))
    service.member(where, _by(where, None), made)
    return {}


def permit(service: Service, *, chat: int, **permissions: bool) -> Json:
    """What everybody may: #chatpermissions; bots are not told."""
    where = service.world.chats[chat]
    if wrong := set(permissions) - set(where.permissions):
        raise ValueError(f"there is no permission {sorted(wrong)}")
    where.permissions |= permissions
    return {}


def migrate(service: Service, *, chat: int, by: int | None = None) -> Json:
    """A group becomes a supergroup, with another id: #responseparameters, #message"""
    world, old = service.world, service.world.chats[chat]
    if old.kind != "group" or old.migrated_to is not None:
        raise ValueError("only groups become supergroups")
    who = _by(old, by)
    new = world.add_chat("supergroup", old.json["title"], who)
    new.members = {**old.members, who: new.members[who]}
    new.reads_all, new.last_bot = old.reads_all, old.last_bot
    service.posting.put(old, who, Draft({"migrate_to_chat_id": new.id}))
    service.posting.put(new, who, Draft({"migrate_from_chat_id": old.id}))
    old.migrated_to = new.id
    return new.json


def dissolve(service: Service, *, chat: int) -> Json:
    """Its owner deletes a group; bots are not told."""
    where = service.world.chats[chat]
    if where.kind != "group":
        raise ValueError("only groups are left to be looked at when they are deleted")
    where.gone = True
    return {}


# Private chats


def deactivate(service: Service, *, user: int) -> Json:
    """Somebody deletes their account; bots are not told."""
    service.world.private(user).gone = True
    return {}


def block(service: Service, *, user: int) -> Json:
    """Somebody blocks the bot: #update, my_chat_member"""
    where, world = service.world.private(user), service.world
    if where.blocked or not where.opened:
        raise ValueError("there is nothing to block")
    where.blocked = True
    service.member(where, user, shapes.banned(world.bot))
    return {}


def unblock(service: Service, *, user: int) -> Json:
    where, world = service.world.private(user), service.world
    where.blocked = False
    service.member(where, user, shapes.member(world.bot))
    return {}


# Topics


def topic(service: Service, *, chat: int, user: int, name: str) -> Json:
    where = service.world.chats[chat]
    if not where.json.get("is_forum"):
        raise ValueError("this is no forum")
    return topics.open_topic(service, where, user, name).json


def shut(service: Service, *, chat: int, topic: int, user: int, closed: bool = True) -> Json:
    where = service.world.chats[chat]
    topics.shut(service, where, where.topics[topic], user, closed=closed)
    return {}


ACTS: dict[str, Act] = {
    act.__name__: act
    for act in (
        person,
        change,
        chat,
        invite,
        join,
        leave,
        kick,
        promote,
        demote,
        restrict,
        permit,
        migrate,
        dissolve,
        deactivate,
        block,
        unblock,
        topic,
        shut,
    )
}
