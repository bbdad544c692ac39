"""A road engineer finds a bridge by half a name without diacritics, and one page says the rest."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sen.kernel.access.context import acting_as
from sen.kernel.web.palette.suggest import suggest
from tests.conftest import Demo
from tests.contract.test_visibility import actor_named, signed_in

#: The house's promise for a page with the panels of a dozen domains.
STATEMENTS_AT_MOST = 20


def test_half_a_name_without_diacritics_finds_the_bridge_first(demo: Demo) -> None:
    actor = actor_named("hatang")
    with acting_as(actor):
        found = suggest("my thua", actor)
        mentioned = suggest("cau my thuan", actor)
    assert [item.title for item in found[:2]] == ["Cầu Mỹ Thuận", "Cầu Mỹ Thuận 2"]
    assert found[1].subtitle == "Cầu · CT.01 · Km109+146"
    kinds = [item.kind for item in mentioned]
    assert kinds[0] == "Cầu"
    assert kinds == sorted(kinds, key=lambda kind: kind == "Trong tài liệu")


def test_many_of_one_kind_leave_room_for_the_others(demo: Demo) -> None:
    actor = actor_named("hatang")
    with acting_as(actor):
        kinds = [item.kind for item in suggest("kenh xang", actor)]
    assert max(kinds.count(kind) for kind in set(kinds)) <= 4
    assert len(set(kinds)) >= 3


def test_one_page_says_where_it_is_what_it_bears_and_what_is_known_of_it(demo: Demo) -> None:
    client = signed_in("hatang")
    actor = actor_named("hatang")
    with acting_as(actor):
        url = suggest("my thuan 2", actor)[0].url
    address = client.get(url)["Location"]
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        page = client.get(address).content.decode()
    assert len(seen) <= STATEMENTS_AT_MOST
    head = re.sub(r"<[^>]+>|\s+", " ", page[page.index("page-title") : page.index("masonry")])
    for words in ("CT.01", "Km109+146,1", "Xã An Hữu", "Đang khai thác", "Kém"):
        assert words in head
    titles = re.findall(r"<h2[^>]*>(.*?)</h2>", page, re.DOTALL)
    order = [re.sub(r"<[^>]+>", "", title).strip() for title in titles]
    first = ["Hạn chế và tĩnh không", "Tải trọng, khổ giới hạn đã công bố", "Trên bản đồ"]
    assert [title for title in order if title in first] == first
    assert order.index("Trên bản đồ") < order.index("Thông tin chung")
    for title in ("Trên đường tại vị trí này", "Kiểm tra, kiểm định", "Hồ sơ, tài liệu"):
        assert title in order
    assert "Hồ sơ cầu Mỹ Thuận 2" in page
    assert "26/09/2025" in page


def test_a_panel_without_rows_costs_nothing(demo: Demo) -> None:
    """Culverts have no dossier, card or permit: what is empty is known from one statement."""
    client = signed_in("hatang")
    actor = actor_named("hatang")
    with acting_as(actor):
        page = next(item.url for item in suggest("cong kenh xang", actor) if item.kind == "Cống")
    address = client.get(page)["Location"]
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        client.get(address)
    said = " ".join(query["sql"] for query in seen.captured_queries)
    assert said.count("EXISTS") >= 10
    assert len([query for query in seen.captured_queries if "EXISTS" in query["sql"]]) <= 3
    assert len(seen) <= STATEMENTS_AT_MOST


@pytest.mark.parametrize(
    ("address", "raw", "said"),
    [
        ("/ql/norms/cases/", "{&#x27;", "Cấp kỹ thuật = III"),
        ("/ql/inventory/campaigns/?cols=code,types", "its_device", "Thiết bị"),
        ("/ql/stewardship/obligations/", "2026-12-31", "31/12/2026"),
    ],
)
def test_codes_are_not_shown_to_people(demo: Demo, address: str, raw: str, said: str) -> None:
    page = signed_in("giamdoc").get(address).content.decode()
    table = page[page.index("<table") : page.index("</table>")]
    assert raw not in table
    assert said in table
