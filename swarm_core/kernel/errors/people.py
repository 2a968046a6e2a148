"""What stands between a person and what they ask for: rights, codes, limits."""

from __future__ import annotations

from swarm_core.kernel.errors.tree import Conflict, FixInput, NotAllowed, Wait


class BadPolicy(FixInput):
    """`file`, line `line`: a policy does not hold, `problem`; so do `more` others."""

    code = "bad_policy"
    fields = ("file", "line", "problem", "more")


class NotYours(NotAllowed):
    """Only `owner` steers `task`."""

    code = "not_yours"
    fields = ("owner", "task", "actor", "action", "resource", "rule", "instead")


class WrongCode(FixInput):
    """No open pairing has that code; `left` more tries are taken."""

    code = "wrong_code"
    fields = ("left",)


class WrongLink(FixInput):
    """No code that links is that one; `left` more tries are taken."""

    code = "wrong_link"
    fields = ("left",)


class TooManyTries(Wait):
    """That account has tried codes often enough for an hour."""

    code = "too_many_tries"
    fields = ("minutes",)


class TooManyPairings(Wait):
    """`most` codes are open; one has to be used or expire first."""

    code = "too_many_pairings"
    fields = ("most",)


class LastOwner(Conflict):
    """The owner's own role is not one that is given or taken here."""

    code = "last_owner"
    fields = ("role",)


class AlreadyLinked(Conflict):
    """The account `maker`, which made the code, and the one that used it are one person."""

    code = "already_linked"
    fields = ("maker",)


class OwnerLinks(Conflict):
    """Only a code that the owner has made makes somebody the owner."""

    code = "owner_links"
    fields = ("maker",)


class StaysLinked(Conflict):
    """`account` cannot be taken off: it is the only one, or the settings say whose it is."""

    code = "stays_linked"
    fields = ("account", "why")


class NotAlone(Conflict):
    """What was asked elsewhere goes on only where nobody else reads; `task` is not taken on."""

    code = "not_alone"
    fields = ("task",)


class TooManyRequests(Wait):
    """More than `most` requests in a minute; the next one is taken in `seconds`."""

    code = "too_many_requests"
    fields = ("most", "seconds")


class AlwaysTold(FixInput):
    """Events of `sort` cannot be said to be `place`; `instead` are words that would do."""

    code = "always_told"
    fields = ("sort", "place", "instead")


class NoAccountThere(FixInput):
    """`place` is no surface on which the person has an account; `known` would do."""

    code = "no_account_there"
    fields = ("place", "known")


class OwnersNotices(FixInput):
    """Of `sort` nobody is told but the owner."""

    code = "owners_notices"
    fields = ("sort",)


class NotEnded(Conflict):
    """`task` is `state`: there is no end of it to show yet."""

    code = "not_ended"
    fields = ("task", "state")


class NotInDoubt(Conflict):
    """`notice` is `state`, so it is not sent again."""

    code = "not_in_doubt"
    fields = ("notice", "state")


class NotHere(Conflict):
    """What is asked for tells of all places, so not in one of `surface` that others share."""

    code = "not_here"
    fields = ("surface",)
