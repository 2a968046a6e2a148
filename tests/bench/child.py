"""One repeat in a process of its own: `python -m tests.bench.child module:function '{...}'`."""

from __future__ import annotations

import importlib
import json
import sys


def main(argv: list[str]) -> int:
    module, _, function = argv[0].partition(":")
    sample = getattr(importlib.import_module(f"tests.bench.{module}"), function)
    print(json.dumps(sample(**json.loads(argv[1]))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
