"""What runs in a child: the frame loop around one of the modules beside this file.

A frame is four bytes of length and a body; the answer is JSON. The command line names the module
and the seconds of the processor it may use; the module gives `start()`, which returns the function
that answers frames.
"""

import importlib
import json
import resource
import struct
import sys
from pathlib import Path

MEMORY = 768 * 1024 * 1024


def limit(seconds: int) -> None:
    """Have the system end this process when it is busy for too long, its parent there or gone."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
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


def main(name: str, seconds: int) -> None:
    limit(seconds)
    sys.path.insert(0, str(Path(__file__).parent))
    respond = importlib.import_module(name).start()
    while (frame := receive()) is not None:
        answer(respond(frame))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
