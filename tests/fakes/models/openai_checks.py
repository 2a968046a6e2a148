"""Rules that both of OpenAI's APIs share.

Sources: ERR = developers.openai.com/api/docs/guides/error-codes, SO = …/guides/structured-outputs,
FC = …/guides/function-calling, REASON = …/guides/reasoning, SDK = a type of openai 3.54; messages
as quoted in issues of the named clients.
"""

from __future__ import annotations

import re
from typing import Any

from tests.fakes.models import schema
from tests.fakes.models.answer import Json
from tests.fakes.models.call import Call, Refused
from tests.fakes.models.catalogue import Catalogue, Model
from tests.fakes.models.checks import IMAGES, decoded, is_int, looks_like, type_name

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")  # SDK reasoning_effort.py


def bad(param: str, message: str, code: str | None = "invalid_value") -> Refused:
    return Refused(400, message, param=param, code=code)


def unsupported(param: str, instead: str = "") -> Refused:
    more = f" Use '{instead}' instead." if instead else ""
    return bad(
        param,
        f"Unsupported parameter: '{param}' is not supported with this model.{more}",
        "unsupported_parameter",
    )


def only(value: Any, fields: set[str], param: str) -> None:
    """`value` is an object of nothing but `fields`."""
    wants(value, dict, param)
    for name in value:
        if name not in fields:
            path = f"{param}.{name}" if param else name
            raise bad(path, f"Unknown parameter: '{path}'.", "unknown_parameter")


def need(value: Json, name: str, param: str) -> Any:
    path = f"{param}.{name}" if param else name
    if name not in value:
        raise bad(path, f"Missing required parameter: '{path}'.", "missing_required_parameter")
    return value[name]


def wants(value: Any, kind: type | tuple[type, ...], param: str) -> None:
    if not isinstance(value, kind):
        names = {str: "a string", list: "an array of objects", dict: "an object"}
        kinds = kind if isinstance(kind, tuple) else (kind,)
        want = " or ".join(names.get(one, type_name(one())) for one in kinds)
        raise bad(
            param,
            f"Invalid type for '{param}': expected {want}, but got {type_name(value)} instead.",
            "invalid_type",
        )


def one_of(value: Any, allowed: tuple[str, ...], param: str) -> None:
    if value not in allowed:
        told = ", ".join(f"'{one}'" for one in allowed)
        raise bad(param, f"Invalid value: '{value}'. Supported values are: {told}.")


def model_of(body: Json, catalogue: Catalogue) -> Model:
    wants(need(body, "model", ""), str, "model")
    model = catalogue.find("openai", body["model"])
    if model is None:  # ERR; both APIs (litellm PR 39457)
        raise Refused(
            404,
            f"The model `{body['model']}` does not exist or you do not have access to it.",
            code="model_not_found",
        )
    return model


def most(body: Json, name: str, model: Model, least: int) -> None:
    value = body.get(name)
    if value is None:
        return
    if not is_int(value, least):
        raise bad(
            name,
            f"Invalid '{name}': integer below minimum value. Expected a value >= {least}, but got "
            f"{value} instead.",
            "integer_below_min_value",
        )
    if value > model.output:
        raise bad(
            name,
            f"{name} is too large: {value}. This model supports at most {model.output} completion "
            f"tokens, whereas you provided {value}.",
        )


def sampling(body: Json, model: Model) -> None:
    # REASON: reasoning models take neither; only the default passes
    for name in ("temperature", "top_p"):
        value = body.get(name)
        if value is None:
            continue
        if not model.sampling and value != 1:
            raise bad(
                name,
                f"Unsupported value: '{name}' does not support {value} with this model. Only the "
                "default (1) value is supported.",
                "unsupported_value",
            )
        if not 0 <= value <= (2 if name == "temperature" else 1):
            raise bad(name, f"Invalid '{name}': decimal above maximum value.", "decimal_above_max")


def effort(value: Any, model: Model, param: str) -> None:
    if value is None:
        return
    if not model.reasons:
        raise unsupported(param)
    one_of(value, EFFORTS, param)


def function(tool: Json, param: str, names: set[str]) -> None:
    """A function as both APIs declare it: its name, schema and strictness."""
    name = need(tool, "name", param)
    wants(name, str, f"{param}.name")
    if not NAME.fullmatch(name):  # SDK function_definition.py: a-z, A-Z, 0-9, _ and -, 64 at most
        raise bad(
            f"{param}.name",
            f"Invalid '{param}.name': string does not match pattern. Expected a string that "
            "matches the pattern '^[a-zA-Z0-9_-]+$'.",
        )
    if name in names:
        raise bad("tools", f"Tool names must be unique: '{name}' is given twice.")
    names.add(name)
    shape = tool.get("parameters")
    if shape is None:
        return
    problem = schema.fault(shape)
    if not problem and shape.get("type") != "object":
        told = f'"{shape["type"]}"' if "type" in shape else '"None"'
        problem = f"schema must be a JSON Schema of 'type: \"object\"', got 'type: {told}'."
    if not problem and tool.get("strict"):  # SO: strict mode
        problem = schema.loose(shape, all_required=True)
        problem = f"In context=(), {problem}" if problem else ""
    if problem:
        raise bad(
            f"{param}.parameters",
            f"Invalid schema for function '{name}': {problem}",
            "invalid_function_parameters",
        )


def shape_of(given: Json, param: str) -> Json:
    """The schema of a structured output."""
    name = need(given, "name", param)
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise bad(
            f"{param}.name",
            f"Invalid '{param}.name': string does not match pattern. Expected a string that "
            "matches the pattern '^[a-zA-Z0-9_-]+$'.",
        )
    shape: Json = need(given, "schema", param)
    problem = schema.fault(shape)
    if not problem and shape.get("type") != "object":  # SO: the root is an object
        problem = "schema must be a JSON Schema of 'type: \"object\"'."
    if not problem and given.get("strict"):
        problem = schema.loose(shape, all_required=True)
    if problem:
        raise bad(
            param, f"Invalid schema for response_format '{name}': In context=(), {problem}", None
        )
    return shape


def image(url: Any, param: str) -> None:
    # …/guides/images-vision: PNG, JPEG, WEBP, GIF as a URL or as a data URL
    wants(url, str, param)
    if url.startswith(("http://", "https://")):
        return
    found = re.fullmatch(r"data:([\w/+.-]+);base64,(.*)", url, re.S)
    if found is None:
        raise bad(param, "Invalid 'image_url': expected a URL or a base64 data URL.")
    if found[1] not in IMAGES:
        raise bad(
            param,
            "You uploaded an unsupported image. Please make sure your image has of one the "
            "following formats: ['png', 'jpeg', 'gif', 'webp'].",
            "invalid_image_format",
        )
    data = decoded(found[2])
    if not data or not looks_like(found[1], data):
        raise bad(param, "The image data you provided does not represent a valid image.")


def choice(body: Json, names: set[str]) -> None:
    given = body.get("tool_choice")
    if given is None:
        return
    if not body.get("tools"):  # FC
        if given == "none":
            return
        raise bad(
            "tool_choice",
            "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are "
            "specified.",
            None,
        )
    if isinstance(given, str):
        one_of(given, ("none", "auto", "required"), "tool_choice")
        return
    name = given.get("name") or (given.get("function") or {}).get("name")
    if given.get("type") == "function" and name not in names:
        raise bad("tool_choice", f"Tool choice '{name}' not found in 'tools' parameter.", None)


def fits(call: Call, param: str) -> None:
    if call.input > call.model.window:  # ERR: context_length_exceeded
        message = (
            "Your input exceeds the context window of this model. Please adjust your input and try "
            "again."
            if param == "input"
            else f"This model's maximum context length is {call.model.window} tokens. However, "
            f"your messages resulted in {call.input} tokens. Please reduce the length of the "
            "messages."
        )
        raise bad(param, message, "context_length_exceeded")
