"""Rules of components beyond their fields' types.

docs.discord.com/developers/components/reference: custom ids unique in a message, at most 5 rows of
old components or 40 components in all of new ones, what each button style needs, and that
a message flagged IS_COMPONENTS_V2 has neither content nor embeds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.fakes.discord.errors import Form, Json, Path

V2 = 1 << 15
_OLD = {1}
_LINK, _PREMIUM = 5, 6
_SELECTS = (3, 5, 6, 7, 8)


def walk(components: list[Json], path: Path = ("components",)) -> Iterator[tuple[Path, Json]]:
    """Every component with where it stands, parents first."""
    for at, one in enumerate(components):
        yield (*path, at), one
        yield from walk(one.get("components") or [], (*path, at, "components"))
        for slot in ("accessory", "component"):
            if isinstance(one.get(slot), dict):
                yield from _single(one[slot], (*path, at, slot))


def _single(component: Json, path: Path) -> Iterator[tuple[Path, Json]]:
    yield path, component
    yield from walk(component.get("components") or [], (*path, "components"))


def check(components: list[Json], flags: int, form: Form) -> None:
    """Of a message whose components have passed the description."""
    new = bool(flags & V2)
    if not new:
        for at, one in enumerate(components):
            if one["type"] not in _OLD:
                form.wrong(("components", at, "type"), "UNION_TYPE_CHOICES", _not_without_flag(one))
        if len(components) > 5:
            text = "Must be between 1 and 5 in length."
            form.wrong(("components",), "BASE_TYPE_BAD_LENGTH", text)
    everything = list(walk(components))
    if new and len(everything) > 40:
        text = "Components displayable: must be 40 or fewer in all."
        form.wrong(("components",), "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", text)
    _texts(everything, form)
    _unique(everything, form)
    for path, one in everything:
        if one["type"] == 1:
            _row(path, one, form)
        elif one["type"] == 2:
            _button(path, one, form)
        elif one["type"] in _SELECTS:
            _select(path, one, form)


def _not_without_flag(one: Json) -> str:
    return f"Component type {one['type']} needs the flag IS_COMPONENTS_V2."


def _texts(everything: list[tuple[Path, Json]], form: Form) -> None:
    # components/reference#text-display: 4000 characters over all text displays of a message
    total = sum(len(one["content"]) for _, one in everything if one["type"] == 10)
    if total > 4000:
        text = "Components displayable text size exceeds maximum size of 4000"
        form.wrong(("components",), "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", text)


def _unique(everything: list[tuple[Path, Json]], form: Form) -> None:
    for key, code, text in (
        ("custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated"),
        ("id", "COMPONENT_ID_DUPLICATED", "Component id cannot be duplicated"),
    ):
        seen = set[Any]()
        for path, one in everything:
            value = one.get(key)
            if value is None or (key == "id" and value == 0):
                continue
            if value in seen:
                form.wrong((*path, key), code, text)
            seen.add(value)


def _row(path: Path, row: Json, form: Form) -> None:
    kinds = [one["type"] for one in row["components"]]
    if len(kinds) > 1 and any(kind in _SELECTS for kind in kinds):
        text = "The specified component exceeds the maximum width"
        form.wrong((*path, "components"), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", text)


def _button(path: Path, one: Json, form: Form) -> None:
    # components/reference#button-button-styles
    style, required = one["style"], "BASE_TYPE_REQUIRED"
    if style == _LINK:
        if not one.get("url"):
            form.wrong((*path, "url"), required, "A url is required")
        if one.get("custom_id"):
            text = "A custom id and url cannot both be specified"
            form.wrong(
                (*path, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", text
            )
    elif style == _PREMIUM:
        if not one.get("sku_id"):
            form.wrong((*path, "sku_id"), required, "A SKU ID is required")
    else:
        if not one.get("custom_id"):
            form.wrong((*path, "custom_id"), required, "A custom id is required")
        if one.get("url"):
            text = "A custom id and url cannot both be specified"
            form.wrong((*path, "url"), "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", text)
    if style != _PREMIUM and not one.get("label") and not one.get("emoji"):
        text = "A button needs a label or an emoji"
        form.wrong((*path, "label"), "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", text)


def _select(path: Path, one: Json, form: Form) -> None:
    least, most = one.get("min_values"), one.get("max_values")
    least, most = (1 if least is None else least), (1 if most is None else most)
    if least > most:
        text = "min_values must be less than or equal to max_values"
        form.wrong((*path, "min_values"), "SELECT_COMPONENT_MIN_VALUES_TOO_LARGE", text)
    if one["type"] != 3:
        return
    values = [option["value"] for option in one["options"]]
    if not values:
        text = "Must be between 1 and 25 in length."
        form.wrong((*path, "options"), "BASE_TYPE_BAD_LENGTH", text)
    for at, value in enumerate(values):
        if value in values[:at]:
            text = "The specified option value is already used"
            where = (*path, "options", at, "value")
            form.wrong(where, "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", text)
    if values and most > len(values):
        text = "max_values must be less than or equal to the number of options"
        form.wrong((*path, "max_values"), "SELECT_COMPONENT_MAX_VALUES_TOO_LARGE", text)
    if sum(bool(option.get("default")) for option in one["options"]) > most:
        text = "More defaults than max_values"
        form.wrong((*path, "options"), "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", text)


def as_sent(components: list[Json]) -> list[Json]:
    """Components as answers carry them: each with an id, and defaults written out."""
    taken = {one["id"] for _, one in walk(components) if one.get("id")}
    counter = iter(number for number in range(1, 10_000) if number not in taken)
    return [_sent(one, counter) for one in components]


def _sent(one: Json, counter: Iterator[int]) -> Json:
    made = {key: value for key, value in one.items() if value is not None}
    made["id"] = one.get("id") or next(counter)
    if one["type"] in _SELECTS:
        made.setdefault("min_values", 1)
        made.setdefault("max_values", 1)
        made.pop("required", None)  # of a modal's
    if one["type"] == 17:
        made.setdefault("accent_color", None)
        made.setdefault("spoiler", False)
    if one["type"] == 14:
        made.setdefault("divider", True)
        made.setdefault("spacing", 1)
    if "components" in one:
        made["components"] = [_sent(inner, counter) for inner in one["components"]]
    if isinstance(one.get("accessory"), dict):
        made["accessory"] = _sent(one["accessory"], counter)
    return made
