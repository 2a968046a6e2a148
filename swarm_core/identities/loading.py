"""Folders of markdown files → a `Roster`: the identities that are right, what is wrong with others.

A file is `NAME.md`, or `identity.md` in a folder of its own. The same persona may be listed twice,
once for each account it works under: where the prompts are the same, it is one identity with all
accounts and addresses. Otherwise a later folder replaces a name, and within one folder the second
file is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import msgspec
from pydantic import ValidationError

from swarm_core.identities.identity import Identity, account_sections
from swarm_core.identities.model import Head
from swarm_core.identities.reading import Source, read, sentence
from swarm_core.kernel.errors import BadIdentity, NotFound
from swarm_core.kernel.text import nearest

SHIPPED_IDENTITIES = Path(__file__).resolve().parents[2] / "identities"
"""The personas that come with Waggle."""
ALONE = "identity.md"
_NO_IDENTITY = frozenset({"readme.md"})


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """Identity `name` of `file` is used in place of the one of `instead_of`."""

    name: str
    file: str
    instead_of: str


class Roster(msgspec.Struct, frozen=True, kw_only=True):
    """All identities by name, the files left out with the reason, and what replaced what."""

    identities: dict[str, Identity]
    problems: tuple[BadIdentity, ...] = ()
    overrides: tuple[Override, ...] = ()

    def get(self, name: str) -> Identity:
        """The identity called `name`. Raises `NotFound`."""
        found = self.identities.get(name.casefold().removeprefix("@"))
        if found is None:
            raise NotFound(kind="identity", name=name[:60], near=nearest(name, self.identities))
        return found

    @property
    def accounts(self) -> dict[str, tuple[str, ...]]:
        """The names of those that work under each account, each once."""
        found: dict[str, list[str]] = {}
        for identity in self.identities.values():
            for account in identity.accounts:
                found.setdefault(account, []).append(identity.name)
        return {account: tuple(names) for account, names in sorted(found.items())}


class _Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """An identity with what its file said, for those that extend it."""

    identity: Identity
    values: dict[str, Any]
    body: str


def load_roster(folders: Sequence[Path], *, disabled: Collection[str] = ()) -> Roster:
    """Read every identity of `folders`, in this order; names in `disabled` are left out.

    A file that is wrong is left out and named with every problem found; nothing is raised.
    A folder that does not exist holds nothing, and one that is given twice counts once.
    """
    known: dict[str, _Loaded] = {}
    problems: list[BadIdentity] = []
    overrides: list[Override] = []
    for folder in dict.fromkeys(folder.resolve() for folder in folders):
        here, wrong = _load(files_of(folder), known)
        problems += wrong
        for name, new in here.items():
            before = known.get(name)
            if before is None:
                known[name] = new
            elif _same(before, new):
                known[name] = _merged(new, before)
            else:
                known[name] = new
                instead = before.identity.file
                overrides.append(Override(name=name, file=new.identity.file, instead_of=instead))
    found = {name: known[name].identity for name in sorted(known) if name not in disabled}
    return Roster(identities=found, problems=tuple(problems), overrides=tuple(overrides))


def load_identities(files: Sequence[Path], roster: Roster) -> Roster:
    """These files by themselves; they may extend what is in `roster`."""
    known = {
        name: _Loaded(identity=identity, values=_values(identity), body=identity.prompt)
        for name, identity in roster.identities.items()
    }
    found, problems = _load(list(files), known)
    identities = {name: loaded.identity for name, loaded in found.items()}
    return Roster(identities=identities, problems=tuple(problems))


def files_of(folder: Path) -> list[Path]:
    """Every file of `folder` that should hold an identity."""
    flat = [file for file in folder.glob("*.md") if file.name.casefold() not in _NO_IDENTITY]
    return sorted([*flat, *folder.glob(f"*/{ALONE}")])


def place_of(file: Path) -> str:
    """What a file says its identity is called by the place where it lies."""
    return file.parent.name if file.name == ALONE else file.stem


def _load(
    files: Sequence[Path], above: dict[str, _Loaded]
) -> tuple[dict[str, _Loaded], list[BadIdentity]]:
    """The identities of `files`; what they extend is looked for among those of them that
    extend nothing, then in `above`."""
    here: dict[str, _Loaded] = {}
    problems: list[BadIdentity] = []
    sources: list[Source] = []
    for file in files:
        source = read(file)
        if isinstance(source, Source):
            sources.append(source)
        else:
            problems += source
    bases = dict(above)
    for source in sorted(sources, key=lambda s: "extends" in s.values):
        loaded = _identity(source, bases)
        if isinstance(loaded, list):
            problems += loaded
            continue
        name = loaded.identity.name
        before = here.get(name)
        if before is None:
            here[name] = loaded
            if "extends" not in source.values:
                bases[name] = loaded
        elif _same(before, loaded):
            here[name] = _merged(before, loaded)
        else:
            taken = f"`{name}` is already the name of {before.identity.file}"
            problems.append(source.bad(("name",), taken))
    return here, problems


def _identity(source: Source, known: dict[str, _Loaded]) -> _Loaded | list[BadIdentity]:
    values, body = source.values, source.body
    if (base := values.get("extends")) is not None:
        if base not in known:
            close = nearest(str(base), known, 1)
            near = f"; near: {close[0]}" if close else ""
            return [source.bad(("extends",), f"there is no identity `{base}` to extend{near}")]
        values = {**known[base].values, **values}
        body = body or known[base].body
    try:
        head = Head.model_validate(values)
    except ValidationError as error:
        return [sentence(source, found) for found in error.errors(include_url=False)]
    if not body:
        return [source.bad(source.body_line, "the prompt is missing: it stands below the head")]
    strays = [
        source.bad(source.body_line + line, f"`{account}` is not among its accounts")
        for line, account in account_sections(body)
        if account not in head.accounts
    ]
    if strays:
        return strays
    implied = tuple(f"{account}.{place_of(source.file)}" for account in head.accounts)
    filled = () if head.addresses else implied
    identity = Identity(
        prompt=body,
        file=str(source.file),
        filled=filled,
        addresses=head.addresses or filled,
        max_output=head.limits.max_output,
        steps=head.limits.steps,
        **{name: getattr(head, name) for name in _SAME},
    )
    return _Loaded(identity=identity, values=values, body=body)


_SAME = (
    *("name", "role", "summary", "skills", "tags", "triggers", "examples", "tier", "tools"),
    *("models", "fallbacks", "accounts", "effort"),
)
"""What a head and an identity both call by the same name."""


def _values(identity: Identity) -> dict[str, Any]:
    """What a file would have to say for `identity`."""
    limits = {"max_output": identity.max_output, "steps": identity.steps}
    values = {name: getattr(identity, name) for name in _SAME}
    return {**values, "limits": limits, "addresses": () if identity.filled else identity.addresses}


def _same(one: _Loaded, other: _Loaded) -> bool:
    """Whether both are one persona, listed twice."""
    mine, theirs = one.identity, other.identity
    same = (one.body, mine.role) == (other.body, theirs.role)
    return same and set(mine.accounts) != set(theirs.accounts)


def _merged(one: _Loaded, other: _Loaded) -> _Loaded:
    """`one` with the accounts, addresses and words of `other` besides its own, each once."""
    united = {
        name: tuple(dict.fromkeys((*getattr(one.identity, name), *getattr(other.identity, name))))
        for name in ("accounts", "addresses", "filled", "skills", "tags")
    }
    identity = msgspec.structs.replace(one.identity, **united)
    values = {**one.values, **{name: list(v) for name, v in united.items() if name != "filled"}}
    return _Loaded(identity=identity, values=values, body=one.body)
