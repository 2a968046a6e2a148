"""A channel drawn as Discord shows it."""

from __future__ import annotations

from tests.fakes.discord.look import page
from tests.fakes.discord.posting import Origin, Posting
from tests.fakes.discord.world import World
from tests.pictures import png


def drawn(*, user: str | None = None) -> str:
    world = World()
    guild = world.add_guild("Hive").json["id"]
    where = world.add_channel(guild, "general")
    ana, posting = world.add_user("ana"), Posting(world)
    world.join(guild, ana["id"])
    button = {"type": 2, "style": 4, "label": "Stop <now>", "custom_id": "x"}
    body = {
        "content": f"<@{ana['id']}> **bold** <script>",
        "embeds": [{"title": "#1 dig", "fields": [{"name": "State", "value": "done"}]}],
        "components": [{"type": 1, "components": [button]}],
        "attachments": [{"id": 0, "filename": "a.png", "description": 'a "picture"'}],
    }
    posting.put(where, world.bot, body, {0: ("a.png", "image/png", png())})
    hidden = Origin({"flags": 1 << 6}, ana["id"])
    posting.put(where, world.bot, {"content": "between us"}, {}, hidden)
    return page(world, where["id"], user=ana["id"] if user == "ana" else user)


def test_what_is_said_is_shown_as_it_would_be_and_does_nothing() -> None:
    text = drawn()
    assert "<span class=at>@Ana</span> <b>bold</b> &lt;script&gt;" in text
    assert "#1 dig" in text
    assert "Stop &lt;now&gt;" in text
    assert 'alt="a &quot;picture&quot;" src="data:image/png;base64,' in text
    assert "<script>" not in text


def test_what_is_for_one_person_is_shown_to_nobody_else() -> None:
    assert "between us" in drawn(user="ana")
    assert "Only you can see this" in drawn(user="ana")
    assert "between us" not in drawn()
