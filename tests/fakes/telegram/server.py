"""The HTTP side: each request on its way through fault, token, limit, method and effect.

core.telegram.org/bots/api#making-requests: GET or POST, parameters in the address, as a form, as
parts or as JSON; the token stands in the address.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import BodyPartReader, web

from tests.fakes.chat.breaking import cut, lose
from tests.fakes.telegram.door import doors
from tests.fakes.telegram.errors import Json, Refused
from tests.fakes.telegram.floods import EVERYWHERE
from tests.fakes.telegram.methods import HANDLERS, Explained
from tests.fakes.telegram.parameters import Call, Upload
from tests.fakes.telegram.schema import by_lower, odd, undocumented
from tests.fakes.telegram.service import Service
from tests.fakes.telegram.settings import Settings

_TOKEN = re.compile(r"[1-9][0-9]*:[A-Za-z0-9_-]{20,}")
PAGE = "<html>\r\n<head><title>{status}</title></head>\r\n<body>nginx</body>\r\n</html>\r\n"


@dataclass
class FakeTelegram:
    """A fake under way: its address, and its insides for tests of the same process."""

    url: str
    service: Service
    strangers: dict[str, Service]
    """Bots of other tokens, by token: each is in a world of its own, in which nobody is."""


@asynccontextmanager
async def serving(
    *, seed: int = 0, port: int = 0, settings: Settings | None = None
) -> AsyncIterator[FakeTelegram]:
    """A fake on `port` of this machine (0: any free one) while the context lasts."""
    service = Service.new(seed=seed, settings=settings)
    fake = FakeTelegram("", service, {})
    front = _Front(fake)
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_route("*", "/bot{token}/{method}", front.serve)
    app.router.add_get("/file/bot{token}/{path:.+}", front.file)
    app.router.add_routes(doors(service, fake.strangers))
    app.router.add_route("*", "/{rest:.*}", front.nowhere)
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        service.world.url = fake.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield fake
    finally:
        for one in (service, *fake.strangers.values()):
            await one.webhook.close()
        await runner.cleanup()


class _Front:
    def __init__(self, fake: FakeTelegram) -> None:
        self._fake = fake

    async def nowhere(self, request: web.Request) -> web.StreamResponse:
        return _json(404, Refused("malformed_token").body)

    async def file(self, request: web.Request) -> web.StreamResponse:
        """#getfile: "It is guaranteed that the link will be valid for at least 1 hour" """
        try:
            service = self._bot(request.match_info["token"])
            file = service.files.by_path.get(request.match_info["path"])
            if file is None:
                raise Refused("malformed_token")
        except Refused as refused:
            return _json(refused.status, refused.body)
        service.world.note("download", path=file.path)
        return web.Response(body=file.upload[2], content_type="application/octet-stream")

    def _bot(self, token: str) -> Service:
        known = self._fake.service
        if token == known.world.settings.token and not known.world.revoked:
            return known
        if token in self._fake.strangers:
            return self._fake.strangers[token]
        raise Refused("unauthorized" if _TOKEN.fullmatch(token) else "malformed_token")

    async def serve(self, request: web.Request) -> web.StreamResponse:
        service = self._fake.service
        settings = service.world.settings
        if settings.latency:
            await asyncio.sleep(settings.latency)
        told, files = await _read(request)
        method = request.match_info["method"]
        call = Call(by_lower().get(method.lower(), method), told, files)
        chat = call.text("chat_id")
        place = int(chat) if chat.lstrip("-").isdecimal() else chat
        fault = service.faults.strike(method=call.method, chat=place) or {"kind": None}
        kind = fault["kind"]
        if kind == "slow":
            await asyncio.sleep(fault["seconds"])
        if kind == "before":
            self._log(service, call, 0, None)
            return cut(request)
        if kind == "hang" and not fault.get("done"):
            await asyncio.Event().wait()
        if settings.down:
            fault = {"kind": "page", "status": 502}
        if fault["kind"] == "page" and not fault.get("done"):
            self._log(service, call, fault["status"], None)
            return _page(fault["status"])
        status, body = await self._answer(request.match_info["token"], call, fault)
        if kind == "late":
            await asyncio.sleep(fault["seconds"])
        if kind == "hang":
            await asyncio.Event().wait()
        if kind == "lost":
            return lose(request, status, body, fault.get("bytes", 0))
        if kind == "page":
            return _page(fault["status"])
        return _json(status, body)

    async def _answer(self, token: str, call: Call, fault: Json) -> tuple[int, Json]:
        service = self._fake.service
        try:
            service = self._bot(token)
            body = await self._done(service, call, fault)
        except Refused as refused:
            body = refused.body
        status = 200 if body["ok"] else int(body["error_code"])
        self._log(service, call, status, body.get("description") if status != 200 else None)
        return status, body

    async def _done(self, service: Service, call: Call, fault: Json) -> Json:
        chat = call.text("chat_id")
        if fault["kind"] == "limit":
            place = EVERYWHERE if fault.get("everywhere") else chat
            return service.floods.refuse(place, fault["retry_after"])
        if fault["kind"] == "status":
            described = fault.get("description", "Internal Server Error: told so")
            return {"ok": False, "error_code": fault["status"], "description": described}
        if (refusal := service.floods.take(call.method, chat)) is not None:
            return refusal
        if call.method not in HANDLERS:
            raise Refused("method")
        if sum(len(one[2]) for one in call.files.values()) > service.world.settings.largest_upload:
            raise Refused("too_large")
        service.odd += [{"method": call.method, "what": one} for one in odd(call.method, call.told)]
        done = HANDLERS[call.method](service, call)
        if inspect.isawaitable(done):
            done = await done
        more = {}
        if isinstance(done, Explained):
            done, more = done.result, {"description": done.description}
        if wrong := undocumented(call.method, done):
            service.undocumented.append({"method": call.method, "wrong": wrong})
        return {"ok": True, "result": done, **more}

    def _log(self, service: Service, call: Call, status: int, problem: str | None) -> None:
        """In the record but for polls: those come as they like, and would be in everyone's way."""
        entry = {
            "at": service.world.clock.now(),
            "method": call.method,
            "parameters": call.told,
            "files": {name: file[0] for name, file in call.files.items()},
            "status": status,
            "problem": problem,
        }
        service.requests.append(entry)
        if call.method != "getUpdates" or problem:
            service.world.note("request", method=call.method, status=status, problem=problem)


async def _read(request: web.Request) -> tuple[dict[str, str], dict[str, Upload]]:
    told = dict(request.query)
    files = dict[str, Upload]()
    if request.content_type == "multipart/form-data":
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            name, data = part.name or "", bytes(await part.read(decode=True))
            if part.filename:
                kind = part.headers.get("Content-Type", "application/octet-stream")
                files[name] = (part.filename, kind, data)
            else:
                told[name] = data.decode("utf-8", "replace")
    elif request.content_type == "application/json":
        try:
            body: Any = json.loads(await request.read() or b"{}")
        except ValueError:
            body = {}
        if isinstance(body, dict):
            told |= {k: v if isinstance(v, str) else json.dumps(v) for k, v in body.items()}
    else:
        told |= {key: str(value) for key, value in (await request.post()).items()}
    return told, files


def _page(status: int) -> web.Response:
    text = PAGE.format(status=status)
    return web.Response(status=status, text=text, content_type="text/html")


def _json(status: int, body: Json) -> web.Response:
    headers = {}
    if after := body.get("parameters", {}).get("retry_after"):
        headers["Retry-After"] = str(after)
    text = json.dumps(body)
    return web.Response(status=status, text=text, content_type="application/json", headers=headers)
