"""Numbers of dossiers, documents and planning files: reading, writing, checking.

Source:
    Dossier code: Nghị định 61/2018/NĐ-CP and its guides; document number: Nghị định 30/2020/NĐ-CP,
    Phụ lục III; planning codes: Thông tư 16/2025/TT-BXD.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from sen.lib.errors import InputError, gettext_noop

DossierForm: TypeAlias = Literal["long", "short"]

_LONG_OFFICE: Final = re.compile(r"\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}")
_SHORT_OFFICE: Final = re.compile(r"[A-Z]\d{2}\.\d{1,3}(?:\.\d{1,3})?")
_DOSSIER: Final = re.compile(r"(?P<office>[A-Z0-9.]+)-(?P<day>\d{6})-(?P<sequence>\d{4,6})")
_MAX_SEQUENCE: Final = 999_999


class NumberError(InputError):
    """A number of a dossier, a document or a planning file is wrong."""


@dataclass(frozen=True, slots=True)
class DossierCode:
    """The code of a dossier: office, date of receipt, running number of the day.

    Two forms are in use: the long ``000.00.12.H20-251127-0001`` and the short
    ``H20.12-251127-0001`` or ``H20.12.03-251127-0001``.

    Raises:
        NumberError: The office has neither form, the year is not of this century, or the running
            number is not between 1 and 999,999.
    """

    office: str
    day: dt.date
    sequence: int

    def __post_init__(self) -> None:
        if not (_LONG_OFFICE.fullmatch(self.office) or _SHORT_OFFICE.fullmatch(self.office)):
            raise NumberError(
                gettext_noop(
                    "Mã đơn vị “%(office)s” không đúng. "
                    "Hãy ghi như 000.00.12.H20, H20.12 hoặc H20.12.03."
                ),
                office=self.office,
            )
        if self.day.year // 100 != 20:
            raise NumberError(
                gettext_noop(
                    "Ngày %(day)s không ghi được vào mã hồ sơ: năm phải từ 2000 đến 2099."
                ),
                day=f"{self.day:%d/%m/%Y}",
            )
        if not 1 <= self.sequence <= _MAX_SEQUENCE:
            raise NumberError(
                gettext_noop("Số thứ tự hồ sơ %(sequence)s phải từ 1 đến 999999."),
                sequence=self.sequence,
            )

    @classmethod
    def parse(cls, text: str) -> DossierCode:
        """Read a code; spaces around and small letters do not matter.

        Raises:
            NumberError: The text is no dossier code; the message says which part is wrong.
        """
        match = _DOSSIER.fullmatch(re.sub(r"\s*-\s*", "-", text.strip().upper()))
        if match is None:
            raise NumberError(
                gettext_noop(
                    "“%(text)s” không phải là mã hồ sơ. "
                    "Hãy ghi như 000.00.12.H20-251127-0001 hoặc H20.12-251127-0001."
                ),
                text=text,
            )
        digits = match["day"]
        try:
            day = dt.date(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
        except ValueError:
            raise NumberError(
                gettext_noop(
                    "“%(digits)s” trong mã hồ sơ “%(text)s” không phải là ngày (năm-tháng-ngày)."
                ),
                digits=digits,
                text=text,
            ) from None
        return cls(match["office"], day, int(match["sequence"]))

    @property
    def form(self) -> DossierForm:
        """Which of the two forms the code has."""
        return "long" if _LONG_OFFICE.fullmatch(self.office) else "short"

    def __str__(self) -> str:
        return f"{self.office}-{self.day:%y%m%d}-{self.sequence:04d}"


@dataclass(frozen=True, slots=True)
class DossierTemplate:
    """How an office writes its codes, kept as data: ``H20.12-{date}-{number}``.

    ``{date}`` is the date of receipt as six digits, ``{number}`` the running number of the day.

    Raises:
        NumberError: A hole is missing, or the office in the template has no known form.
    """

    text: str

    def __post_init__(self) -> None:
        if self.text.count("{date}") != 1 or self.text.count("{number}") != 1:
            raise NumberError(
                gettext_noop(
                    "Mẫu mã hồ sơ “%(text)s” phải có đúng một {date} và một {number}, "
                    "ví dụ H20.12-{date}-{number}."
                ),
                text=self.text,
            )
        self.code(dt.date(2000, 1, 1), 1)

    def code(self, day: dt.date, sequence: int) -> DossierCode:
        """Return the code of the given running number on a day.

        Raises:
            NumberError: The date or the number does not fit.
        """
        filled = self.text.replace("{date}", f"{day:%y%m%d}").replace("{number}", f"{sequence:04d}")
        return DossierCode.parse(filled)

    def matches(self, code: DossierCode) -> bool:
        """Say whether a code was written by this template."""
        return self.code(code.day, code.sequence) == code


DOCUMENT_KINDS: Final[dict[str, str]] = {
    "BB": "Biên bản",
    "BC": "Báo cáo",
    "CĐ": "Công điện",
    "CT": "Chỉ thị",
    "CTr": "Chương trình",
    "DA": "Dự án",
    "ĐA": "Đề án",
    "GM": "Giấy mời",
    "GP": "Giấy phép",
    "HD": "Hướng dẫn",
    "HĐ": "Hợp đồng",
    "KH": "Kế hoạch",
    "KL": "Kết luận",
    "NĐ": "Nghị định",
    "NQ": "Nghị quyết",
    "PA": "Phương án",
    "QC": "Quy chế",
    "QĐ": "Quyết định",
    "QyĐ": "Quy định",
    "TB": "Thông báo",
    "TC": "Thông cáo",
    "TT": "Thông tư",
    "TTLT": "Thông tư liên tịch",
    "TTr": "Tờ trình",
    "VBHN": "Văn bản hợp nhất",
}
"""Abbreviations of the kinds of documents."""

_DOCUMENT: Final = re.compile(
    r"(?:số\s*:?\s*)?(?P<number>\d{1,6})(?P<letter>[A-Za-zđĐ]?)\s*/\s*(?:(?P<year>(?:19|20)\d{2})\s*/\s*)?"
    r"(?P<symbol>[^\W\d_][\w.&]*(?:\s*[-–]\s*[\w.&]+)*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class DocumentNumber:
    """The number and symbol of a document: ``123/QĐ-UBND``, ``25/2022/QĐ-UBND``, ``202/2025/QH15``.

    A legal document carries its year; ``letter`` is the one of a number given twice (``45a``).
    """

    number: int
    symbol: str
    year: int | None = None
    letter: str = ""

    @classmethod
    def parse(cls, text: str) -> DocumentNumber:
        """Read a number; ``Số:`` in front and spaces do not matter, the case of the symbol is kept.

        Raises:
            NumberError: The text is no document number.
        """
        match = _DOCUMENT.fullmatch(unicodedata.normalize("NFC", text).strip())
        if match is None:
            raise NumberError(
                gettext_noop(
                    "“%(text)s” không phải là số, ký hiệu văn bản. "
                    "Hãy ghi như 123/QĐ-UBND hoặc 25/2022/QĐ-UBND."
                ),
                text=text,
            )
        symbol = re.sub(r"\s*[-–]\s*", "-", match["symbol"])
        year = int(match["year"]) if match["year"] else None
        return cls(int(match["number"]), symbol, year, match["letter"].lower())

    @property
    def kind(self) -> str:
        """The kind of the document in Vietnamese; a letter has none and is ``Công văn``.

        Laws and resolutions of the National Assembly (``QH15``) do not say their kind: "".
        """
        head, _, tail = self.symbol.partition("-")
        if re.fullmatch(r"(QH|UBTVQH)\d+", head):
            return ""
        return DOCUMENT_KINDS.get(head, "Công văn" if tail else "")

    def __str__(self) -> str:
        year = f"{self.year}/" if self.year else ""
        return f"{self.number:02d}{self.letter}/{year}{self.symbol}"


PlanKind: TypeAlias = Literal["QHC", "QPK", "QCT"]

_PLAN_FILE: Final = re.compile(r"(\d{2})(QHC|QPK|QCT)(\d)(\d{2})(\d{4})")
_PLAN_INFO: Final = re.compile(r"(\d{2})(\d{2})([1-4])([1-5])([0-2])(\d{5})")


@dataclass(frozen=True, slots=True)
class PlanFileCode:
    """``maHoSoQH``: province, kind of plan, a digit for its type, year, running number."""

    province: str
    kind: PlanKind
    type_digit: int
    year: int
    sequence: int

    @classmethod
    def parse(cls, text: str) -> PlanFileCode:
        """Read a code such as ``82QHC1260001``.

        Raises:
            NumberError: The text has not this form.
        """
        match = _PLAN_FILE.fullmatch(text.strip().upper())
        if match is None:
            raise NumberError(
                gettext_noop(
                    "“%(text)s” không phải là mã hồ sơ quy hoạch. Mã gồm 2 số tỉnh, QHC, QPK hoặc "
                    "QCT, 1 số loại, 2 số năm và 4 số thứ tự, ví dụ 82QHC1260001."
                ),
                text=text,
            )
        province, kind, type_digit, year, sequence = match.groups()
        plan_kind: PlanKind = "QHC" if kind == "QHC" else "QPK" if kind == "QPK" else "QCT"
        return cls(province, plan_kind, int(type_digit), 2000 + int(year), int(sequence))

    def __str__(self) -> str:
        year = self.year % 100
        return f"{self.province}{self.kind}{self.type_digit}{year:02d}{self.sequence:04d}"


@dataclass(frozen=True, slots=True)
class PlanInfoCode:
    """``maThongTinQH``: the planning information of one plan.

    ``level``: 1 general, 2 zoning, 3 detailed, 4 short detailed. ``adjustment``: 0 first issue,
    1 adjusted as a whole, 2 adjusted in part.
    """

    province: str
    year: int
    level: int
    type_digit: int
    adjustment: int
    sequence: int

    @classmethod
    def parse(cls, text: str) -> PlanInfoCode:
        """Read a code of twelve digits such as ``822611000001``.

        Raises:
            NumberError: The text has not this form.
        """
        match = _PLAN_INFO.fullmatch(text.strip())
        if match is None:
            raise NumberError(
                gettext_noop(
                    "“%(text)s” không phải là mã thông tin quy hoạch. Mã gồm 12 chữ số: 2 số tỉnh, "
                    "2 số năm, cấp (1–4), loại (1–5), lần điều chỉnh (0–2), 5 số thứ tự."
                ),
                text=text,
            )
        province, *digits = match.groups()
        year, level, type_digit, adjustment, sequence = (int(part) for part in digits)
        return cls(province, 2000 + year, level, type_digit, adjustment, sequence)

    def __str__(self) -> str:
        return (
            f"{self.province}{self.year % 100:02d}{self.level}{self.type_digit}{self.adjustment}"
            f"{self.sequence:05d}"
        )
