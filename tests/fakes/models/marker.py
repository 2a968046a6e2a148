"""Words in a prompt that say what the fake answers.

`[[task 17: think hm; say hello; tool read {"path": "a"} => say done]]`

`task KEY` names whose call it is. `;` separates parts of one answer, `=>` answers of one
conversation: the number of model turns after the marker picks one, so a call made again is answered
the same. After the last one comes `done`; `=> again` repeats the last for ever. Words: `say TEXT`,
`json VALUE`, `think TEXT`, `tool NAME {…}`, `tool NAME raw TEXT`, `refuse TEXT`, `stop WORD`,
`unknown KIND`, `empty`, `nonsense`, `obey` (an asked-for schema), `usage WORD`,
`model ID`, `fault {…}`.
"""

from __future__ import annotations

import json
import re

from tests.fakes.models.answer import Json

_OPEN = re.compile(r"\[\[task ([\w.:/-]*[\w/-])\s*(:|(?=\]\]))")
_NEXT = re.compile(r"\s*(;|=>|\]\])")
_DECODER = json.JSONDecoder()

Script = list[Json]
AGAIN: Json = {"again": True}


def find(text: str) -> tuple[str, Script] | None:
    """The last marker in `text`: its key and its steps. No steps: it only names the task."""
    found = None
    for opened in _OPEN.finditer(text):
        found = opened
    if found is None:
        return None
    if found[2] != ":":
        return found[1], []
    return found[1], _steps(text, found.end())


def _steps(text: str, at: int) -> Script:
    steps: Script = []
    step: Json = {"parts": []}
    while True:
        at = _word(text, at, step)
        sign = _NEXT.match(text, at)
        if sign is None:
            raise ValueError(f"a marker goes wrong at {text[at : at + 40]!r}")
        at = sign.end()
        if sign[1] == ";":
            continue
        steps.append(step)
        if sign[1] == "]]":
            return steps
        step = {"parts": []}


def _word(text: str, at: int, step: Json) -> int:
    said = re.compile(r"\s*(\w+)\s*").match(text, at)
    if said is None:
        raise ValueError(f"a marker has no word at {text[at : at + 40]!r}")
    word, at = said[1], said.end()
    if word in ("say", "think", "refuse"):
        value, at = _text(text, at)
        kind = {"say": "text", "think": "thinking", "refuse": "refusal"}[word]
        step["parts"].append({"type": kind, "text": value})
        if word == "refuse":
            step.setdefault("stop", "refusal")
    elif word == "tool":
        at = _tool(text, at, step)
    elif word == "json":
        value, at = _DECODER.raw_decode(text, at)
        step["parts"].append({"type": "text", "text": json.dumps(value)})
    elif word == "fault":
        value, at = _DECODER.raw_decode(text, at)
        step.setdefault("faults", []).append(value)
    elif word == "unknown":
        value, at = _text(text, at)
        step["parts"].append({"type": "unknown", "name": value})
    elif word in ("stop", "usage", "model"):
        step[word], at = _text(text, at)
    elif word in ("nonsense", "obey"):
        step[word] = True
    elif word == "again":
        step.update(AGAIN)
    elif word != "empty":
        raise ValueError(f"a marker knows no word {word!r}")
    return at


def _tool(text: str, at: int, step: Json) -> int:
    name = re.compile(r"([\w-]+)\s*").match(text, at)
    if name is None:
        raise ValueError("a marker's tool has no name")
    at = name.end()
    if text.startswith("raw ", at):
        raw, at = _text(text, at + 4)
        step["parts"].append({"type": "tool", "name": name[1], "raw": raw})
    elif text.startswith("{", at):
        value, at = _DECODER.raw_decode(text, at)
        step["parts"].append({"type": "tool", "name": name[1], "input": value})
    else:
        step["parts"].append({"type": "tool", "name": name[1], "input": {}})
    return at


def _text(text: str, at: int) -> tuple[str, int]:
    """A JSON string, or words up to the next sign."""
    if text.startswith('"', at):
        value, at = _DECODER.raw_decode(text, at)
        return value, at
    end = re.compile(r"\s*(;|=>|\]\])").search(text, at)
    if end is None:
        raise ValueError("a marker does not end")
    return text[at : end.start()], end.start()
