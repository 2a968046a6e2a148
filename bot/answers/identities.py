"""Identities in words: who there is, who one of them is, and what an author has to know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.commands import views
from bot.messages import Messages
from bot.reply import KeyValues, Notice, Pair, Part, Reply, Table, Text
from swarm_core import Profile

FEW = 3
"""Up to how many identities are each told in full by a check."""


def identities(say: Messages, view: views.Identities) -> Reply:
    names = ("identity", "role", "model", "tools", "does")
    table = Table(
        columns=tuple(say(f"column.{name}") for name in names),
        rows=tuple(
            (seen.name, seen.role, _model(say, seen), ", ".join(seen.tools), seen.summary)
            for seen in view.identities
        ),
        empty=say("identities.none"),
    )
    return Reply(parts=(*_problems(say, view.problems), table))


def identity(say: Messages, view: views.Identity) -> Reply:
    seen = view.identity
    parts: list[Part] = [KeyValues(title=seen.name, pairs=_pairs(say, seen))]
    small = {"characters": seen.compact_characters, "tokens": seen.compact_tokens}
    parts += [Notice(level="info", text=say("identities.compact", **small)), Text(seen.compact)]
    large = {"characters": seen.full_characters, "tokens": seen.full_tokens}
    if seen.full is None:
        return Reply(parts=(*parts, Notice(level="info", text=say("identities.size", **large))))
    whole = Notice(level="info", text=say("identities.full", **large))
    return Reply(parts=(*parts, whole, Text(seen.full)))


def checked(say: Messages, view: views.Checked) -> Reply:
    parts: list[Part] = list(_problems(say, view.problems))
    if view.identities:
        parts += _routing(say, view.identities)
    for name, tools in view.tools.items():
        text = say("identities.unknown_tools", name=name, tools=tools)
        parts.append(Notice(level="warn", text=text))
    for name, file, instead_of in view.replaced:
        text = say("identities.replaced", name=name, file=file, instead_of=instead_of)
        parts.append(Notice(level="info", text=text))
    for seen in view.identities:
        if seen.filled and seen.file not in view.mended:
            text = say("identities.filled", name=seen.name, addresses=seen.filled)
            parts.append(Notice(level="info", text=text))
    parts += [Notice(level="ok", text=say("identities.mended", file=file)) for file in view.mended]
    good, bad = len(view.identities), len(view.problems)
    if view.ok:
        parts.append(Notice(level="ok", text=say("identities.right", count=good)))
    else:
        text = say("identities.wrong", problems=bad, count=good)
        parts.append(Notice(level="error", text=text))
    return Reply(parts=tuple(parts))


def created(say: Messages, view: views.Created) -> Reply:
    text = say("identities.created", file=view.file)
    hint = say("identities.created_next", file=view.file)
    parts = [Notice(level="ok", text=text, hint=hint)]
    if not view.loaded:
        folder = view.file.rpartition("/")[0]
        note = say("identities.not_loaded", folder=folder)
        parts.append(Notice(level="warn", text=note))
    return Reply(parts=tuple(parts))


def _routing(say: Messages, seen: tuple[Profile, ...]) -> list[Part]:
    """What routing sees: each in full when they are few."""
    if len(seen) <= FEW:
        return [KeyValues(title=one.name, pairs=_seen(say, one)) for one in seen]
    table = Table(
        columns=tuple(say(f"column.{name}") for name in ("identity", "tier", "example")),
        rows=tuple((one.name, say(f"identities.tier.{one.tier}"), _example(one)) for one in seen),
    )
    return [table, Notice(level="info", text=say("identities.more"))]


def _seen(say: Messages, one: Profile) -> tuple[Pair, ...]:
    words = dict.fromkeys((*one.triggers, *one.skills, *one.tags))
    return (
        (say("field.does"), one.summary),
        (say("field.model"), _model(say, one)),
        (say("field.found_by"), ", ".join(words) or say("identities.by_name")),
        (say("field.example"), _example(one)),
    )


def _example(one: Profile) -> str:
    return one.examples[0] if one.examples else f"{one.name}: …"


def _problems(say: Messages, problems: tuple[Mapping[str, Any], ...]) -> list[Part]:
    return [Notice(level="error", text=say.failure("bad_identity", data)) for data in problems]


def _model(say: Messages, seen: Profile) -> str:
    return ", ".join(seen.models) or say(f"identities.tier.{seen.tier}")


def _pairs(say: Messages, seen: Profile) -> tuple[Pair, ...]:
    values = {
        "role": seen.role,
        "does": seen.summary,
        "skills": ", ".join(seen.skills),
        "tags": ", ".join(seen.tags),
        "triggers": ", ".join(seen.triggers),
        "example": _example(seen),
        "model": _model(say, seen),
        "fallbacks": ", ".join(seen.fallbacks),
        "effort": say(f"identities.effort.{seen.effort}") if seen.effort else "",
        "max_output": str(seen.max_output or ""),
        "max_steps": str(seen.steps or ""),
        "tools": ", ".join(seen.tools),
        "accounts": ", ".join(seen.accounts),
        "addresses": ", ".join(seen.addresses),
        "file": seen.file,
    }
    return tuple((say(f"field.{name}"), value) for name, value in values.items() if value)
