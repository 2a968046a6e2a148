"""The playbooks in data/playbooks: word for word, what they answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from swarm_core.kernel.errors import EgressRefused, NoSuchHost, NoWorkspace
from swarm_core.playbooks import PlaybookRunner
from swarm_core.steps.model import Conclusion
from tests.playbooks.twins import MemoryRun, Result, ScriptedTools, Task, shipped

GOLDEN = Path(__file__).parent / "golden"


async def answer(text: str, tools: ScriptedTools) -> Conclusion:
    run = MemoryRun()
    conclusion = await PlaybookRunner(shipped(), tools, lambda task: task.place).run(
        Task(text=text), run
    )
    assert run.ended == [conclusion]
    return conclusion


async def reads(name: str, text: str, tools: ScriptedTools) -> None:
    conclusion = await answer(text, tools)
    assert conclusion.failure is None
    same(name, conclusion.text)


def same(name: str, text: str) -> None:
    assert text + "\n" == (GOLDEN / f"{name}.md").read_text(encoding="utf-8")


def test_all_shipped_playbooks_load_without_a_problem() -> None:
    book = shipped()
    assert [str(problem) for problem in book.problems] == []
    assert list(book.playbooks) == ["check-url", "repo-report", "search", "standup", "summarise"]


def found(*matches: dict[str, Any], total: int | None = None) -> dict[str, Any]:
    count = len(matches) if total is None else total
    return {"matches": list(matches), "count": count, "files": 9, "more": count > len(matches)}


async def test_search_shows_places_with_context_by_file() -> None:
    tools = ScriptedTools(
        search=Result(
            found(
                {"path": "src/b.py", "line": 9, "text": "x = parse(1)", "before": [], "after": []},
                {
                    "path": "src/a.py",
                    "line": 10,
                    "text": "def parse(text):",
                    "before": [""],
                    "after": ["    ```not a fence"],
                },
                {
                    "path": "src/a.py",
                    "line": 11,
                    "text": "    ```not a fence parse",
                    "before": ["def parse(text):"],
                    "after": ["    return 1"],
                },
                {"path": "src/a.py", "line": 40, "text": "\tparse()", "before": [], "after": []},
                total=30,
            ),
            truncated="only the first 30 matches",
        )
    )
    await reads("search", "search for parse in src", tools)
    assert tools.calls[0][1] == {
        "path": "src",
        "pattern": "parse",
        "regex": False,
        "ignore_case": True,
        "context": 1,
        "most": 30,
    }


async def test_search_that_finds_nothing_says_so() -> None:
    await reads("search-nothing", "find `nothing`", ScriptedTools(search=found()))


async def test_search_without_a_workspace_fails_with_that_reason() -> None:
    conclusion = await answer("find TODO", ScriptedTools(search=NoWorkspace()))
    assert conclusion.state == "failed"
    assert conclusion.failure is not None
    assert conclusion.failure.code == "no_workspace"


def entry(path: str, size: int, modified: int = 1_790_000_000) -> dict[str, Any]:
    return {"path": path, "kind": "file", "size": size, "modified": modified}


async def test_repo_report_reads_like_a_report() -> None:
    entries = [
        {"path": "src", "kind": "folder", "size": 0, "modified": 0},
        entry("src/app.py", 120_000),
        entry("src/util.py", 30_000, 1_600_000_000),
        entry("src/old.c", 9_000, 1_000_000_000),
        entry("tests/test_app.py", 40_000),
        entry("web/index.ts", 51_000),
        entry("README.md", 4_096),
        entry("docs/guide.md", 900),
        entry("Makefile", 200),
        entry("data.bin", 1_048_576),
        *(entry(f"x/{n}.{end}", 10) for n, end in enumerate(["go", "rs", "rb", "lua", "sh"])),
    ]
    totals = {"TODO": 12, "FIXME": 0}
    tools = ScriptedTools(
        list=Result({"entries": entries}, truncated="3 entries hidden by .gitignore"),
        search=lambda args: found(total=totals[args["pattern"]]),
    )
    await reads("repo-report", "repo report", tools)


async def test_repo_report_of_an_empty_tree_says_so() -> None:
    tools = ScriptedTools(list={"entries": []}, search=found())
    conclusion = await answer("repo report of empty", tools)
    assert conclusion.text == "**`empty`** holds no files."


async def test_summarise_quotes_sentences_as_plain_text() -> None:
    sentences = ["Bees dance.", "A [link](https://evil.test) and *stars* stay text."]
    tools = ScriptedTools(extract_summary={"sentences": sentences, "of": 34})
    await reads("summarise", "summarise README.md", tools)


def page(**changes: Any) -> dict[str, Any]:
    return {
        "status": 200,
        "reason": "OK",
        "url": "https://example.com",
        "final_url": "https://example.com/",
        "redirects": [],
        "title": "Example | Domain",
        "latency_ms": 182,
        "content_type": "text/html",
        "bytes": 12_600,
        "sha256": "aa",
        "certificate": {"issuer": "Let's Encrypt", "subject": "x", "not_after": 0, "days_left": 41},
        **changes,
    }


async def check(before: Any, now: Any) -> tuple[str, Any]:
    tools = ScriptedTools(last_result=before, http_get=now, remember=None)
    conclusion = await answer("is https://example.com up?", tools)
    assert conclusion.state == "done"
    name, kept, _ = tools.calls[-1]
    assert name == "remember"
    assert kept["playbook"] == "check-url"
    assert kept["key"] == tools.calls[0][1]["key"] == "https://example.com"
    return conclusion.text, kept["value"]


async def test_check_url_reads_well_up_and_down() -> None:
    first, kept = await check(None, page())
    assert kept == {"status": 200, "sha256": "aa", "bytes": 12_600}
    again, _ = await check(kept, page())
    moved, _ = await check(
        kept,
        page(
            sha256="bb",
            final_url="https://www.example.com/",
            redirects=["https://example.com"],
            certificate=None,
            title="",
            bytes=900,
        ),
    )
    broken, _ = await check(
        kept, page(status=503, reason="Service *Unavailable*", certificate={
            "issuer": "R3", "subject": "x", "not_after": 0, "days_left": -2})
    )  # fmt: skip
    down, gone = await check(kept, NoSuchHost(host="example.com"))
    assert gone == {"status": None, "sha256": None, "bytes": None}
    back, _ = await check(gone, page())
    refused, _ = await check(
        None, EgressRefused(host="example.com", address="10.0.0.1", rule="private")
    )
    same("check-url", "\n\n---\n\n".join([first, again, moved, broken, down, back, refused]))


def activity(**changes: Any) -> dict[str, Any]:
    return {
        "done": 0,
        "failed": 0,
        "cancelled": 0,
        "running": 0,
        "waiting": [],
        "ready": 0,
        "queued": 0,
        "cost_micro_usd": 0,
        "by_worker": [],
        "recent": [],
        **changes,
    }


async def test_standup_says_what_was_done_what_it_cost_and_what_waits() -> None:
    tools = ScriptedTools(
        activity=activity(
            done=12,
            failed=1,
            running=1,
            ready=2,
            cost_micro_usd=1_250_000,
            waiting=[{"task": 142, "text": "Deploy *now*", "reason": "approval"}],
            by_worker=[
                {"worker": "search", "done": 9, "failed": 0, "cost_micro_usd": 0},
                {"worker": "coder", "done": 3, "failed": 1, "cost_micro_usd": 1_250_000},
            ],
            recent=[
                {"task": 141, "text": "find TODO", "state": "done"},
                {"task": 140, "text": "fix the build", "state": "failed"},
            ],
        )
    )
    await reads("standup", "standup since 7 days", tools)
    assert tools.calls[0][1] == {"since": "7d"}


async def test_a_quiet_day_is_told_in_two_lines() -> None:
    conclusion = await answer("what did you do today?", ScriptedTools(activity=activity()))
    assert conclusion.text == (
        "**The last 24 hours**: 0 done for $0\n\nNothing was asked and nothing waits."
    )
