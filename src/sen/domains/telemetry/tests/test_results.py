"""Schemas of results: what follows them, what does not, and who may see what is personal."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from sen.domains.telemetry import api, services
from sen.domains.telemetry.ingest.bodies import Rows
from sen.domains.telemetry.ingest.checks import check_rows
from sen.domains.telemetry.ingest.directory import Directory
from sen.domains.telemetry.ingest.problems import PROBLEMS
from sen.domains.telemetry.results import fault_of, json_schema, result_schemas
from sen.domains.telemetry.tests.flowing import make_sender
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import DataClass, system
from sen.kernel.testing.accounts import MakeAccount

SCHEMAS = result_schemas()
GOOD: dict[str, dict[str, Any]] = {
    "vehicle-position-1": {"vehicle": "66C-123.45", "lon": 105.6, "lat": 10.4, "speed": 61.5},
    "vehicle-count-1": {"period": 300, "direction": "BOTH", "total": 214, "truck": 31},
    "weigh-passage-1": {"plate": "66C-123.45", "gross": 31.2, "axle_loads": [6.1, 12.5, 12.6]},
    "toll-passage-1": {"transaction": "T1", "direction": "THROUGH", "vehicle_class": 2},
}
WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("weigh-passage-1", {"gross": None}, "result-missing"),
    ("weigh-passage-1", {"gross": "31"}, "result-type"),
    ("weigh-passage-1", {"gross": True}, "result-type"),
    ("weigh-passage-1", {"gross": 501}, "result-range"),
    ("weigh-passage-1", {"axle_loads": [31.2]}, "result-length"),
    ("weigh-passage-1", {"axle_loads": [31.2, "x"]}, "result-type"),
    ("weigh-passage-1", {"plate": "6" * 21}, "result-type"),
    ("weigh-passage-1", {"owner": "Nguyễn Văn A"}, "result-unknown"),
    ("vehicle-position-1", {"lat": 48.1}, "result-range"),
    ("vehicle-count-1", {"total": 2.5}, "result-type"),
    ("toll-passage-1", {"direction": "UP"}, "result-choice"),
]


@pytest.mark.parametrize("code", SCHEMAS)
def test_a_right_result_has_no_fault_and_the_published_schema_agrees(code: str) -> None:
    assert fault_of(SCHEMAS[code], GOOD[code]) is None
    told = json_schema(SCHEMAS[code])
    assert set(told["required"]) <= GOOD[code].keys() <= told["properties"].keys()


@pytest.mark.parametrize(("code", "change", "reason"), WRONG)
def test_the_reason_names_the_field_and_no_value(
    code: str, change: dict[str, Any], reason: str
) -> None:
    fault = fault_of(SCHEMAS[code], {**GOOD[code], **change})
    assert fault is not None
    assert fault.code == reason
    for english in (False, True):
        said = PROBLEMS[fault.code].text(english=english, stream="K", **fault.given)
        assert next(iter(change)) in said
        assert "Nguyễn" not in said


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("gross"), inner),
    )
)
def test_whatever_is_sent_is_right_or_told(result: Any) -> None:
    fault = fault_of(SCHEMAS["weigh-passage-1"], result)
    assert fault is not None
    assert PROBLEMS[fault.code].text(english=True, stream="K", **fault.given)


@pytest.mark.django_db
def test_a_stream_of_personal_results_is_restricted_and_its_refused_payloads_are_not_kept() -> None:
    sender = make_sender("WIM", streams=2, unit="", valid_min=None, valid_max=None)
    weigh, count = sender.streams
    actor = system("set up a test")
    changed = services.update_datastream(
        actor=actor, row=weigh, version=None, result_schema="weigh-passage-1"
    )
    counting = services.update_datastream(
        actor=actor, row=count, version=None, result_schema="vehicle-count-1"
    )
    assert (changed.data_class, changed.result_kind) == (DataClass.RESTRICTED, "COMPLEX")
    assert counting.data_class == DataClass.INTERNAL
    with as_system("look at what was made"):
        found = api.streams_with_schema(actor, "weigh-passage-1")
    assert [one.id for one in found] == [weigh.pk]

    view = Directory().read_code("WIM")
    assert view is not None
    assert view.personal
    good, bad = GOOD["weigh-passage-1"], {**GOOD["weigh-passage-1"], "gross": -1}
    rows = Rows([weigh.pk, weigh.pk, count.pk, count.pk], [None] * 4, [good, bad, 5, good])
    batch, refused = check_rows(rows, view, received_us=1_780_000_000_000_000)
    assert batch is not None
    assert batch.extra == {0: {"result": good}}
    assert refused.counts() == {"result-range": 1, "result-object": 1, "result-unknown": 1}


@pytest.mark.django_db
def test_the_schemas_are_listed_and_given_out(client: Client, make_account: MakeAccount) -> None:
    assert client.get("/ql/telemetry/luoc-do/").status_code == 302
    client.force_login(make_account("telemetry.*.*"))
    page = client.get("/ql/telemetry/luoc-do/").content.decode()
    assert all(f"/ql/telemetry/luoc-do/{code}.json" in page for code in SCHEMAS)
    told = client.get("/ql/telemetry/luoc-do/weigh-passage-1.json").json()
    assert told == json_schema(SCHEMAS["weigh-passage-1"])
    assert told["properties"]["plate"]["x-personal"] is True
    assert client.get("/ql/telemetry/luoc-do/khong-co.json").status_code == 404
