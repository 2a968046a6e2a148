"""What a message may hold, and what becomes of it: docs.discord.com/developers/resources/message"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.fakes.discord import components
from tests.fakes.discord.errors import Form, Json, Refused
from tests.fakes.discord.permissions import BITS, PRIVATE, of

if TYPE_CHECKING:
    from tests.fakes.discord.world import World

File = tuple[str, str, bytes]
"""Name, content type, content."""

SUPPRESS_EMBEDS, EPHEMERAL, LOADING, SILENT = 1 << 2, 1 << 6, 1 << 7, 1 << 12
_USER, _ROLE = re.compile(r"<@!?(\d+)>"), re.compile(r"<@&(\d+)>")
# resources/message#embed-object-embed-limits
_COUNTED = 6000


def check(
    body: Json, files: dict[int, File], *, flags_allowed: int, was: Json | None = None
) -> None:
    """Refuse a body that the description allows and the service does not. `was`: being edited."""
    form = Form()
    flags = body.get("flags") or 0
    if was is not None:
        flags |= was["flags"] & components.V2
    if flags & ~(flags_allowed | components.V2):
        text = f"Only the flags {flags_allowed | components.V2:#x} can be set here."
        form.wrong(("flags",), "BASE_TYPE_CHOICES", text)
    content = body.get("content") or ""
    if len(content) > 2000:  # 4000 is what the description has, for those who pay
        form.wrong(("content",), "BASE_TYPE_MAX_LENGTH", "Must be 2000 or fewer in length.")
    _embeds(body.get("embeds") or [], form)
    if flags & components.V2:
        for key in ("content", "embeds", "poll", "sticker_ids"):
            # A message that becomes one of new components has to let go of the old fields.
            if body.get(key, (was or {}).get(key)):
                text = f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
                form.wrong((key,), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", text)
    components.check(body.get("components") or [], flags, form)
    _mentions(body.get("allowed_mentions") or {}, form)
    _attachments(body, files, was, form)
    if body.get("enforce_nonce") and body.get("nonce") is None:
        form.wrong(("nonce",), "BASE_TYPE_REQUIRED", "This field is required")
    form.refuse_if_wrong()


def empty(body: Json, files: dict[int, File]) -> bool:
    """Whether nothing would be shown."""
    content = (body.get("content") or "").strip()
    has = any(body.get(key) for key in ("embeds", "components", "sticker_ids", "poll"))
    return not (content or has or files or body.get("attachments"))


def _embeds(embeds: list[Json], form: Form) -> None:
    total = 0
    for at, embed in enumerate(embeds):
        texts = [embed.get("title"), embed.get("description")]
        texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
        for number, one in enumerate(embed.get("fields") or []):
            texts += [one["name"], one["value"]]
            for key in ("name", "value"):
                if not one[key].strip():
                    path = ("embeds", at, "fields", number, key)
                    form.wrong(path, "BASE_TYPE_REQUIRED", "This field is required")
        total += sum(len(text or "") for text in texts)
        shown = {k for k in embed if k not in ("type", "color", "timestamp", "url") and embed[k]}
        if not shown:
            form.wrong(
                ("embeds", at, "description"), "BASE_TYPE_REQUIRED", "This field is required"
            )
    if total > _COUNTED:
        text = f"Embed size exceeds maximum size of {_COUNTED}"
        form.wrong(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", text)


def _mentions(allowed: Json, form: Form) -> None:
    # resources/message#allowed-mentions-object: naming some and allowing all exclude each other
    parse = allowed.get("parse") or []
    for kind in ("users", "roles"):
        if kind in parse and allowed.get(kind):
            text = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            form.wrong(("allowed_mentions",), "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", text)


def _attachments(body: Json, files: dict[int, File], was: Json | None, form: Form) -> None:
    # docs.discord.com/developers/reference#uploading-files
    told = body.get("attachments")
    kept = {str(one["id"]) for one in (was or {}).get("attachments", [])}
    seen = set[str]()
    for at, one in enumerate(told or []):
        number = str(one["id"])
        if number not in kept and not (number.isdigit() and int(number) in files):
            text = "The attachment is neither uploaded here nor one of the message's"
            form.wrong(("attachments", at, "id"), "ATTACHMENT_NOT_FOUND", text)
        if number in seen:
            form.wrong(("attachments", at, "id"), "ATTACHMENT_DUPLICATED", "Named twice")
        seen.add(number)
    total = len(files) if told is None else len(seen | {str(number) for number in files})
    if total > 10:
        form.wrong(("attachments",), "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    names = {name for name, _, _ in files.values()}
    names |= {one["filename"] for one in (was or {}).get("attachments", [])}
    for path, url in _references(body):
        if url not in names:
            form.wrong(path, "INVALID_ATTACHMENT_REFERENCE", f"There is no file called {url}")


def _references(body: Json) -> list[tuple[tuple[str | int, ...], str]]:
    found = list[tuple[tuple[str | int, ...], str]]()

    def look(value: Any, path: tuple[str | int, ...]) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                look(inner, (*path, key))
        elif isinstance(value, list):
            for at, inner in enumerate(value):
                look(inner, (*path, at))
        elif path[-1] == "url" and isinstance(value, str) and value.startswith("attachment://"):
            found.append((path, value.removeprefix("attachment://")))

    look(body.get("embeds") or [], ("embeds",))
    look(body.get("components") or [], ("components",))
    return found


def kept_files(world: World, body: Json, files: dict[int, File], was: Json | None) -> list[Json]:
    """The attachments the message then has; new ones can be fetched from the CDN's path."""
    old = {one["id"]: one for one in (was or {}).get("attachments", [])}
    told = body.get("attachments")
    described = {str(one["id"]): one for one in told or []}
    made = [one for number, one in old.items() if told is None or number in described]
    for number, (name, kind, content) in sorted(files.items()):
        made.append(upload(world, name, kind, content, described.get(str(number), {})))
    return made


def upload(world: World, name: str, kind: str, content: bytes, told: Json | None = None) -> Json:
    """docs.discord.com/developers/resources/message#attachment-object"""
    told = told or {}
    if len(content) > world.settings.largest_file:
        raise Refused("entity_too_large")
    name = re.sub(r"[^A-Za-z0-9._-]", "_", told.get("filename") or name)
    number = world.clock.snowflake()
    path = f"/attachments/{number}/{number}/{name}"
    world.files[path] = (kind, content)
    made = {
        "id": number,
        "filename": name,
        "size": len(content),
        "url": world.url + path,
        "proxy_url": world.url + path,
        "content_type": kind,
    }
    for name in ("description", "duration_secs", "waveform"):
        if told.get(name):
            made[name] = told[name]
    return made


def embeds(told: list[Json], attachments: list[Json]) -> list[Json]:
    """Embeds as answers carry them."""
    urls = {one["filename"]: one["url"] for one in attachments}
    made = []
    for one in told:
        embed = {"type": "rich", **{k: v for k, v in one.items() if v is not None}}
        for key in ("image", "thumbnail"):
            url = (embed.get(key) or {}).get("url", "")
            if url.startswith("attachment://"):
                embed[key] = {"url": urls[url.removeprefix("attachment://")]}
        if "fields" in embed:
            embed["fields"] = [{"inline": False, **f} for f in embed["fields"]]
        made.append(embed)
    return made


def mentioned(world: World, channel: Json, author: str, body: Json, replied: str | None) -> Json:
    """Whom the content names, and whom of them it pings.

    resources/message#allowed-mentions-object: without the object all in the content are parsed.
    """
    content = body.get("content") or ""
    everyone = bool(re.search(r"@(everyone|here)\b", content))
    users = [one for one in dict.fromkeys(_USER.findall(content)) if one in world.users]
    roles = list(dict.fromkeys(_ROLE.findall(content)))
    if channel["type"] in PRIVATE:
        roles, everyone = [], False
    allowed = body.get("allowed_mentions")
    may_all = bool(of(world, channel, author) & BITS["MENTION_EVERYONE"])
    if allowed is None:
        pinged = [*users, *roles, *(["everyone"] if everyone and may_all else [])]
        if replied:
            pinged.append(replied)
    else:
        parse = allowed.get("parse") or []
        by_id = {str(one) for key in ("users", "roles") for one in allowed.get(key) or []}
        pinged = [one for one in users if "users" in parse or one in by_id]
        pinged += [one for one in roles if "roles" in parse or one in by_id]
        if everyone and may_all and "everyone" in parse:
            pinged.append("everyone")
        if replied and allowed.get("replied_user"):
            pinged.append(replied)
    people = [one for one in (*users, *([replied] if replied else [])) if one in pinged]
    return {
        "mentions": [world.users[one] for one in dict.fromkeys(people)],
        "mention_roles": [one for one in roles if one in pinged],
        "mention_everyone": "everyone" in pinged,
        "pinged": list(dict.fromkeys(pinged)),
    }
