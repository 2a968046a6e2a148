from __future__ import annotations

from pathlib import Path

import pytest

from swarm_core.identities import (
    Identity,
    create_identity,
    load_identities,
    load_roster,
    mend_identity,
)
from swarm_core.kernel.errors import AlreadyThere, BadArgument, FileUnwritable, NotFound
from tests.identities.files import BODY, HEAD, flaws, load_one, write

FULL = """\
name: reviewer
role: reviews changes
summary: "Reads: a change."
skills: [review, code review, review]
tags: security, review
triggers: [look over this]
examples:
  - review src/a.py
tier: dear
tools: [read, search]
models: [big, small]
fallbacks: [a, b, c]
accounts: [2.1, 2.10]
addresses: [2.1.reviewer, 2.10.reviewer]
effort: high
limits: {max_output: 4000, steps: 20}
"""


def test_a_file_says_all_there_is_to_know(tmp_path: Path) -> None:
    assert load_one(tmp_path, FULL) == Identity(
        name="reviewer",
        role="reviews changes",
        summary="Reads: a change.",
        prompt=BODY,
        file=str(tmp_path / "x.md"),
        skills=("review", "code review"),
        tags=("security", "review"),
        triggers=("look over this",),
        examples=("review src/a.py",),
        tier="dear",
        tools=("read", "search"),
        models=("big", "small"),
        fallbacks=("a", "b", "c"),
        accounts=("2.1", "2.10"),
        addresses=("2.1.reviewer", "2.10.reviewer"),
        effort="high",
        max_output=4000,
        steps=20,
    )


def test_the_names_of_older_files_are_read(tmp_path: Path) -> None:
    old = """\
instance_name: lattice
role: keeps the graph
description: Keeps the graph.
capabilities: graphs, storage
model: big
fallback_models: [a, b]
account: 2.1
ha_address: 2.1.lattice
limits: {max_tokens: 1000, max_steps: 5}
"""
    found = load_one(tmp_path, old)
    assert (found.name, found.summary) == ("lattice", "Keeps the graph.")
    assert (found.skills, found.models, found.fallbacks) == (
        ("graphs", "storage"),
        ("big",),
        ("a", "b"),
    )
    assert (found.accounts, found.addresses, found.filled) == (("2.1",), ("2.1.lattice",), ())
    assert (found.max_output, found.steps) == (1000, 5)


@pytest.mark.parametrize(
    ("old", "new", "where", "problem"),
    [
        ("summary: Bakes bread by hand.\n", "", "line 2", "`summary` is missing"),
        ("summary: Bakes bread by hand.", "summary:", "line 2", "`summary` is missing"),
        ("role:", "rol: x\nrole:", "line 3", "there is no key `rol`; near: role"),
        ("name: baker", "name: Baker!", "line 2", "small letters"),
        ("name: baker", "instance_name: Baker!", "line 2", "`instance_name` is written"),
        ("role:", "instance_name: cook\nrole:", "line 3", "same thing and say different"),
        ("role:", "tier: chep\nrole:", "line 3", "near: cheap"),
        ("role:", "effort: hihg\nrole:", "line 3", "near: high"),
        ("role:", "fallbacks: [a, b, c, d]\nrole:", "line 3", "three at most"),
        ("role:", "limits: {stpes: 3}\nrole:", "line 3", "`limits.stpes`; near: steps"),
        ("role:", "limits:\n  max_tokens: 3\nrole:", "line 4", "greater than or equal to 64"),
        ("role:", "limits: lots\nrole:", "line 3", "`limits`"),
        ("role:", "tools:\n  - read\n  - a tool\nrole:", "line 5", "one word without spaces"),
        ("role:", "examples: [" + "x" * 300 + "]\nrole:", "line 3", "at most 200 characters"),
        ("role:", "name: baker\nrole:", "line 3", "written twice"),
        ("role:", "tools: [read\nrole:", "line 4", "missing before this place"),
        ("role:", "extends: cook\nrole:", "line 3", "no identity `cook` to extend"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, where: str, problem: str
) -> None:
    assert old in HEAD
    write(tmp_path, "x", HEAD.replace(old, new, 1))
    roster = load_roster([tmp_path])
    assert roster.identities == {}
    assert any(at == where and problem in words for at, words in flaws(roster)), flaws(roster)


@pytest.mark.parametrize(
    ("content", "where", "problem"),
    [
        (b"", "line 1", "has to be ---"),
        (b"# Baker\n", "line 1", "has to be ---"),
        (b"---\nname: x\n", "line 1", "never closed"),
        (b"---\n---\nYou.\n", "line 2", "the head holds keys"),
        (b"---\n- a\n---\nYou.\n", "line 2", "the head holds keys"),
        (b"---\nname: \xff\n---\n", "line 2", "not UTF-8"),
        (b"---\n" + HEAD.encode() + b"---\n\n", "line 6", "the prompt is missing"),
        (b"---\na: &a [x]\nb: [*a, *c]\n---\n", "line 3", "*c refers to nothing"),
        (b"---\n" + HEAD.encode() + b"---\n" + b"x" * 600_000, "line 1", "larger than 512 KB"),
    ],
)
def test_files_that_are_no_identity_are_named(
    tmp_path: Path, content: bytes, where: str, problem: str
) -> None:
    (tmp_path / "x.md").write_bytes(content)
    found = flaws(load_roster([tmp_path]))
    assert any(at == where and problem in words for at, words in found), found


def test_a_wrong_file_leaves_the_others_working(tmp_path: Path) -> None:
    write(tmp_path, "a", "name: [")
    write(tmp_path, "b")
    (tmp_path / "README.md").write_text("# about this folder\n")
    (tmp_path / "c.md").mkdir()
    roster = load_roster([tmp_path, tmp_path / "nowhere"])
    assert list(roster.identities) == ["baker"]
    named = [Path(str(p.data["file"])).name for p in roster.problems]
    assert sorted(named) == ["a.md", "c.md"]


def test_every_flaw_of_a_file_is_named_at_once(tmp_path: Path) -> None:
    write(tmp_path, "x", HEAD.replace("name:", "nmae:") + "tier: gold\n")
    assert len(load_roster([tmp_path]).problems) == 3


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    text = f"---\n{HEAD}---\n{BODY}\n".replace("\n", "\r\n")
    (tmp_path / "x.md").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert load_roster([tmp_path]).identities["baker"].prompt == BODY


def test_what_could_hide_from_a_reader_is_not_in_the_prompt(tmp_path: Path) -> None:
    found = load_one(tmp_path, body="You are \x1b[8mhidden\x1b[0m \u202ethe baker.")
    assert found.prompt == "You are hidden the baker."


def test_a_later_folder_replaces_a_name_and_says_so(tmp_path: Path) -> None:
    first = write(tmp_path / "a", "baker")
    second = write(tmp_path / "b", "mine", body="You are another baker.")
    roster = load_roster([tmp_path / "a", tmp_path / "b", tmp_path / "b"])
    assert roster.identities["baker"].prompt == "You are another baker."
    (told,) = roster.overrides
    assert (told.name, told.file, told.instead_of) == ("baker", str(second), str(first))


def test_a_name_that_is_taken_in_the_same_folder_is_a_flaw(tmp_path: Path) -> None:
    write(tmp_path, "a")
    write(tmp_path, "b", body="You are another baker.")
    roster = load_roster([tmp_path])
    assert list(roster.identities) == ["baker"]
    ((_, problem),) = flaws(roster)
    assert "already the name of" in problem


def test_an_identity_that_is_switched_off_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, "a")
    roster = load_roster([tmp_path], disabled=["baker", "nobody"])
    assert (roster.identities, roster.problems) == ({}, ())
    with pytest.raises(NotFound):
        roster.get("baker")


def test_some_keys_can_be_changed_without_copying_a_prompt(tmp_path: Path) -> None:
    write(tmp_path / "a", "baker", HEAD + "skills: [bread]\n")
    write(tmp_path / "b", "mine", "extends: baker\nmodels: [big]\n", "")
    write(tmp_path / "b", "other", "extends: baker\nname: cook\n", "You cook.")
    roster = load_roster([tmp_path / "a", tmp_path / "b"])
    assert roster.problems == ()
    baker, cook = roster.identities["baker"], roster.identities["cook"]
    assert (baker.models, baker.prompt, baker.skills) == (("big",), BODY, ("bread",))
    assert (cook.models, cook.prompt, cook.role) == ((), "You cook.", "bakes bread")
    assert [o.name for o in roster.overrides] == ["baker"]
    alone = load_identities([tmp_path / "b" / "other.md"], load_roster([tmp_path / "a"]))
    assert alone.identities["cook"].skills == ("bread",)


# ── accounts and addresses ───────────────────────────────────────────────────


def test_a_persona_listed_under_several_accounts_is_there_once(tmp_path: Path) -> None:
    """Three accounts with 12, 10 and 9 files, some in several, are 23 identities."""
    listed = {"2.1": range(12), "2.2": range(8, 18), "2.3": range(14, 23)}
    for account, numbers in listed.items():
        for n in numbers:
            head = f"name: bee-{n}\nrole: r\nsummary: s\naccounts: [{account}]\n"
            write(tmp_path / account, f"bee-{n}", head, f"You are bee {n}.")
    roster = load_roster([tmp_path / account for account in listed])
    assert len(roster.identities) == 23
    assert (roster.problems, roster.overrides) == ((), ())
    both = roster.get("bee-9")
    assert (both.accounts, both.addresses) == (("2.2", "2.1"), ("2.2.bee-9", "2.1.bee-9"))
    assert {account: len(names) for account, names in roster.accounts.items()} == {
        account: len(numbers) for account, numbers in listed.items()
    }


def test_files_of_one_persona_in_one_folder_are_united(tmp_path: Path) -> None:
    for account in ("2.1", "2.2"):
        write(tmp_path, account, HEAD + f"accounts: [{account}]\naddress: {account}.baker\n")
    roster = load_roster([tmp_path])
    assert roster.problems == ()
    assert roster.identities["baker"].accounts == ("2.1", "2.2")
    assert roster.identities["baker"].addresses == ("2.1.baker", "2.2.baker")


@pytest.mark.parametrize(
    "address", ["", "address:\n", "ha_address: ''\n", "addresses:\n  -\n  - ''\n"]
)
def test_a_missing_address_is_made_from_account_and_folder_and_can_be_saved(
    tmp_path: Path, address: str
) -> None:
    head = HEAD + address + "account: 2.1 # kept\n"
    file = write(tmp_path / "lattice", "identity", head)
    file.chmod(0o640)
    found = load_roster([tmp_path]).identities["baker"]
    assert found.addresses == found.filled == ("2.1.lattice",)
    assert mend_identity(found)
    saved = load_roster([tmp_path]).identities["baker"]
    assert (saved.addresses, saved.filled) == (("2.1.lattice",), ())
    assert not mend_identity(saved)
    text = file.read_text()
    assert text == f"---\n{HEAD}account: 2.1 # kept\naddresses: [2.1.lattice]\n---\n{BODY}\n"
    assert file.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in file.parent.iterdir()] == ["identity.md"]


def test_the_prompt_differs_by_account(tmp_path: Path) -> None:
    body = (
        "You bake.\n\n## Account 2.1\nRye only.\n\n## account: 2.2\nSpelt only.\n"
        "### More\nAnd salt.\n\n## Rules\n```\n## Account 9\n```\nAll bake."
    )
    found = load_one(tmp_path, HEAD + "accounts: [2.1, 2.2]\n", body)
    assert "Rye" in found.full("2.1")
    assert "Spelt" not in found.full("2.1")
    assert "And salt." in found.full("2.2")
    assert (
        found.full()
        == found.full("2.3")
        == "You bake.\n\n## Rules\n```\n## Account 9\n```\nAll bake."
    )
    assert found.compact("2.1") != found.compact("2.2") != found.compact()


def test_a_section_for_an_account_it_does_not_have_is_a_flaw(tmp_path: Path) -> None:
    write(tmp_path, "x", HEAD + "accounts: [2.1]\n", "\nYou bake.\n\n## Account 2.2\nSpelt.")
    assert flaws(load_roster([tmp_path])) == [("line 10", "`2.2` is not among its accounts")]


# ── authors ──────────────────────────────────────────────────────────────────


def test_the_template_is_an_identity_at_once(tmp_path: Path) -> None:
    file = create_identity("proof-reader", tmp_path / "mine")
    roster = load_roster([tmp_path / "mine"])
    assert roster.problems == ()
    assert roster.get("proof-reader").file == str(file)
    assert roster.get("@Proof-Reader").matches("proof-reader: go")


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    file = write(tmp_path, "baker")
    before = file.read_bytes()
    with pytest.raises(AlreadyThere):
        create_identity("baker", tmp_path)
    assert file.read_bytes() == before


@pytest.mark.parametrize("name", ["", "Baker", "../x", "a/b", "a b", "x" * 41, "1a", ".a"])
def test_a_name_that_cannot_be_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadArgument):
        create_identity(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileUnwritable):
        create_identity("baker", tmp_path / "file")
