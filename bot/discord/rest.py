"""Messages over Discord's REST routes, by their ids alone: no cache has to know the channel.

What can go wrong: a post is taken and its answer lost. So posts carry a nonce which Discord
enforces for a few minutes, the SDK repeats what broke with the same one, and `find` looks for it
in the channel later. Nobody is mentioned but whom the caller names.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal, cast

import aiohttp
import discord
from discord.http import HTTPClient, MultipartParameters, Route, handle_message_parameters

from bot.discord.payloads import EmbedOf, Rows, form_payload
from bot.discord.places import SURFACE
from bot.messages import Messages
from bot.render.discord import render
from bot.render.outgoing import Form, Outgoing
from bot.reply import Reply
from swarm_core import errors

EPHEMERAL = 1 << 6
_MESSAGE, _DEFERRED, _SEEN, _CHOICES, _FORM = 4, 5, 6, 8, 9
"""Kinds of answers to an interaction, as Discord numbers them."""
_HAS_THREAD = 160004
"""The code of Discord's refusal to open a second thread on a message."""
_WAIT_AND_SEE = {"with_response": "true"}


class Rest:
    """Sends, changes and finds messages. Raises `SurfaceRefused` for what will never be taken,
    `SurfaceAway` for what did not arrive, `AnswerLost` where nobody knows."""

    surface = SURFACE
    name = "Discord"

    def __init__(self, http: HTTPClient, application: int, me: int) -> None:
        self._http = http
        self._application = application
        self._me = str(me)

    def render(self, reply: Reply, say: Messages) -> tuple[Outgoing, ...]:
        """See `Way.render`."""
        return render(reply, say)

    async def post(
        self,
        channel: str,
        message: Outgoing,
        *,
        nonce: str | None = None,
        mention: str | None = None,
        reply_to: str | None = None,
    ) -> str:
        """Send `message` and return its id; everybody there sees it. `mention` is the account it
        may notify."""
        with _problems():
            made = await self._http.send_message(
                channel, params=_params(message, nonce, mention, reply_to)
            )
        return str(made["id"])

    async def edit(self, channel: str, message: str, anew: Outgoing) -> None:
        with _problems():
            await self._http.edit_message(channel, message, params=_params(anew, edit=True))

    async def delete(self, channel: str, message: str) -> None:
        with _problems():
            await self._http.delete_message(channel, message)

    async def history(
        self,
        channel: str,
        *,
        after: str | None = None,
        before: str | None = None,
        most: int = 100,
    ) -> list[dict[str, Any]]:
        """The last messages of a channel, or the first ones `after` one, or the last `before` one;
        oldest first."""
        try:
            with _problems():
                found: list[Any] = list(
                    await self._http.logs_from(channel, most, after=after, before=before)
                )
        except errors.AnswerLost as error:
            # Looking changes nothing, so it may simply be tried again.
            raise errors.SurfaceAway(surface="Discord", problem=error.data["problem"]) from None
        return sorted(found, key=lambda each: int(each["id"]))

    def wrote(self, message: dict[str, Any]) -> bool:
        """Whether a message of a history is the bot's own."""
        return str(message["author"]["id"]) == self._me

    async def thread(
        self, channel: str, message: str, name: str, minutes: Literal[60, 1440, 4320, 10080]
    ) -> str:
        """Open a thread on a message and return its id, also when it was opened before. Discord
        archives it after `minutes` of silence."""
        with _problems():
            try:
                made = await self._http.start_thread_with_message(
                    int(channel), int(message), name=name, auto_archive_duration=minutes
                )
            except discord.HTTPException as error:
                if error.code != _HAS_THREAD:
                    raise
                return message
        return str(made["id"])

    async def direct(self, account: str) -> str:
        """The channel of direct messages with somebody."""
        with _problems():
            return str((await self._http.start_private_message(account))["id"])

    async def answer(self, interaction: discord.Interaction, message: Outgoing) -> str:
        """The one first answer to an interaction, without files; returns the message's id."""
        params = _plain({"type": _MESSAGE, "data": _params(message, private=True).payload})
        made = await self._callback(interaction, params)
        return str(made["interaction"].get("response_message_id", ""))

    async def defer(self, interaction: discord.Interaction, *, private: bool) -> None:
        """Say that the answer is being made."""
        data = {"flags": EPHEMERAL} if private else {}
        await self._callback(interaction, _plain({"type": _DEFERRED, "data": data}))

    async def seen(self, interaction: discord.Interaction) -> None:
        """A button was pressed; what comes of it comes later."""
        await self._callback(interaction, _plain({"type": _SEEN}))

    async def form(self, interaction: discord.Interaction, form: Form) -> None:
        """Have whoever pressed fill in `form`: the one first answer, and at once."""
        await self._callback(interaction, _plain({"type": _FORM, "data": form_payload(form)}))

    async def choices(
        self, interaction: discord.Interaction, found: Sequence[tuple[str, str]]
    ) -> None:
        """What an option may be, while it is typed: what is shown and what is given."""
        listed = [{"name": name, "value": value} for name, value in found[:25]]
        await self._callback(interaction, _plain({"type": _CHOICES, "data": {"choices": listed}}))

    async def follow(self, interaction: discord.Interaction, message: Outgoing) -> str:
        """More after the first answer, or in its place when that was deferred. It has no nonce,
        so nothing goes here that must not be lost or doubled."""
        route = Route(
            "POST",
            "/webhooks/{application_id}/{webhook_token}",
            application_id=self._application,
            webhook_token=interaction.token,
        )
        made = await self._request(route, _params(message, private=True))
        return str(made["id"])

    async def commands(self, guild: int, listed: list[dict[str, Any]]) -> None:
        with _problems():
            await self._http.bulk_upsert_guild_commands(self._application, guild, listed)

    async def _callback(
        self, interaction: discord.Interaction, params: MultipartParameters
    ) -> dict[str, Any]:
        route = Route(
            "POST",
            "/interactions/{webhook_id}/{webhook_token}/callback",
            webhook_id=interaction.id,
            webhook_token=interaction.token,
        )
        made: dict[str, Any] = await self._request(route, params, _WAIT_AND_SEE)
        return made

    async def _request(
        self, route: Route, params: MultipartParameters, query: dict[str, str] | None = None
    ) -> Any:
        more: dict[str, Any] = {"params": query} if query else {}
        with _problems():
            if params.files:
                return await self._http.request(
                    route, files=params.files, form=params.multipart, **more
                )
            return await self._http.request(route, json=params.payload, **more)


def _plain(payload: dict[str, Any]) -> MultipartParameters:
    return MultipartParameters(payload=payload, multipart=None, files=None)


def _params(
    message: Outgoing,
    nonce: str | None = None,
    mention: str | None = None,
    reply_to: str | None = None,
    *,
    edit: bool = False,
    private: bool = False,
) -> MultipartParameters:
    people = [discord.Object(int(mention))] if mention else []
    more: dict[str, Any] = {}
    if reply_to:
        more["message_reference"] = {"message_id": reply_to, "fail_if_not_exists": False}
    if message.files:
        more["files"] = [
            discord.File(io.BytesIO(file.data), file.name, description=alt or None)
            for file, alt in zip(message.files, message.alt, strict=True)
        ]
    flags = message.flags | (EPHEMERAL if private and message.ephemeral else 0)
    if message.components or edit:
        more["view"] = Rows(message)
    return handle_message_parameters(
        content=message.content or None,
        embeds=[cast("discord.Embed", EmbedOf(embed)) for embed in message.embeds],
        flags=discord.MessageFlags._from_value(flags),
        nonce=nonce,
        allowed_mentions=discord.AllowedMentions(
            everyone=False, roles=False, users=people, replied_user=False
        ),
        **more,
    )


@contextmanager
def _problems() -> Iterator[None]:
    """What the SDK raises, by what the caller does next."""
    try:
        yield
    except (discord.RateLimited, discord.LoginFailure) as error:
        raise errors.SurfaceAway(surface="Discord", problem=str(error)) from None
    except discord.DiscordServerError as error:
        raise errors.AnswerLost(what="Discord", problem=str(error)) from None
    except discord.HTTPException as error:
        if error.status in (401, 429):
            raise errors.SurfaceAway(surface="Discord", problem=error.text) from None
        raise errors.SurfaceRefused(surface="Discord", problem=error.text or str(error)) from None
    except RuntimeError as error:
        # How the SDK's transport refuses what comes after we have left; nothing was sent.
        if str(error) != "Session is closed":
            raise
        raise errors.SurfaceAway(surface="Discord", problem=str(error)) from None
    except (aiohttp.ClientConnectorError, aiohttp.ClientConnectionResetError) as error:
        raise errors.SurfaceAway(surface="Discord", problem=str(error)) from None
    except (TimeoutError, OSError, aiohttp.ClientError) as error:
        raise errors.AnswerLost(
            what="Discord", problem=str(error) or type(error).__name__
        ) from None
