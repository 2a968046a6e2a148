"""What can be wrong with a tool call or a playbook."""

from __future__ import annotations

from swarm_core.kernel.errors.tree import FixInput, GiveUp, TryAgain

# ── tools ────────────────────────────────────────────────────────────────────


class UnknownTool(FixInput):
    """No tool is called `name`; `near` are the closest ones."""

    code = "unknown_tool"
    fields = ("name", "near")


class BadToolArguments(FixInput):
    """The arguments of `tool` are wrong: `problem`."""

    code = "bad_tool_arguments"
    fields = ("tool", "problem")


class OutsideWorkspace(FixInput):
    """`path` leads outside the workspace `workspace`."""

    code = "outside_workspace"
    fields = ("path", "workspace")


class NoWorkspace(FixInput):
    """This place has no workspace, so files cannot be reached."""

    code = "no_workspace"


class PathMissing(FixInput):
    """`path` is not in the workspace; `near` are the closest names."""

    code = "path_missing"
    fields = ("path", "near")


class NotAFile(FixInput):
    """`path` is a `kind`, not a regular file."""

    code = "not_a_file"
    fields = ("path", "kind")


class NotAFolder(FixInput):
    """`path` is a `kind`, not a folder."""

    code = "not_a_folder"
    fields = ("path", "kind")


class PathUnreadable(FixInput):
    """`path` is there but cannot be opened: `problem`."""

    code = "path_unreadable"
    fields = ("path", "problem")


class BinaryFile(FixInput):
    """`path` holds binary data, not text."""

    code = "binary_file"
    fields = ("path",)


class TooLarge(FixInput):
    """`what` has `size` bytes, more than the limit of `limit`."""

    code = "too_large"
    fields = ("what", "size", "limit")


class BadPattern(FixInput):
    """`pattern` is not a regular expression: `problem`."""

    code = "bad_pattern"
    fields = ("pattern", "problem")


class BadUrl(FixInput):
    """`url` is not an http or https address: `problem`."""

    code = "bad_url"
    fields = ("url", "problem")


class EgressRefused(FixInput):
    """`host` resolves to `address`, which `rule` does not allow."""

    code = "egress_refused"
    fields = ("host", "address", "rule")


class NoSuchHost(TryAgain):
    """The name `host` does not resolve."""

    code = "no_such_host"
    fields = ("host",)


class Unreachable(TryAgain):
    """No answer came from `host`: `problem`."""

    code = "unreachable"
    fields = ("host", "problem")


class BadCertificate(GiveUp):
    """The certificate of `host` does not hold: `problem`."""

    code = "bad_certificate"
    fields = ("host", "problem")


class BadRedirect(GiveUp):
    """`url` redirects to `to`, which is not followed: `problem`."""

    code = "bad_redirect"
    fields = ("url", "to", "problem")


class ToolTimeout(TryAgain):
    """`tool` did not finish within `seconds`."""

    code = "tool_timeout"
    fields = ("tool", "seconds")


class ToolCrashed(GiveUp):
    """`tool` failed in a way nobody foresaw: `problem`."""

    code = "tool_crashed"
    fields = ("tool", "problem")


# ── playbooks ────────────────────────────────────────────────────────────────


class FoundWrong(GiveUp):
    """What a standing priority has looked at is not well: `found`, as its playbook says it."""

    code = "found_wrong"
    fields = ("found",)


class PlaybookBroken(GiveUp):
    """Playbook `playbook` stopped at `where` (a step or "output"): `problem`; its file is wrong."""

    code = "playbook_broken"
    fields = ("playbook", "where", "problem")
