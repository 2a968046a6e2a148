"""What can be wrong with files that come with a request."""

from __future__ import annotations

from swarm_core.kernel.errors.tree import FixInput


class UnfitFile(FixInput):
    """The file `name` cannot come with a request: `problem`."""

    code = "unfit_file"
    fields = ("name", "problem")


class TooManyAttached(FixInput):
    """`count` files came with a request, and `most` may."""

    code = "too_many_attached"
    fields = ("count", "most")


class NobodySees(FixInput):
    """Pictures came with a request, and no model here sees any."""

    code = "nobody_sees"
