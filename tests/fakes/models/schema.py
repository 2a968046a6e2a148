"""JSON schemas: whether a schema is one, and a value that obeys it."""

from __future__ import annotations

from typing import Any

from tests.fakes.models.answer import Json

TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")


def fault(schema: Any, where: str = "") -> str:
    """What is wrong with `schema`, "" when it is a JSON schema (draft 2020-12, the part in use)."""
    if isinstance(schema, bool):
        return ""
    if not isinstance(schema, dict):
        return f"{where or 'schema'}: {schema!r} is not of type 'object', 'boolean'"
    told = schema.get("type")
    for one in told if isinstance(told, list) else [told] if told is not None else []:
        if one not in TYPES:
            return f"{where or 'schema'}: {one!r} is not valid under any of the given schemas"
    properties = schema.get("properties", {})
    if not isinstance(properties, dict):
        return f"{where}properties: {properties!r} is not of type 'object'"
    required = schema.get("required", [])
    if not isinstance(required, list) or not all(isinstance(one, str) for one in required):
        return f"{where}required: {required!r} is not of type 'array'"
    if "enum" in schema and not isinstance(schema["enum"], list):
        return f"{where}enum: {schema['enum']!r} is not of type 'array'"
    inner = [(f"{where}properties.{key}.", value) for key, value in properties.items()]
    inner += [(f"{where}items.", schema["items"])] if "items" in schema else []
    inner += [(f"{where}{key}.", one) for key in ("anyOf", "allOf") for one in schema.get(key, ())]
    inner += [(f"{where}$defs.", one) for one in schema.get("$defs", {}).values()]
    return next((said for place, one in inner if (said := fault(one, place))), "")


def loose(schema: Any, *, all_required: bool) -> str:
    """Why a strict structured output does not take `schema`: every object has to say
    additionalProperties false, and for OpenAI to require all its properties."""
    if not isinstance(schema, dict):
        return ""
    if schema.get("type") == "object" or "properties" in schema:
        if schema.get("additionalProperties") is not False:
            return "'additionalProperties' is required to be supplied and to be false."
        missing = sorted(set(schema.get("properties", {})) - set(schema.get("required", [])))
        if all_required and missing:
            return (
                "'required' is required to be supplied and to be an array including every key in "
                f"properties. Missing '{missing[0]}'."
            )
    inner = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
    inner += [*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else [])]
    return next((said for one in inner if (said := loose(one, all_required=all_required))), "")


def example(schema: Any, root: Json | None = None) -> Any:
    """A small value that obeys `schema`."""
    if not isinstance(schema, dict):
        return None
    root = schema if root is None else root
    if "$ref" in schema:
        found: Any = root
        for key in schema["$ref"].removeprefix("#/").split("/"):
            found = found[key]
        return example(found, root)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    if schema.get("anyOf"):
        return example(schema["anyOf"][0], root)
    told = schema.get("type", "object" if "properties" in schema else "string")
    told = told[0] if isinstance(told, list) else told
    if told == "object":
        return {key: example(one, root) for key, one in schema.get("properties", {}).items()}
    if told == "array":
        return [example(schema.get("items", {}), root)] * schema.get("minItems", 1)
    if told == "string":
        return "a" * max(4, schema.get("minLength", 0))
    if told in ("number", "integer"):
        return schema.get("minimum", 1)
    return told == "boolean" or None
