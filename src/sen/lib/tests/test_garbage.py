"""Whatever is typed, a reader answers or says in a sentence what is wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sen.lib.chainage import parse_chainage, parse_range
from sen.lib.dossier_numbers import DocumentNumber, DossierCode, PlanFileCode, PlanInfoCode
from sen.lib.errors import InputError
from sen.lib.identifiers import (
    parse_parcel_id,
    parse_personal_id,
    parse_plate,
    parse_tax_code,
)
from sen.lib.money import parse_vnd
from sen.lib.roadnames import find_road_numbers, parse_road_number
from sen.lib.units import decimal_mark_of, parse_date, parse_number
from sen.lib.vn2000 import parse_coordinate
from sen.lib.workdays import OfficeHours

READERS: list[Callable[[str], object]] = [
    parse_chainage,
    parse_range,
    DocumentNumber.parse,
    DossierCode.parse,
    PlanFileCode.parse,
    PlanInfoCode.parse,
    parse_parcel_id,
    parse_personal_id,
    parse_plate,
    parse_tax_code,
    parse_vnd,
    parse_road_number,
    find_road_numbers,
    parse_date,
    parse_number,
    lambda text: parse_number(text, "."),
    lambda text: decimal_mark_of([text]),
    parse_coordinate,
    OfficeHours.parse,
]
TEXTS = st.one_of(
    st.text(max_size=30),
    st.text("0123456789.,+-/: kmKMqlđĐxyNEBH°′″'\"tỷriệu%()٣²５", max_size=30),
)


@pytest.mark.parametrize("reader", READERS)
@given(text=TEXTS)
def test_readers_answer_or_explain(reader: Callable[[str], object], text: str) -> None:
    try:
        reader(text)
    except InputError as error:
        message = str(error)
        if not message.endswith("."):
            pytest.fail(f"not a sentence: {message}")
