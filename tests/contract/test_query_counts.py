"""How many SQL statements each page of each register costs, held to a committed baseline.

A page that begins to read per row shows up as a number above its baseline. After a change that is
meant, renew the file: ``SEN_WRITE_BASELINES=1 pytest tests/contract/test_query_counts.py``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sen.kernel.access.context import acting_as
from sen.kernel.web.register.resource import Resource, resources
from tests.conftest import Demo
from tests.contract.test_visibility import actor_named, signed_in

BASELINE = Path(__file__).with_name("query_counts.json")
WRITE = bool(os.environ.get("SEN_WRITE_BASELINES"))
PERSON = "giamdoc"
EDITOR = "hatang"
#: The house's own promise for one page of a list.
LIST_AT_MOST = 12
LISTS = ("list", "list filtered", "table", "rest list", "rest list with shapes")
REGISTERS = sorted(resource.key for resource in resources)


def addresses(resource: Resource[Any]) -> dict[str, tuple[str, str, dict[str, str]]]:
    """Name of the page → who asks, address, headers."""
    base = f"/ql/{resource.path}/"
    rest = f"/api/internal/v1/{resource.path}"
    found: dict[str, tuple[str, str, dict[str, str]]] = {
        "list": (PERSON, base, {}),
        "list filtered": (PERSON, f"{base}?q=a&size=100", {}),
        "table": (PERSON, base, {"HX-Request": "true", "HX-Target": "bang"}),
        "csv": (PERSON, f"{base}xuat.csv", {}),
        "rest list": (PERSON, rest, {}),
        "rest list with shapes": (PERSON, f"{rest}?geometry=1&size=200", {}),
    }
    actor = actor_named(EDITOR)
    with acting_as(actor):
        row_id = resource.rows(actor).order_by("id").values_list("pk", flat=True).first()
        change_id = resource.rows(actor, "change").order_by("id").values_list("pk", flat=True)
        to_change = change_id.first() if resource.update is not None else None
    if row_id is not None:
        found["detail"] = (EDITOR, f"{base}{row_id}/", {})
        found["rest item"] = (EDITOR, f"{rest}/{row_id}", {})
    if resource.create is not None and resource.may(actor, "add"):
        found["new"] = (EDITOR, f"{base}them/", {})
    if to_change is not None:
        found["edit"] = (EDITOR, f"{base}{to_change}/sua/", {})
    return found


def statements(client: Client, url: str, headers: dict[str, str]) -> int:
    """The statements of one request."""
    connection.queries_log.clear()  # it holds 9,000; a full one counts nothing
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(url, headers=headers)
        if answer.streaming:
            b"".join(answer)
    assert answer.status_code in (200, 302), (url, answer.status_code)
    return len(seen)


@pytest.fixture(scope="module")
def client_of() -> Callable[[str], Client]:
    """Signs in each person once."""
    return cache(signed_in)


@pytest.fixture(scope="module")
def baseline() -> dict[str, dict[str, int]]:
    known: dict[str, dict[str, int]] = {}
    if BASELINE.exists():
        known = json.loads(BASELINE.read_text(encoding="utf-8"))
    return known


@pytest.mark.parametrize("key", REGISTERS)
def test_pages_cost_no_more_statements_than_before(
    demo: Demo,
    baseline: dict[str, dict[str, int]],
    client_of: Callable[[str], Client],
    key: str,
) -> None:
    asked = addresses(resources[key])
    known = baseline.get(key, {})
    counted: dict[str, int] = {}
    for page, (who, url, headers) in asked.items():
        # A first request fills caches; a busy machine lets what is remembered for a second run out.
        for _attempt in range(4):
            again = statements(client_of(who), url, headers)
            counted[page] = min(counted.get(page, again), again)
            if counted[page] <= known.get(page, 0) and not WRITE:
                break
    if WRITE:
        baseline[key] = counted
        BASELINE.write_text(
            json.dumps(dict(sorted(baseline.items())), indent=1) + "\n", encoding="utf-8"
        )
    too_long = {page: n for page, n in counted.items() if page in LISTS and n > LIST_AT_MOST}
    assert not too_long, f"{key}: more than {LIST_AT_MOST} statements"
    more = {page: (n, known.get(page)) for page, n in counted.items() if n > known.get(page, 0)}
    assert not more, f"{key}: (now, baseline); an N+1, or a page without baseline"


def test_the_baseline_names_registers_that_exist(baseline: dict[str, dict[str, int]]) -> None:
    assert set(baseline) == set(REGISTERS)
