"""Files that come with a request: which are taken, and what is kept of them.

What a file is, its bytes say; its name is only shown. They are kept like every text of a task: in
a body of their own, so that a restart or another run has them, and forgetting erases them.
"""

from __future__ import annotations

import base64
import hashlib
from typing import ClassVar

import msgspec

from swarm_core.kernel.actor import Actor
from swarm_core.kernel.errors import TooLarge, TooManyAttached, UnfitFile
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.pictures import BrokenPicture, picture_of
from swarm_core.kernel.text import clip, printable
from swarm_core.settings.running import Attachments
from swarm_core.store import (
    BodyRef,
    Database,
    Event,
    Fact,
    Migrations,
    RoomTables,
    Rows,
    Tx,
    read_body,
)
from swarm_core.tasks.model import Attached

LONGEST_NAME = 120
PLAIN = "text/plain"
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
_IN_A_MARK = str.maketrans({'"': "'", "<": "(", ">": ")", "\n": " ", "\t": " "})
"""A name is shown to models inside a mark of ours, which it must not be able to close."""

migrations = Migrations("files")


class FileRules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How many files a request may have, and how many bytes a picture, a text and a document,
    which may have so many pages, as much text as a text, and takes no longer to read than that."""

    most: int = 5
    picture: int = 5_000_000
    text: int = 200_000
    document: int = 10_000_000
    pages: int = 200
    seconds: int = 20

    @classmethod
    def of(cls, settings: Attachments) -> FileRules:
        return cls(
            most=settings.files,
            picture=settings.picture_kilobytes * 1_000,
            text=settings.text_kilobytes * 1_000,
            document=settings.document_kilobytes * 1_000,
            pages=settings.pages,
        )

    @property
    def largest(self) -> int:
        """Bytes no file at all may have more of."""
        return max(self.picture, self.text, self.document)

    def bytes_of(self, file: Attached) -> int:
        """The bytes `file` may have, being what it is."""
        if file.picture:
            return self.picture
        return self.text if file.media_type == PLAIN else self.document


class TaskAttached(Event, frozen=True, kw_only=True, gc=False):
    """A file came with the request. `body` is its text, or its bytes in base64."""

    kind: ClassVar[str] = "task.attached"

    n: int
    name: BodyRef
    media_type: str
    size: int
    width: int
    height: int
    body: BodyRef


@migrations(name="0001_files")
def _files(db: Database) -> None:
    db.execute(
        """create table task_files(task integer not null, n integer not null,
            name_body integer not null, media_type text not null, size integer not null,
            width integer not null, height integer not null, body integer not null,
            primary key(task, n)) without rowid"""
    )


def _attached(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, TaskAttached)
    tx.execute(
        "insert into task_files(task, n, name_body, media_type, size, width, height, body)"
        " values(?,?,?,?,?,?,?,?)",
        (fact.task, e.n, e.name.id, e.media_type, e.size, e.width, e.height, e.body.id),
    )


TABLES = RoomTables(
    name="files",
    migrations=migrations,
    tables={"task_files": "projection"},
    projectors={TaskAttached: _attached},
)


def shown_name(name: str) -> str:
    """The name of a file as people and models are shown it."""
    return clip(printable(name).translate(_IN_A_MARK), LONGEST_NAME) or "file"


def recognise(name: str, data: bytes, rules: FileRules) -> Attached:
    """`data` as it is kept. Raises `UnfitFile` for what no model could be shown, `TooLarge`."""
    shown = shown_name(name)
    try:
        picture = picture_of(data)
    except BrokenPicture as error:
        raise UnfitFile(name=shown, problem=str(error)) from None
    if picture is not None:
        if len(data) > rules.picture:
            raise TooLarge(what=shown, size=len(data), limit=rules.picture)
        content, size = base64.b64encode(data).decode(), (picture.width, picture.height)
        return _kept(shown, picture.media_type, data, content, size)
    if name.lower().endswith(_PICTURES):
        problem = "it is called a picture, and what is in it is none"
        raise UnfitFile(name=shown, problem=problem)
    if len(data) > rules.text:
        raise TooLarge(what=shown, size=len(data), limit=rules.text)
    return _kept(shown, PLAIN, data, _text(shown, data), (0, 0))


def _text(name: str, data: bytes) -> str:
    if not data.strip():
        raise UnfitFile(name=name, problem="there is nothing in it")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnfitFile(name=name, problem="it is neither a picture nor text in UTF-8") from None
    if data.startswith(b"%PDF-") or "\0" in text:
        raise UnfitFile(name=name, problem="it is neither a picture nor plain text")
    return text


def _kept(name: str, media_type: str, data: bytes, content: str, size: tuple[int, int]) -> Attached:
    return Attached(
        name=name,
        media_type=media_type,
        content=content,
        size=len(data),
        width=size[0],
        height=size[1],
        digest=hashlib.sha256(data).hexdigest(),
    )


def check(files: tuple[Attached, ...], rules: FileRules) -> None:
    """Raises `TooManyAttached`, or `TooLarge` for what did not come through `recognise`."""
    if len(files) > rules.most:
        raise TooManyAttached(count=len(files), most=rules.most)
    for file in files:
        limit = rules.bytes_of(file)
        if file.size > limit:
            raise TooLarge(what=file.name, size=file.size, limit=limit)


def attach(tx: Tx, actor: Actor, task: TaskId, files: tuple[Attached, ...]) -> None:
    """Keep the files of a task that was just accepted."""
    for n, file in enumerate(files, 1):
        fact = TaskAttached(
            n=n,
            name=tx.put_body(file.name),
            media_type=file.media_type,
            size=file.size,
            width=file.width,
            height=file.height,
            body=tx.put_body(file.content or ""),
        )
        tx.append(fact, actor, task=task)


_COLUMNS = "name_body, media_type, size, width, height, body"


def of_task(tx: Tx, task: TaskId) -> tuple[Attached, ...]:
    """The files of a task with what is in them, also when they came in this transaction."""
    return tuple(_row(row, tx.body(row[0]), tx.body(row[5])) for row in _rows(tx, task))


def read(rows: Rows, task: TaskId, *, content: bool = True) -> tuple[Attached, ...]:
    """The files of a task. Without `content` that of a file which is there is empty."""

    def inside(body: int) -> str | None:
        if content:
            return read_body(rows.execute, body)
        kept = rows.execute("select content is not null from bodies where id = ?", (body,))
        return "" if kept.fetchone() == (1,) else None

    found = _rows(rows, task)
    return tuple(_row(row, read_body(rows.execute, row[0]), inside(row[5])) for row in found)


def any_of(rows: Rows | Tx, task: TaskId) -> bool:
    """Whether a file came with `task`."""
    return bool(_rows(rows, task))


def _rows(rows: Rows | Tx, task: TaskId) -> list[tuple[int, str, int, int, int, int]]:
    return rows.execute(
        f"select {_COLUMNS} from task_files where task = ? order by n",  # noqa: S608
        (task,),
    ).fetchall()


def _row(
    row: tuple[int, str, int, int, int, int], name: str | None, content: str | None
) -> Attached:
    return Attached(
        name=name or "a file",
        media_type=row[1],
        content=content,
        size=row[2],
        width=row[3],
        height=row[4],
    )
