"""The files of a request as a model is shown them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from swarm_core.kernel.pictures import PictureType
from swarm_core.kernel.text import untrusted
from swarm_core.providers.model import Image, Part, Text
from swarm_core.tasks.model import Attached
from swarm_core.workers.prompts import Prompts


def parts_of(files: Sequence[Attached], prompts: Prompts) -> Iterator[Part]:
    """The parts that follow the request. What is in a file came from outside, and so did its
    name."""
    for file in files:
        if file.content is None:
            yield Text(prompts.attached_gone.format(name=file.name))
        elif file.picture:
            yield Text(prompts.attached_picture.format(name=file.name))
            yield Image(
                media_type=cast("PictureType", file.media_type),
                data=file.content,
                width=file.width,
                height=file.height,
            )
        else:
            yield Text(untrusted(file.content, f"the attached file {file.name}"))
