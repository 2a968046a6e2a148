"""Floor 1: what buttons in chats stand for.

A chat service carries an id and hands it back to whoever presses, perhaps long afterwards or
changed on the way; so the id says nothing, is drawn at random, and the command it stands for, for
whom, where and until when, is a row here. A press is only words that a person said: what the
command may do is decided when it is done.
"""

from swarm_core.buttons.buttons import Buttons, Choice, Making, Pressed
from swarm_core.buttons.tables import TABLES

__all__ = ["TABLES", "Buttons", "Choice", "Making", "Pressed"]
