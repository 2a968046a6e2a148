"""An approval is bound to one exact action, and its id cannot be found by trying."""

from __future__ import annotations

import msgspec
import pytest

from swarm_core.approvals.model import Approval, canonical, digest_of
from swarm_core.approvals.rules import LENGTH, SIGNS, refusal, token
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.errors import AlreadyDecided, NothingCheaper, OtherAction, TooLate
from swarm_core.kernel.ids import ApprovalId, SystemEntropy, TaskId
from swarm_core.kernel.money import MicroUSD

ACTION = {"kind": "price", "task": 12, "text": "ab" * 32, "worker": "coder", "most": 420_000}


def an_approval(**fields: object) -> Approval:
    first = Approval(
        id=ApprovalId("kabcdefgh2"),
        kind="price",
        task=TaskId(12),
        run=None,
        asker="terminal/local/1",
        action=ACTION,  # type: ignore[arg-type]
        other=None,
        digest=digest_of(ACTION),  # type: ignore[arg-type]
        cost=MicroUSD(420_000),
        shown={},
        asked=Micros(1_000),
        expires=Micros(2_000),
        state="open",
        live=True,
        decided=None,
        decided_by=None,
        instead=False,
        granted=None,
        reason=None,
        place=None,
    )
    return msgspec.structs.replace(first, **fields)


def test_the_same_action_is_the_same_bytes_in_whatever_order_it_was_built() -> None:
    turned = dict(reversed(ACTION.items()))
    assert canonical(turned) == canonical(ACTION)
    assert digest_of(turned) == digest_of(ACTION)  # type: ignore[arg-type]


def test_no_byte_of_an_action_can_change_without_its_digest() -> None:
    approval, raw = an_approval(), canonical(ACTION)
    readable = 0
    for at in range(len(raw)):
        for bit in range(8):
            changed = bytearray(raw)
            changed[at] ^= 1 << bit
            try:
                action = msgspec.json.decode(bytes(changed))
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue
            if action == ACTION:
                continue
            readable += 1
            digest = digest_of(action)
            problem = refusal(approval, Micros(1_500), digest, instead=False)
            assert isinstance(problem, OtherAction)
    assert readable > 300


def test_the_cheaper_action_is_bound_as_well() -> None:
    other = {**ACTION, "worker": "writer"}
    assert digest_of(ACTION, other) != digest_of(ACTION)  # type: ignore[arg-type]
    assert digest_of(ACTION, other) != digest_of(other, ACTION)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "now", "error"),
    [
        ({"state": "approved"}, 1_500, AlreadyDecided),
        ({"state": "denied"}, 2_500, AlreadyDecided),
        ({"state": "expired"}, 1_500, TooLate),
        ({}, 2_000, TooLate),
        ({"state": "withdrawn"}, 1_500, OtherAction),
    ],
)
def test_what_is_over_is_refused(fields: dict[str, object], now: int, error: type) -> None:
    approval = an_approval(**fields)
    problem = refusal(approval, Micros(now), approval.digest, instead=False)
    assert isinstance(problem, error)


def test_only_what_fits_is_taken_up_to_the_last_moment() -> None:
    approval = an_approval()
    assert refusal(approval, Micros(1_999), approval.digest, instead=False) is None
    cheaper = refusal(approval, Micros(1_999), approval.digest, instead=True)
    assert isinstance(cheaper, NothingCheaper)


def test_ids_look_like_words_and_never_like_numbers_of_tasks() -> None:
    found = {token(SystemEntropy().bytes(LENGTH)) for _ in range(500)}
    assert len(found) == 500
    for each in found:
        assert len(each) == LENGTH
        assert set(each) <= set(SIGNS)
        assert each[0].isalpha()
