"""A pile of paper over HTTP until its words are found, by those who may see them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sen.domains.digitisation.adapters import steps
from sen.domains.digitisation.adapters.programs import recogniser
from sen.domains.digitisation.models import Batch, Reading
from sen.domains.digitisation.rules.separators import Separator
from sen.domains.digitisation.tests.conftest import blank, scanned, separator_page
from sen.domains.digitisation.tests.test_reading import wrong_letters
from sen.domains.documents.models import Document
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation, User
from sen.kernel.events.relay import deliver_pending
from sen.kernel.jobs.testing import run_queued
from sen.lib.paper import pdf_of
from tests.conftest import Demo

pytestmark = [pytest.mark.acceptance]


@pytest.fixture(autouse=True)
def _own_store(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.SEN_OCR_AT_ONCE = 1


@pytest.fixture
def tools() -> dict[str, object]:
    found = recogniser()
    if found is None:
        pytest.skip("tesseract with Vietnamese is not on this machine: ./sen bring-ocr")
    return found


def client_of(username: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=username))
    return client


def settle() -> None:
    """Everything that events and jobs have to do, until nothing is left."""
    for _turn in range(3):
        deliver_pending()
        run_queued()


def test_a_pile_of_paper_is_split_read_and_found(demo: Demo, tools: dict[str, object]) -> None:
    official = client_of("hatang")
    with as_system("open a batch"):
        batch = Batch(
            code="LQ26-NGHIEM",
            name="Lô nghiệm thu",
            owner_org=Organisation.objects.get(code="SXD"),
            area=Area.objects.get(kind=Area.Kind.PROVINCE),
            data_class=1,
        )
        batch.save()
    pile = pdf_of([separator_page(Separator("", "MINUTES", "")), scanned(seal=True), blank()])
    base = f"/ql/digitisation/batches/{batch.pk}/"
    sent = official.post(
        f"{base}tep-quet/", {"files": SimpleUploadedFile("xap.pdf", pile, "application/pdf")}
    )
    assert sent.status_code == 302
    settle()
    with as_system("look at the batch"):
        part = batch.parts.get()
        roles = list(batch.sheets.values_list("role", flat=True))
    assert roles == ["SEPARATOR", "KEPT", "BLANK"]
    assert official.get(f"{base}tach/").status_code == 200

    refused = official.post(f"{base}tach/nhan/", {"part": part.pk, "kind": "MINUTES"}, follow=True)
    assert "Hãy ghi trích yếu nội dung." in refused.content.decode()
    official.post(
        f"{base}tach/nhan/",
        {"part": part.pk, "kind": "MINUTES", "abstract": "Biên bản thử nghiệm số hóa"},
    )
    settle()
    with as_system("look at the document"):
        document = Document.objects.get(abstract="Biên bản thử nghiệm số hóa")
        reading = Reading.objects.get(document_id=document.pk)
    assert reading.state == "DONE", reading.error

    for question in ('"khe co giãn"', "khe co gian thoat nuoc"):
        page = official.get("/ql/digitisation/tim/", {"q": question}).content.decode()
        assert "Biên bản thử nghiệm số hóa" in page, question
        assert "<mark>" in page
    marked = official.get(
        f"/ql/digitisation/tim/{document.pk}/trang/1/", {"q": '"khe co gian"'}
    ).content.decode()
    assert marked.count("<rect ") == 3
    picture = official.get(f"/tai-lieu-quet/{document.pk}/1.webp")
    assert picture.status_code == 200
    assert picture.content[8:12] == b"WEBP"

    # Nobody finds what they may not see: the page, the picture, the interface.
    stranger = Client()
    public = stranger.get("/tra-cuu/tim-toan-van/", {"q": "thử nghiệm số hóa"})
    assert "Biên bản thử nghiệm số hóa" not in public.content.decode()
    found = stranger.get("/api/public/v1/digitisation/search", {"q": "thử nghiệm số hóa"})
    assert found.json()["total"] == 0
    assert stranger.get(f"/tai-lieu-quet/{document.pk}/1.webp").status_code == 404
    assert stranger.get(f"/tra-cuu/tim-toan-van/{document.pk}/trang/1/").status_code == 404


@pytest.mark.parametrize(("seal", "most"), [(False, 0.01), (True, 0.02)])
def test_the_share_of_wrong_letters(
    tmp_path: Path, tools: dict[str, object], *, seal: bool, most: float
) -> None:
    page = scanned(seal=seal, noise=5, skew_deg=0.4)
    source = tmp_path / "trang.pdf"
    source.write_bytes(pdf_of([page], quality=75))
    found = steps.recognise(source, "application/pdf", 1, tmp_path / "trang", tools)
    assert wrong_letters(page.text, found.text) < most
