"""What runs in a child: the frame loop around one of the modules beside this file.

A frame is four bytes of length and a body; the answer is JSON. The module is named on the
command line and gives `start()`, which returns the function that answers frames.
"""

import importlib
import json
import resource
import struct
import sys
from pathlib import Path

PROCESSOR_SECONDS = 60
MEMORY = 768 * 1024 * 1024


def limit() -> None:
    """Have the system end this process should its parent be gone and it still be busy."""
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def receive() -> bytes | None:
    """The next frame, or None when the parent is gone."""
    head = sys.stdin.buffer.read(4)
    if len(head) < 4:
        return None
    (length,) = struct.unpack(">I", head)
    return sys.stdin.buffer.read(length)


def answer(value: object) -> None:
    raw = json.dumps(value).encode("ascii")
    sys.stdout.buffer.write(struct.pack(">I", len(raw)) + raw)
    sys.stdout.buffer.flush()


def main(name: str) -> None:
    limit()
    sys.path.insert(0, str(Path(__file__).parent))
    respond = importlib.import_module(name).start()
    while (frame := receive()) is not None:
        answer(respond(frame))


if __name__ == "__main__":
    main(sys.argv[1])
