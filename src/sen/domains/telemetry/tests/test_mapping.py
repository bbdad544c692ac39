"""Payloads by rules: pure."""

from __future__ import annotations

import json
import math
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sen.domains.telemetry.mapping import (
    MappingError,
    parse_rules,
    parse_time,
    paths_of,
    read_payload,
    sample_bytes,
)
from sen.domains.telemetry.units import UnitError, factors

NOW = 1_790_000_000_000_000
RULES: dict[str, Any] = {
    "items": "data[]",
    "time": {"path": "ts", "format": "unix_ms"},
    "channels": [
        {"stream": "{device}-MN", "path": 'values."water-level"', "scale": 0.1, "unit": "cm"},
        {"stream": "{device}-PIN", "path": "battery"},
    ],
}
DOCUMENT = {
    "data": [
        {"ts": 1_790_000_000_500, "values": {"water-level": 1234}, "battery": None},
        {"values": {"water-level": 5}},
    ]
}


@pytest.mark.parametrize("form", ["json", "cbor"])
def test_rows_become_observations_in_the_unit_of_the_stream(form: str) -> None:
    payload = json.dumps(DOCUMENT).encode() if form == "json" else cbor2.dumps(DOCUMENT)
    rules = parse_rules({**RULES, "format": form})
    found = read_payload(rules, payload, device="BT1", received_us=NOW, units={"BT1-MN": "m"})
    assert [(o.stream, o.at_us, o.value, o.unit) for o in found.observations] == [
        ("BT1-MN", NOW + 500_000, pytest.approx(1.234), "m")
    ]
    assert [(fault.row, fault.stream) for fault in found.faults] == [(2, "BT1-MN")]
    assert "ts" in str(found.faults[0].error)


def test_lines_of_text_with_decimal_commas_and_local_time() -> None:
    rules = parse_rules(
        {
            "format": "text",
            "text": {"delimiter": ";", "header": True, "decimal": ","},
            "time": {"path": '"Ngày giờ"', "format": "%d/%m/%Y %H:%M"},
            "channels": [{"stream": "A", "path": "muc"}],
        }
    )
    text = "Ngày giờ;muc\n24/11/2026 07:00;1.234,5\n\n24/11/2026 08:00;\n"
    found = read_payload(rules, text.encode(), device="", received_us=NOW)
    [one] = found.observations
    assert one.value == 1234.5
    assert one.at_us == parse_time("2026-11-24T00:00:00Z", "iso", "UTC")


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"channels": []}, "ít nhất một kênh"),
        ({"channels": [{"stream": "A", "path": "a["}]}, "cú pháp"),
        ({"channels": [{"stream": "A", "path": "a", "scale": "x"}]}, "scale"),
        ({"channels": [{"stream": "A", "path": "a"}], "format": "xml"}, "xml"),
        ({"channels": [{"stream": "A", "path": "a"}], "time": {"zone": "Mars"}}, "Mars"),
        ({"channels": [{"stream": "A", "path": "a"}], "when": 1}, "when"),
    ],
)
def test_rules_that_cannot_be_read_say_where(rules: dict[str, Any], words: str) -> None:
    with pytest.raises(MappingError, match=words):
        parse_rules(rules)


@given(st.binary(max_size=200))
def test_no_payload_ends_the_door(payload: bytes) -> None:
    for form in ("json", "cbor", "text"):
        rules = parse_rules({"format": form, "channels": [{"stream": "A", "path": "c1"}]})
        try:
            found = read_payload(rules, payload, device="", received_us=NOW)
        except MappingError:
            continue
        for one in found.observations:
            assert not isinstance(one.value, float) or math.isfinite(one.value)


@given(st.floats(-1e6, 1e6), st.sampled_from([("mm", "m"), ("[degF]", "Cel"), ("km/h", "m/s")]))
def test_units_come_back_as_they_were(value: float, pair: tuple[str, str]) -> None:
    scale, offset = factors(*pair)
    back, less = factors(pair[1], pair[0])
    assert (value * scale + offset) * back + less == pytest.approx(value, abs=1e-6)


def test_water_boils_and_depth_is_no_temperature() -> None:
    scale, offset = factors("[degF]", "Cel")
    assert 212 * scale + offset == pytest.approx(100)
    with pytest.raises(UnitError):
        factors("mm", "Cel")


def test_paths_of_a_sample_lead_to_its_values() -> None:
    row = {"a": {"b c": [1, {"d": "x"}]}, "e": 2}
    found = dict(paths_of(row))
    assert found == {'a."b c"[0]': 1, 'a."b c"[1].d': "x", "e": 2}
    rules = parse_rules({"channels": [{"stream": "A", "path": path} for path in found]})
    read = read_payload(rules, json.dumps(row).encode(), device="", received_us=NOW)
    assert [one.value for one in read.observations] == [1, "x", 2]
    assert sample_bytes("7b 7d", "hex") == sample_bytes("e30=", "base64") == b"{}"
