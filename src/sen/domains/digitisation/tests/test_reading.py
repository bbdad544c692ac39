from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf.pdfa
import pypdfium2 as pdfium
import pytest
from django.test import Client
from PIL import Image

from sen.domains.digitisation import services
from sen.domains.digitisation.adapters import steps
from sen.domains.digitisation.choices import Fault, ReadingState
from sen.domains.digitisation.models import PageText, Reading
from sen.domains.digitisation.rules.judging import faults
from sen.domains.digitisation.selectors import search
from sen.domains.digitisation.tests.conftest import new_document, scanned
from sen.domains.documents import api as documents
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.events.relay import deliver_pending
from sen.kernel.jobs.testing import run_queued
from sen.kernel.testing.house import House
from sen.lib.paper import pdf_of

pytestmark = pytest.mark.django_db


def wrong_letters(said: str, read: str) -> float:
    """Part of the letters that must be changed to make one text of the other."""
    said, read = " ".join(said.split()), " ".join(read.split())
    row = list(range(len(read) + 1))
    for at, letter in enumerate(said, 1):
        new = [at]
        for other, seen in enumerate(read, 1):
            new.append(min(row[other] + 1, new[-1] + 1, row[other - 1] + (letter != seen)))
        row = new
    return row[-1] / len(said)


def test_a_scan_is_read_kept_beside_its_original_and_found(
    house: House, tools: dict[str, object]
) -> None:
    original = pdf_of([scanned(seal=True, noise=6, skew_deg=0.7)])
    with as_system("a scan comes in") as system:
        document = new_document(house, system)
        version = documents.add_version(
            actor=system, document=document, name="quet.pdf", chunks=[original], source="SCAN"
        )
    # As the worker does it: nobody acts outside of what the job opens itself.
    deliver_pending()
    run_queued()
    deliver_pending()
    run_queued()
    with as_system("look at what came of it") as system:
        check_what_was_read(system, document, version, original)


def check_what_was_read(system: Actor, document: Any, version: Any, original: bytes) -> None:
    reading = Reading.objects.get(document_id=document.pk)
    assert reading.state == ReadingState.DONE, reading.error
    assert (reading.pages, reading.stamped_pages, reading.poor_pages) == (1, 1, 0)
    with documents.open_version(actor=system, version_id=version.pk) as kept:
        assert kept.read() == original
    with documents.open_version(actor=system, version_id=version.pk, kind="searchable-pdf") as made:
        content = made.read()
    assert pikepdf.pdfa.validate_written(BytesIO(content), "2b").passed
    assert "khe co giãn" in pdfium.PdfDocument(content)[0].get_textpage().get_text_range()

    for question in ('"khe co giãn"', '"khe co gian"', "lan can thoát nước", "LAN CAN thoat nuoc"):
        found = search(actor=system, text=question)
        assert [hit.document_id for hit in found.hits] == [document.pk], question
        assert found.hits[0].page == 1
        assert any(is_marked for _text, is_marked in found.hits[0].snippet)
    assert not search(actor=system, text='"giãn co khe"').hits


def test_pages_of_an_uploaded_file_that_lie_the_wrong_way_are_read_and_shown_upright(
    house: House, client: Client, tools: dict[str, object]
) -> None:
    page = scanned(noise=4)
    lies = (90, 180, 270)
    original = pdf_of([replace(page, picture=page.picture.rotate(n, expand=True)) for n in lies])
    with as_system("an upload") as system:
        document = new_document(house, system, data_class=0)
        version = documents.add_version(
            actor=system, document=document, name="tai-len.pdf", chunks=[original]
        )
    for _round in range(2):
        deliver_pending()
        run_queued()
    with as_system("look at what came of it") as system:
        reading = Reading.objects.get(document_id=document.pk)
        assert reading.state == ReadingState.DONE, reading.error
        pages = list(reading.page_texts.all())
        assert [read.rotation for read in pages] == list(lies)
        for read in pages:
            assert wrong_letters(page.text, read.text) < 0.01
            assert read.height > read.width
        with documents.open_version(actor=system, version_id=version.pk) as kept:
            assert kept.read() == original
        form = "searchable-pdf"
        with documents.open_version(actor=system, version_id=version.pk, kind=form) as made:
            upright = pikepdf.open(BytesIO(made.read()))
        assert [int(sheet.obj.get("/Rotate", 0)) for sheet in upright.pages] == list(lies)
    # Where the words are marked and in the viewer alike: the head of the sheet lies above.
    for number in (1, 2, 3):
        for url in (
            f"/tai-lieu-quet/{document.pk}/{number}.webp",
            f"/tai-lieu/{version.pk}/trang/{number}.webp",
        ):
            picture = Image.open(BytesIO(client.get(url).content)).convert("L")
            assert picture.height > picture.width, url
            ink = (np.asarray(picture) < 128).sum(axis=1)
            assert ink[: len(ink) // 2].sum() > 20 * ink[len(ink) // 2 :].sum(), url


def test_a_sheet_that_the_operator_laid_is_not_turned(
    tmp_path: Path, tools: dict[str, object]
) -> None:
    page = scanned(noise=4)
    source = tmp_path / "nguoc.pdf"
    source.write_bytes(pdf_of([replace(page, picture=page.picture.rotate(180))]))
    read = steps.recognise(source, "application/pdf", 1, tmp_path / "nguoc", tools, may_turn=False)
    assert read.rotation == 0
    assert read.quality is not None
    assert read.quality.sure is not None
    assert read.quality.sure < 60


def test_a_stamp_over_the_text_does_not_hide_it(tmp_path: Path, tools: dict[str, object]) -> None:
    page = scanned(seal=True, noise=6)
    source = tmp_path / "dau.pdf"
    source.write_bytes(pdf_of([page]))
    read = steps.recognise(source, "application/pdf", 1, tmp_path / "dau", tools)
    assert read.quality is not None
    assert read.quality.has_stamp
    assert wrong_letters(page.text, read.text) < 0.02


@pytest.mark.parametrize(
    ("wear", "dpi", "fault"),
    [
        ({"noise": 3, "blur_px": 4}, 200, Fault.BLURRED),
        ({"noise": 3, "fade": 0.82}, 200, Fault.FAINT),
        ({"noise": 3}, 100, Fault.COARSE),
        ({"noise": 3, "skew_deg": 6.0}, 200, Fault.SKEWED),
    ],
)
def test_a_poor_page_is_to_be_scanned_again_and_says_why(
    tmp_path: Path, tools: dict[str, object], wear: dict[str, Any], dpi: int, fault: Fault
) -> None:
    source = tmp_path / "xau.pdf"
    source.write_bytes(pdf_of([scanned(dpi=dpi, **wear)]))
    read = steps.recognise(source, "application/pdf", 1, tmp_path / "xau", tools)
    assert read.quality is not None
    assert fault in faults(read.quality, min_dpi=200)


def test_a_good_page_has_no_fault(tmp_path: Path, tools: dict[str, object]) -> None:
    page = scanned(noise=4, skew_deg=0.5)
    source = tmp_path / "tot.pdf"
    source.write_bytes(pdf_of([page]))
    read = steps.recognise(source, "application/pdf", 1, tmp_path / "tot", tools)
    assert read.quality is not None
    assert faults(read.quality, min_dpi=200) == ()
    assert wrong_letters(page.text, read.text) < 0.01
    first = read.words[0]
    printed = page.words[0]
    assert abs(first.x / 10_000 - printed.x / page.picture.width) < 0.02
    assert abs(first.y / 10_000 - printed.y / page.picture.height) < 0.02


def test_without_the_recogniser_documents_wait(
    house: House, system: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sen.domains.digitisation.jobs.recogniser", lambda: None)
    document = new_document(house, system)
    documents.add_version(
        actor=system, document=document, name="a.pdf", chunks=[pdf_of([scanned()])]
    )
    deliver_pending()
    run_queued()
    deliver_pending()
    runs = run_queued()
    assert {"read": 0, "waiting_for": "tesseract"} in [run.result for run in runs]
    assert Reading.objects.get().state == ReadingState.WAITING
    assert [hit.document_id for hit in search(actor=system, text="biên bản nghiệm thu").hits] == [
        document.pk
    ]


def test_a_file_that_cannot_be_read_says_so_and_the_next_has_its_turn(
    house: House, system: Actor, tools: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    documents_of_two = [new_document(house, system, abstract=f"Số {n}") for n in (1, 2)]
    for number, document in enumerate(documents_of_two):
        documents.add_version(
            actor=system,
            document=document,
            name="a.pdf",
            chunks=[pdf_of([scanned(noise=2 + number)])],
            own=True,
        )
    deliver_pending()
    first = Reading.objects.order_by("id").first()
    assert first is not None
    real, calls = steps.own_texts, list[int]()

    def once(path: Path, mime: str, **options: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise steps.ConfinedError("no answer")
        return real(path, mime, **options)

    monkeypatch.setattr(steps, "own_texts", once)
    run_queued()
    states = dict(Reading.objects.values_list("document__abstract", "state"))
    assert states == {"Số 1": ReadingState.FAILED, "Số 2": ReadingState.DONE}


def test_what_was_read_goes_with_the_contents(house: House, system: Actor) -> None:
    document = new_document(house, system)
    version = documents.add_version(
        actor=system, document=document, name="a.pdf", chunks=[pdf_of([scanned()])], own=True
    )
    reading = services.ask_for_reading(actor=system, document=document, version_id=version.pk)
    PageText.objects.create(reading=reading, number=1, width=1, height=1, text="mật", source="OCR")
    services.forget_document(actor=system, document_id=document.pk)
    assert not PageText.objects.exists()
    assert not search(actor=system, text="mật").hits
