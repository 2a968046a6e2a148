"""Pairing codes: eight signs nobody mistakes for one another, kept only as a hash.

What can go wrong: somebody guesses one, finds one in the database, or uses one twice. There are
2^40 of them; an account has five tries an hour; a code lives for an hour, at most twenty at once;
what is stored is its salted scrypt hash, and the row goes in the transaction that uses it.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

from swarm_core.kernel.ids import Entropy

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without I, L, O and U, as Crockford has it; 32 signs, so a byte picks one without a bias."""
LENGTH = 8
LIFE = timedelta(hours=1)
LINK_LIFE = timedelta(minutes=10)
MOST_TRIES = 5
MOST_OPEN = 20
_ALIKE = str.maketrans("ILO", "110")


def draw(entropy: Entropy) -> str:
    return "".join(ALPHABET[byte & 31] for byte in entropy.bytes(LENGTH))


def shown(code: str) -> str:
    return f"{code[:4]}-{code[4:]}"


def normal(typed: str) -> str:
    """What was typed, as the code it stands for: case, hyphens and blanks are no part of it."""
    return typed.upper().replace("-", "").replace(" ", "").translate(_ALIKE)


def hashed(code: str, salt: bytes) -> bytes:
    """About ten milliseconds of work; not for the loop."""
    return hashlib.scrypt(code.encode("utf-8", "replace"), salt=salt, n=2**12, r=8, p=1, dklen=32)


def fits(code: str, salt: bytes, stored: bytes) -> bool:
    return hmac.compare_digest(hashed(code, salt), stored)
