"""`waggle identity`, as a process without a swarm."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.programs import waggle

OLD = """\
---
instance_name: lattice
role: keeps the graph
summary: Keeps the graph.
tools: [read, raed]
account: 2.1
---
You keep the graph.
"""


def words(text: str) -> str:
    return " ".join(text.split())


def test_a_new_identity_is_written_once_and_is_right_at_once(tmp_path: Path) -> None:
    made = waggle(tmp_path, "identity", "new", "proof-reader")
    assert (made.returncode, made.stderr) == (0, "")
    assert "does not read identities yet" in words(made.stdout)
    file = tmp_path / "identities" / "proof-reader.md"
    before = file.read_bytes()
    again = waggle(tmp_path, "identity", "new", "proof-reader")
    assert (again.returncode, file.read_bytes()) == (1, before)
    assert "already there" in again.stderr
    checked = waggle(tmp_path, "identity", "check", "identities/proof-reader.md")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "One identity is in order." in checked.stdout
    assert "Found by: proof-reader" in checked.stdout


def test_a_new_identity_goes_where_the_settings_say(tmp_path: Path) -> None:
    (tmp_path / "waggle.yaml").write_text("identities: {folders: [mine]}\n")
    made = waggle(tmp_path, "identity", "new", "cook", "--json")
    view = json.loads(made.stdout)
    assert view == {"name": "cook", "file": "mine/cook.md", "loaded": True}
    shown = waggle(tmp_path, "identity", "show", "cook")
    assert "Role: says in a few words what it is" in shown.stdout


def test_a_check_names_every_flaw_and_mends_addresses(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "waggle.yaml").write_text("identities: {folders: [mine]}\n")
    (tmp_path / "mine" / "bad.md").write_text("---\nnmae: x\ntier: gold\n---\nYou.\n")
    lattice = tmp_path / "mine" / "lattice.md"
    lattice.write_text(OLD)
    done = waggle(tmp_path, "identity", "check")
    said = words(done.stdout)
    assert done.returncode == 1
    assert "line 2, there is no key `nmae`; near: name" in said
    assert "line 3, `tier` is one of free, cheap or dear" in said
    assert "lattice names a tool that nobody knows: raed." in said
    assert "2.1.lattice is taken; `--fix` writes that" in said
    fixed = json.loads(waggle(tmp_path, "identity", "check", "--fix", "--json").stdout)
    assert (fixed["ok"], fixed["mended"]) == (False, [str(lattice)])
    assert "addresses: [2.1.lattice]\n---\n" in lattice.read_text()


def test_showing_one_tells_both_forms_and_how_large_they_are(tmp_path: Path) -> None:
    short = waggle(tmp_path, "identity", "show", "reviewer")
    assert short.returncode == 0
    assert "The short form, for routine work:" in short.stdout
    assert "QUESTIONS:" not in short.stdout
    full = waggle(tmp_path, "identity", "show", "reviewer", "--full")
    assert "QUESTIONS:" in full.stdout
    view = json.loads(waggle(tmp_path, "identity", "show", "reviewer", "--json").stdout)
    seen = view["identity"]
    assert seen["full"] is None
    assert seen["compact_characters"] == len(seen["compact"]) <= 1000 < seen["full_characters"]
    assert seen["full_tokens"] > seen["compact_tokens"] > 0
    assert list(tmp_path.iterdir()) == []


def test_what_it_cannot_do_is_said_in_words(tmp_path: Path) -> None:
    for line, code, says in (
        (("show", "revewer"), 1, "Perhaps you mean reviewer"),
        (("show",), 2, "needs `name`"),
        (("new", "Bad Name"), 2, "small letters"),
        (("chekc",), 2, "check, new or show"),
        (("check", "nowhere.md"), 1, "No such file"),
    ):
        done = waggle(tmp_path, "identity", *line)
        assert done.returncode == code, line
        assert says in words(done.stdout + done.stderr), line


def test_a_wrong_identity_is_named_by_the_doctor(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "waggle.yaml").write_text("identities: {folders: [mine], disabled: [sme]}\n")
    (tmp_path / "mine" / "bad.md").write_text("You.\n")
    # A path that is wider than the page is cut.
    assert "bad.md" in "".join(waggle(tmp_path, "doctor").stdout.split())
    listed = json.loads(waggle(tmp_path, "identities", "--json").stdout)
    names = {one["name"] for one in listed["identities"]}
    assert {"reviewer", "host"} <= names
    assert "sme" not in names
    assert len(listed["problems"]) == 1
