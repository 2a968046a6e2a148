"""The choice among candidates, over every small world."""

from __future__ import annotations

from itertools import product

import msgspec
import pytest

from swarm_core.kernel.errors import BadArgument, NotFound
from swarm_core.kernel.money import MicroUSD
from swarm_core.routing.model import Candidate, Offer, Rules, Tier, Wanted, Worker
from swarm_core.routing.router import Router, routed
from swarm_core.routing.rules import choose

REASONS = ("free_script", "closer_match", "freer_tier", "cheaper", "less_busy")


def candidate(name: str, tier: int, most: int, specific: int, busy: int) -> Candidate:
    return Candidate(
        worker=name,
        model=f"{name}-1",
        tier=tier,
        because="words",
        specific=specific,
        most=MicroUSD(most),
        busy=busy,
    )


KINDS = tuple(product((0, 1, 2), (0, 1), (0, 1), (0, 1)))
"""Every combination of three tiers, two prices, fits and loads."""


def badness(c: Candidate) -> tuple[bool, int, int, int, int]:
    return c.tier != 0, -c.specific, c.tier, c.most, c.busy


@pytest.mark.parametrize("a", KINDS)
def test_of_two_the_better_is_chosen_for_the_first_thing_in_which_they_differ(
    a: tuple[int, int, int, int],
) -> None:
    for b in KINDS:
        one, two = candidate("one", *a), candidate("two", *b)
        best = one if badness(one) <= badness(two) else two
        differ = [x != y for x, y in zip(badness(one), badness(two), strict=True)]
        reason = REASONS[differ.index(True)] if any(differ) else "by_name"
        for field in ((one, two), (two, one)):
            route = choose(field, None)
            assert route.chosen == best
            assert route.reason == reason
            assert set(route.candidates) == {one, two}


def test_of_three_nobody_left_over_is_better_than_the_chosen_one() -> None:
    for kinds in product(KINDS[::3], repeat=3):
        field = tuple(candidate(name, *kind) for name, kind in zip("abc", kinds, strict=True))
        route = choose(field, None)
        assert route.chosen is not None
        assert all(badness(route.chosen) <= badness(c) for c in field)
        ranks = [(badness(c), c.worker) for c in route.candidates]
        assert ranks == sorted(ranks)


@pytest.mark.parametrize("kind", KINDS)
def test_a_wish_is_granted_however_bad_the_one_wished_for_is(
    kind: tuple[int, int, int, int],
) -> None:
    wished, other = candidate("wished", *kind), candidate("other", 0, 0, 1, 0)
    route = choose((other, wished), "wished")
    assert (route.chosen, route.reason) == (wished, "wished")
    assert set(route.candidates) == {wished, other}


def test_a_wish_that_cannot_be_met_is_nobody_but_shows_who_could() -> None:
    other = candidate("other", 0, 0, 0, 0)
    route = choose((other,), "wished")
    assert (route.chosen, route.reason, route.candidates) == (None, "wish_cannot", (other,))
    assert choose((), "wished").reason == "wish_cannot"


def test_nobody_and_only_one_have_reasons_of_their_own() -> None:
    assert choose((), None).reason == "nobody"
    assert choose((), None).chosen is None
    only = candidate("only", 3, 9, 0, 9)
    assert (choose((only,), None).chosen, choose((only,), None).reason) == (only, "only_one")


def task(text: str, worker: str | None = None) -> Wanted:
    return Wanted(text=text, kind="task", worker=worker)


class Source:
    """Offers its workers for every text, or complains."""

    def __init__(self, *workers: tuple[str, Tier], error: Exception | None = None) -> None:
        self._workers = tuple(
            Worker(name=name, model=f"{name}-1", tier=tier, summary="") for name, tier in workers
        )
        self._error = error

    def workers(self) -> tuple[Worker, ...]:
        return self._workers

    def offers(self, wanted: Wanted) -> tuple[Offer, ...]:
        if self._error:
            raise self._error
        return tuple(Offer(worker=w, specific=0, because=wanted.text) for w in self._workers)


def test_the_router_asks_every_source_and_counts_who_is_busy() -> None:
    router = Router([Source(("ann", Tier.CHEAP), ("ben", Tier.CHEAP)), Source(("cy", Tier.CHEAP))])
    assert list(router.workers()) == ["ann", "ben", "cy"]
    route = router.choose(task("words"), {"ann": 2, "cy": 1})
    assert route.chosen is not None
    assert (route.chosen.worker, route.reason) == ("ben", "less_busy")
    assert [(c.worker, c.busy) for c in route.candidates] == [("ben", 0), ("cy", 1), ("ann", 2)]


def test_a_wish_nobody_is_called_is_refused_with_the_closest_names() -> None:
    router = Router([Source(("scribe", Tier.CHEAP), ("scout", Tier.CHEAP))])
    with pytest.raises(NotFound) as refused:
        router.choose(task("words", "scrib"), {})
    assert refused.value.data["near"] == ("scribe",)


def test_what_a_source_cannot_understand_is_told_and_not_given_to_another() -> None:
    wrong = BadArgument(command="p", name="url", value="x", expected="a url", example="p http://x")
    router = Router([Source(("ann", Tier.CHEAP)), Source(("ben", Tier.PLAYBOOK), error=wrong)])
    with pytest.raises(BadArgument):
        router.choose(task("p x"), {})


def test_the_fact_of_a_route_has_the_wish_the_reason_and_every_candidate() -> None:
    router = Router([Source(("ann", Tier.CHEAP), ("ben", Tier.DEAR))])
    event = routed(router.choose(task("words", "ben"), {}), "ben")
    assert (event.worker, event.reason, event.wish) == ("ben", "wished", "ben")
    assert [c.worker for c in event.candidates] == ["ben", "ann"]
    nobody = routed(Router([]).choose(task("words"), {}), None)
    assert (nobody.worker, nobody.reason, nobody.candidates) == (None, "nobody", ())


def able(name: str, success: int, tier: Tier) -> Candidate:
    plain = candidate(name, int(tier), int(tier), 0, 0)
    return msgspec.structs.replace(plain, success=success)


def test_the_cheapest_that_reaches_the_bar_is_chosen() -> None:
    field = (able("a", 600, Tier.LOCAL), able("b", 700, Tier.CHEAP), able("c", 990, Tier.DEAR))
    route = choose(field, None, Rules(bar=700))
    assert route.chosen is not None
    assert (route.chosen.worker, route.reason) == ("b", "freer_tier")
    assert [c.worker for c in route.candidates] == ["b", "c", "a"]


def test_below_the_bar_the_most_able_is_chosen() -> None:
    field = (able("a", 300, Tier.LOCAL), able("b", 600, Tier.CHEAP))
    route = choose(field, None, Rules(bar=700))
    assert route.chosen is not None
    assert (route.chosen.worker, route.reason) == ("b", "able_enough")


def test_who_meets_an_obstacle_is_chosen_only_when_everybody_does() -> None:
    paused = msgspec.structs.replace(able("a", 900, Tier.LOCAL), obstacle="paused")
    assert choose((paused, able("b", 900, Tier.DEAR)), None).reason == "no_obstacle"
    assert choose((paused,), None).chosen == paused
