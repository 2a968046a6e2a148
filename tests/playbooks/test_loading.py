from __future__ import annotations

from pathlib import Path

import pytest

from swarm_core.playbooks import Book, describe, load_book
from tests.playbooks.twins import ScriptedTools, write

GOOD = """\
name: hello
summary: Reads a file.
examples: [hello a.txt]
triggers:
  - hello {path}
params:
  path: {type: path, required: true, description: The file}
steps:
  - id: file
    tool: read
    args: {path: "{{ params.path }}"}
output: |
  Read:
  {{ steps.file.text }}
"""


def load(*folders: Path) -> Book:
    return load_book(folders, ScriptedTools())


def problems(tmp_path: Path, text: str) -> list[tuple[int, str]]:
    write(tmp_path, "x", text)
    book = load(tmp_path)
    assert book.playbooks == {}
    return [(p.data["line"], p.data["problem"]) for p in book.problems]  # type: ignore[misc]


def test_a_good_file_is_a_playbook(tmp_path: Path) -> None:
    write(tmp_path, "hello", GOOD)
    book = load(tmp_path, tmp_path / "nowhere")
    assert (list(book.playbooks), book.problems, book.overrides) == (["hello"], (), ())


@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        ("summary: Reads a file.\n", "", 1, "`summary` is missing"),
        ("summary:", "sumary: x\nsummary:", 2, "there is no key `sumary`; near: summary"),
        ("name: hello", "name: Hello!", 1, "`name` is written in small letters"),
        ("name: hello", "name: run", 1, "a word of the chat"),
        ("type: path", "type: paht", 7, "params.path.type"),
        ("required: true", "default: 1.5", 1, "no numbers with a fraction"),
        ("required: true", "required: true, default: a", 7, "has no default"),
        ("required: true", "required: true, least: 1", 7, "belong to type int"),
        ("type: path", "type: choice", 7, "`choices` belong"),
        ("  - hello {path}", "  - hello [{path}", 5, "never closed"),
        ("  - hello {path}", "  - hello {path}\n  - hello there", 6, "`path` is never given"),
        (
            "  - hello {path}",
            "  - say: hello {path}\n    with: {nope: 1}",
            5,
            "no parameter `nope`",
        ),
        ("[hello a.txt]", "[bye a.txt]", 3, "no trigger fits this example"),
        ("tool: read", "tool: raed", 10, "there is no tool `raed`; near: read"),
        ("tool: read", "tool: oracle", 10, "costs money"),
        ("params.path }}", "params.paht }}", 11, "there is no `params.paht`"),
        ("steps.file.text", "steps.file.text | nope", 14, "there is no filter `nope`"),
        ("{{ steps.file.text }}", "{% if x %}", 14, "Unexpected end"),
        ("steps.file.text", "item.text", 14, "there is no variable `item`"),
        ("    tool: read", "    tool: read\n    foreach: steps.file.data", 11, "comes later"),
        ("    tool: read", "    tool: read\n    foreach: '[1]'\n    most: 30", 8, "limits.steps"),
        (
            "output: |",
            "remember: {key: '{{ steps.file.text }}', value: 1}\noutput: |",
            12,
            "`steps.",
        ),
        ("name: hello", "name: hello\nname: hello", 2, "duplicate key"),
        ("name: hello", "name: [hello", 2, "expected ',' or ']'"),
        ("name: hello", "when: 2026-01-01\nname: hello", 1, "no dates"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, problem: str
) -> None:
    assert old in GOOD
    found = problems(tmp_path, GOOD.replace(old, new, 1))
    assert any(at == line and problem in words for at, words in found), found


def test_every_flaw_of_a_file_is_named_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("tool: read", "tool: nope").replace("steps.file.text", "nobody")
    assert len(problems(tmp_path, text)) == 2


def test_files_that_are_no_yaml_are_named(tmp_path: Path) -> None:
    assert problems(tmp_path, "- a\n- b\n") == [(1, "a playbook is a mapping of keys")]
    assert problems(tmp_path, "") == [(1, "a playbook is a mapping of keys")]
    (tmp_path / "x.yaml").write_bytes(b"\xff\xfe\x00")
    assert len(load(tmp_path).problems) == 1
    assert "larger than" in problems(tmp_path, "a: " + "b" * 70_000)[0][1]


def test_aliases_cannot_make_a_small_file_huge(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 8)}]" for n in range(1, 12)]
    assert "too many values" in problems(tmp_path, "\n".join(lines))[0][1]


def test_a_wrong_file_leaves_the_others_running(tmp_path: Path) -> None:
    write(tmp_path, "a", "name: [")
    write(tmp_path, "b", GOOD)
    book = load(tmp_path)
    assert list(book.playbooks) == ["hello"]
    assert [p.data["file"] for p in book.problems] == [str(tmp_path / "a.yaml")]


def test_a_later_folder_replaces_a_name_and_says_so(tmp_path: Path) -> None:
    shipped = write(tmp_path / "shipped", "hello", GOOD)
    own = write(tmp_path / "own", "mine", GOOD.replace("Reads a file", "Mine"))
    book = load(tmp_path / "shipped", tmp_path / "own")
    assert book.playbooks["hello"].summary == "Mine."
    assert [(o.name, o.file, o.instead_of) for o in book.overrides] == [
        ("hello", str(own), str(shipped))
    ]


def test_one_name_twice_in_a_folder_keeps_the_first(tmp_path: Path) -> None:
    first = write(tmp_path, "a", GOOD)
    write(tmp_path, "b", GOOD)
    book = load(tmp_path)
    assert book.playbooks["hello"].file == str(first)
    assert "already the name of" in str(book.problems[0])


def test_a_playbook_describes_itself(tmp_path: Path) -> None:
    write(tmp_path, "hello", GOOD)
    (row,) = describe(load(tmp_path))
    assert row.usage == "run hello path=…"
    assert row.tools == ("read",)
    assert row.params[0].expected == "a path in the workspace"
