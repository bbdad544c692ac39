"""The typed cells of a table: what a person enters, and what is stored."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final

from sen.domains.norms.data import Row
from sen.lib.errors import InputError, gettext_noop
from sen.lib.text import nfc

#: How a bound is entered: the word's code and whether the bound is open. ``eq`` is one number.
LOW_WORDS: Final = {"eq": "=", "ge": "≥", "gt": ">"}
HIGH_WORDS: Final = {"le": "≤", "lt": "<"}
_UNITS: Final = {"m": "m", "t": "t", "kmh": "km/h", "km": "km", "s": "s", "m2": "m²", "ha": "ha"}
_AMBIGUOUS: Final = re.compile(r"-?\d{1,3}\.\d{3}$")
_PART: Final = re.compile(r"\s*[;\n]\s*")


class CellError(InputError):
    """What was entered into a cell cannot be read."""


class ColumnKind(StrEnum):
    NUMBER = "NUMBER"
    CHOICE = "CHOICE"
    BOOLEAN = "BOOLEAN"


class ValueKind(StrEnum):
    NUMBER = "NUMBER"
    TEXT = "TEXT"
    NUMBERS = "NUMBERS"
    LIST = "LIST"
    JSON = "JSON"


@dataclass(frozen=True, slots=True)
class Column:
    """A criterion of a rule: what may be entered, and which values are known."""

    name: str
    kind: ColumnKind
    unit: str
    known: tuple[str, ...] = ()


def columns_of(keys: Sequence[str], rows: Iterable[Row]) -> list[Column]:
    """The criteria of a rule, from what stands in all tables that it ever had."""
    listed = list(rows)
    return [_column(key, [row.when[key] for row in listed if key in row.when]) for key in keys]


def _column(name: str, conditions: list[Any]) -> Column:
    unit = _UNITS.get(name.rpartition("_")[2], "") if "_" in name else ""
    single = [item for c in conditions for item in (c if isinstance(c, list) else [c])]
    if any(isinstance(item, Mapping) for item in single) or (
        single and all(_is_number(item) for item in single)
    ):
        return Column(name, ColumnKind.NUMBER, unit)
    if single and all(isinstance(item, bool) for item in single):
        return Column(name, ColumnKind.BOOLEAN, "")
    if not single and unit:
        return Column(name, ColumnKind.NUMBER, unit)
    return Column(name, ColumnKind.CHOICE, "", tuple(dict.fromkeys(map(str, single))))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def value_kind_of(rows: Iterable[Row]) -> ValueKind:
    """What the values of a rule are, from all tables that it ever had."""
    values = [row.value for row in rows]
    if values and all(_is_number(value) for value in values):
        return ValueKind.NUMBER
    if values and all(isinstance(value, list) for value in values):
        items = [item for value in values for item in value]
        if items and all(_is_number(item) for item in items):
            return ValueKind.NUMBERS
        return ValueKind.LIST
    if any(isinstance(value, Mapping) for value in values):
        return ValueKind.JSON
    return ValueKind.TEXT


def parse_number(text: str) -> int | float:
    """``1.250,5`` or ``1250.5`` → 1250.5; a whole number stays whole.

    Raises:
        CellError: it is no number, or may be two.
    """
    said = text.strip().replace(" ", "").replace("\u00a0", "")
    if _AMBIGUOUS.match(said):
        raise CellError(
            gettext_noop("“%(text)s” có thể hiểu hai cách; ghi 1250 hoặc 1,25."), text=text
        )
    if "," in said or said.count(".") > 1:
        said = said.replace(".", "").replace(",", ".")
    try:
        number = Decimal(said)
        finite = number.is_finite()
    except InvalidOperation:
        finite = False
    if not finite:
        raise CellError(
            gettext_noop("“%(text)s” không phải là số; ghi ví dụ 12 hoặc 12,5."), text=text
        )
    return int(number) if number == number.to_integral_value() else float(number)


def condition_from(column: Column, said: Mapping[str, str]) -> Any:
    """A stored condition out of the inputs of a cell; None when nothing was entered.

    Inputs of a number: ``low_op low high_op high``; of anything else: ``text``.

    Raises:
        CellError: an input cannot be read, or the bounds contradict each other.
    """
    if column.kind is ColumnKind.NUMBER:
        return _range_from(said)
    text = nfc(said.get("text", "")).strip()
    if not text:
        return None
    if column.kind is ColumnKind.BOOLEAN:
        if text not in ("true", "false"):
            raise CellError(gettext_noop("“%(text)s”: chọn Có hoặc Không."), text=text)
        return text == "true"
    items = [item for item in (part.strip() for part in text.split(",")) if item]
    return items[0] if len(items) == 1 else items


def _range_from(said: Mapping[str, str]) -> Any:
    low, high = said.get("low", "").strip(), said.get("high", "").strip()
    if not low and not high:
        return None
    low_op = said.get("low_op") or "ge"
    if low and low_op == "eq":
        if high:
            raise CellError(gettext_noop("“bằng” một số thì không ghi cận trên."))
        numbers = [parse_number(part) for part in _PART.split(low) if part]
        return numbers[0] if len(numbers) == 1 else numbers
    bounds: dict[str, Any] = {}
    if low:
        bounds["min"] = parse_number(low)
        if low_op == "gt":
            bounds["min_open"] = True
    if high:
        bounds["max"] = parse_number(high)
        if said.get("high_op") == "lt":
            bounds["max_open"] = True
    if "min" in bounds and "max" in bounds and _is_empty(bounds):
        raise CellError(
            gettext_noop("Khoảng từ %(low)s đến %(high)s không chứa số nào."), low=low, high=high
        )
    return bounds


def _is_empty(bounds: Mapping[str, Any]) -> bool:
    is_open = bounds.get("min_open", False) or bounds.get("max_open", False)
    return bool(bounds["min"] > bounds["max"] or (bounds["min"] == bounds["max"] and is_open))


def inputs_of(condition: Any) -> dict[str, str]:
    """The inputs of a cell that say a stored condition."""
    if condition is None:
        return {}
    if isinstance(condition, Mapping):
        return {
            "low_op": "gt" if condition.get("min_open") else "ge",
            "low": _plain(condition.get("min")),
            "high_op": "lt" if condition.get("max_open") else "le",
            "high": _plain(condition.get("max")),
        }
    if isinstance(condition, bool):
        return {"text": "true" if condition else "false"}
    if _is_number(condition):
        return {"low_op": "eq", "low": _plain(condition)}
    if isinstance(condition, list) and condition and all(_is_number(item) for item in condition):
        return {"low_op": "eq", "low": "; ".join(_plain(item) for item in condition)}
    if isinstance(condition, list):
        return {"text": ", ".join(str(item) for item in condition)}
    return {"text": str(condition)}


def _plain(number: Any) -> str:
    return "" if number is None else str(number).replace(".", ",")


def value_from(kind: ValueKind, text: str) -> Any:
    """A stored value out of what was entered.

    Raises:
        CellError: nothing was entered, or it cannot be read.
    """
    said = nfc(text).strip()
    if not said and kind is not ValueKind.LIST:
        raise CellError(gettext_noop("Hãy ghi giá trị."))
    if kind is ValueKind.NUMBER:
        return parse_number(said)
    if kind is ValueKind.NUMBERS:
        return [parse_number(part) for part in _PART.split(said) if part]
    if kind is ValueKind.LIST:
        return [part for part in re.split(r"[\s,;]+", said) if part]
    if kind is ValueKind.JSON:
        return _json_from(said)
    return said


def _json_from(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise CellError(
            gettext_noop("Không đọc được JSON ở dòng %(line)s, cột %(column)s."),
            line=error.lineno,
            column=error.colno,
        ) from error


def parse_case(text: str, columns: Sequence[Column]) -> dict[str, Any]:
    """``length_m=250; object=ferry`` → the case of a test.

    Raises:
        CellError: a part has no ``=``, or names no criterion of the rule.
    """
    known = {column.name: column for column in columns}
    found: dict[str, Any] = {}
    for part in filter(None, _PART.split(nfc(text).strip())):
        name, sign, value = (piece.strip() for piece in part.partition("="))
        if not sign or name not in known:
            raise CellError(
                gettext_noop("“%(part)s”: ghi dạng tiêu chí=giá trị; tiêu chí: %(known)s."),
                part=part,
                known=", ".join(known) or "—",
            )
        found[name] = _said(known[name], value)
    return found


def _said(column: Column, value: str) -> Any:
    if column.kind is ColumnKind.NUMBER:
        return parse_number(value)
    if column.kind is ColumnKind.BOOLEAN:
        return value.casefold() in ("true", "có", "1")
    return value
