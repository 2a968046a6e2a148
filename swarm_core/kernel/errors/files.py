"""What can be wrong with files that come with a request."""

from __future__ import annotations

from swarm_core.kernel.errors.tree import FixInput, TryAgain


class UnfitFile(FixInput):
    """The file `name` cannot come with a request: `problem`."""

    code = "unfit_file"
    fields = ("name", "problem")


class LockedDocument(FixInput):
    """The document `name` has a password, or is in Word's old format."""

    code = "locked_document"
    fields = ("name",)


class BrokenDocument(FixInput):
    """The document `name` is damaged."""

    code = "broken_document"
    fields = ("name",)


class SilentDocument(FixInput):
    """There is no text in the document `name`."""

    code = "silent_document"
    fields = ("name",)


class TooManyPages(FixInput):
    """The document `name` has `count` pages, and `most` may be read."""

    code = "too_many_pages"
    fields = ("name", "count", "most")


class UnfoldingDocument(FixInput):
    """Reading the document `name` took more than `seconds` or too much memory, or ended its
    reader."""

    code = "unfolding_document"
    fields = ("name", "seconds")


class TooManyAttached(FixInput):
    """`count` files came with a request, and `most` may."""

    code = "too_many_attached"
    fields = ("count", "most")


class FileAway(TryAgain):
    """The file `name` could not be fetched from `surface`, where it lies: `problem`."""

    code = "file_away"
    fields = ("name", "surface", "problem")


class NobodySees(FixInput):
    """Pictures came with a request, and no model here sees any."""

    code = "nobody_sees"
