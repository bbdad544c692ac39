from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from reportlab.pdfgen.canvas import Canvas

from sen.domains.documents.models import Document, Dossier
from sen.domains.documents.services import create_document, create_dossier
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.testing.house import House, build_house


@pytest.fixture(autouse=True)
def _own_store(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def house(db: None) -> House:
    with as_system("house of the test"):
        return build_house()


@pytest.fixture
def system(db: None) -> Iterator[Actor]:
    with as_system("test of documents") as actor:
        yield actor


@pytest.fixture
def document(house: House, system: Actor) -> Document:
    return new_document(house, system)


def new_document(house: House, actor: Actor, **values: Any) -> Document:
    given: dict[str, Any] = {
        "kind": "DECISION",
        "abstract": "Phê duyệt dự án",
        "owner_org": house.roads,
        "area": house.east,
    }
    return create_document(actor=actor, **(given | values))


def new_dossier(house: House, actor: Actor, **values: Any) -> Dossier:
    given: dict[str, Any] = {
        "name": "Cầu Sắt",
        "work": "bridge",
        "owner_org": house.roads,
        "area": house.east,
    }
    return create_dossier(actor=actor, **(given | values))


def pdf(text: str = "Quyet dinh", pages: int = 1) -> bytes:
    buffer = BytesIO()
    canvas = Canvas(buffer, invariant=1)
    for number in range(pages):
        canvas.drawString(72, 720, f"{text} {number + 1}")
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()
