"""The publications of loads of the whole province, as citizens and firms find them."""

from __future__ import annotations

import io
import time

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from sen.domains.assets.models import Asset
from sen.domains.loadnotices import api as loadnotices
from sen.kernel.access.context import as_system
from tests.conftest import Demo

pytestmark = pytest.mark.acceptance


def test_two_years_are_published_and_the_later_says_what_changed(demo: Demo) -> None:
    with as_system("read") as actor:
        later, former = loadnotices.notices(actor).filter(kind="YEARLY")
        assert later.previous_id == former.pk
        assert later.items > 300
        assert 0 < later.differing < later.items
        started = time.perf_counter()
        posted = loadnotices.collect(actor, timezone.localdate())
        seconds = time.perf_counter() - started
        # Other tests of this process may have entered works since.
        works = [item.ref_id for item in posted if item.key.startswith("asset:")]
        entered = Asset.base.filter(pk__in=works, is_demo=False).count()
        assert len(posted) - entered == later.items
    assert seconds < 5
    page = Client().get(f"/tai-trong/{later.code}/?xem=thay-doi").content.decode()
    assert "trước: " in page


def test_everybody_reads_what_holds_as_page_map_and_files(demo: Demo) -> None:
    client = Client()
    assert "Theo công bố số" in client.get("/tai-trong/").content.decode()
    answer = client.get("/api/public/v1/loadnotices/current").json()
    assert all(item["is_limited"] for item in answer["items"])
    book = openpyxl.load_workbook(
        io.BytesIO(client.get("/tai-trong/hien-hanh/tai-ve.xlsx").content), read_only=True
    )
    sheet = book.worksheets[0]
    assert len(list(sheet.iter_rows())) > len(answer["items"])
    shapes = client.get("/tai-trong/hien-hanh/tai-ve.geojson").json()
    assert len(shapes["features"]) > len(answer["items"])
    found = client.get("/ogc/collections/load-limits-roads/items?limit=3").json()
    assert len(found["features"]) == 3
    assert client.get("/tra-cuu/loadnotices/limits/?subject=BRIDGE").status_code == 200
