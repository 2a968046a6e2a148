"""What the fake does with a call once its rules are met: answer, count, and go wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from aiohttp import web

from tests.fakes.models import chat_wire, messages_wire, responses_wire, speech
from tests.fakes.models.answer import Json, output_tokens
from tests.fakes.models.cache import Caches
from tests.fakes.models.call import Call, Refused
from tests.fakes.models.catalogue import Catalogue
from tests.fakes.models.faults import Faults, refuses
from tests.fakes.models.ledger import Ledger
from tests.fakes.models.script import Script
from tests.fakes.models.sending import Cut, reset, send
from tests.fakes.models.wire import Served, dump

WHOLE: dict[str, Callable[[Served], Json]] = {
    "messages": messages_wire.message,
    "chat": chat_wire.completion,
    "responses": responses_wire.response,
    "speech": speech.answer,
}
STREAM: dict[str, Callable[[Served], list[bytes]]] = {
    "messages": messages_wire.stream,
    "chat": chat_wire.stream,
    "responses": responses_wire.stream,
}
BROKEN = {
    "messages": messages_wire.broken,
    "chat": chat_wire.broken,
    "responses": responses_wire.broken,
}
# platform.claude.com/docs/en/api/errors; developers.openai.com/api/docs/guides/error-codes
KINDS = {
    "messages": {
        400: ("invalid_request_error", "Your request was wrong."),
        401: ("authentication_error", "invalid x-api-key"),
        402: ("billing_error", "Your credit balance is too low."),
        403: ("permission_error", "Your API key has no permission to use this resource."),
        429: ("rate_limit_error", "This request would exceed your organization's rate limit."),
        500: ("api_error", "Internal server error"),
        503: ("api_error", "Service unavailable"),
        504: ("timeout_error", "The request timed out."),
        529: ("overloaded_error", "Overloaded"),
    },
    "openai": {
        400: ("invalid_request_error", "Your request was wrong."),
        401: ("invalid_request_error", "Incorrect API key provided."),
        403: ("invalid_request_error", "You do not have access to this resource."),
        429: ("requests", "Rate limit reached for requests."),
        500: ("server_error", "The server had an error while processing your request. Sorry!"),
        503: ("server_error", "The engine is currently overloaded, please try again later."),
    },
}
CODES = {401: "invalid_api_key", 429: "rate_limit_exceeded"}


@dataclass
class Service:
    """All the state of a fake."""

    seed: int = 0
    script: Script = field(default_factory=Script)
    catalogue: Catalogue = field(default_factory=Catalogue)
    faults: Faults = field(default_factory=Faults)
    ledger: Ledger = field(default_factory=Ledger)
    caches: Caches = field(default_factory=Caches)
    state: Json = field(default_factory=dict)
    requests: list[Json] = field(default_factory=list)
    number: int = 0

    async def serve(self, request: web.Request, call: Call) -> web.StreamResponse:
        """Answer `call`, or raise `Refused`."""
        task, steps, turn = self.script.find(call)
        answer, queued = self.script.answer(call, steps, turn)
        name, digest = call.model.id, call.digest
        self.ledger.received(task, name)
        struck = self.faults.strike(
            task=task, model=name, wire=call.wire, digest=digest, scripted=answer.faults
        )
        if refusing := next((one for one in struck if refuses(one)), None):
            self.ledger.refused(task, name, refusing.get("status", 0))
            if refusing["kind"] == "reset":
                reset(request)
                return web.Response()
            raise refused(refusing, call.wire)
        if queued:
            self.script.taken()
        self.number += 1
        number = self.number
        spent = self.caches.spend(call, *output_tokens(answer))
        # An error in the place of the first event: nothing of an answer was made, nor is it billed.
        spoilt = _spoilt(struck) if call.stream else None
        billed = spoilt is None or spoilt.get("after_events", 1) > 0
        if billed:
            self.ledger.served(number, task, call.model, digest, spent)
        else:
            self.ledger.refused(task, name, 0)
        served = Served(
            call=call, answer=answer, spent=spent, number=number, seed=self.seed, state=self.state
        )
        outcome = "cut"
        try:
            response = await send(
                request,
                *self._written(served, struck),
                struck,
                streamed=call.stream,
                tokens=spent.output,
            )
            outcome = "cut" if call.stream and _spoilt(struck) else "whole"
        except (Cut, ConnectionError):
            return web.Response()
        finally:
            if billed:
                self.ledger.ended(number, task, name, outcome)
        return response

    def _written(self, served: Served, struck: list[Json]) -> tuple[list[bytes], dict[str, str]]:
        wire = served.call.wire
        header = "request-id" if wire == "messages" else "x-request-id"
        headers = {header: served.id("req_")}
        if not served.call.stream:
            whole = WHOLE[wire](served)
            if wire == "responses":
                self._remember(served, whole)
            return [dump(whole).encode()], {**headers, "Content-Type": "application/json"}
        events = STREAM[wire](served)
        if wire == "responses":
            self._remember(served, responses_wire.response(served))
        if fault := _spoilt(struck):
            kind = fault.get("error", "overloaded_error" if wire == "messages" else "server_error")
            said = BROKEN[wire](kind, fault.get("message", "Overloaded"))
            events = [*events[: fault.get("after_events", 1)], said]
        return events, {**headers, "Content-Type": "text/event-stream; charset=utf-8"}

    def _remember(self, served: Served, whole: Json) -> None:
        """A stored response may be gone on from (…/guides/conversation-state)."""
        if served.call.body.get("store", True) is False:
            return
        given = served.call.body["input"]
        items = [{"role": "user", "content": given}] if isinstance(given, str) else given
        known = self.state.setdefault("responses", {})
        before = known.get(served.call.body.get("previous_response_id"), [])
        known[whole["id"]] = [*before, *items, *whole["output"]]


def _spoilt(struck: list[Json]) -> Json | None:
    return next((one for one in struck if one["kind"] == "error_event"), None)


def refused(fault: Json, wire: str) -> Refused:
    """The refusal that a fault of kind status stands for."""
    status = fault["status"]
    kinds = KINDS["messages" if wire == "messages" else "openai"]
    kind, message = kinds.get(status, kinds[500])
    headers: dict[str, str] = {}
    if "retry_after" in fault:
        after = fault["retry_after"]
        headers["retry-after"] = str(after)
        if fault.get("date"):
            then = datetime.now(UTC) + timedelta(seconds=after)
            headers["retry-after"] = format_datetime(then, usegmt=True)
    return Refused(
        status,
        fault.get("message", message),
        kind=fault.get("error", kind),
        code=fault.get("code", CODES.get(status)),
        headers=headers,
    )
