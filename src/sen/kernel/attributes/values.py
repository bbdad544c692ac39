"""Values of attributes: read as people and files write them, within their bounds.

Pure: no rows, no clock, no settings.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sen.kernel.attributes.catalogue import Attribute, Kind
from sen.lib.errors import InputError, gettext_noop
from sen.lib.text import nfc
from sen.lib.units import format_number, parse_date, parse_number

MAX_TEXT: Final = 500
MAX_LIST: Final = 400
_RUN: Final = re.compile(r"(\d{1,3})\s*[x×*]\s*(.+)", re.IGNORECASE)


class ValueFault(InputError):  # noqa: N818  a fault of one value, collected rather than raised
    """A value is not what its attribute asks for."""


def check_values(
    known: Mapping[str, Attribute],
    values: Mapping[str, Any],
    *,
    unknown: str = gettext_noop("Không có thông số “%(name)s”."),
    needs_required: bool = True,
) -> tuple[dict[str, Any], dict[str, ValueFault]]:
    """Attribute values as they are stored, and what is wrong with the others, by name.

    Nothing is stored for an attribute without a value. Numbers may come as people type them.
    ``unknown`` is said of a name that is no attribute.
    """
    clean: dict[str, Any] = {}
    faults: dict[str, ValueFault] = {}
    for name in values.keys() - known.keys():
        faults[name] = ValueFault(unknown, name=name)
    for name, item in known.items():
        try:
            value = read_value(item, values.get(name))
        except ValueFault as fault:
            faults[name] = fault
            continue
        if value is not None:
            clean[name] = value
        elif item.required and needs_required:
            faults[name] = ValueFault(gettext_noop("Hãy nhập giá trị cho thông số này."))
    return clean, faults


def read_value(item: Attribute, value: Any) -> Any:
    """One value as it is stored; None for none.

    Raises:
        ValueFault: it is of the wrong kind or out of bounds.
    """
    if isinstance(value, str):
        value = nfc(value).strip()
    if value is None or value in ("", []):
        return None
    return _READERS[item.kind](item, value)


def _number(item: Attribute, value: Any) -> float | int:
    number = _plain_number(value)
    if number is None:
        raise ValueFault(
            gettext_noop("“%(value)s” không phải là số; hãy nhập dạng 12,5."), value=value
        )
    too_low = item.min is not None and number < item.min
    too_high = item.max is not None and number > item.max
    if too_low or too_high:
        raise _out_of_bounds(item, number)
    return int(number) if number == int(number) else number


def _plain_number(value: Any) -> float | None:
    if isinstance(value, str):
        try:
            value = parse_number(value)
        except InputError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def _out_of_bounds(item: Attribute, number: float) -> ValueFault:
    lowest, highest = _quantity(item, item.min), _quantity(item, item.max)
    value = _quantity(item, number)
    if item.max is None:
        template = gettext_noop("Không được nhỏ hơn %(min)s; đã nhập %(value)s.")
    elif item.min is None:
        template = gettext_noop("Không được lớn hơn %(max)s; đã nhập %(value)s.")
    else:
        template = gettext_noop("Phải từ %(min)s đến %(max)s; đã nhập %(value)s.")
    return ValueFault(template, min=lowest, max=highest, value=value)


def _quantity(item: Attribute, number: float | None) -> str:
    return "" if number is None else f"{format_number(number)} {item.unit}".strip()


def _integer(item: Attribute, value: Any) -> int:
    number = _number(item, value)
    if not isinstance(number, int):
        raise ValueFault(gettext_noop("Hãy nhập số nguyên, không phải “%(value)s”."), value=value)
    return number


def _text(item: Attribute, value: Any) -> str:
    text = str(value).strip()
    if len(text) > MAX_TEXT:
        raise ValueFault(
            gettext_noop("Dài %(length)s ký tự; tối đa %(max)s."), length=len(text), max=MAX_TEXT
        )
    return text


def _choice(item: Attribute, value: Any) -> str:
    """A code, or as files carry it the label in either language."""
    code = str(value)
    if code in item.choices:
        return code
    wanted = code.casefold()
    for known, text in item.choices.items():
        if wanted in (known.casefold(), text.vi.casefold(), text.en.casefold()):
            return known
    raise ValueFault(
        gettext_noop("Không có giá trị “%(value)s”; hãy chọn một trong: %(choices)s."),
        value=code,
        choices=", ".join(text.vi for text in item.choices.values()),
    )


_TRUTH: Final = {
    "có": True,
    "yes": True,
    "true": True,
    "1": True,
    "không": False,
    "no": False,
    "false": False,
    "0": False,
}


def _boolean(item: Attribute, value: Any) -> bool:
    found = value if isinstance(value, bool) else _TRUTH.get(str(value).casefold())
    if found is None:
        raise ValueFault(
            gettext_noop("Hãy ghi “có” hoặc “không”, không phải “%(value)s”."), value=value
        )
    return found


def _date(item: Attribute, value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()[:10]
    try:
        return parse_date(str(value)).isoformat()
    except InputError as error:
        raise ValueFault(error.template, **error.params) from error


def _numbers(item: Attribute, value: Any) -> list[float | int]:
    """A list of numbers, or the text ``3×33 + 40`` (also ``33; 33; 33; 40``)."""
    if isinstance(value, str) and value.startswith("["):
        # As files of programs carry a list.
        plain = value.strip("[]").replace(",", " ").split()
        given = [_number(item, number.replace(".", ",")) for number in plain]
    elif isinstance(value, str):
        parts = [part for part in re.split(r"[;+]", value) if part.strip()]
        given = [number for part in parts for number in _run(item, part.strip())]
    else:
        given = [_number(item, number) for number in value]
    if len(given) > MAX_LIST:
        raise ValueFault(
            gettext_noop("Có %(count)s số; tối đa %(max)s."), count=len(given), max=MAX_LIST
        )
    return given


def _run(item: Attribute, text: str) -> list[float | int]:
    match = _RUN.fullmatch(text)
    if match is None:
        return [_number(item, text)]
    return [_number(item, match[2])] * int(match[1])


_READERS: Final[dict[Kind, Callable[[Attribute, Any], Any]]] = {
    Kind.NUMBER: _number,
    Kind.INTEGER: _integer,
    Kind.TEXT: _text,
    Kind.CHOICE: _choice,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
    Kind.NUMBERS: _numbers,
}
