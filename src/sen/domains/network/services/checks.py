"""What must hold of a road, a km-post or a record before it is written; errors in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _

from sen.domains.network.choices import (
    ALL_LANES,
    EVENT_KINDS,
    MAX_LANES,
    Carriageway,
    EventKind,
    ManagerClass,
    PostCondition,
    RoadStatus,
    Side,
    Surface,
    TechnicalClass,
    ValueType,
)
from sen.domains.network.rules import canonical_number, fits_class
from sen.kernel.errors import InvalidInputError
from sen.lib.chainage import MAX_CHAINAGE_M
from sen.lib.roadnames import RoadNumberError

Faults = dict[str, list[str]]


class RowFaultsError(InvalidInputError):
    """Rows of an import are wrong; ``faults`` are (row of the file, words), in their order."""

    def __init__(self, fields: Mapping[str, list[str]], faults: Sequence[tuple[int, str]]) -> None:
        self.faults = tuple(faults)
        super().__init__(fields)


class RowCheck:
    """Collects the faults of all rows of an import, so that a person sees them at once."""

    def __init__(self) -> None:
        self.fields: dict[str, list[str]] = {}
        self.faults: list[tuple[int, str]] = []

    def add(self, row: int, what: str, message: str) -> None:
        """Note a fault of a row of the file; ``what`` names what stands in the row."""
        name = _("Dòng %(row)s (%(what)s)") % {"row": row, "what": what}
        self.fields.setdefault(name, []).append(message)
        self.faults.append((row, message))

    def done(self) -> None:
        """End the check.

        Raises:
            RowFaultsError: something was added.
        """
        if self.fields:
            raise RowFaultsError(self.fields, self.faults)


_CHOICES: Final[dict[str, tuple[frozenset[str], bool]]] = {
    "manager_class": (frozenset(ManagerClass), False),
    "technical_class": (frozenset(TechnicalClass), False),
    "carriageway": (frozenset(Carriageway), False),
    "status": (frozenset(RoadStatus), False),
    "surface": (frozenset(Surface), True),
}
_BOUNDS: Final[dict[str, tuple[float, float]]] = {
    "lanes": (1, MAX_LANES),
    "width_m": (1, 100),
    "opened_year": (1850, 2100),
}


def road_faults(values: Mapping[str, Any]) -> Faults:
    """What is wrong with the description of a road, by field."""
    faults: Faults = {}

    def add(name: str, text: str) -> None:
        faults.setdefault(name, []).append(text)

    if not str(values["code"]).strip():
        add("code", _("Hãy ghi mã tuyến."))
    if not str(values["name"]).strip():
        add("name", _("Hãy ghi tên đường."))
    for name, (allowed, may_be_empty) in _CHOICES.items():
        value = str(values[name] or "")
        if value not in allowed and not (may_be_empty and not value):
            add(
                name,
                _("“%(value)s” không có trong danh mục; chọn một trong: %(known)s.")
                % {"value": value, "known": ", ".join(sorted(allowed))},
            )
    for name, (low, high) in _BOUNDS.items():
        value = values[name]
        if value is not None and not low <= value <= high:
            add(
                name,
                _("Giá trị phải từ %(low)g đến %(high)g.") % {"low": low, "high": high},
            )
    for name, text in _number_faults(values) + _end_faults(values):
        add(name, text)
    return faults


def _number_faults(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    try:
        number = canonical_number(str(values["number"] or ""))
    except RoadNumberError as error:
        return [("number", _(error.template) % error.params)]
    if number and not fits_class(number, str(values["manager_class"])):
        return [
            (
                "manager_class",
                _("Số hiệu %(number)s không thuộc cấp quản lý này.") % {"number": number},
            )
        ]
    return []


def _end_faults(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    start, end = values["declared_start_m"], values["declared_end_m"]
    if not 0 <= float(start or 0) <= MAX_CHAINAGE_M:
        return [("declared_start_m", _("Lý trình đầu phải từ Km0+000."))]
    if end is not None and end <= start:
        return [("declared_end_m", _("Lý trình cuối phải lớn hơn lý trình đầu."))]
    return []


def post_faults(measure_m: float | None, condition: str) -> Faults:
    """What is wrong with a km-post."""
    faults: Faults = {}
    if measure_m is None or not 0 <= measure_m <= MAX_CHAINAGE_M:
        faults["measure_m"] = [_("Hãy ghi lý trình của cọc, ví dụ Km12+000.")]
    if condition not in frozenset(PostCondition):
        faults["condition"] = [
            _("Tình trạng “%(value)s” không có trong danh mục.") % {"value": condition}
        ]
    return faults


def event_faults(values: Mapping[str, Any]) -> Faults:
    """What is wrong with a record along a road, apart from its place on the road."""
    faults: Faults = {}
    kind = EVENT_KINDS.get(str(values["kind"]))
    if kind is None:
        known = ", ".join(EVENT_KINDS)
        faults["kind"] = [
            _("Không có nội dung “%(kind)s”; chọn một trong: %(known)s.")
            % {"kind": values["kind"], "known": known}
        ]
    else:
        name, text = _value_fault(kind, values["value_number"], str(values["value_text"] or ""))
        if text:
            faults[name] = [text]
        faults |= _reach_faults(kind, values)
    start, end = values["from_m"], values["to_m"]
    if start is None or end is None:
        faults["from_m"] = [_("Hãy ghi lý trình đầu và lý trình cuối.")]
    elif not start < end:
        faults["to_m"] = [_("Lý trình cuối phải lớn hơn lý trình đầu.")]
    if str(values["side"]) not in frozenset(Side):
        faults["side"] = [_("Bên đường phải là BOTH, LEFT hoặc RIGHT.")]
    if not 0 <= int(values["lane"] or 0) <= MAX_LANES:
        faults["lane"] = [_("Làn xe từ 1 đến %(most)s; 0 là tất cả các làn.") % {"most": MAX_LANES}]
    since: date | None = values["valid_from"]
    until: date | None = values["valid_to"]
    if since is None:
        faults["valid_from"] = [_("Hãy ghi ngày bắt đầu áp dụng.")]
    elif until is not None and until <= since:
        faults["valid_to"] = [_("Ngày hết áp dụng phải sau ngày bắt đầu.")]
    return faults


def _reach_faults(kind: EventKind, values: Mapping[str, Any]) -> Faults:
    """What the kind does not tell apart may not be told apart."""
    faults: Faults = {}
    if not kind.by_side and str(values["side"]) != Side.BOTH.value:
        faults["side"] = [_("Nội dung này áp dụng cho cả hai bên đường; hãy chọn “Cả hai bên”.")]
    if not kind.by_lane and int(values["lane"] or 0) != ALL_LANES:
        faults["lane"] = [_("Nội dung này áp dụng cho mọi làn xe; hãy ghi 0.")]
    return faults


def _value_fault(kind: EventKind, number: float | None, text: str) -> tuple[str, str]:
    if kind.value is ValueType.NUMBER:
        if number is None:
            return "value_number", _("Hãy ghi giá trị bằng số (%(unit)s).") % {"unit": kind.unit}
        if not kind.is_in_bounds(float(number)):
            return "value_number", _("Giá trị phải từ %(low)g đến %(high)g %(unit)s.") % {
                "low": kind.lowest or 0,
                "high": kind.highest or 0,
                "unit": kind.unit,
            }
    elif kind.value is ValueType.CHOICE and text not in kind.choices:
        return "value_text", _(
            "“%(value)s” không có trong danh mục; chọn một trong: %(known)s."
        ) % {
            "value": text,
            "known": ", ".join(kind.choices),
        }
    elif not text.strip():
        return "value_text", _("Hãy ghi nội dung.")
    return "", ""
