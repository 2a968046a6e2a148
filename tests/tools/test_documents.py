"""PDF and Word documents: what is read of them, and that none of them can do harm."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from swarm_core.kernel.errors import (
    BrokenDocument,
    LockedDocument,
    SilentDocument,
    TooLarge,
    TooManyPages,
    UnfoldingDocument,
    WaggleError,
)
from swarm_core.tasks.files import FileRules
from swarm_core.tools.attaching import read_attached
from swarm_core.tools.documents import take, taken
from tests.documents import docx, locked_pdf, paragraph, pdf, pdf_of

RULES = FileRules()


def refused(kind: type[WaggleError], name: str, data: bytes, rules: FileRules = RULES) -> None:
    with pytest.raises(kind) as caught:
        take(name, data, rules)
    assert name in caught.value.data.values()


async def test_a_pdf_is_read_page_by_page() -> None:
    found = await taken("a.pdf", pdf("Hello bees", "More of them"), RULES)
    assert found.content == "[page 1]\nHello bees\n\n[page 2]\nMore of them"
    assert found.media_type == "application/pdf"
    assert not found.picture


def test_a_word_document_keeps_its_headings_lists_tables_and_notes(tmp_path: Path) -> None:
    listed = "<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>one thing</w:t></w:r></w:p>"
    cells = "".join(f"<w:tc>{paragraph(text)}</w:tc>" for text in ("a", "b"))
    twice = (
        '<mc:AlternateContent><mc:Choice Requires="wps"><w:t>once</w:t></mc:Choice>'
        "<mc:Fallback><w:t>once</w:t></mc:Fallback></mc:AlternateContent>"
    )
    body = (
        paragraph("Report", "Heading1")
        + "<w:p><w:r><w:t>Bees </w:t></w:r><w:r><w:t>dance</w:t><w:br/><w:t>a lot</w:t></w:r>"
        + "<w:del><w:r><w:delText>never</w:delText></w:r></w:del></w:p>"
        + f"<w:p><w:r>{twice}</w:r></w:p>{listed}<w:tbl><w:tr>{cells}</w:tr></w:tbl>"
    )
    file = tmp_path / "report.docx"
    file.write_bytes(docx(body, notes=paragraph("See von Frisch.")))
    (found,) = read_attached([str(file)], RULES)
    assert found.content == (
        "# Report\n\nBees dance\na lot\n\nonce\n\n- one thing\n\na | b |\n\nSee von Frisch."
    )


def test_what_a_document_is_its_bytes_say() -> None:
    assert take("notes.txt", pdf("Hello"), RULES).media_type == "application/pdf"
    assert take("notes.pdf", b"only words", RULES).media_type == "text/plain"


def test_locked_broken_and_silent_documents_are_told_apart() -> None:
    refused(LockedDocument, "a.pdf", locked_pdf("secret", "x"))
    refused(LockedDocument, "a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    refused(BrokenDocument, "a.pdf", b"%PDF-1.7 and nothing else")
    refused(BrokenDocument, "a.docx", docx("<w:p>")[:-30])
    refused(BrokenDocument, "a.docx", docx("<w:p>"))
    refused(SilentDocument, "a.pdf", pdf(""))
    refused(SilentDocument, "a.docx", docx("<w:p/>"))


def test_a_pdf_that_only_its_author_may_change_can_be_read() -> None:
    assert "words" in (take("a.pdf", locked_pdf("words", ""), RULES).content or "")


def test_pages_bytes_and_characters_have_limits() -> None:
    small = FileRules(text=100, document=1_500, pages=2)
    refused(TooManyPages, "a.pdf", pdf("a", "b", "c"), small)
    refused(TooLarge, "a.pdf", pdf(*("word" for _ in range(9))), small)
    refused(TooLarge, "a.docx", docx(paragraph("x" * 101)), small)
    refused(TooLarge, "a.docx", docx(paragraph("ä" * 60)), small)


def test_entities_are_not_unfolded() -> None:
    entities = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    refused(BrokenDocument, "a.docx", docx(paragraph("&b;"), before=entities))


@pytest.mark.slow
def test_what_unfolds_to_gigabytes_ends_its_reader_and_nothing_else() -> None:
    blanks = " " * (70 * 1024 * 1024)
    refused(UnfoldingDocument, "a.docx", docx(f"<w:p>{blanks}</w:p>"))
    pump = zlib.compressobj()
    stream = b"".join(pump.compress(b" " * (16 << 20)) for _ in range(20)) + pump.flush()
    with pytest.raises((UnfoldingDocument, BrokenDocument, SilentDocument)):
        take("a.pdf", pdf_of([stream]), FileRules(seconds=3))
