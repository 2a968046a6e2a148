"""Discord's objects with the fields the documentation gives them, and no others."""

from __future__ import annotations

from typing import Any

from tests.fakes.discord.errors import Json


def user(user_id: str, name: str, *, bot: bool = False) -> Json:
    """docs.discord.com/developers/resources/user#user-object"""
    made: Json = {
        "id": user_id,
        "username": name,
        "discriminator": "0000" if bot else "0",
        "global_name": None if bot else name.title(),
        "avatar": None,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
    }
    return {**made, "bot": True} if bot else made


def member(person: Json, joined_at: str, roles: list[str]) -> Json:
    """docs.discord.com/developers/resources/guild#guild-member-object"""
    return {
        "user": person,
        "nick": None,
        "avatar": None,
        "banner": None,
        "roles": roles,
        "joined_at": joined_at,
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "communication_disabled_until": None,
    }


def partial(whole: Json) -> Json:
    """A member as events of a message carry it: without the user."""
    return {key: value for key, value in whole.items() if key != "user"}


def role(role_id: str, name: str, permissions: int, position: int) -> Json:
    """docs.discord.com/developers/topics/permissions#role-object"""
    return {
        "id": role_id,
        "name": name,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "position": position,
        "permissions": str(permissions),
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }


def guild(guild_id: str, name: str, owner_id: str) -> Json:
    """docs.discord.com/developers/resources/guild#guild-object"""
    nothing = (
        "icon home_header splash discovery_splash banner description application_id "
        "afk_channel_id system_channel_id widget_channel_id max_presences vanity_url_code "
        "rules_channel_id safety_alerts_channel_id public_updates_channel_id incidents_data"
    )
    return {
        **dict.fromkeys(nothing.split()),
        "id": guild_id,
        "name": name,
        "owner_id": owner_id,
        "features": [],
        "emojis": [],
        "stickers": [],
        "region": "deprecated",
        "afk_timeout": 300,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "verification_level": 0,
        "default_message_notifications": 0,
        "mfa_level": 0,
        "explicit_content_filter": 0,
        "max_members": 500000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "preferred_locale": "en-US",
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "nsfw_level": 0,
    }


def channel(channel_id: str, guild_id: str, name: str, kind: int, **more: Any) -> Json:
    """docs.discord.com/developers/resources/channel#channel-object"""
    made: Json = {
        "id": channel_id,
        "type": kind,
        "guild_id": guild_id,
        "name": name,
        "position": 0,
        "permission_overwrites": [],
        "parent_id": None,
        "nsfw": False,
        "flags": 0,
        "last_message_id": None,
        "rate_limit_per_user": 0,
        "topic": None,
    }
    if wrong := set(more) - set(made):
        raise ValueError(f"a channel has no {sorted(wrong)}")
    return {**made, **more}


def dm(channel_id: str, person: Json) -> Json:
    return {
        "id": channel_id,
        "type": 1,
        "flags": 0,
        "last_message_id": None,
        "recipients": [person],
    }


def thread(thread_id: str, parent: Json, name: str, owner_id: str, kind: int, stamp: str) -> Json:
    """docs.discord.com/developers/resources/channel#thread-metadata-object"""
    return {
        "id": thread_id,
        "type": kind,
        "guild_id": parent["guild_id"],
        "parent_id": parent["id"],
        "owner_id": owner_id,
        "name": name,
        "flags": 0,
        "last_message_id": None,
        "rate_limit_per_user": 0,
        "message_count": 0,
        "member_count": 1,
        "total_message_sent": 0,
        "thread_metadata": {
            "archived": False,
            "archive_timestamp": stamp,
            "auto_archive_duration": 4320,
            "locked": False,
            "create_timestamp": stamp,
        },
    }


def thread_member(thread_id: str, user_id: str, stamp: str) -> Json:
    return {"id": thread_id, "user_id": user_id, "join_timestamp": stamp, "flags": 0}


def message(message_id: str, channel_id: str, author: Json, stamp: str) -> Json:
    """docs.discord.com/developers/resources/message#message-object"""
    return {
        "id": message_id,
        "channel_id": channel_id,
        "author": author,
        "type": 0,
        "content": "",
        "timestamp": stamp,
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "components": [],
        "pinned": False,
        "flags": 0,
    }


def application(application_id: str, bot: Json, owner: Json, guilds: int, granted: int) -> Json:
    """docs.discord.com/developers/resources/application#application-object"""
    return {
        "id": application_id,
        "name": bot["username"],
        "icon": None,
        "description": "",
        "type": None,
        "bot": bot,
        "owner": owner,
        "team": None,
        "verify_key": "0" * 64,
        "flags": granted,
        "flags_new": str(granted),
        "bot_public": True,
        "bot_require_code_grant": False,
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "approximate_guild_count": guilds,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": ["bot", "applications.commands"],
        "integration_types_config": {"0": {}},
    }


def team(team_id: str, owner: Json) -> Json:
    """docs.discord.com/developers/topics/teams#data-models"""
    member = {
        "user": owner,
        "team_id": team_id,
        "membership_state": 2,
        "role": "admin",
        "permissions": ["*"],
    }
    return {
        "id": team_id,
        "icon": None,
        "name": "A team",
        "owner_user_id": owner["id"],
        "members": [member],
    }
