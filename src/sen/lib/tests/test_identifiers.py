from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sen.lib.identifiers import (
    IdentifierError,
    check_digit_of_tax_code,
    geohash_decode,
    geohash_encode,
    parse_parcel_id,
    parse_personal_id,
    parse_plate,
    parse_tax_code,
)


@pytest.mark.parametrize(
    ("text", "gender", "year"),
    [
        ("087085001234", "male", 1985),
        ("0871 8500 1234", "female", 1985),
        ("087.203.001.234", "male", 2003),
        ("087303001234", "female", 2003),
    ],
)
def test_personal_ids(text: str, gender: str, year: int) -> None:
    person = parse_personal_id(text)
    assert (person.province, person.gender, person.birth_year) == ("087", gender, year)
    assert person.masked == "087••••••234"


@pytest.mark.parametrize("text", ["", "08708500123", "0870850012345", "08708500123x"])
def test_bad_personal_ids_are_not_repeated(text: str) -> None:
    with pytest.raises(IdentifierError, match="đúng 12 chữ số") as caught:
        parse_personal_id(text)
    assert not text or text not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("0300588569", "0300588569"),
        ("0300588569-001", "0300588569-001"),
        ("0300588569 001", "0300588569-001"),
        ("0100109106", "0100109106"),
        ("087085001234", "087085001234"),
    ],
)
def test_tax_codes(text: str, canonical: str) -> None:
    assert parse_tax_code(text) == canonical


@given(st.text("0123456789", min_size=9, max_size=9), st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_found(nine: str, place: int, step: int) -> None:
    check = check_digit_of_tax_code(nine)
    other = nine[:place] + str((int(nine[place]) + step) % 10) + nine[place + 1 :]
    if check is not None:
        assert parse_tax_code(f"{nine}{check}") == f"{nine}{check}"
        with pytest.raises(IdentifierError, match="chữ số kiểm tra"):
            parse_tax_code(f"{other}{check}")


@pytest.mark.parametrize("text", ["", "030058856", "0300588569-01", "03005885x9"])
def test_bad_tax_codes(text: str) -> None:
    with pytest.raises(IdentifierError, match="10, 12 hoặc 13"):
        parse_tax_code(text)


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_geohash_comes_back(lon: float, lat: float) -> None:
    assert geohash_decode(geohash_encode(lon, lat)) == pytest.approx((lon, lat), abs=1e-6)


def test_geohash_of_known_points() -> None:
    assert geohash_encode(10.40744, 57.64911, 11) == "u4pruydqqvj"
    assert geohash_encode(-5.6, 42.6, 5) == "ezs42"
    with pytest.raises(ValueError, match="globe"):
        geohash_encode(181, 0)


def test_parcel_ids() -> None:
    parcel = geohash_encode(105.632, 10.458)
    assert parse_parcel_id(f" {parcel.upper()} ") == parcel
    for text in (parcel[:-1], parcel[:-1] + "a", ""):
        with pytest.raises(IdentifierError, match="đúng 12 ký tự"):
            parse_parcel_id(text)
    with pytest.raises(IdentifierError, match="ngoài Việt Nam"):
        parse_parcel_id(geohash_encode(2.35, 48.85))


@pytest.mark.parametrize(
    ("text", "value", "kinds", "shown"),
    [
        ("63c - 123.45", "63C12345", ("car", "motorbike"), "63C-123.45"),
        ("66LD-00123", "66LD00123", ("car", "motorbike"), "66LD-001.23"),
        ("63-B9 123.45", "63B912345", ("motorbike",), "63B9-123.45"),
        ("66-mđ1 234.56", "66MĐ123456", (), ""),
        ("66-MĐ 234.56", "66MĐ23456", ("motorbike",), "66MĐ-234.56"),
        ("TM-12-34", "TM1234", ("army",), "TM-1234"),
        ("80-011-NG-01", "80011NG01", ("foreign",), "80011-NG01"),
        ("63A-1234", "63A1234", ("car",), "63A-1234"),
    ],
)
def test_plates(text: str, value: str, kinds: tuple[str, ...], shown: str) -> None:
    if not kinds:
        with pytest.raises(IdentifierError, match="không phải là biển số"):
            parse_plate(text)
        return
    plate = parse_plate(text)
    assert (plate.value, plate.kinds, str(plate)) == (value, kinds, shown)
    assert parse_plate(shown) == plate


def test_province_of_a_plate() -> None:
    assert parse_plate("63A-123.45").province == "63"
    assert parse_plate("TM-12-34").province is None
