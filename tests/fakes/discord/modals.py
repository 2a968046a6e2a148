"""Rules of modals: docs.discord.com/developers/interactions/receiving-and-responding,
"Modal", and docs.discord.com/developers/components/reference#label."""

from __future__ import annotations

from tests.fakes.discord.components import walk
from tests.fakes.discord.errors import Form, Json


def check(data: Json) -> None:
    """Refuse a modal that its fields' types allow and the service does not."""
    form = Form()
    rows = data["components"]
    if not 1 <= len(rows) <= 5:
        form.wrong(("components",), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    seen = set[str]()
    for path, one in walk(rows):
        custom_id = one.get("custom_id")
        if custom_id in seen:
            text = "Component custom id cannot be duplicated"
            form.wrong((*path, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", text)
        if custom_id:
            seen.add(custom_id)
        if one["type"] == 4 and (one.get("min_length") or 0) > (one.get("max_length") or 4000):
            text = "min_length must be less than or equal to max_length"
            form.wrong((*path, "min_length"), "BASE_TYPE_BAD_LENGTH", text)
    form.refuse_if_wrong()


def fields(modal: Json) -> dict[str, Json]:
    """Its inputs by their custom id."""
    return {one["custom_id"]: one for _, one in walk(modal["components"]) if one.get("custom_id")}


def submitted(modal: Json, values: dict[str, str | list[str]]) -> list[Json]:
    """What a submit sends for `values`, in the shape the modal has."""
    known = fields(modal)
    if wrong := set(values) - set(known):
        raise ValueError(f"the modal has no {sorted(wrong)}")
    return [made for row in modal["components"] if (made := _row(row, values)) is not None]


def _row(row: Json, values: dict[str, str | list[str]]) -> Json | None:
    made: Json = {"type": row["type"], "id": row.get("id") or 1}
    if row["type"] == 18:
        return {**made, "component": _field(row["component"], values)}
    if row["type"] == 1:
        return {**made, "components": [_field(one, values) for one in row["components"]]}
    return made


def _field(one: Json, values: dict[str, str | list[str]]) -> Json:
    given = values.get(one["custom_id"])
    made: Json = {"type": one["type"], "id": one.get("id") or 2, "custom_id": one["custom_id"]}
    if one["type"] == 4:
        text = one.get("value") or "" if given is None else str(given)
        least = one.get("min_length") or 0
        required = one.get("required", True) is not False
        if (required and not text) or (text and len(text) < least):
            raise ValueError(f"{one['custom_id']} wants at least {max(least, 1)} characters")
        if len(text) > (one.get("max_length") or 4000):
            raise ValueError(f"{one['custom_id']} takes no more than {one.get('max_length')}")
        return {**made, "value": text}
    if one["type"] == 21:
        return {**made, "value": given}
    if one["type"] == 23:
        return {**made, "value": bool(given)}
    chosen = [given] if isinstance(given, str) else list(given or [])
    if one["type"] in (3, 22):
        known = [option["value"] for option in one["options"]]
        if not set(chosen) <= set(known):
            raise ValueError(f"{one['custom_id']} has no such option")
    return {**made, "values": chosen}
