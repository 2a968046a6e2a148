"""The message catalogue: every sentence people read comes from `data/messages/<language>.toml`.

What a sentence may hold, and nothing else (no attributes, no indexing, no code):

    {name}              the value; a list is joined: a, b or c
    {names:and}         joined with "and";  {most:usd} micro-dollars;  {size:bytes};  {n:count}
    {scope:scope}       an account or whom a stop is for, in words: `day/2027-01-31`, `task/142`
    {who:first}         with which a sentence begins: "You", where it would be "you"; names stay
    {n|one task|{n} tasks}    by number: the first form for 1, the second for the rest;
                              a list counts its entries
    {near? Perhaps {near}.}   only when there is a value (not empty, null, false or 0);
    {near?yes|no}             else the second form
    \\{ \\} \\| \\\\         the character itself

Forms nest. Text from outside is stripped of control characters, and of backticks where the
sentence puts it between backticks.

A translation is a file of the same keys, as many as there are; what it lacks is said in English.
"""

from __future__ import annotations

import logging
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from swarm_core import MicroUSD, WaggleError, clip, errors, format_usd, printable

FOLDER = Path(__file__).parent.parent / "data" / "messages"
FALLBACK = "en"

_log = logging.getLogger(__name__)
_FIELD = re.compile(r"\{([a-z][a-z0-9_]*)(?::([a-z]+))?([|?}])")
_LITERAL = re.compile(r"(?:[^\\{}|]|\\[\\{}|])+")
_LONGEST_IN_ERROR = 300


class MessageError(LookupError):
    """The catalogue and the code disagree: a key, a template or a placeholder."""


class Field(msgspec.Struct, frozen=True):
    name: str
    form: str | None
    in_code: bool


class Choose(msgspec.Struct, frozen=True):
    name: str
    by_number: bool
    forms: tuple[Template, ...]


Template = tuple[str | Field | Choose, ...]


class Messages:
    """Sentences of one language. `strict` is for tests: whatever does not fit raises
    `MessageError`; otherwise it is logged and the key stands for the sentence."""

    def __init__(
        self, sentences: Mapping[str, str], *, strict: bool = False, language: str = FALLBACK
    ) -> None:
        self._sentences = sentences
        self._strict = strict
        self.language = language
        self._ours = {sentences.get(f"people.{name}") for name in ("you", "swarm")}

    @classmethod
    def load(
        cls, language: str = FALLBACK, *, folder: Path = FOLDER, strict: bool = False
    ) -> Messages:
        """The catalogue of `language` ("de-AT", else "de"), each lacking key in English.

        Raises FileNotFoundError when even the English one is not there.
        """
        sentences = dict(_read(folder / f"{FALLBACK}.toml"))
        if re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", language):
            for name in dict.fromkeys((language.partition("-")[0], language)):
                file = folder / f"{name}.toml"
                if name != FALLBACK and file.is_file():
                    sentences |= _read(file)
        return cls(sentences, strict=strict, language=language)

    @staticmethod
    @lru_cache
    def languages(folder: Path = FOLDER) -> tuple[str, ...]:
        """Those there is a catalogue of."""
        return tuple(sorted(file.stem for file in folder.glob("*.toml")))

    def __call__(self, key: str, /, **values: Any) -> str:
        """The sentence `key` with `values` in their places."""
        try:
            unused = set(values) - placeholders(self._template(key))
            if unused:
                self._misfit(f"{key} has no place for {', '.join(sorted(unused))}")
            return self._say(key, values)
        except MessageError as error:
            self._misfit(str(error))
            return key

    def error(self, error: WaggleError) -> str:
        """What is wrong, where, and the mend; several lines when there are several problems."""
        lines = [self.failure(error.code, error.data)]
        if isinstance(error, errors.BadSettings):
            lines += [f"- {self.failure(problem.code, problem.data)}" for problem in error.problems]
        return "\n".join(lines)

    def failure(self, code: str, data: Mapping[str, Any]) -> str:
        """The same for an error that was recorded: its `code` and `data`."""
        short = {
            name: clip(value, _LONGEST_IN_ERROR) if isinstance(value, str) else value
            for name, value in data.items()
        }
        if ours := self._rule(data):
            short["instead"] = ours
        try:
            return self._say(f"error.{code}", short)
        except MessageError as error:
            self._misfit(str(error))
            return self("unexpected.error", code=code)

    def _rule(self, data: Mapping[str, Any]) -> str | None:
        """What a rule that we ship says, in this language; None when it says something else."""
        key = f"rule.{data.get('rule')}"
        shipped = _read(FOLDER / f"{FALLBACK}.toml").get(key)
        return self._sentences.get(key) if shipped and shipped == data.get("instead") else None

    def _template(self, key: str) -> Template:
        if key not in self._sentences:
            raise MessageError(f"there is no sentence {key}")
        try:
            return parse(self._sentences[key])
        except MessageError as error:
            raise MessageError(f"{key}: {error}") from None

    def _say(self, key: str, values: Mapping[str, Any]) -> str:
        template = self._template(key)
        if lacking := placeholders(template) - set(values):
            raise MessageError(f"{key} needs {', '.join(sorted(lacking))}")
        return "".join(self._render(template, values))

    def _misfit(self, what: str) -> None:
        if self._strict:
            raise MessageError(what)
        _log.warning("message catalogue: %s", what)

    def _render(self, template: Template, values: Mapping[str, Any]) -> Iterator[str]:
        for part in template:
            match part:
                case str():
                    yield part
                case Field(name=name, form=form, in_code=in_code):
                    text = self._text(values[name], form)
                    yield " ".join(text.replace("`", "'").split()) if in_code else text
                case Choose(name=name, by_number=by_number, forms=forms):
                    value = values[name]
                    first = _number(value) == 1 if by_number else bool(value)
                    if first or len(forms) > 1:
                        yield from self._render(forms[0 if first else 1], values)

    def _text(self, value: Any, form: str | None) -> str:
        match value, form:
            case bool() | None, _:
                return str(value).lower() if value is not None else ""
            case int(), "usd":
                return format_usd(MicroUSD(value))
            case int(), "count":
                return f"{value:,}"
            case int(), "bytes":
                return _bytes(value)
            case str(), "scope":
                return self._scope(value)
            case str(), "first" if value in self._ours:
                return value[:1].upper() + value[1:]
            case list() | tuple(), _:
                return self._joined([printable(str(entry)) for entry in value], form or "or")
        return printable(str(value))

    def _scope(self, scope: str) -> str:
        head, _, rest = scope.partition("/")
        key = f"scope.{head}" if f"scope.{head}" in self._sentences else "scope.person"
        return self._sentences.get(key, "{name}").replace("{name}", printable(rest))

    def _joined(self, entries: Sequence[str], word: str) -> str:
        if len(entries) < 2:
            return "".join(entries)
        last = self._sentences.get(f"words.{word}", word)
        return f"{', '.join(entries[:-1])} {last} {entries[-1]}"


@lru_cache(maxsize=1024)
def placeholders(template: Template) -> frozenset[str]:
    """All names in `template`, nested ones too."""
    names: set[str] = set()
    for part in template:
        if isinstance(part, Field):
            names.add(part.name)
        elif isinstance(part, Choose):
            names.add(part.name)
            names.update(*(placeholders(form) for form in part.forms))
    return frozenset(names)


@lru_cache(maxsize=1024)
def parse(text: str) -> Template:
    """`text` as parts. Raises MessageError where it is not as the head of this file says."""
    template, end = _parse(text, 0, nested=False)
    if end < len(text):
        raise MessageError(f"unexpected {text[end]!r} at {end} in {text!r}")
    return template


def _parse(text: str, at: int, *, nested: bool) -> tuple[Template, int]:
    parts: list[str | Field | Choose] = []
    while at < len(text) and text[at] != "}":
        if text[at] == "|":
            if nested:
                break
            parts.append("|")
            at += 1
            continue
        if literal := _LITERAL.match(text, at):
            parts.append(re.sub(r"\\(.)", r"\1", literal[0], flags=re.DOTALL))
            at = literal.end()
            continue
        found = _FIELD.match(text, at)
        if not found:
            raise MessageError(f"unexpected {text[at]!r} at {at} in {text!r}")
        name, form, mark = found.groups()
        at = found.end()
        if mark == "}":
            before = parts[-1] if parts else ""
            in_code = isinstance(before, str) and before.endswith("`")
            parts.append(Field(name, form, in_code))
            continue
        forms: list[Template] = []
        while not forms or text[at] == "|":
            inner, at = _parse(text, at if not forms else at + 1, nested=True)
            forms.append(inner)
            if at >= len(text):
                raise MessageError(f"{{{name}{mark} is not closed in {text!r}")
        if form or len(forms) not in ((2,) if mark == "|" else (1, 2)):
            raise MessageError(f"{{{name}{mark} has {len(forms)} forms in {text!r}")
        parts.append(Choose(name, mark == "|", tuple(forms)))
        at += 1
    return tuple(parts), at


def _number(value: Any) -> Any:
    return len(value) if isinstance(value, list | tuple) else value


def _bytes(size: int) -> str:
    if size < 1024:
        return f"{size} bytes"
    amount, unit = size / 1024, "KiB"
    for larger in ("MiB", "GiB", "TiB"):
        if amount < 1024:
            break
        amount, unit = amount / 1024, larger
    return f"{amount:.1f}".removesuffix(".0") + f" {unit}"


@lru_cache(maxsize=32)
def _read(file: Path) -> Mapping[str, str]:
    with file.open("rb") as opened:
        return dict(_flat(tomllib.load(opened), ""))


def _flat(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)


@lru_cache
def spoken(language: str) -> Messages:
    """The catalogue of `language`, read once."""
    return Messages.load(language)
