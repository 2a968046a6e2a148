"""What playbooks there are, for `/workers` and help."""

from __future__ import annotations

import msgspec

from swarm_core.playbooks.loading import Book
from swarm_core.playbooks.model import Param
from swarm_core.playbooks.script import Playbook
from swarm_core.playbooks.values import expected


class ParamRow(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter: what it is for, what it looks like, and its default ('' when none)."""

    name: str
    description: str
    expected: str
    required: bool
    default: str


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One playbook as people see it; `usage` is its explicit form."""

    name: str
    summary: str
    usage: str
    examples: tuple[str, ...]
    params: tuple[ParamRow, ...]
    tools: tuple[str, ...]
    file: str


def describe(book: Book) -> tuple[Row, ...]:
    """A row for each playbook, by name."""
    return tuple(_row(playbook) for playbook in book.playbooks.values())


def _row(playbook: Playbook) -> Row:
    params = playbook.params
    usage = [f"{n}=…" if p.required else f"[{n}={_default(p) or '…'}]" for n, p in params.items()]
    return Row(
        name=playbook.name,
        summary=playbook.summary,
        usage=" ".join(["run", playbook.name, *usage]),
        examples=playbook.examples,
        params=tuple(
            ParamRow(
                name=name,
                description=param.description,
                expected=expected(param),
                required=param.required,
                default=_default(param),
            )
            for name, param in params.items()
        ),
        tools=tuple(dict.fromkeys(step.tool for step in playbook.steps)),
        file=playbook.file,
    )


def _default(param: Param) -> str:
    match param.default:
        case None:
            return ""
        case bool():
            return "yes" if param.default else "no"
        case _:
            return str(param.default)
