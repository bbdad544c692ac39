"""Walking a list page by page meets every row once, in one order, forwards and backwards."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict

from sen.kernel.access.context import acting_as
from sen.kernel.web.register import listing
from sen.kernel.web.register.resource import resources
from sen.lib.keyset import encode_cursor
from tests.conftest import Demo
from tests.contract.test_visibility import actor_named

SORTS = ("name", "code", "location_key", "opened_year", "attributes__load_limit_t")


@pytest.mark.parametrize("sort", [f"{sign}{name}" for name in SORTS for sign in ("", "-")])
def test_pages_meet_every_row_once_whatever_is_empty(demo: Demo, sort: str) -> None:
    """Most bridges have no load limit: the cursor passes from values to none and back."""
    resource, actor = resources["assets.bridges"], actor_named("giamdoc")
    query = QueryDict(f"sort={sort}&size=25", mutable=True)
    with acting_as(actor):
        everything = set(resource.rows(actor).values_list("pk", flat=True))
        there: list[int] = []
        page = listing.page(resource, actor, query)
        while True:
            there += [row.id for row in page.rows]
            if not page.next_cursor:
                break
            query["after"] = page.next_cursor
            page = listing.page(resource, actor, query)
            assert not page.errors
        last = [row.id for row in page.rows]
        back = last[:]
        while page.previous_cursor:
            query.pop("after", None)
            query["before"] = page.previous_cursor
            page = listing.page(resource, actor, query)
            assert not page.errors
            back = [row.id for row in page.rows] + back
    assert len(there) == len(everything)
    assert set(there) == everything
    assert back == there


@pytest.mark.parametrize(
    "values",
    [
        ["name", "\x00", 1],
        ["name", "a", True],
        ["name", "a", 10**30],
        ["code", "a", 1],
    ],
)
def test_a_cursor_that_somebody_wrote_shows_the_first_page(demo: Demo, values: list[Any]) -> None:
    resource, actor = resources["assets.bridges"], actor_named("giamdoc")
    with acting_as(actor):
        first = listing.page(resource, actor, QueryDict("sort=name"))
        page = listing.page(resource, actor, QueryDict(f"sort=name&after={encode_cursor(values)}"))
    assert "after" in page.errors
    assert [row.id for row in page.rows] == [row.id for row in first.rows]


def test_words_find_the_same_rows_read_one_by_one_or_by_their_index(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource, actor = resources["assets.bridges"], actor_named("giamdoc")
    with acting_as(actor):
        area = resource.rows(actor).filter(search__contains="kenh").values_list("area", flat=True)
        query = QueryDict(f"area={area[0]}&q=kênh c&sort=name&size=200")
        by_reading = listing.page(resource, actor, query)
        monkeypatch.setattr(listing, "FEW_TO_SEARCH", 0)
        by_index = listing.page(resource, actor, query)
    found = [row.get("code") for row in by_reading.rows]
    assert found
    assert found == [row.get("code") for row in by_index.rows]
    assert by_reading.count == by_index.count == len(found)
