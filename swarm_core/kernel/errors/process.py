"""What can be wrong with the store, the process and its socket."""

from __future__ import annotations

from swarm_core.kernel.errors.tree import Conflict, FixInput, GiveUp, TryAgain, Wait

# ── store and process ────────────────────────────────────────────────────────


class StoreLocked(Conflict):
    """Another swarm, process `pid`, holds the state folder `folder`."""

    code = "store_locked"
    fields = ("folder", "pid")


class StoreUnwritable(GiveUp):
    """The state folder `folder` cannot be written: `problem`."""

    code = "store_unwritable"
    fields = ("folder", "problem")


class ForeignStore(GiveUp):
    """`file` is not a Waggle database."""

    code = "foreign_store"
    fields = ("file",)


class NewerStore(GiveUp):
    """`file` was written by a newer Waggle (`unknown` migration); nothing was changed."""

    code = "newer_store"
    fields = ("file", "unknown")


class DamagedStore(GiveUp):
    """`file` is damaged: `problem`. All writing has stopped."""

    code = "damaged_store"
    fields = ("file", "problem")


class StoreGone(GiveUp):
    """`file` was taken away or replaced under the running swarm: `problem`. All writing has
    stopped."""

    code = "store_gone"
    fields = ("file", "problem")


class WriterDied(GiveUp):
    """What writes to the database has died: `problem`. All writing has stopped, and what was
    being written then may or may not be on disk."""

    code = "writer_died"
    fields = ("problem",)


class DiskFull(Wait):
    """On the disk of `folder` are `free` bytes free; below `least` nothing new is taken in."""

    code = "disk_full"
    fields = ("folder", "free", "least")


class TooManyFiles(TryAgain):
    """The process has all `limit` files open that it may have."""

    code = "too_many_files"
    fields = ("limit",)


class NotRunning(Conflict):
    """No swarm is running on `folder`."""

    code = "not_running"
    fields = ("folder",)


class NoSwarmToDoIt(NotRunning):
    """No swarm is running on `folder`, and this is not done by one that is there for it alone."""

    code = "no_swarm_to_do_it"


class StillRunning(Conflict):
    """Process `pid` was told to end and has not within `seconds`."""

    code = "still_running"
    fields = ("pid", "seconds")


class OutOfReach(Conflict):
    """Something holds `folder` and cannot be told to end from here; its number is `pid`."""

    code = "out_of_reach"
    fields = ("folder", "pid")


class Managed(Conflict):
    """A service manager started this swarm, and would act against whoever restarts it."""

    code = "managed"


class NoLog(FixInput):
    """There is no log `file`."""

    code = "no_log"
    fields = ("file",)


class BadRequest(FixInput):
    """What came over the control socket cannot be understood: `problem`."""

    code = "bad_request"
    fields = ("problem",)


class UnsafeSocket(GiveUp):
    """The control socket cannot be made at `path`: `problem`."""

    code = "unsafe_socket"
    fields = ("path", "problem")


class NeedsCheckout(FixInput):
    """`command` works on the source tree, and there is none."""

    code = "needs_checkout"
    fields = ("command",)


class NoTerminal(FixInput):
    """`command` asks questions and there is no terminal; `example` answers them by options."""

    code = "no_terminal"
    fields = ("command", "example")
