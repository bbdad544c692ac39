"""National identifiers: personal id, tax code, parcel id, number plates.

Nothing here asks a register: a good identifier is one that is well formed.

Source:
    Personal id: Thông tư 59/2021/TT-BCA. Tax code: Thông tư 86/2024/TT-BTC. Parcel id: Thông tư
    19/2026/TT-BNNMT. Plates: Thông tư 79/2024/TT-BCA; their patterns are those in use and have yet
    to be verified against its text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from sen.lib.errors import InputError, gettext_noop

Gender: TypeAlias = Literal["male", "female"]
PlateKind: TypeAlias = Literal["car", "motorbike", "army", "foreign"]

_SEPARATORS: Final = re.compile(r"[\s.\-–]")


class IdentifierError(InputError):
    """An identifier is not well formed."""


@dataclass(frozen=True, slots=True)
class PersonalId:
    """Số định danh cá nhân: twelve digits.

    ``province``: three digits, of the province (or country) where the birth was registered.
    """

    value: str
    province: str
    gender: Gender
    birth_year: int

    @property
    def masked(self) -> str:
        """The id as it may stand in a list: first three and last three digits."""
        return f"{self.value[:3]}{'•' * 6}{self.value[-3:]}"


def parse_personal_id(text: str) -> PersonalId:
    """Read a personal id; spaces, dots and hyphens do not matter.

    Raises:
        IdentifierError: The text has not twelve digits. The message does not repeat the text,
            which may be personal data.
    """
    value = _SEPARATORS.sub("", text)
    if not re.fullmatch("[0-9]{12}", value):
        raise IdentifierError(
            gettext_noop("Số định danh cá nhân phải có đúng 12 chữ số; đã nhập %(count)s ký tự."),
            count=len(value),
        )
    century, gender = divmod(int(value[3]), 2)
    return PersonalId(
        value,
        value[:3],
        "female" if gender else "male",
        1900 + 100 * century + int(value[4:6]),
    )


_TAX_WEIGHTS: Final = (31, 29, 23, 19, 17, 13, 7, 5, 3)


def check_digit_of_tax_code(first_nine: str) -> int | None:
    """Return the tenth digit of a tax code, None when no code may begin so."""
    total = sum(weight * int(digit) for weight, digit in zip(_TAX_WEIGHTS, first_nine, strict=True))
    digit = 10 - total % 11
    return digit if digit < 10 else None


def parse_tax_code(text: str) -> str:
    """Check a tax code and return it in its official form.

    Ten digits with a check digit, ``0300588569``; a dependent unit adds three, ``0300588569-001``;
    a person's tax code is the personal id of twelve digits.

    Raises:
        IdentifierError: Wrong number of digits or wrong check digit.
    """
    value = re.sub(r"[\s.]", "", text).replace("–", "-")
    if not re.fullmatch(r"[0-9]{10}(-?[0-9]{3})?|[0-9]{12}", value):
        raise IdentifierError(
            gettext_noop("Mã số thuế phải có 10, 12 hoặc 13 chữ số; đã nhập %(count)s ký tự."),
            count=len(value),
        )
    if len(value) == 12:
        return parse_personal_id(value).value
    if check_digit_of_tax_code(value[:9]) != int(value[9]):
        raise IdentifierError(
            gettext_noop("Mã số thuế %(value)s sai chữ số kiểm tra (chữ số thứ 10). Hãy xem lại."),
            value=value,
        )
    return value if len(value) == 10 else f"{value[:10]}-{value[-3:]}"


_GEOHASH_LETTERS: Final = "0123456789bcdefghjkmnpqrstuvwxyz"
_PARCEL_LENGTH: Final = 12


def geohash_encode(lon: float, lat: float, length: int = _PARCEL_LENGTH) -> str:
    """Return the geohash of a point, to compare it with a parcel id.

    Parcel ids themselves are issued by the land register, never here.

    Units:
        Degrees of WGS 84.

    Raises:
        ValueError: The point is not on the globe.
    """
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise ValueError(f"no point on the globe: {lon}, {lat}")
    bounds = [[-180.0, 180.0], [-90.0, 90.0]]
    code = 0
    for bit in range(length * 5):
        side, value = bounds[bit % 2], (lon, lat)[bit % 2]
        middle = (side[0] + side[1]) / 2
        upper = value >= middle
        side[0 if upper else 1] = middle
        code = code * 2 + upper
    return "".join(_GEOHASH_LETTERS[code >> (5 * place) & 31] for place in reversed(range(length)))


def geohash_decode(code: str) -> tuple[float, float]:
    """Return longitude and latitude of the middle of a geohash.

    Units:
        Degrees of WGS 84.

    Raises:
        ValueError: The code holds a character that geohashes do not use.
    """
    bounds = [[-180.0, 180.0], [-90.0, 90.0]]
    bit = 0
    for letter in code:
        value = _GEOHASH_LETTERS.index(letter)
        for shift in reversed(range(5)):
            side = bounds[bit % 2]
            side[0 if value >> shift & 1 else 1] = (side[0] + side[1]) / 2
            bit += 1
    (west, east), (south, north) = bounds
    return (west + east) / 2, (south + north) / 2


def parse_parcel_id(text: str) -> str:
    """Check the national id of a parcel, a geohash of twelve characters.

    The result is in small letters.

    Raises:
        IdentifierError: Wrong length, a wrong character (a, i, l, o do not occur), or a place
            outside Vietnam.
    """
    value = text.strip().lower()
    wrong = sorted({letter for letter in value if letter not in _GEOHASH_LETTERS})
    if len(value) != _PARCEL_LENGTH or wrong:
        raise IdentifierError(
            gettext_noop(
                "Mã định danh thửa đất “%(text)s” phải có đúng 12 ký tự gồm chữ số và chữ cái, "
                "không có a, i, l, o."
            ),
            text=text,
        )
    lon, lat = geohash_decode(value)
    if not (102 <= lon <= 117 and 7.5 <= lat <= 23.5):
        raise IdentifierError(
            gettext_noop(
                "Mã định danh thửa đất “%(text)s” chỉ vào nơi ngoài Việt Nam "
                "(%(lat).4f, %(lon).4f). Hãy xem lại."
            ),
            text=text,
            lat=lat,
            lon=lon,
        )
    return value


_PLATES: Final[dict[PlateKind, re.Pattern[str]]] = {
    "car": re.compile(r"(\d{2}[A-Z]{1,2})(\d{4,5})"),
    "motorbike": re.compile(r"(\d{2}[A-Z][A-ZĐ0-9])(\d{4,5})"),
    "army": re.compile(r"([A-Z]{2})(\d{4})"),
    "foreign": re.compile(r"(\d{5})((?:NG|NN|QT|CV)\d{2})"),
}


@dataclass(frozen=True, slots=True)
class Plate:
    """A number plate without its separators.

    ``kinds``: what it may be. ``63C12345`` is a car ``63C-123.45`` or an old motorbike
    ``63C1-2345``; only the vehicle knows.
    """

    value: str
    kinds: tuple[PlateKind, ...]

    @property
    def province(self) -> str | None:
        """The two digits of the province; None on army plates."""
        return self.value[:2] if self.value[0].isdigit() else None

    def __str__(self) -> str:
        match = _PLATES[self.kinds[0]].fullmatch(self.value)
        series, number = match.groups() if match else (self.value, "")
        return f"{series}-{number[:3]}.{number[3:]}" if len(number) == 5 else f"{series}-{number}"


def normalise_plate(text: str) -> str:
    """Return capitals and digits of a plate: ``63c - 123.45`` gives ``63C12345``."""
    return re.sub("[^0-9A-ZĐ]", "", text.upper())


def parse_plate(text: str) -> Plate:
    """Read a plate as typed or as a camera reads it.

    Raises:
        IdentifierError: The text has the form of no Vietnamese plate.
    """
    value = normalise_plate(text)
    kinds = tuple(kind for kind, pattern in _PLATES.items() if pattern.fullmatch(value))
    if not kinds:
        raise IdentifierError(
            gettext_noop("“%(text)s” không phải là biển số xe. Hãy ghi như 63C-123.45."), text=text
        )
    return Plate(value, kinds)
