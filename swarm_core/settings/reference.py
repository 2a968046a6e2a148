"""`docs/configuration.md`, made from the model; who has the surfaces writes it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from swarm_core.settings.schema import entry_keys, keys, named, sections
from swarm_core.settings.section import Key

_HEAD = """\
# Configuration

<!-- Made by `python -m bot.reference > docs/configuration.md`; do not edit. -->

Waggle needs no configuration. To change something, write a file `waggle.yaml` with only the
keys you want to change:

```yaml
budget:
  day: $2
limits:
  concurrency: 3
```

**Where it is looked for.** `--config FILE` (or the variable `WAGGLE_CONFIG`), else `waggle.yaml`
in the current folder, else `waggle.yaml` in the state folder. The first one found is used;
files are never merged. It is checked as a whole before anything starts, and every problem in it
is named with its line.

**Values.** Money is in dollars with at most six decimals (`5`, `0.25`, `$5`). Lengths of time
have a unit: `30s`, `10m`, `2h`, `1d`, `1h30m`. Relative folders start at the folder of the file;
`~` is your home folder.

**Variables.** `$NAME` or `${NAME}` in a value is replaced by that variable of the environment,
and `waggle config` shows the reference, never its value. `$$` is a dollar sign; `$5` needs no
escape, because no variable begins with a digit. A variable that is not set is an error at start,
with one exception: a provider whose key is not there is left out, this is said at start, and the
others work.

**Changing it by command.** `waggle init` asks at most five questions, and what a bot on
a chat service needs besides, tries the key, the server or the token at once, and writes a commented
`waggle.yaml`; run again, it changes only what you answer otherwise. Without a terminal its options
are the answers: `waggle init --provider anthropic --key-from ANTHROPIC_API_KEY --cap 5 --yes`.
`waggle config set budget.day 10` and `waggle config unset budget.day` change one setting (`/config
set` in a chat), `waggle config check` only looks whether the file holds. Comments stay, the file as
it was is kept beside it with the time in its name, and a change after which the file would not hold
is refused whole.

**Keys.** They belong into the environment. Where a machine has no better place for them,
`waggle.env` beside `waggle.yaml` holds `NAME=value` lines as shells, systemd and Docker write
them; `waggle init` writes what you type there. What the environment itself says wins. Only you
may read that file: one that others may read is refused with the mend, and `waggle doctor --fix`
makes it private.
"""

_TAIL = """\
## Variables of the environment

| variable | what it does |
|---|---|
| `WAGGLE_CONFIG` | The configuration file, as if given by `--config`. |
| `WAGGLE_STATE` | The state folder, whatever the file says; relative to the current folder. |
| `ANTHROPIC_API_KEY`, `ANTHROPIC_BASE_URL` | The key, and the address if it is not Anthropic's \
own, of a provider `anthropic`, unless the file names one of that kind. |
| `OPENAI_API_KEY`, `OPENAI_BASE_URL` | The same for OpenAI and a provider `openai`. |
| `WAGGLE_LANGUAGE` | The language of what is said, like `de`; English where there is no \
catalogue of it in `data/messages`. |
| `NO_COLOR` | With any value, no colours in the terminal. |
| `COLUMNS` | The width of the terminal. |
"""


def reference_page() -> str:
    """The whole page, ending in a newline."""
    return "\n".join([_HEAD, *_tables(), _TAIL])


def _tables() -> Iterator[str]:
    every = list(keys())
    yield "## Folders\n"
    yield _table([key for key in every if "." not in key.name])
    for name, section in sections().items():
        yield f"## {name}\n\n{inspect.getdoc(section)}\n"
        yield _table([key for key in every if key.name.startswith(f"{name}.")])
    entries = list(entry_keys())
    for name, section in named().items():
        yield f"## {name}\n\n{inspect.getdoc(section)}\n"
        yield _table([key for key in entries if key.name.startswith(f"{name}.")])


def _table(rows: list[Key]) -> str:
    lines = ["| key | default | what it does | value |", "|---|---|---|---|"]
    lines += [
        f"| `{key.name}` | {_default(key)} | {key.about} | {key.kind.wanted()} |" for key in rows
    ]
    return "\n".join(lines) + "\n"


def _default(key: Key) -> str:
    return "needed" if key.required else f"`{key.kind.shown(key.default)}`"
