"""The models this fake serves, and what each of them takes.

From https://platform.claude.com/docs/en/about-claude/models/overview, …/build-with-claude/
prompt-caching (least cacheable lengths) and https://developers.openai.com/api/docs/models.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tests.fakes.models.answer import Json


@dataclass(frozen=True, kw_only=True)
class Model:
    """`id` is the snapshot that answers; a caller may ask for it or for one of `aliases`."""

    id: str
    vendor: str
    aliases: tuple[str, ...] = ()
    window: int = 200_000
    output: int = 64_000
    sampling: bool = False
    """Whether it takes temperature, top_p and top_k."""
    prefill: bool = False
    thinking: tuple[str, ...] = ("adaptive", "disabled")
    shows: bool = False
    """Whether it shows its thinking when not told how."""
    cache_min: int = 1024
    reasons: bool = False
    writes: bool = False
    """Whether writing to the cache is counted (and billed) apart: OpenAI's since GPT-5.6."""
    prices: Json = field(default_factory=dict)
    """Micro-dollars for a million tokens: input, output, cached, written, written_1h."""


def _claude(name: str, **more: object) -> Model:
    return replace(Model(id=name, vendor="anthropic", window=1_000_000, output=128_000), **more)  # type: ignore[arg-type]


_OLD = {"sampling": True, "thinking": ("enabled", "disabled"), "shows": True, "window": 200_000}
_GPT = {"vendor": "openai", "window": 400_000, "output": 128_000, "reasons": True}

MODELS = (
    _claude("claude-opus-5-5", cache_min=512),
    _claude("claude-opus-5", cache_min=512),
    _claude("claude-sonnet-5-5"),
    _claude("claude-sonnet-5"),
    _claude("claude-haiku-5-5"),
    _claude("claude-opus-4-7", cache_min=2048),
    _claude(
        "claude-haiku-4-5-20251001",
        aliases=("claude-haiku-4-5",),
        prefill=True,
        cache_min=4096,
        **_OLD,
    ),
    _claude("claude-sonnet-4-5-20250929", aliases=("claude-sonnet-4-5",), prefill=True, **_OLD),
    Model(id="gpt-6-sol", writes=True, **_GPT),  # type: ignore[arg-type]
    Model(id="gpt-6-luna", writes=True, **_GPT),  # type: ignore[arg-type]
    Model(id="gpt-5.6-sol", writes=True, **_GPT),  # type: ignore[arg-type]
    Model(id="gpt-5.6-terra", writes=True, **_GPT),  # type: ignore[arg-type]
    Model(id="gpt-5.6-luna", writes=True, **_GPT),  # type: ignore[arg-type]
    Model(id="gpt-5.4-mini-2026-03-17", aliases=("gpt-5.4-mini",), **_GPT),  # type: ignore[arg-type]
    Model(id="gpt-5-2025-08-07", aliases=("gpt-5",), **_GPT),  # type: ignore[arg-type]
    Model(id="gpt-5-mini-2025-08-07", aliases=("gpt-5-mini",), **_GPT),  # type: ignore[arg-type]
    Model(
        id="gpt-4.1-2025-04-14",
        aliases=("gpt-4.1",),
        vendor="openai",
        window=1_047_576,
        output=32_768,
        sampling=True,
    ),
    Model(
        id="gpt-4.1-mini-2025-04-14",
        aliases=("gpt-4.1-mini",),
        vendor="openai",
        window=1_047_576,
        output=32_768,
        sampling=True,
    ),
)


class Catalogue:
    """Models by every name they go by; a script may add some or change what is known of them."""

    def __init__(self) -> None:
        self._by_id = {model.id: model for model in MODELS}

    def find(self, vendor: str, name: str) -> Model | None:
        return next(
            (one for one in self.of(vendor) if name == one.id or name in one.aliases),
            None,
        )

    def of(self, vendor: str) -> list[Model]:
        return [one for one in self._by_id.values() if one.vendor in (vendor, "both")]

    def change(self, name: str, known: Json) -> None:
        """Set what `known` says of the model `name`, which is added if there is none."""
        model = next((m for m in self._by_id.values() if name == m.id or name in m.aliases), None)
        fresh = {key: tuple(v) if isinstance(v, list) else v for key, v in known.items()}
        changed = replace(model, **fresh) if model else Model(id=name, **fresh)
        self._by_id[changed.id] = changed
