from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sen.domains.assets.catalogue import asset_types
from sen.domains.assets.rules import check_attributes, posted_changes

BRIDGE = asset_types["bridge"]


@pytest.mark.parametrize(
    ("name", "given", "stored"),
    [
        ("length_m", "1.535,2", 1535.2),
        ("length_m", Decimal("40.0"), 40),
        ("lanes", 4.0, 4),
        ("spans_m", "3×33 + 40", [33, 33, 33, 40]),
        ("spans_m", "2x24,54", [24.54, 24.54]),
        ("spans_m", "12; 15", [12, 15]),
        ("spans_m", "[12, 24.54]", [12, 24.54]),
        ("spans_m", [12.0, 15], [12, 15]),
        ("structure", "dây văng", "cable_stayed"),
        ("structure", "Arch", "arch"),
        ("crossing", "  Sông Tiền ", "Sông Tiền"),
    ],
)
def test_values_are_read_as_people_and_files_write_them(
    name: str, given: object, stored: object
) -> None:
    clean, faults = check_attributes(BRIDGE, {"length_m": 40, name: given})
    assert not faults
    assert clean[name] == stored


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("length_m", 25000, "Phải từ 1 m đến 20.000 m; đã nhập 25.000 m."),
        ("load_limit_t", "0,2", "Phải từ 0,5 t đến 100 t; đã nhập 0,2 t."),
        ("length_m", "dài", "“dài” không phải là số; hãy nhập dạng 12,5."),
        ("lanes", 2.5, "Hãy nhập số nguyên, không phải “2.5”."),
        ("lanes", True, "“True” không phải là số"),
        ("structure", "gỗ", "Không có giá trị “gỗ”; hãy chọn một trong: Dây văng"),
        ("spans_m", "3×x", "“x” không phải là số"),
        ("length_m", float("nan"), "không phải là số"),
        ("length_m", None, "Hãy nhập giá trị"),
        ("colour", "đỏ", "Loại tài sản này không có thông số “colour”."),
    ],
)
def test_a_wrong_value_is_told_with_the_limit_and_its_unit(
    name: str, given: object, message: str
) -> None:
    values: dict[str, Any] = {"length_m": 40, name: given}
    _clean, faults = check_attributes(BRIDGE, values)
    assert list(faults) == [name]
    assert message in str(faults[name])


def test_dates_and_truth_values() -> None:
    port, stop = asset_types["inland_port"], asset_types["rest_stop"]
    clean, _faults = check_attributes(port, {"kind": "seaport", "valid_to": "31/12/2031"})
    assert clean["valid_to"] == "2031-12-31"
    clean, _faults = check_attributes(port, {"kind": "seaport", "valid_to": date(2031, 12, 31)})
    assert clean["valid_to"] == "2031-12-31"
    _clean, faults = check_attributes(port, {"kind": "seaport", "valid_to": "31/02/2031"})
    assert "không" in str(faults["valid_to"]).lower()
    for given, kept in (("có", True), (False, False), ("Không", False)):
        clean, _faults = check_attributes(stop, {"grade": 1, "fuel": given})
        assert clean["fuel"] is kept


def test_nothing_is_stored_for_an_empty_value() -> None:
    clean, faults = check_attributes(BRIDGE, {"length_m": 40, "load_limit_t": "", "spans_m": []})
    assert (clean, faults) == ({"length_m": 40}, {})


def test_a_lifted_limit_is_a_change_too() -> None:
    assert posted_changes({"load_limit_t": 8, "length_m": 4}, {"length_m": 5}) == (
        {"load_limit_t": 8},
        {"load_limit_t": None},
    )
