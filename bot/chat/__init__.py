"""What chats have in common, whatever service they are on: cards that stay true, questions,
replies being made, notices, what was missed. It knows no SDK; a surface gives it a `Way` out."""
