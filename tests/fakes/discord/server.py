"""The HTTP side: each request on its way through ban, key, limit, description and effect."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import BodyPartReader, web

from tests.fakes.chat.breaking import cut, lose
from tests.fakes.discord import routes
from tests.fakes.discord.content import File
from tests.fakes.discord.door import doors
from tests.fakes.discord.errors import Form, Json, Refused
from tests.fakes.discord.schema import check, operations, thorough, undocumented
from tests.fakes.discord.service import Call, Service
from tests.fakes.discord.settings import Settings

API = "/api/v10"
PAGE = "<html><head><title>discord.com | {status}</title></head><body>cloudflare</body></html>"
# A token in the path is all these need: webhooks, "Interaction and Webhook tokens".
BY_TOKEN = ("webhook", "interaction")


@dataclass
class FakeDiscord:
    """A fake under way: its address, and its insides for tests of the same process."""

    url: str
    service: Service


@asynccontextmanager
async def serving(
    *, seed: int = 0, port: int = 0, settings: Settings | None = None
) -> AsyncIterator[FakeDiscord]:
    """A fake on `port` of this machine (0: any free one) while the context lasts."""
    service = Service.new(seed=seed, settings=settings)
    app = web.Application(client_max_size=64 * 1024 * 1024)
    front = _Front(service)
    for name, route in sorted(operations().items(), key=lambda item: item[1]["path"].count("{")):
        app.router.add_route(route["method"], API + route["path"], front.handler(name))
    for path in ("/", "/resume"):
        app.router.add_get(path, service.gateway.connect)
    app.router.add_get("/attachments/{channel}/{id}/{name}", front.attachment)
    app.router.add_routes(doors(service))
    app.router.add_route("*", API + "/{rest:.*}", front.nowhere)
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        service.world.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield FakeDiscord(service.world.url, service)
    finally:
        for line in list(service.gateway.lines):
            line.cut()
        await runner.cleanup()


class _Front:
    def __init__(self, service: Service) -> None:
        self._service = service

    def handler(self, operation: str) -> Any:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._serve(operation, request)

        return handle

    async def nowhere(self, request: web.Request) -> web.StreamResponse:
        refusal = Refused("not_found")
        self._log("-", request, None, refusal.status, refusal.code)
        return self._json(refusal.status, refusal.body, {})

    async def attachment(self, request: web.Request) -> web.StreamResponse:
        """docs.discord.com/developers/reference#signed-attachment-cdn-urls, without signatures"""
        found = self._service.world.files.get(request.path)
        if found is None:
            return web.Response(status=404, text="This content is no longer available.")
        return web.Response(body=found[1], content_type=found[0])

    async def _serve(self, operation: str, request: web.Request) -> web.StreamResponse:
        service, settings = self._service, self._service.world.settings
        if settings.latency:
            await asyncio.sleep(settings.latency)
        at = dict(request.match_info)
        fault = service.faults.strike(operation=operation, channel=at.get("channel_id")) or {
            "kind": None
        }
        kind = fault["kind"]
        if kind == "slow":
            await asyncio.sleep(fault["seconds"])
        if kind == "before":
            return self._break(operation, request)
        if kind == "hang" and not fault.get("done"):
            await asyncio.Event().wait()
        if settings.down:
            fault = {"kind": "page", "status": 503}
        if service.limits.banned() or (fault["kind"] == "page" and not fault.get("done")):
            # #invalid-request-limit-aka-cloudflare-bans: no JSON, and no Via header
            status = fault.get("status", 429)
            self._log(operation, request, None, status, None)
            page = PAGE.format(status=status)
            return web.Response(status=status, text=page, content_type="text/html")
        status, body, headers, told = await self._answer(operation, at, request, fault)
        code = body.get("code") if status >= 400 and isinstance(body, dict) else None
        self._log(operation, request, told, status, code, at)
        service.limits.count_invalid(status, headers.get("X-RateLimit-Scope"))
        if kind == "late":
            await asyncio.sleep(fault["seconds"])
        if kind == "hang":
            await asyncio.Event().wait()
        if kind == "lost":
            return lose(request, status, body, fault.get("bytes", 0))
        if kind == "page":
            page = PAGE.format(status=fault["status"])
            return web.Response(status=fault["status"], text=page, content_type="text/html")
        return self._json(status, body, headers)

    async def _answer(
        self, operation: str, at: dict[str, str], request: web.Request, fault: Json
    ) -> tuple[int, Any, dict[str, str], Any]:
        service, headers, told = self._service, dict[str, str](), None
        try:
            self._known_bot(operation, request)
            headers, refusal = service.limits.take(operation, at)
            if fault["kind"] == "limit":
                refusal = self._limited(operation, at, fault, headers)
            if refusal is not None:
                return 429, refusal, headers, None
            if fault["kind"] == "status":
                body = {"message": fault.get("message", "told so"), "code": fault.get("code", 0)}
                return fault["status"], body, headers, None
            call = await self._call(operation, at, request)
            told = call.body
            status, answer = routes.HANDLERS[operation](service, call)
        except Refused as refused:
            return refused.status, refused.body, {**headers, **refused.headers}, told
        if answer is not None and (wrong := undocumented(operation, answer)):
            service.undocumented.append({"operation": operation, "errors": wrong})
        return status, answer, headers, told

    def _limited(
        self, operation: str, at: dict[str, str], fault: Json, headers: dict[str, str]
    ) -> Json | None:
        limits, everywhere = self._service.limits, bool(fault.get("everywhere"))
        key = "global" if everywhere else limits.key(operation, at)
        more, body = limits.refuse(key, fault["retry_after"], everywhere=everywhere)
        headers.update(more)
        headers["X-RateLimit-Remaining"] = "0"
        headers["X-RateLimit-Reset-After"] = str(body["retry_after"])
        if fault.get("shared"):
            headers["X-RateLimit-Scope"] = "shared"
        return body

    def _known_bot(self, operation: str, request: web.Request) -> None:
        given = request.headers.get("Authorization")
        if given is None and any(word in operation for word in BY_TOKEN):
            return
        # docs.discord.com/developers/reference#authentication
        right = f"Bot {self._service.world.settings.token}"
        if given != right or self._service.gateway.revoked:
            raise Refused("unauthorized")
        # #user-agent: Discord's edge turns others away
        if not request.headers.get("User-Agent", "").startswith("DiscordBot ("):
            raise Refused("unauthorized")

    async def _call(self, operation: str, at: dict[str, str], request: web.Request) -> Call:
        route, form = operations()[operation], Form()
        query = {}
        for name, text in request.query.items():
            query[name] = _read(text, route.get("query", {}).get(name, {}))
            if name not in route.get("query", {}):
                form.wrong((name,), "UNKNOWN_FIELD", "The documentation names no such parameter")
            else:
                check(query[name], route["query"][name], form, (name,))
        for name, text in at.items():
            if name.endswith("_id") and not (text.isdigit() and int(text) < 2**64):
                wrong = f'Value "{text}" is not snowflake.'
                form.wrong((name,), "NUMBER_TYPE_COERCE", wrong)
        body, files = await self._body(
            request, files=route.get("files", "interaction" in operation)
        )
        if "body" in route:
            thorough(body, route["body"], form)
        elif body not in (None, {}):
            form.wrong((), "UNKNOWN_FIELD", "No body is documented here")
        form.refuse_if_wrong()
        return Call(operation, at, query, body, files)

    async def _body(self, request: web.Request, *, files: bool) -> tuple[Any, dict[int, File]]:
        if request.content_type == "multipart/form-data":
            return await self._parts(request)
        data = await request.read()
        if not data:
            return None, {}
        if request.content_type != "application/json":
            raise Refused("json")
        try:
            return json.loads(data), {}
        except ValueError:
            raise Refused("json") from None

    async def _parts(self, request: web.Request) -> tuple[Any, dict[int, File]]:
        """docs.discord.com/developers/reference#uploading-files"""
        body: Any = {}
        files = dict[int, File]()
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            name = part.name or ""
            content = bytes(await part.read(decode=True))
            if name == "payload_json":
                body = json.loads(content)
            elif name.startswith("files[") and name[6:-1].isdigit() and part.filename:
                kind = part.headers.get("Content-Type", "application/octet-stream")
                files[int(name[6:-1])] = (part.filename, kind, content)
            else:
                form = Form()
                form.wrong((name,), "UNKNOWN_FIELD", "Parts are payload_json and files[n]")
                form.refuse_if_wrong()
        return body, files

    def _log(
        self,
        operation: str,
        request: web.Request,
        told: Any,
        status: int,
        code: int | None,
        at: dict[str, str] | None = None,
    ) -> None:
        world = self._service.world
        self._service.requests.append(
            {
                "at": world.clock.now(),
                "operation": operation,
                "method": request.method,
                "path": request.path,
                "status": status,
                "code": code,
                "body": told,
                "parameters": at or {},
            }
        )
        world.note("request", operation=operation, status=status, code=code)

    def _break(self, operation: str, request: web.Request) -> web.Response:
        self._log(operation, request, None, 0, None)
        return cut(request)

    def _json(self, status: int, body: Any, headers: dict[str, str]) -> web.Response:
        headers = {**headers, "Via": "1.1 google"}
        if status == 204 or body is None:
            return web.Response(status=status if body is not None else 204, headers=headers)
        text = json.dumps(body)
        # The exact type: clients compare it, parameters and all.
        headers["Content-Type"] = "application/json"
        return web.Response(status=status, body=text.encode(), headers=headers)


def _read(text: str, schema: Json) -> Any:
    kind = schema.get("type")
    if kind == "integer" and text.lstrip("-").isdigit():
        return int(text)
    if kind == "boolean" and text.lower() in ("0", "1", "true", "false"):
        return text.lower() in ("1", "true")
    return text
