from __future__ import annotations

from tests.fakes.telegram.fixtures import fake, hand

__all__ = ["fake", "hand"]
