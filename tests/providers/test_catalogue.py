"""Which models there are, what is known of each, and which may be used."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from decimal import ROUND_CEILING
from pathlib import Path

import pytest
from genai_prices import Usage as TheirUsage
from genai_prices import calc_price
from genai_prices.data import providers
from hypothesis import given
from hypothesis import strategies as st

from swarm_core.kernel.errors import UnknownModel, UnknownPrice
from swarm_core.providers.bounds import bill
from swarm_core.providers.card import ModelCard
from swarm_core.providers.catalogue import Catalogue
from swarm_core.providers.known import Known
from swarm_core.providers.model import Usage
from swarm_core.providers.prices import PriceLibrary
from swarm_core.settings import load

ROOT = Path(__file__).parents[2]
DATA = ROOT / "data"
DAY = date(2026, 11, 21)
KEYS = {"ANTHROPIC_API_KEY": "a", "OPENAI_API_KEY": "o"}
DESK = "providers: {desk: {kind: openai-compatible, base_url: 'http://localhost:1234/v1', FREE}}\n"
FREE = DESK.replace("FREE", "free: yes")
UNPRICED = DESK.replace("FREE", "models: [qwen3]")


def catalogue(folder: Path, text: str = "", day: date = DAY, **variables: str) -> Catalogue:
    (folder / "waggle.yaml").write_text(text, encoding="utf-8")
    return Catalogue.read(load(None, environ=variables, cwd=folder), DATA, lambda: day)


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return catalogue(tmp_path_factory.mktemp("vendors"), **KEYS)


def names(cards: tuple[ModelCard, ...]) -> list[str]:
    return [card.name for card in cards]


def test_one_key_offers_the_newest_models_cheap_and_dear(tmp_path: Path) -> None:
    both = catalogue(tmp_path, **KEYS)

    assert both.preset == "paid"
    assert names(both.usable())[:2] == ["anthropic/claude-haiku-5-5", "openai/gpt-6-luna"]
    cheap, dear = both.wanted("cheap"), both.wanted("dear")
    assert cheap
    assert dear
    assert (cheap.id, dear.id) == ("claude-haiku-5-5", "claude-opus-5-5")
    assert (dear.window, dear.max_output, dear.skills.tools) == (1_000_000, 128_000, True)
    assert both.wanted("local") is None
    alone = catalogue(tmp_path, OPENAI_API_KEY="o").wanted("dear")
    assert alone
    assert alone.id == "gpt-6.1-sol"


def test_every_offered_model_has_a_price_a_window_and_its_batch_price(tmp_path: Path) -> None:
    for card in catalogue(tmp_path, **KEYS).usable():
        assert 0 < card.prices.base.input < card.prices.base.output
        assert card.prices.base.cached < card.prices.base.input < card.prices.base.written
        assert card.max_output <= card.window
        assert card.batch
        assert card.batch.base.input * 2 == card.prices.base.input
        assert (card.source, card.priced) == ("genai-prices 0.2.3", date(2026, 11, 10))


def test_what_ships_was_checked_against_the_library_that_is_installed() -> None:
    """After an update: look through data/models.toml, then write the release and its day there."""
    assert PriceLibrary().version == Known.read(DATA).prices.version


def test_a_price_has_its_step_and_its_day(tmp_path: Path) -> None:
    haiku = catalogue(tmp_path, **KEYS).card("anthropic", "claude-haiku-5-5")
    (step,) = haiku.prices.steps
    assert (step.above, step.rates.input, step.rates.output) == (100_000, 500_000, 2_500_000)
    assert (haiku.prices.at(100_000).input, haiku.prices.at(100_001).input) == (100_000, 500_000)

    luna = [
        catalogue(tmp_path, day=day, **KEYS).card("openai", "gpt-5.6-luna").prices.base.input
        for day in (date(2026, 7, 29), date(2026, 7, 30))
    ]
    assert luna == [1_000_000, 200_000]


def test_a_dated_snapshot_is_the_same_model(tmp_path: Path) -> None:
    found = catalogue(tmp_path, **KEYS)
    asked = found.card("openai", "gpt-6-luna")
    dated = found.charging(asked, "gpt-6-luna-2026-09-22")

    assert (dated.id, dated.prices, dated.max_output) == (
        "gpt-6-luna-2026-09-22",
        asked.prices,
        asked.max_output,
    )
    assert found.charging(asked, "nobody-knows-this") == asked


def test_the_owners_price_holds_for_a_dated_snapshot(tmp_path: Path) -> None:
    found = catalogue(tmp_path, "models: {gpt-6-luna: {input: 3, output: 4}}\n", **KEYS)
    asked = found.card("openai", "gpt-6-luna")
    assert found.charging(asked, "gpt-6-luna-2026-09-22") == asked


@given(
    st.sampled_from(["claude-haiku-5-5", "claude-opus-5-5", "gpt-6-luna", "gpt-6.1-sol", "o3"]),
    st.integers(0, 500_000),
    st.integers(0, 100_000),
    st.floats(0, 1),
)
def test_a_bill_is_what_the_price_library_makes_it_rounded_up(
    vendors: Catalogue, model: str, input_: int, output: int, share: float
) -> None:
    cached = int(input_ * share)
    written = 0 if model == "o3" else input_ - cached
    provider = "anthropic" if model.startswith("claude") else "openai"
    card = vendors.card(provider, model)
    ours = bill(card, Usage(input=input_, output=output, cached=cached, written=written))
    theirs = calc_price(
        TheirUsage(
            input_tokens=input_,
            cache_read_tokens=cached,
            cache_write_tokens=written,
            output_tokens=output,
        ),
        model,
        provider_id=provider,
    )
    micro = theirs.total_price * 1_000_000
    assert ours == int(micro.to_integral_value(ROUND_CEILING))


def test_every_listed_model_has_a_whole_price_or_none() -> None:
    library, priced = PriceLibrary(), 0
    for vendor in providers:
        for model in vendor.models:
            kind = vendor.id if vendor.id in ("anthropic", "openai") else "openai-compatible"
            found = library.find(kind, None, model.id, DAY)
            if found and found.prices:
                priced += 1
                assert found.prices.base.input or found.prices.base.output
    assert priced > 100


def test_a_gateway_the_library_knows_by_its_address_is_priced(tmp_path: Path) -> None:
    text = (
        "providers: {r: {kind: openai-compatible, base_url: 'https://openrouter.ai/api/v1',"
        " key: $K, models: [openai/gpt-4.1, no/such-model]}}\n"
    )
    found = catalogue(tmp_path, text, K="k")
    assert names(found.usable()) == ["r/openai/gpt-4.1"]
    assert found.find("openai/gpt-4.1").prices.base.input == 2_000_000
    with pytest.raises(UnknownPrice):
        found.find("no/such-model")


# ── free, local, unknown ─────────────────────────────────────────────────────


def test_a_model_without_a_price_is_shown_and_not_used(tmp_path: Path) -> None:
    found = catalogue(tmp_path, UNPRICED)

    assert found.usable() == ()
    (row,) = found.rows()
    assert (row.name, row.input, row.used, row.tier) == ("desk/qwen3", None, False, "local")
    with pytest.raises(UnknownPrice) as caught:
        found.card("desk", "qwen3")
    assert caught.value.data == {"provider": "desk", "model": "qwen3"}


@pytest.mark.parametrize(
    "said",
    ["models: {qwen3: {free: yes}}\n", "models: {desk/qwen3: {free: yes}, qwen3: {window: 9}}\n"],
)
def test_only_a_persons_word_makes_a_model_free(tmp_path: Path, said: str) -> None:
    (card,) = catalogue(tmp_path, UNPRICED + said).usable()
    assert (card.free, card.local, card.source) == (True, True, "waggle.yaml")
    assert card.prices.base.input == card.prices.base.output == 0


def test_a_listed_price_of_nothing_is_no_price(tmp_path: Path) -> None:
    listed = [
        model.id
        for vendor in providers
        if vendor.id == "openrouter"
        for model in vendor.models
        if model.id.endswith(":free")
    ]
    library = PriceLibrary()
    address = "https://openrouter.ai/api/v1"
    assert listed
    for model in listed:
        found = library.find("openai-compatible", address, model, DAY)
        assert found is None or found.prices is None


def test_a_price_in_the_file_wins_whole(tmp_path: Path) -> None:
    text = "models: {claude-haiku-5-5: {input: 3, output: 4, priced: 2026-11-20, window: 50000}}\n"
    card = catalogue(tmp_path, text, **KEYS).find("claude-haiku-5-5")

    assert (card.prices.base.input, card.prices.base.written) == (3_000_000, 3_000_000)
    assert (card.prices.steps, card.batch) == ((), None)
    assert (card.source, card.priced) == ("waggle.yaml", date(2026, 11, 20))
    assert (card.window, card.max_output) == (50_000, 50_000)


def test_a_local_server_is_asked_what_it_serves(tmp_path: Path) -> None:
    found = catalogue(tmp_path, FREE, **KEYS)
    assert found.wants_to_learn() == ("desk",)
    assert found.serves("desk") == ()

    found.learn("desk", ["llama", "qwen3"])

    assert found.serves("desk") == ("llama", "qwen3")
    assert names(found.usable())[:2] == ["desk/llama", "desk/qwen3"]
    assert [card.tier for card in found.usable()][:3] == ["local", "local", "cheap"]


def test_presets_say_what_may_be_used(tmp_path: Path) -> None:
    def under(preset: str) -> set[str]:
        text = f"routing: {{preset: {preset}}}\n{FREE}models: {{gpt-6-luna: {{free: yes}}}}\n"
        found = catalogue(tmp_path, text, **KEYS)
        found.learn("desk", ["qwen3"])
        return set(names(found.usable()))

    assert under("local") == {"desk/qwen3"}
    assert under("free") == {"desk/qwen3", "openai/gpt-6-luna"}
    assert under("paid") > {"desk/qwen3", "openai/gpt-6-luna", "anthropic/claude-opus-5-5"}
    assert catalogue(tmp_path, FREE).preset == "free"


# ── wishes and names ─────────────────────────────────────────────────────────


def test_a_wish_is_met_from_any_tier_and_told_when_it_cannot_be(tmp_path: Path) -> None:
    text = "routing: {cheap: openai/gpt-6-luna, dear: claude-sonnet-5-5}\n"
    found = catalogue(tmp_path, text, **KEYS)
    cheap, dear = found.wanted("cheap"), found.wanted("dear")
    assert cheap
    assert dear
    assert (cheap.id, dear.id) == ("gpt-6-luna", "claude-sonnet-5-5")
    assert found.usable()[0] == cheap
    assert found.unmet() == ()

    (problem,) = catalogue(tmp_path, "routing: {dear: claude-opus-55}\n", **KEYS).unmet()
    near = problem.data["near"]
    assert isinstance(near, tuple)
    assert "claude-opus-5-5" in near


def test_a_model_is_found_by_its_id_or_with_its_provider(tmp_path: Path) -> None:
    found = catalogue(tmp_path, **KEYS)
    assert found.find("gpt-6-luna") == found.find("openai/gpt-6-luna")
    for name in ("gpt-7-luna", "openai/claude-haiku-5-5", ""):
        with pytest.raises(UnknownModel):
            found.find(name)
    with pytest.raises(UnknownModel):
        found.card("nobody", "gpt-6-luna")


def test_a_provider_that_is_switched_off_serves_nothing(tmp_path: Path) -> None:
    found = catalogue(tmp_path, "providers: {openai: {key: $NOT_SET}}\n", ANTHROPIC_API_KEY="a")
    assert {row.provider for row in found.rows()} == {"anthropic"}


def test_rows_show_both_prices_of_a_model_that_has_two(tmp_path: Path) -> None:
    row = next(r for r in catalogue(tmp_path, **KEYS).rows() if r.name == "openai/gpt-6.1-sol")
    assert (row.input, row.output) == (2_000_000, 10_000_000)
    assert (row.above, row.input_above, row.output_above) == (272_000, 4_000_000, 15_000_000)
    assert row.skills == ("tools", "images", "formats", "reasoning")
    assert row.used


@pytest.mark.slow
def test_the_price_library_is_not_loaded_for_models_that_cost_nothing(tmp_path: Path) -> None:
    (tmp_path / "waggle.yaml").write_text(FREE)
    program = (
        "import sys; from pathlib import Path; from datetime import date\n"
        "from swarm_core.settings import load\n"
        "from swarm_core.providers.catalogue import Catalogue\n"
        f"s = load(None, environ={{}}, cwd=Path({str(tmp_path)!r}))\n"
        f"c = Catalogue.read(s, Path({str(DATA)!r}), date.today)\n"
        "c.learn('desk', ['qwen3']); assert c.usable()\n"
        "assert 'genai_prices' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)
