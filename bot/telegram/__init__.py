"""The Telegram surface. It alone knows python-telegram-bot; what it has in common with other chats
lies in `bot/chat`."""
