"""Which item of a Responses input needs which other one."""

from __future__ import annotations

from tests.fakes.models.answer import Json
from tests.fakes.models.openai_checks import bad


def check_pairs(items: list[Json], state: Json) -> None:
    """Messages as quoted in openai-agents-python 1660 and vercel/ai 7099."""
    calls = [one["call_id"] for one in items if one.get("type") == "function_call"]
    outputs = [one["call_id"] for one in items if one.get("type") == "function_call_output"]
    seen = set[str]()
    for item in items:
        if item.get("type") == "function_call":
            seen.add(item["call_id"])
        elif item.get("type") == "function_call_output" and item["call_id"] not in seen:
            raise bad(
                "input",
                f"No tool call found for function call output with call_id {item['call_id']}.",
                None,
            )
    for name in calls:
        if name not in outputs:
            raise bad("input", f"No tool output found for function call {name}.", None)
    _reasoning(items, state)


def _reasoning(items: list[Json], state: Json) -> None:
    there = {one.get("id") for one in items if one.get("type") == "reasoning"}
    for at, item in enumerate(items):
        if item.get("type") == "reasoning":
            after = items[at + 1] if at + 1 < len(items) else {}
            follows = after.get("role") == "assistant" or after.get("type") in (
                "function_call",
                "reasoning",
            )
            if not follows:
                raise bad(
                    "input",
                    f"Item '{item['id']}' of type 'reasoning' was provided without its required "
                    "following item.",
                    None,
                )
        wanted = state.get("needs", {}).get(item.get("id"))
        if wanted is not None and wanted not in there:
            raise bad(
                "input",
                f"Item '{item['id']}' of type '{item['type']}' was provided without its required "
                f"'reasoning' item: '{wanted}'.",
                None,
            )
