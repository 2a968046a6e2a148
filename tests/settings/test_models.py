"""Providers, models and wishes: entries under names of the owner's choice."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from swarm_core.kernel.errors import BadValue, MissingKey, MissingVariable, UnknownKey
from swarm_core.settings import ProviderSettings, explain
from swarm_core.settings.endpoints import is_near
from tests.settings.test_load import only_problem, problems_of, settings_of

KEYS = {"ANTHROPIC_API_KEY": "sk-canary-a", "OPENAI_API_KEY": "sk-canary-o"}


def provider_of(folder: Path, text: str, **variables: str) -> ProviderSettings:
    (provider,) = settings_of(folder, text, **variables).providers.values()
    return provider


def test_a_key_in_the_environment_makes_its_provider_appear(tmp_path: Path) -> None:
    assert not settings_of(tmp_path, "").providers
    providers = settings_of(tmp_path, "", **KEYS, OPENAI_BASE_URL="https://o.example/v1/").providers

    assert [(name, p.kind, p.base_url) for name, p in providers.items()] == [
        ("anthropic", "anthropic", None),
        ("openai", "openai", "https://o.example/v1"),
    ]
    key = providers["anthropic"].key
    assert key
    assert (key.reveal(), key.variable) == ("sk-canary-a", "ANTHROPIC_API_KEY")


@pytest.mark.parametrize("text", ["", "providers:\n", "providers:\n  anthropic:\n"])
def test_an_empty_variable_is_no_key(tmp_path: Path, text: str) -> None:
    settings = settings_of(tmp_path, text, ANTHROPIC_API_KEY="", OPENAI_API_KEY="")
    assert not any(provider.enabled for provider in settings.providers.values())


def test_an_entry_of_the_same_kind_takes_the_place_of_the_one_that_would_appear(
    tmp_path: Path,
) -> None:
    mine = "providers: {mine: {kind: anthropic, key: $MINE, timeout: 30s}}\n"
    provider = provider_of(tmp_path, mine, ANTHROPIC_API_KEY="sk-other", MINE="sk-mine")
    assert provider.key
    assert (provider.key.reveal(), provider.timeout) == ("sk-mine", timedelta(seconds=30))

    off = settings_of(tmp_path, "providers: {anthropic: {enabled: no}}\n", **KEYS).providers
    assert [name for name, p in off.items() if p.enabled] == ["openai"]


def test_an_entry_called_as_its_kind_need_not_say_it_nor_its_key(tmp_path: Path) -> None:
    text = "providers: {openai: {requests_per_minute: 50, tokens_per_minute: 90000}}\n"
    provider = provider_of(tmp_path, text, OPENAI_API_KEY="sk-canary")
    assert (provider.kind, provider.requests_per_minute) == ("openai", 50)
    assert provider.key
    assert provider.key.variable == "OPENAI_API_KEY"


def test_a_usual_address_does_not_reach_a_key_that_was_chosen(tmp_path: Path) -> None:
    text = "providers: {anthropic: {key: $MINE}}\n"
    provider = provider_of(tmp_path, text, MINE="sk-m", ANTHROPIC_BASE_URL="https://proxy.example")
    assert provider.base_url is None


def test_a_local_server_needs_its_kind_and_address_alone(tmp_path: Path) -> None:
    text = (
        "providers:\n  desk:\n    kind: openai-compatible\n    base_url: http://localhost:1234/v1\n"
    )
    provider = provider_of(tmp_path, text)
    assert (provider.local, provider.free, provider.key) == (True, False, None)


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("http://127.0.0.1:8080", True),
        ("http://[::1]:8080/v1", True),
        ("http://192.168.4.2/v1", True),
        ("http://gpu:8000", True),
        ("http://gpu.lan", True),
        ("http://host.docker.internal:1234", True),
        ("https://api.example.org", False),
        ("https://localhost.example.org", False),
        ("https://8.8.8.8", False),
    ],
)
def test_what_runs_nearby_is_told_by_its_address(address: str, near: bool) -> None:
    assert is_near(address) is near


def test_a_paid_vendor_behind_a_local_proxy_is_not_local(tmp_path: Path) -> None:
    text = "providers: {anthropic: {base_url: 'http://127.0.0.1:4000'}}\n"
    assert not provider_of(tmp_path, text, ANTHROPIC_API_KEY="k").local


def test_a_missing_key_switches_its_provider_off_and_is_told(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path,
        "providers:\n  a: {kind: anthropic, key: $NOT_SET}\n  openai:\n"
        "  off: {kind: openai, key: $NOR_THIS, enabled: false}\n"
        "  c: {kind: openai-compatible, base_url: https://c.example/v1, key: $C}\n",
        C="sk-c",
    )

    assert [name for name, p in settings.providers.items() if p.enabled] == ["c"]
    told = settings.missing_keys
    assert [(type(e), e.data["provider"], e.data["variable"], e.data["line"]) for e in told] == [
        (MissingKey, "a", "NOT_SET", 2),
        (MissingKey, "openai", "OPENAI_API_KEY", 3),
    ]


def test_a_missing_secret_switches_its_webhook_off_and_is_told(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path,
        "owner: {name: Zoe}\nwebhooks:\n  a: {url: 'https://a.example', secret: $NOT_SET}\n"
        "  b: {url: 'https://b.example', secret: $B}\n"
        "  off: {url: 'https://c.example', secret: $NOR_THIS, enabled: false}\n",
        B="a secret",
    )
    assert [name for name, hook in settings.webhooks.items() if hook.enabled] == ["b"]
    assert settings.owner.name == "Zoe"
    told = settings.missing_secrets
    assert [(e.data["webhook"], e.data["variable"], e.data["line"]) for e in told] == [
        ("a", "NOT_SET", 3),
    ]
    assert settings.missing == told


def test_any_other_missing_variable_stops_the_start(tmp_path: Path) -> None:
    text = "providers: {c: {kind: openai-compatible, base_url: $WHERE, key: $C}}\n"
    problem = problems_of(tmp_path, text)[0]
    assert isinstance(problem, MissingVariable)
    assert problem.data["variable"] == "WHERE"


@pytest.mark.parametrize("key", ["sk-canary", "'x$K'", "'$$K'", "[$K]"])
def test_a_key_that_is_written_out_is_refused_and_not_quoted(tmp_path: Path, key: str) -> None:
    problem = only_problem(tmp_path, f"providers: {{anthropic: {{key: {key}}}}}\n", K="sk-canary")
    assert isinstance(problem, BadValue)
    assert "$ANTHROPIC_API_KEY" in str(problem.data["expected"])
    assert "canary" not in str(problem)


def test_a_key_is_never_shown(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, "providers: {b: {kind: openai, key: $K}}\n", K="sk-canary")
    rows = {row.key: row for row in explain(settings)}
    assert (rows["providers.b.key"].value, rows["providers.b.key"].variable) == ("$K", "K")
    assert "canary" not in f"{settings!r} {rows}"

    implicit = {row.key: row for row in explain(settings_of(tmp_path, "", **KEYS))}
    row = implicit["providers.openai.key"]
    assert (row.value, row.origin, row.variable) == (
        "$OPENAI_API_KEY",
        "environment",
        "OPENAI_API_KEY",
    )


def test_a_models_price_is_kept_in_whole_micro_dollars(tmp_path: Path) -> None:
    text = (
        "models:\n  llama3.2:8b: {free: yes, window: 8192, tools: no}\n"
        "  desk/qwen: {input: 0.1, output: $2.5, cached: 0.000001, priced: 2026-11-20}\n"
    )
    models = settings_of(tmp_path, text).models

    assert models["llama3.2:8b"].free
    assert (models["llama3.2:8b"].window, models["llama3.2:8b"].tools) == (8192, False)
    qwen = models["desk/qwen"]
    assert (qwen.input, qwen.output, qwen.cached, qwen.written) == (100_000, 2_500_000, 1, None)
    assert qwen.priced == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ("providers: 5\n", "providers", "a group of keys belongs"),
        ("providers: {a: 5}\n", "providers.a", "a group of keys belongs"),
        ("providers: {a: {}}\n", "providers.a.kind", "not given"),
        ("providers: {a: {kind: gemini}}\n", "providers.a.kind", "is not one of them"),
        ("providers: {a: {kind: openai-compatible}}\n", "providers.a", "where it is"),
        ("providers: {A b: {kind: openai, key: $K}}\n", "providers.A b", "is not plain"),
        ("models: {m: {input: 1}}\n", "models.m", "not whole"),
        ("models: {m: {cached: 1}}\n", "models.m", "not whole"),
        ("models: {m: {free: yes, input: 1, output: 1}}\n", "models.m.free", "free and has"),
        ("models: {m: {window: 5, max_output: 6}}\n", "models.m.max_output", "more than"),
        ("models: {m: {priced: 2026-02-30}}\n", "models.m.priced", "is no day"),
        ("models: {m: {tier: huge}}\n", "models.m.tier", "is not one of them"),
        ("models: {m: {input: 1e3, output: 1}}\n", "models.m.input", "is not an amount"),
        ("routing: {preset: rich}\n", "routing.preset", "is not one of them"),
    ],
)
def test_a_value_that_does_not_fit_is_told_with_its_key(
    tmp_path: Path, text: str, key: str, said: str
) -> None:
    problem = only_problem(tmp_path, text, K="k")
    assert isinstance(problem, BadValue)
    assert problem.data["key"] == key
    assert said in str(problem.data["problem"])


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("providers: {openai: {bas_url: x}}\n", "providers.openai.base_url"),
        ("models: {m: {windw: 5}}\n", "models.m.window"),
        ("provider: {}\n", "providers"),
        ("base_url: x\n", "providers.<name>.base_url"),
        ("routing: {prset: free}\n", "routing.preset"),
    ],
)
def test_an_unknown_key_of_an_entry_names_the_nearest(tmp_path: Path, text: str, near: str) -> None:
    problem = only_problem(tmp_path, text, OPENAI_API_KEY="k")
    assert isinstance(problem, UnknownKey)
    found = problem.data["near"]
    assert isinstance(found, tuple)
    assert near in found


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("api.example.org", "begins with https"),
        ("ftp://example.org", "begins with https"),
        ("http://api.example.org", "unencrypted"),
        ("https://user:pw@example.org", "belongs into `key`"),
        ("https://example.org/?key=1", "more than a host and a path"),
        ("https://exa_mple..org", "names no host"),
        ("https://example.org:port", "is not an address"),
        ("https://[::1", "is not an address"),
    ],
)
def test_an_address_that_is_none_or_would_leak_is_refused(
    tmp_path: Path, address: str, said: str
) -> None:
    text = f"providers: {{a: {{kind: openai-compatible, base_url: '{address}'}}}}\n"
    assert said in str(only_problem(tmp_path, text).data["problem"])
