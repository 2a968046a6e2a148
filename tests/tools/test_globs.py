"""The rules of `.gitignore`, as documented; the expectations were checked against git itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from swarm_core.tools.globs import Glob, IgnoreFile

names = st.text(alphabet="ab*?[]!.", min_size=1, max_size=6)
globs = st.lists(names, min_size=1, max_size=4).map("/".join)
trees = st.lists(st.text(alphabet="ab.", min_size=1, max_size=6), min_size=1, max_size=5)


@given(globs, trees)
def test_any_glob_matches_any_path_without_failing(glob: str, parts: list[str]) -> None:
    assert Glob(glob).matches(parts) in (True, False)


@given(trees)
def test_a_path_matches_itself_and_what_spans_it(parts: list[str]) -> None:
    path = "/".join(parts)
    for glob in (f"/{path}", "**", "**/*", f"**/{parts[-1]}", parts[-1], "*"):
        assert Glob(glob).matches([part for part in parts if part != "."] or ["x"]) or "." in parts


@pytest.mark.parametrize(
    ("rules", "path", "folder", "verdict"),
    [
        ("foo", "foo", False, True),
        ("foo", "a/foo", False, True),
        ("/foo", "a/foo", False, None),
        ("a/foo", "b/a/foo", False, None),
        ("foo/", "foo", False, None),
        ("foo/", "foo", True, True),
        ("**/foo", "a/b/foo", False, True),
        ("abc/**", "abc", True, None),
        ("abc/**", "abc/d/e", False, True),
        ("a/**/b", "a/b", False, True),
        ("a/**/b", "a/x/y/b", False, True),
        ("*.py\n!keep.py", "keep.py", False, False),
        ("# note\n\n", "# note", False, None),
        ("\\#x", "#x", False, True),
        ("\\!x", "!x", False, True),
        ("x  ", "x", False, True),
        ("x\r", "x", False, True),
        ("a\\*", "a*", False, True),
        ("a\\*", "ab", False, None),
        ("[!a]x", "bx", False, True),
        ("[^a]x", "ax", False, None),
        ("/", "a", True, None),
    ],
)
def test_gitignore_rules(rules: str, path: str, folder: bool, verdict: bool | None) -> None:
    assert IgnoreFile(rules, ()).verdict(tuple(path.split("/")), folder=folder) is verdict


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.lists(
            # Two stars beside letters are one star by git's manual, but not always by git.
            st.text(alphabet="ab*?", min_size=1, max_size=4).filter(lambda part: "**" not in part)
            | st.just("**"),
            min_size=1,
            max_size=3,
        ).map("/".join),
        min_size=1,
        max_size=4,
    ),
    st.lists(
        st.lists(st.text(alphabet="ab", min_size=1, max_size=3), min_size=1, max_size=3),
        min_size=1,
        max_size=5,
    ),
)
def test_verdicts_are_those_of_git(
    tmp_path_factory: pytest.TempPathFactory, rules: list[str], paths: list[list[str]]
) -> None:
    root: Path = tmp_path_factory.mktemp("repo")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    (root / ".gitignore").write_text("\n".join(rules))
    file = IgnoreFile("\n".join(rules), ())
    asked = ["/".join(parts) for parts in paths]
    said = subprocess.run(
        ["git", "check-ignore", "--stdin"],
        cwd=root,
        input="\n".join(asked),
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split("\n")
    for parts in paths:
        above = [tuple(parts[:end]) for end in range(1, len(parts))]
        ours = any(file.verdict(part, folder=True) for part in above)
        ours = ours or bool(file.verdict(tuple(parts), folder=False))
        assert ours is ("/".join(parts) in said), (rules, parts)
