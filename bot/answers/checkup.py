"""What a doctor found, in words: what, how it is, and the mend of what is not well."""

from __future__ import annotations

from bot.commands.views import Checkup, Line
from bot.messages import Messages
from bot.reply import Notice, Part, Reply, Table


def checkup(say: Messages, view: Checkup) -> Reply:
    parts: list[Part] = [
        Table(
            columns=tuple(say(f"column.{name}") for name in ("what", "state", "mend")),
            rows=tuple(
                (say(f"doctor.what.{line.what}"), finding(say, line), _mend(say, line))
                for line in view.lines
            ),
        )
    ]
    if view.findings:
        parts.append(
            Table(
                columns=tuple(say(f"column.{name}") for name in ("kind", "where", "what")),
                rows=tuple((f.kind, f.where, f.what) for f in view.findings),
            )
        )
    if view.ok:
        parts.append(Notice(level="ok", text=say("doctor.well")))
    else:
        parts.append(Notice(level="error", text=say("doctor.not_well")))
    return Reply(parts=tuple(parts))


def finding(say: Messages, line: Line) -> str:
    if line.finding == "error":
        return str(line.data["text"])
    if line.finding == "failure":
        return say.failure(line.data["code"], line.data["data"])
    data = dict(line.data)
    if "code" in data:
        data["why"] = say.failure(data.pop("code"), data.pop("data"))
    if "rights" in data:
        data["rights"] = [say(f"right.{name}") for name in data["rights"]]
    return say(f"doctor.{line.what}.{line.finding}", **data)


def _mend(say: Messages, line: Line) -> str:
    whole = line.level == "ok" or line.finding in ("error", "failure")
    return "" if whole else say(f"doctor.{line.what}.mend")
