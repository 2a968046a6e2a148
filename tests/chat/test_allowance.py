"""What may still be refused, to the last digit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.chat.allowance import MOST, Allowance
from bot.chat.urgency import Urgency


@given(at=st.floats(0, 1e7, allow_nan=False), later=st.floats(0, 599.0))
def test_when_there_is_to_be_room_again_there_is(at: float, later: float) -> None:
    now = [at]
    allowance = Allowance(lambda: now[0])
    for _ in range(MOST):
        allowance.refused()
    now[0] = at + later
    more = allowance.more()
    assert more is not None
    assert more > now[0]
    assert not allowance.takes(Urgency.ANSWER, 0)
    now[0] = more
    assert allowance.takes(Urgency.ANSWER, 0)
