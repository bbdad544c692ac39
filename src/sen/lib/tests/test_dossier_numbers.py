from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sen.lib.dossier_numbers import (
    DocumentNumber,
    DossierCode,
    DossierTemplate,
    NumberError,
    PlanFileCode,
    PlanInfoCode,
)

DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31))
OFFICES = st.sampled_from(["000.00.12.H20", "H20.12", "H20.12.03", "H58.170"])


@given(OFFICES, DAYS, st.integers(1, 999_999))
def test_dossier_codes_come_back(office: str, day: dt.date, sequence: int) -> None:
    code = DossierCode(office, day, sequence)
    assert DossierCode.parse(f" {str(code).lower()} ") == code
    assert DossierTemplate(office + "-{date}-{number}").code(day, sequence) == code


def test_both_forms() -> None:
    long = DossierCode.parse("000.00.12.H20-251127-0001")
    assert (long.office, long.day, long.sequence) == ("000.00.12.H20", dt.date(2025, 11, 27), 1)
    assert long.form == "long"
    assert DossierCode.parse("h20.12.03 - 261123 - 0042").form == "short"
    assert str(DossierCode("H20.12", dt.date(2026, 11, 23), 12_345)) == "H20.12-261123-12345"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "không phải là mã hồ sơ"),
        ("H20.12-251127", "không phải là mã hồ sơ"),
        ("H20.12-251327-0001", "“251327” .* không phải là ngày"),
        ("20.12-251127-0001", "Mã đơn vị “20.12” không đúng"),
        ("H20.12-251127-0000", "từ 1 đến 999999"),
    ],
)
def test_bad_dossier_codes(text: str, reason: str) -> None:
    with pytest.raises(NumberError, match=reason):
        DossierCode.parse(text)


def test_templates() -> None:
    template = DossierTemplate("H20.12-{date}-{number}")
    assert template.matches(DossierCode.parse("H20.12-261123-0007"))
    assert not template.matches(DossierCode.parse("H20.13-261123-0007"))
    for text in ("H20.12-{date}", "{date}-{number}-{number}", "X-{date}-{number}"):
        with pytest.raises(NumberError):
            DossierTemplate(text)


@pytest.mark.parametrize(
    ("text", "canonical", "kind"),
    [
        ("123/QĐ-UBND", "123/QĐ-UBND", "Quyết định"),
        ("Số: 5 / 2022 / QĐ - UBND", "05/2022/QĐ-UBND", "Quyết định"),
        ("597/KH-UBND", "597/KH-UBND", "Kế hoạch"),
        ("45A/TB-SXD", "45a/TB-SXD", "Thông báo"),
        ("12729/VPCP-KGVX", "12729/VPCP-KGVX", "Công văn"),
        ("202/2025/QH15", "202/2025/QH15", ""),
        ("217/2026/NĐ-CP", "217/2026/NĐ-CP", "Nghị định"),
        ("1663/NQ-UBTVQH15", "1663/NQ-UBTVQH15", "Nghị quyết"),
    ],
)
def test_document_numbers(text: str, canonical: str, kind: str) -> None:
    number = DocumentNumber.parse(text)
    assert str(number) == canonical
    assert number.kind == kind
    assert DocumentNumber.parse(canonical) == number


@pytest.mark.parametrize("text", ["", "QĐ-UBND", "123", "123/", "123/-UBND", "123/2022"])
def test_bad_document_numbers(text: str) -> None:
    with pytest.raises(NumberError, match="số, ký hiệu văn bản"):
        DocumentNumber.parse(text)


def test_plan_codes() -> None:
    file = PlanFileCode.parse("82qpk2260007")
    assert file == PlanFileCode("82", "QPK", 2, 2026, 7)
    assert str(file) == "82QPK2260007"
    info = PlanInfoCode.parse("822631200042")
    assert info == PlanInfoCode("82", 2026, 3, 1, 2, 42)
    assert str(info) == "822631200042"


@pytest.mark.parametrize("text", ["", "82QHX1260001", "82QHC126001"])
def test_bad_plan_file_codes(text: str) -> None:
    with pytest.raises(NumberError, match="mã hồ sơ quy hoạch"):
        PlanFileCode.parse(text)


@pytest.mark.parametrize("text", ["", "822651000001", "822611300001", "82261100001"])
def test_bad_plan_info_codes(text: str) -> None:
    with pytest.raises(NumberError, match="mã thông tin quy hoạch"):
        PlanInfoCode.parse(text)
