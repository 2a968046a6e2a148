"""The core knows no chat service, and what chats have in common knows none of them either."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.project.tree import modules, name_of

SERVICES = re.compile(r"discord|telegram", re.IGNORECASE)
SDKS = {"discord", "telegram", "aiohttp", "httpx"}
NAMED = {
    "swarm_core/settings/people.py": "Whose swarm it is: their account on each service.",
    "swarm_core/kernel/redaction.py": "Tokens are known by their shape, and each service has one.",
}
"""Modules of the core that name a service, with why."""


def services(source: str) -> Iterator[str]:
    """Names and texts of a module, its docstrings among them, that name a service."""
    if not SERVICES.search(source):
        return
    for node in ast.walk(ast.parse(source)):
        texts: list[str | None]
        match node:
            case ast.Constant(value=str(text)):
                texts = [text]
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                texts = [name]
            case ast.ImportFrom(module=module):
                texts = [module]
            case ast.alias(name=name) | ast.keyword(arg=name):
                texts = [name]
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                texts = [name]
            case ast.ClassDef(name=name):
                texts = [name]
            case _:
                texts = []
        yield from (text for text in texts if text and SERVICES.search(text))


def named_in(*folders: str) -> dict[str, list[str]]:
    found = {
        name_of(file): list(services(file.read_text(encoding="utf-8")))
        for file in modules()
        if name_of(file).startswith(folders)
    }
    return {name: what for name, what in found.items() if what}


def test_the_core_names_no_chat_service() -> None:
    found = named_in("swarm_core/")
    assert {name: what for name, what in found.items() if name not in NAMED} == {}
    assert set(NAMED) == set(found), "a reason for nothing"


def test_what_chats_have_in_common_names_none() -> None:
    assert named_in("bot/chat/") == {}


def test_what_chats_have_in_common_imports_no_library_of_one() -> None:
    found = set()
    for file in modules():
        if name_of(file).startswith("bot/chat/"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    found.add(node.module.split(".")[0])
    assert found
    assert not found & SDKS


@pytest.mark.parametrize(
    "source",
    [
        "import discord",
        "from telegram import Bot",
        "def to_telegram(): ...",
        "send(discord=1)",
        "text = 'write on Discord'",
        "def f():\n    '''As Telegram does.'''",
        "self.telegram.send()",
        "class Discord: ...",
    ],
)
def test_a_service_is_noticed(source: str) -> None:
    assert list(services(source))
