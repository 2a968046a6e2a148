"""Files: core.telegram.org/bots/api#sending-files, #getfile; what a picture is, pictures.py."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from tests.fakes.telegram.errors import Json, Refused
from tests.fakes.telegram.images import size
from tests.fakes.telegram.parameters import Call, Upload
from tests.fakes.telegram.settings import Settings


@dataclass
class File:
    id: str
    unique: str
    path: str
    upload: Upload
    size: int
    """It may be said to be larger than what is kept: nobody is sent 20 MB in a test."""

    @property
    def json(self) -> Json:
        return {"file_id": self.id, "file_unique_id": self.unique, "file_size": self.size}


class Files:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._by_id: dict[str, File] = {}
        self.by_path: dict[str, File] = {}

    def keep(self, folder: str, upload: Upload, *, claimed: int | None = None) -> File:
        """A new file; each sending of it has another id, what is in it the same unique one."""
        name, _, data = upload
        number = len(self._by_id)
        digest = hashlib.sha256(data).digest()
        made = base64.urlsafe_b64encode(b"fake%06d" % number + digest).decode().rstrip("=")
        unique = base64.urlsafe_b64encode(digest[:9]).decode().rstrip("=")
        ending = name.rpartition(".")[2] if "." in name else "bin"
        path = f"{folder}/file_{number}.{ending}"
        file = File(f"BQACAg{made}", f"AgAD{unique}", path, upload, claimed or len(data))
        self._by_id[file.id] = self.by_path[path] = file
        return file

    def given(self, call: Call, name: str) -> File:
        """The file a request carries, or names by its id: #sending-files"""
        told = call.text(name)
        upload = call.files.get(told.removeprefix("attach://") if told else name)
        if upload is None and told.startswith("attach://"):
            raise Refused("no_file", what=name)
        if upload is not None:
            if not upload[2]:
                raise Refused("file_empty")
            if name == "photo" and len(upload[2]) > self._settings.largest_photo:
                raise Refused("file_big")
            folder = {"photo": "photos", "voice": "voice"}.get(name, "documents")
            return self.keep(folder, upload)
        if not told:
            raise Refused("no_file", what=name)
        if told.startswith(("http://", "https://")):
            raise Refused("file_url")
        if told not in self._by_id:
            raise Refused("file_wrong")
        return self._by_id[told]

    def get(self, file_id: str) -> File:
        """#getfile"""
        if not file_id:
            raise Refused("no_file_id")
        if file_id not in self._by_id:
            raise Refused("file_id")
        file = self._by_id[file_id]
        if file.size > self._settings.largest_download:
            raise Refused("file_big")
        return file


def document(file: File) -> Json:
    """#document"""
    name, kind, _ = file.upload
    return {**file.json, "file_name": name, "mime_type": kind}


def photo(file: File) -> list[Json]:
    """#photosize, smallest first; the sides together are at most 10,000 and 20 to 1: #sendphoto"""
    sides = size(file.upload[2])
    if sides is None:
        raise Refused("photo_process")
    width, height = sides
    if width + height > 10000 or max(sides) > 20 * min(sides):
        raise Refused("photo_sides")
    small = max(1, 90 * width // max(sides)), max(1, 90 * height // max(sides))
    sizes = [small, sides] if max(sides) > 90 else [sides]
    return [{**file.json, "width": one[0], "height": one[1]} for one in sizes]


def voice(file: File, duration: int) -> Json:
    """#voice"""
    return {**file.json, "duration": duration, "mime_type": "audio/ogg"}
