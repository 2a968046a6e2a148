"""The websocket side: docs.discord.com/developers/events/gateway, close codes as in
docs.discord.com/developers/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import Any

from aiohttp import WSMsgType, web

from tests.fakes.discord.errors import Json
from tests.fakes.discord.line import Line
from tests.fakes.discord.session import Session
from tests.fakes.discord.settings import GUILD_MEMBERS, MESSAGE_CONTENT, PRESENCES
from tests.fakes.discord.world import World

PRIVILEGED = GUILD_MEMBERS | PRESENCES | MESSAGE_CONTENT
KNOWN = sum(1 << bit for bit in (*range(17), 20, 21, 24, 25))
DAY = 86400.0


class Closing(Exception):
    """The connection ends with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Gateway:
    """All connections, and what counts over them: IDENTIFYs, faults that wait for the next."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.lines: list[Line] = []
        self.identified: list[float] = []
        self.too_soon = 0
        self.zombie = False
        self.refusing: list[Json] = []  # faults for the next connections, in order
        self.revoked = False

    def remaining(self) -> int:
        day = self._world.clock.now() - DAY
        return max(0, self._world.settings.starts - sum(at > day for at in self.identified))

    def limits(self) -> Json:
        """docs.discord.com/developers/events/gateway#session-start-limit-object"""
        now = self._world.clock.now()
        recent = [at for at in self.identified if at > now - DAY]
        return {
            "total": self._world.settings.starts,
            "remaining": self.remaining(),
            "reset_after": int((recent[0] + DAY - now) * 1000) if recent else 0,
            "max_concurrency": self._world.settings.max_concurrency,
        }

    async def connect(self, request: web.Request) -> web.StreamResponse:
        ws = web.WebSocketResponse(compress=False, max_msg_size=0, autoping=True)
        if not ws.can_prepare(request).ok:
            return web.Response(status=400, text="websocket wanted")
        fault = self.refusing.pop(0) if self.refusing else {}
        status = 503 if self._world.settings.down else fault.get("status")
        if status:
            self._world.note("connection_refused", status=status)
            return web.Response(status=status)
        await ws.prepare(request)
        line = Line(ws, request, request.query.get("compress", ""))
        line.fault, line.quota = fault, fault.get("cut_after")
        self.lines.append(line)
        self._world.note("connect", compress=line.compress)
        try:
            await self._serve(line)
        except Closing as closing:
            self._world.note("close", code=closing.code, reason=closing.reason)
            await ws.close(code=closing.code, message=closing.reason.encode())
        except ConnectionResetError:
            self._world.note("cut")
        finally:
            self.lines.remove(line)
            if line.patience is not None:
                line.patience.cancel()
            for task in line.tasks:
                task.cancel()
            self._let_go(line)
        return ws

    def _let_go(self, line: Line) -> None:
        session = line.session
        if session is None:
            return
        session.connected = False
        # A client that closes with 1000 or 1001 ends its session: #initiating-a-disconnect
        if line.ws.close_code in (1000, 1001) and not line.closed_by_us:
            self._world.sessions.pop(session.id, None)
            self._world.note("session_ended", session=session.id)

    async def _serve(self, line: Line) -> None:
        if line.request.query.get("v") not in ("9", "10"):
            raise Closing(4012, "Invalid API version")
        if line.request.query.get("encoding") != "json":
            raise Closing(4012, "the fake speaks json alone")
        interval = self._world.settings.heartbeat_interval
        await line.send({"op": 10, "d": {"heartbeat_interval": interval}})
        if code := line.fault.get("close"):
            raise Closing(code, line.fault.get("reason", "as told"))
        self._expect(line)
        async for message in line.ws:
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                break
            await self._heard(line, message.data)

    def _expect(self, line: Line) -> None:
        """A client that stops beating is let go: #sending-heartbeats"""
        if line.patience is not None:
            line.patience.cancel()
        seconds = self._world.settings.heartbeat_interval / 1000 * 1.5
        line.patience = asyncio.get_running_loop().call_later(seconds, self._give_up, line)

    def _give_up(self, line: Line) -> None:
        line.tasks.append(asyncio.create_task(self.close(line, 4009, "Session timed out")))

    async def _heard(self, line: Line, data: str | bytes) -> None:
        # #rate-limiting: 120 events a minute; #sending-events: 4096 bytes
        now = self._world.clock.now()
        line.inbound.append(now)
        while line.inbound[0] < now - 60:
            line.inbound.popleft()
        if len(line.inbound) > 120:
            raise Closing(4008, "You are being rate limited.")
        if len(data) > 4096:
            raise Closing(4002, "Error while decoding payload.")
        try:
            payload = json.loads(data)
            op, inner = payload["op"], payload.get("d")
        except (ValueError, KeyError, TypeError):
            raise Closing(4002, "Error while decoding payload.") from None
        match op:
            case 1:
                await self._beat(line)
            case 2:
                await self._identify(line, inner)
            case 6:
                await self._resume(line, inner)
            case 3 | 4 | 8:
                if line.session is None:
                    raise Closing(4003, "Not authenticated.")
                if op == 8:
                    self._members(line.session, inner)
                else:
                    self._world.note("presence" if op == 3 else "voice", data=inner)
            case _:
                raise Closing(4001, "Unknown opcode.")

    async def _beat(self, line: Line) -> None:
        self._expect(line)
        if not self.zombie:
            await line.send({"op": 11})

    async def _identify(self, line: Line, told: Any) -> None:
        if line.session is not None:
            raise Closing(4005, "Already authenticated.")
        if not isinstance(told, dict) or not {"token", "properties", "intents"} <= set(told):
            raise Closing(4002, "Error while decoding payload.")
        world, now = self._world, self._world.clock.now()
        window = world.settings.identify_window
        soon = sum(at > now - (window or 5.0) for at in self.identified)
        # The day's starts all used: sessions end and the token is taken, #session-start-limit
        if self.remaining() == 0:
            self.revoked = True
            world.sessions.clear()
        self.identified.append(now)
        world.note("identify", intents=told["intents"], shard=told.get("shard"))
        if self.revoked or told["token"] != world.settings.token:
            raise Closing(4004, "Authentication failed.")
        intents = told["intents"]
        if not isinstance(intents, int) or intents & ~KNOWN or intents < 0:
            raise Closing(4013, "Invalid intent(s).")
        if intents & PRIVILEGED & ~world.settings.privileged:
            raise Closing(4014, "Disallowed intent(s).")
        shard = told.get("shard", [0, 1])
        if not (len(shard) == 2 and 0 <= shard[0] < shard[1]):
            raise Closing(4010, "Invalid shard.")
        if soon >= world.settings.max_concurrency:
            self.too_soon += 1
            if window:
                await line.send({"op": 9, "d": False})
                return
        session = Session(secrets.token_hex(16), intents, (shard[0], shard[1]))
        world.sessions[session.id] = session
        self._greet(session)
        self._attach(line, session)

    def _greet(self, session: Session) -> None:
        """docs.discord.com/developers/events/gateway-events#ready"""
        world = self._world
        mine = [g for g in world.guilds.values() if world.bot["id"] in g.members]
        granted = 0
        if world.settings.privileged & MESSAGE_CONTENT:
            granted |= 1 << 19  # GATEWAY_MESSAGE_CONTENT_LIMITED
        me = {**world.bot, "mfa_enabled": True, "locale": "en-US", "verified": True, "email": None}
        ready = {
            "v": 10,
            "user": me,
            "guilds": [{"id": guild.json["id"], "unavailable": True} for guild in mine],
            "session_id": session.id,
            "resume_gateway_url": world.url.replace("http", "ws", 1) + "/resume",
            "shard": list(session.shard),
            "application": {"id": world.bot["id"], "flags": granted},
        }
        session.push("READY", ready)
        if session.intents & 1:
            for guild in (each for each in mine if each.json["id"] not in world.out):
                whole = world.guild_create(guild.json["id"])
                session.push("GUILD_CREATE", {**whole, "unavailable": False})

    def _attach(self, line: Line, session: Session) -> None:
        line.session = session
        session.connected = True
        line.tasks.append(asyncio.create_task(self._pump(line, session)))

    async def _pump(self, line: Line, session: Session) -> None:
        try:
            while True:
                session.more.clear()
                while session.sent < len(session.events):
                    event = session.events[session.sent]
                    session.sent += 1
                    await line.send(event)
                await session.more.wait()
        except ConnectionResetError:
            line.cut()

    async def _resume(self, line: Line, told: Any) -> None:
        if line.session is not None:
            raise Closing(4005, "Already authenticated.")
        if not isinstance(told, dict) or set(told) != {"token", "session_id", "seq"}:
            raise Closing(4002, "Error while decoding payload.")
        self._world.note("resume", session=told["session_id"], seq=told["seq"])
        if self.revoked or told["token"] != self._world.settings.token:
            raise Closing(4004, "Authentication failed.")
        if line.fault.get("invalid"):
            self._world.sessions.pop(told["session_id"], None)
        session = self._world.sessions.get(told["session_id"])
        if session is None:
            await line.send({"op": 9, "d": False})
            return
        if not isinstance(told["seq"], int) or not 0 <= told["seq"] <= len(session.events):
            raise Closing(4007, "Invalid seq.")
        for other in [one for one in self.lines if one.session is session]:
            await self.close(other, 4000, "resumed elsewhere")
        session.rewind(max(0, told["seq"] - line.fault.get("again", 0)))
        session.push("RESUMED", {"_trace": []})
        self._attach(line, session)

    def _members(self, session: Session, told: Json) -> None:
        """docs.discord.com/developers/events/gateway-events#request-guild-members"""
        guild = self._world.guilds[str(told["guild_id"])]
        wanted = [str(one) for one in told.get("user_ids", guild.members)]
        chunk: Json = {
            "guild_id": guild.json["id"],
            "members": [guild.members[one] for one in wanted if one in guild.members],
            "not_found": [one for one in wanted if one not in guild.members],
            "chunk_index": 0,
            "chunk_count": 1,
        }
        if "nonce" in told:
            chunk["nonce"] = told["nonce"]
        session.push("GUILD_MEMBERS_CHUNK", chunk)

    async def close(self, line: Line, code: int, reason: str) -> None:
        """Close from our side; the session can still be resumed."""
        line.closed_by_us = True
        self._world.note("close", code=code, reason=reason)
        await line.ws.close(code=code, message=reason.encode())
