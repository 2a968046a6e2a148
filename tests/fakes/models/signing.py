"""Signatures over reasoning, so that what comes back can be told from what was altered."""

from __future__ import annotations

import hashlib


def sign(model: str, text: str, salt: str) -> str:
    """A signature of `model` over the thinking it showed, made different each time by `salt`."""
    return f"{salt}.{_digest(model, text, salt)}"


def signed(model: str, text: str, signature: str) -> bool:
    return signature.rpartition(".")[2] == _digest(model, text, signature.rpartition(".")[0])


def _digest(model: str, text: str, salt: str) -> str:
    return hashlib.sha256(f"fake\0{model}\0{text}\0{salt}".encode()).hexdigest()
