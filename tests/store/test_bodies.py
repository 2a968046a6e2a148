"""Bodies: what was written comes back whole, and may be erased without breaking the chain."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm_core.store import BodyRef, Rows, Store, read_body
from tests.examples import few
from tests.store.things import make, things_store

TEXTS = {
    "empty": "",
    "a word": "word",
    "a NUL": "before\x00after",
    "only NULs": "\x00\x00",
    "a lone surrogate": "a\ud800b",
    "surrogates that are a pair": "\ud83d\ude00",
    "a surrogate and a NUL": "\x00\udcff",
    "one byte below compression": "x" * 4095,
    "the first compressed": "x" * 4096,
    "compressed by its bytes, not its letters": "é" * 2048,
    "long": "all work and no play " * 50_000,
    "long with a surrogate": "\udcff" + "y" * 5000,
    "a megabyte that hardly shrinks": "".join(chr(33 + n * n % 7919 % 90) for n in range(1 << 20)),
    "lines": "one\ntwo\r\nthree\u2028four",
}


async def stored(store: Store, text: str, *, personal: bool) -> str | None:
    ref = await store.write(lambda tx: tx.put_body(text, personal=personal))
    return await store.read(lambda rows: read_body(rows.execute, ref.id))


@pytest.mark.parametrize("personal", [True, False])
async def test_every_text_comes_back_as_it_was(tmp_path: Path, personal: bool) -> None:
    async with things_store(tmp_path) as store:
        for what, text in TEXTS.items():
            seq = await store.write(make(what, text, personal=personal))
            body = await store.read(
                lambda rows, seq=seq: rows.execute(
                    "select body from things where id = ?", (seq,)
                ).fetchone()[0]
            )
            read = await store.read(lambda rows, body=body: read_body(rows.execute, body))
            assert read == text, what
        assert (await store.verify()).ok


@few(20)
@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec=None, exclude_categories=())) | st.binary().map(repr),
            st.sampled_from([1, 700, 5000]),
            st.booleans(),
        ),
        max_size=8,
    )
)
def test_any_text_comes_back_and_verifies(texts: list[tuple[str, int, bool]]) -> None:
    async def check(base: Path) -> None:
        async with things_store(base) as store:
            for n, (part, times, personal) in enumerate(texts):
                text = part * times
                assert await stored(store, text, personal=personal) == text
                await store.write(make(str(n), text, personal=personal))
            assert (await store.verify()).ok

    with tempfile.TemporaryDirectory() as base:
        asyncio.run(check(Path(base)))


async def test_a_body_is_read_inside_its_own_write(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        for text in TEXTS.values():
            read = await store.write(lambda tx, t=text: tx.body(tx.put_body(t).id))
            assert read == text


async def test_a_body_that_never_was_is_none(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        assert await store.read(lambda rows: read_body(rows.execute, 99)) is None
        assert await store.read(lambda rows: read_body(rows.execute, None)) is None


async def test_large_text_that_is_not_personal_is_kept_once(tmp_path: Path) -> None:
    text = "the same page again " * 1000

    def blobs(rows: Rows) -> int:
        return int(rows.execute("select count(*) from blobs").fetchone()[0])

    async with things_store(tmp_path) as store:
        for n in range(3):
            await store.write(make(f"page {n}", text, personal=False))
        assert await store.read(blobs) == 1
        await store.write(make("personal", text, personal=True))
        await store.write(make("small", "small", personal=False))
        assert await store.read(blobs) == 1
        assert (await store.verify()).ok


async def test_the_same_text_has_another_digest_each_time(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        one, two = [await store.write(lambda tx: tx.put_body("yes")) for _ in range(2)]
        assert isinstance(one, BodyRef)
        assert one.digest != two.digest
        assert len(one.digest) == 64


@pytest.mark.parametrize("text", ["short", "long " * 5000])
async def test_an_erased_body_is_none_and_the_store_still_verifies(
    tmp_path: Path, text: str
) -> None:
    async with things_store(tmp_path) as store:
        await store.write(make("erased", text))
        await store.write(make("kept", text))
        before = await store.verify()
        await store.write(
            lambda tx: tx.execute("update bodies set content = null, salt = x'' where id = 1")
        )
        assert await store.read(lambda rows: read_body(rows.execute, 1)) is None
        assert await store.read(lambda rows: read_body(rows.execute, 2)) == text
        after = await store.verify()
        assert after.ok
        assert after.head == before.head
