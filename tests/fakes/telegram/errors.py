"""Refusals as the Bot API writes them: core.telegram.org/bots/api#making-requests.

The page names none of them. Their words are those of the server that Telegram publishes: the Bot
API server (`api`: tdlib/telegram-bot-api, telegram-bot-api/Client.cpp at 01a3679) and the library
under it (`td`: tdlib/td, td/telegram, the file named). What Telegram's own servers answer with,
which are not published, comes through as capitals, or in words that Client.cpp has for them
(`fail_query_with_error`); the issue or page where it was seen stands beside it.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

# name: (HTTP status, description)
KNOWN = {
    # python-telegram-bot, request/_baserequest.py: 404 for malformed tokens, 401 for wrong ones
    "malformed_token": (404, "Not Found"),
    "unauthorized": (401, "Unauthorized"),
    "method": (404, "Not Found: method not found"),  # api: on_cmd
    "too_large": (413, "Request Entity Too Large"),  # core.telegram.org/bots/api#sending-files
    "told": (400, "Bad Request: {text}"),
    # Updates. api: process_get_updates_query, abort_long_poll, do_set_webhook; WebhookActor.cpp
    "webhook_active": (
        409,
        (
            "Conflict: can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first"
        ),
    ),
    "other_poll": (
        409,
        (
            "Conflict: terminated by other getUpdates request; "
            "make sure that only one bot instance is running"
        ),
    ),
    "webhook_set": (409, "Conflict: terminated by setWebhook request"),
    "webhook_url": (400, "Bad Request: invalid webhook URL specified"),
    "webhook_plain": (
        400,
        "Bad Request: bad webhook: An HTTPS URL must be provided for webhook",
    ),
    "webhook_port": (
        400,
        "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
    ),
    "secret_long": (400, "Bad Request: secret token is too long"),
    "secret_characters": (400, "Bad Request: secret token contains unallowed characters"),
    # Chats. api: check_chat, check_chat_access
    "chat_empty": (400, "Bad Request: chat_id is empty"),
    "no_chat": (400, "Bad Request: chat not found"),
    "deactivated": (403, "Forbidden: user is deactivated"),
    "upgraded": (400, "Bad Request: group chat was upgraded to a supergroup chat"),
    "chat_deleted": (403, "Forbidden: the group chat was deleted"),
    "kicked": (403, "Forbidden: bot was kicked from the {kind} chat"),
    "left": (403, "Forbidden: bot is not a member of the {kind} chat"),
    "blocked": (403, "Forbidden: bot was blocked by the user"),  # api: USER_IS_BLOCKED
    # td: MessagesManager.cpp, process_send_message_fail_error
    "stranger": (403, "Forbidden: bot can't initiate conversation with a user"),
    "to_bot": (403, "Forbidden: the bot can't send messages to the bot"),
    # td: MessageContent.cpp, can_send_message_content; DialogManager.cpp
    "no_right_to_send": (400, "Bad Request: not enough rights to send {what} to the chat"),
    "channel_admin": (400, "Bad Request: need administrator rights in the channel chat"),
    "no_right_to_pin": (
        400,
        "Bad Request: not enough rights to manage pinned messages in the chat",
    ),
    "no_administrators": (
        400,
        "Bad Request: there are no administrators in the private chat",
    ),  # api: process_get_chat_administrators_query
    # td: DialogParticipantManager.cpp
    "leave_private": (
        400,
        "Bad Request: chat member status can't be changed in private chats",
    ),
    "no_member": (400, "Bad Request: member not found"),
    # github.com/LonamiWebs/Telethon, telethon_generator/data/errors.csv
    "no_participant": (400, "Bad Request: PARTICIPANT_ID_INVALID"),
    "user_id": (400, "Bad Request: invalid user_id specified"),  # api: get_user_id
    # Messages. api: get_input_message_text, get_formatted_text, check_message
    "text_empty": (400, "Bad Request: message text is empty"),
    "text_blank": (400, "Bad Request: text must be non-empty"),  # td: MessageEntity.cpp
    "text_long": (400, "Bad Request: text is too long"),
    "message_long": (400, "Bad Request: message is too long"),  # td: MessageContent.cpp
    # github.com/kfstorm/carnivore/issues/3: what an edit answers in its place
    "edit_long": (400, "Bad Request: MESSAGE_TOO_LONG"),
    "caption_long": (400, "Bad Request: message caption is too long"),  # td: MessageContent.cpp
    # github.com/tdlib/telegram-bot-api/issues/165
    "entities_long": (400, "Bad Request: ENTITIES_TOO_LONG"),
    "unmodified": (
        400,
        (
            "Bad Request: message is not modified: specified new message content and reply markup "
            "are exactly the same as a current content and reply markup of the message"
        ),
    ),
    "no_message": (400, "Bad Request: {what} not found"),
    # td: MessagesManager.cpp, edit_message_text and delete_messages
    "not_editable": (400, "Bad Request: message can't be edited"),
    "no_text": (400, "Bad Request: there is no text in the message to edit"),
    # td: MessagesManager.cpp, edit_message_caption
    "no_caption": (400, "Bad Request: there is no caption in the message to edit"),
    "not_deletable": (400, "Bad Request: message can't be deleted"),
    "not_revocable": (400, "Bad Request: message can't be deleted for everyone"),
    "no_message_id": (400, "Bad Request: message identifier is not specified"),
    "not_copyable": (400, "Bad Request: the message can't be copied"),
    # #replyparameters: "will fail to send if the quote isn't found in the original message"
    "quote": (400, "Bad Request: QUOTE_TEXT_INVALID"),
    # github.com/python-telegram-bot/python-telegram-bot/issues/528: not 1 to 64 bytes
    "button_data": (400, "Bad Request: BUTTON_DATA_INVALID"),
    "markup_long": (400, "Bad Request: reply markup is too long"),  # api: REPLY_MARKUP_TOO_LONG
    "action": (400, "Bad Request: wrong parameter action in request"),
    "query_old": (
        400,
        "Bad Request: query is too old and response timeout expired or query ID is invalid",
    ),  # api: QUERY_ID_INVALID
    "answer_long": (400, "Bad Request: MESSAGE_TOO_LONG"),
    # core.telegram.org/method/messages.sendReaction#possible-errors
    "reaction": (400, "Bad Request: REACTION_INVALID"),
    "reactions": (400, "Bad Request: REACTIONS_TOO_MANY"),
    # Topics. api: TdOnCheckForumTopicCallback; td: ForumTopicManager.cpp
    "no_thread": (400, "Bad Request: message thread not found"),
    "no_forum": (400, "Bad Request: the chat is not a forum"),
    "no_right_to_create": (400, "Bad Request: not enough rights to create a topic"),
    "no_right_to_edit": (400, "Bad Request: not enough rights to edit the topic"),
    "no_right_to_close": (400, "Bad Request: not enough rights to close or open the topic"),
    "name_empty": (400, "Bad Request: name must be non-empty"),
    # core.telegram.org/method/channels.editForumTopic#possible-errors
    "no_topic": (400, "Bad Request: TOPIC_ID_INVALID"),
    "topic_unmodified": (400, "Bad Request: TOPIC_NOT_MODIFIED"),
    # github.com/rteixeirax/qbittorrent_telegram_notification/issues/12
    "topic_closed": (400, "Bad Request: TOPIC_CLOSED"),
    # Files. api: do_get_file, check_remote_file_id; td: FileManager.cpp
    "no_file": (400, "Bad Request: there is no {what} in the request"),
    "file_empty": (400, "Bad Request: file must be non-empty"),
    "file_big": (400, "Bad Request: file is too big"),
    "file_id": (400, "Bad Request: invalid file_id"),
    "no_file_id": (400, "Bad Request: file_id not specified"),
    "file_wrong": (400, "Bad Request: wrong remote file identifier specified"),
    "file_url": (400, "Bad Request: failed to get HTTP URL content"),  # api: WEBPAGE_CURL_FAILED
    # core.telegram.org/method/messages.sendMedia#possible-errors
    "photo_process": (400, "Bad Request: IMAGE_PROCESS_FAILED"),
    "photo_sides": (400, "Bad Request: PHOTO_INVALID_DIMENSIONS"),
    # Commands. td: BotCommand.cpp, BotInfoManager.cpp; core.telegram.org/method/bots.setBotCommands
    "command": (400, "Bad Request: BOT_COMMAND_INVALID"),
    # github.com/zeroclaw-labs/zeroclaw/pull/8963
    "commands": (400, "Bad Request: BOT_COMMANDS_TOO_MUCH"),
    "language": (400, "Bad Request: invalid language code specified"),
}


class Refused(ValueError):
    """An answer that is an error; `parameters` as in bots/api#responseparameters.

    Where people do what the service refuses, it is why they cannot.
    """

    def __init__(self, name: str, *, parameters: Json | None = None, **words: Any) -> None:
        super().__init__(name)
        self.status, text = KNOWN[name]
        self.description = text.format(**words)
        self.parameters = parameters

    @property
    def body(self) -> Json:
        body: Json = {"ok": False, "error_code": self.status, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def told(text: str) -> Refused:
    """A refusal in words of the server's own."""
    return Refused("told", text=text)
