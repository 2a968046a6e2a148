"""Telling the service manager how we are: systemd's notification protocol.

A few lines over a datagram socket, after sd_notify(3) of systemd 257: the package for it would
save half of them, and sends neither to abstract sockets on every version nor the monotonic time
that a reload needs. Without a manager nothing is sent, and nothing that fails here is anybody's
trouble but the log's.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time

from swarm_core import Environment

log = logging.getLogger(__name__)


class Notifier:
    """Sends to the manager that started this process, if one did."""

    def __init__(self, address: str | None, watchdog: float | None = None) -> None:
        """`address` is NOTIFY_SOCKET, where a leading `@` stands for the abstract name space;
        `watchdog` the seconds within which the manager wants a sign of life."""
        self._address = f"\0{address[1:]}" if address and address[0] == "@" else address
        self._watchdog = watchdog

    @classmethod
    def of(cls, environment: Environment) -> Notifier:
        ours = environment.watchdog_pid in (None, os.getpid())
        return cls(environment.notify, environment.watchdog if ours else None)

    def ready(self, status: str) -> None:
        self._send("READY=1", f"STATUS={status}")

    def reloading(self) -> None:
        """Follow it by `ready`."""
        microseconds = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1_000
        self._send("RELOADING=1", f"MONOTONIC_USEC={microseconds}")

    def stopping(self, status: str) -> None:
        self._send("STOPPING=1", f"STATUS={status}")

    async def keep_alive(self) -> None:
        """Say so for as long as the loop turns, which is what this runs on. Ends by being
        cancelled, or at once when nobody wants to know."""
        if not self._address or not self._watchdog:
            return
        while True:
            self._send("WATCHDOG=1")
            await asyncio.sleep(self._watchdog / 2)

    def _send(self, *lines: str) -> None:
        if not self._address:
            return
        # One line a field: a line end in a status would begin another.
        message = "\n".join(line.replace("\n", " ") for line in lines)
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sending:
                sending.setblocking(False)
                sending.sendto(message.encode(), self._address)
        except OSError as error:
            log.warning("the service manager could not be told: %s", error)
