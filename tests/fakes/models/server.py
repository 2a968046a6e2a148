"""The HTTP side: routes, keys, errors as each vendor writes them, and the admin's door.

Admin, under /_fake: POST script {keys, tasks, queue, default, models, forget_cache, seed}; POST
faults {faults, storm, seed}, DELETE faults; GET counts, POST counts {file, log} to keep them in
files, DELETE counts; GET log; GET requests (the bodies received); DELETE script (everything anew).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.fakes.models import (
    chat_rules,
    chat_wire,
    messages_rules,
    messages_wire,
    responses_rules,
    speech,
)
from tests.fakes.models.answer import Json
from tests.fakes.models.call import Call, Refused
from tests.fakes.models.checks import body_of
from tests.fakes.models.messages_rules import NEWEST
from tests.fakes.models.service import Service
from tests.fakes.models.wire import dump

VERSIONS = (NEWEST, "2023-06-01", "2023-01-01")  # platform.claude.com/docs/en/api/versioning
LARGEST = 32 * 1024 * 1024  # platform.claude.com/docs/en/api/errors, "Request size limits"


@dataclass
class FakeModels:
    """A fake under way: its address, and its insides for tests of the same process."""

    url: str
    service: Service

    @property
    def anthropic(self) -> str:
        """The base URL for Anthropic's SDK."""
        return self.url

    @property
    def openai(self) -> str:
        """The base URL for OpenAI's SDK."""
        return f"{self.url}/v1"

    def script(self, **told: Any) -> None:
        """As POST /_fake/script."""
        tell(self.service, told)

    def fault(self, **fault: Any) -> None:
        """As POST /_fake/faults with one fault."""
        self.service.faults.add(fault)

    def counts(self) -> Json:
        return self.service.ledger.counts()


@asynccontextmanager
async def serving(*, seed: int = 0, port: int = 0) -> AsyncIterator[FakeModels]:
    """A fake on `port` of this machine (0: any free one) while the context lasts."""
    service = Service(seed=seed)
    service.faults.seed = seed
    # Handlers are cancelled when the client goes: that is how a hang and a cut are noticed.
    runner = web.AppRunner(
        _Doors(service).app(), handler_cancellation=True, access_log=None, shutdown_timeout=0.1
    )
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    try:
        where = runner.addresses[0]
        yield FakeModels(url=f"http://127.0.0.1:{where[1]}", service=service)
    finally:
        await runner.cleanup()


def tell(service: Service, told: Json) -> None:
    """Change the script; what is wrong in it changes nothing."""
    known = {"keys", "tasks", "queue", "default", "models", "forget_cache", "seed", "obeys"}
    if wrong := set(told) - known:
        raise ValueError(f"a script has no {sorted(wrong)}")
    service.script.change(told)
    for name, what in told.get("models", {}).items():
        service.catalogue.change(name, what)
    if told.get("forget_cache"):
        service.caches.forget()
    if "seed" in told:
        service.seed = service.faults.seed = told["seed"]


class _Doors:
    def __init__(self, service: Service) -> None:
        self._service = service

    def app(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST, middlewares=[self._admitted])
        app.add_routes(
            [
                web.post("/v1/messages", self._messages),
                web.post("/v1/messages/count_tokens", self._count),
                web.post("/v1/chat/completions", self._chat),
                web.post("/v1/responses", self._responses),
                web.post("/v1/audio/transcriptions", self._speech),
                web.get("/v1/models", self._models),
                web.post("/_fake/script", self._script),
                web.delete("/_fake/script", self._anew),
                web.post("/_fake/faults", self._fault),
                web.delete("/_fake/faults", self._mend),
                web.get("/_fake/counts", self._counts),
                web.post("/_fake/counts", self._keep),
                web.delete("/_fake/counts", self._forget),
                web.get("/_fake/log", self._log),
                web.get("/_fake/requests", self._requests),
            ]
        )
        return app

    @web.middleware
    async def _admitted(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        """Check the key, and write a refusal as the vendor of the door does."""
        if request.path.startswith("/_fake/"):
            try:
                return await handler(request)
            except (ValueError, KeyError, TypeError) as problem:
                return web.json_response({"problem": repr(problem)}, status=400)
        claude = request.path.startswith("/v1/messages") or "anthropic-version" in request.headers
        request_id = f"req_fake{len(self._service.requests):08d}"
        try:
            if claude:
                self._claude_key(request)
            else:
                self._openai_key(request)
            return await handler(request)
        except web.HTTPRequestEntityTooLarge:
            refusal = Refused(413, "Request exceeds the maximum size", kind="request_too_large")
        except (web.HTTPNotFound, web.HTTPMethodNotAllowed) as missing:
            refusal = Refused(missing.status, "Not Found", kind="not_found_error")
        except Refused as raised:
            refusal = raised
            if refusal.status == 401:
                self._service.ledger.received("-", "-")
                self._service.ledger.refused("-", "-", 401)
        body = messages_wire.refusal(refusal, request_id) if claude else chat_wire.refusal(refusal)
        headers = {"request-id" if claude else "x-request-id": request_id, **refusal.headers}
        return web.json_response(body, status=refusal.status, headers=headers)

    def _claude_key(self, request: web.Request) -> None:
        # platform.claude.com/docs/en/api/overview#authentication: both headers are required
        keys = self._service.script.keys
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        given = request.headers.get("x-api-key") or bearer
        if keys is not None and not given:
            raise Refused(401, "x-api-key header is required", kind="authentication_error")
        if keys is not None and given not in keys:
            raise Refused(401, "invalid x-api-key", kind="authentication_error")
        version = request.headers.get("anthropic-version")
        if version is None:
            raise Refused(400, "anthropic-version: header is required")
        if version not in VERSIONS:
            raise Refused(400, f"anthropic-version: {version} is not a valid version")

    def _openai_key(self, request: web.Request) -> None:
        # developers.openai.com/api/docs/guides/error-codes: 401
        keys = self._service.script.keys
        given = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if keys is None or given in keys:
            return
        if not given:
            raise Refused(
                401,
                "You didn't provide an API key. You need to provide your API key in an "
                "Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
            )
        raise Refused(
            401,
            f"Incorrect API key provided: {given[:4]}****. You can find your API key at "
            "https://platform.openai.com/account/api-keys.",
            code="invalid_api_key",
        )

    async def _body(self, request: web.Request, message: str) -> Json:
        if request.content_type != "application/json":
            raise Refused(400, "Content-Type: should be application/json")
        data = await request.read()
        body = body_of(data, lambda problem: Refused(400, message.format(problem)))
        self._service.requests.append({"path": request.path, "body": body})
        return body

    def _checked(self, check: Callable[[], Call], body: Json) -> Call:
        """The call, or a refusal that is counted; whose it is cannot be told then."""
        try:
            return check()
        except Refused as refusal:
            model = str(body.get("model", "-"))
            self._service.ledger.received("-", model)
            self._service.ledger.refused("-", model, refusal.status)
            raise

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        service = self._service
        body = await self._body(request, "The request body is not valid JSON: {}")
        issued = service.state.setdefault("issued", {})
        call = self._checked(
            lambda: messages_rules.checked(
                body, service.catalogue, issued, version=request.headers["anthropic-version"]
            ),
            body,
        )
        return await service.serve(request, call)

    async def _count(self, request: web.Request) -> web.StreamResponse:
        # platform.claude.com/docs/en/build-with-claude/token-counting: free, and not served
        body = await self._body(request, "The request body is not valid JSON: {}")
        issued = self._service.state.setdefault("issued", {})
        call = messages_rules.checked(
            body,
            self._service.catalogue,
            issued,
            version=request.headers["anthropic-version"],
            counting=True,
        )
        return web.json_response({"input_tokens": call.input})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        service = self._service
        body = await self._body(request, "We could not parse the JSON body of your request. {}")
        call = self._checked(lambda: chat_rules.checked(body, service.catalogue), body)
        return await service.serve(request, call)

    async def _responses(self, request: web.Request) -> web.StreamResponse:
        service = self._service
        body = await self._body(request, "We could not parse the JSON body of your request. {}")
        call = self._checked(
            lambda: responses_rules.checked(body, service.catalogue, service.state), body
        )
        return await service.serve(request, call)

    async def _speech(self, request: web.Request) -> web.StreamResponse:
        fields, name, data = await speech.form_of(request)
        self._service.requests.append({"path": request.path, "body": fields, "file": name})
        call = self._checked(lambda: speech.checked(fields, name, data), fields)
        return await self._service.serve(request, call)

    async def _models(self, request: web.Request) -> web.StreamResponse:
        if "anthropic-version" in request.headers:
            return web.json_response(messages_wire.listed(self._service.catalogue.of("anthropic")))
        return web.json_response(chat_wire.listed(self._service.catalogue.of("openai")))

    async def _script(self, request: web.Request) -> web.StreamResponse:
        tell(self._service, await request.json())
        return web.json_response({})

    async def _anew(self, request: web.Request) -> web.StreamResponse:
        fresh = Service(seed=self._service.seed, ledger=self._service.ledger)
        fresh.faults.seed = fresh.seed
        fresh.number = self._service.number
        vars(self._service).update(vars(fresh))
        return web.json_response({})

    async def _fault(self, request: web.Request) -> web.StreamResponse:
        told = await request.json()
        for fault in told.get("faults", ()):
            self._service.faults.add(fault)
        if "storm" in told:
            storm = {"kind": "status", "status": 429, "probability": told["storm"]}
            self._service.faults.add({**storm, "retry_after": told.get("retry_after", 1)})
        if "seed" in told:
            self._service.faults.seed = told["seed"]
        return web.json_response({})

    async def _mend(self, request: web.Request) -> web.StreamResponse:
        self._service.faults.clear()
        return web.json_response({})

    async def _counts(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self._service.ledger.counts(), dumps=dump)

    async def _keep(self, request: web.Request) -> web.StreamResponse:
        told = await request.json()
        file, log = told.get("file"), told.get("log")
        self._service.ledger.write_to(Path(file) if file else None, Path(log) if log else None)
        return web.json_response({})

    async def _forget(self, request: web.Request) -> web.StreamResponse:
        self._service.ledger.clear()
        return web.json_response({})

    async def _log(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self._service.ledger.log(), dumps=dump)

    async def _requests(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self._service.requests, dumps=dump)
