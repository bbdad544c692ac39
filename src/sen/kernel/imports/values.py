"""Cells into typed values, with an error for each that cannot be understood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from django.utils.translation import gettext as _

from sen.kernel.imports.importer import FieldKind, Importer, ImportField
from sen.lib.chainage import Chainage, parse_chainage
from sen.lib.errors import InputError
from sen.lib.text import fold
from sen.lib.units import parse_date, parse_number

TRUE: Final = frozenset({"1", "co", "true", "yes", "x", "dung"})
#: What a spreadsheet shows where a formula failed.
FORMULA_ERRORS: Final = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"}
)
#: Kinds of which a column holds few different texts.
REPEATING: Final = frozenset({FieldKind.CHOICE, FieldKind.BOOLEAN, FieldKind.DATE})
MOST_REMEMBERED: Final = 10_000
FALSE: Final = frozenset({"0", "khong", "false", "no", "sai"})


class CellError(ValueError):
    """A cell that is no value of its field; the text says what is expected."""


def convert(item: ImportField, cell: Any) -> Any:
    """The typed value of a cell, None for an empty one.

    Raises:
        CellError: it cannot be understood, or a required cell is empty.
    """
    if is_blank(cell):
        if item.required:
            raise CellError(_("Ô bắt buộc đang trống."))
        return None
    if isinstance(cell, str):
        _check_text(cell)
    try:
        return _CONVERTERS[item.kind](item, cell)
    except InputError as error:
        raise CellError(_(error.template) % error.params) from error
    except CellError:
        raise
    except (ValueError, ArithmeticError) as error:
        raise CellError(_("Không hiểu được giá trị này.")) from error


def converter(item: ImportField, said: Mapping[str, str]) -> Callable[[Any], Any]:
    """:func:`convert` for the cells of one column, which hold few texts many times each.

    ``said`` is text of the file → what a person chose for it.
    """
    chosen = {fold(text): value for text, value in said.items()}
    known: dict[str, Any] = {}

    def one(cell: Any) -> Any:
        if chosen and not is_blank(cell):
            cell = chosen.get(fold(_plain_text(cell)), cell)
        return convert(item, cell)

    if item.kind not in REPEATING:
        return one if chosen else lambda cell: convert(item, cell)

    def remembered(cell: Any) -> Any:
        if not isinstance(cell, str):
            return one(cell)
        if cell not in known:
            value = one(cell)
            if len(known) < MOST_REMEMBERED:
                known[cell] = value
            return value
        return known[cell]

    return remembered


def _plain_text(cell: Any) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def cell_text(cell: Any) -> str:
    """A cell as a person expects to see it: whole numbers whole, dates as they are written here."""
    if isinstance(cell, datetime) and cell.time() != time.min:
        return f"{cell:%H:%M %d/%m/%Y}"
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    return "" if cell is None else _plain_text(cell)


def unknown_texts(item: ImportField, cells: Iterable[Any]) -> list[tuple[str, int]]:
    """Texts of a column of choices that are none of them, with how often; the frequent first."""
    counts = Counter(_plain_text(cell).strip() for cell in cells if not is_blank(cell))
    found: list[tuple[str, int]] = []
    for text, count in counts.most_common(MOST_REMEMBERED):
        try:
            convert(item, text)
        except CellError:
            found.append((text, count))
    return found


def is_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _check_text(cell: str) -> None:
    if cell.strip() in FORMULA_ERRORS:
        raise CellError(_("Công thức trong ô này bị lỗi; hãy sửa trong bảng tính."))
    if "\x00" in cell or "\ufffd" in cell:
        raise CellError(_("Ô có ký tự hỏng; hãy lưu lại tệp theo bảng mã UTF-8."))


def _text(item: ImportField, cell: Any) -> str:
    if isinstance(cell, (date, time, timedelta)):
        raise CellError(
            _("Bảng tính đã đổi ô này thành ngày giờ; hãy định dạng cột là Văn bản và gõ lại.")
        )
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))  # spreadsheets turn codes into numbers
    text = " ".join(str(cell).split())
    if item.longest and len(text) > item.longest:
        raise CellError(_("Dài quá %(most)s ký tự.") % {"most": item.longest})
    return text


def _number(_item: ImportField, cell: Any) -> Decimal:
    if isinstance(cell, (bool, date, time, timedelta)):
        raise CellError(_("Cần một số."))
    if isinstance(cell, (int, float)):
        value = Decimal(repr(cell))
        if not value.is_finite():
            raise CellError(_("Cần một số."))
        return value
    return Decimal(str(parse_number(str(cell))))


def _integer(item: ImportField, cell: Any) -> int:
    value = _number(item, cell)
    if value != value.to_integral_value():
        raise CellError(_("Cần một số nguyên."))
    return int(value)


def _date(_item: ImportField, cell: Any) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = str(cell).strip()
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return parse_date(text)


def _moment(_item: ImportField, cell: Any) -> datetime:
    """A date with a time; without a zone it is left to the importer which one is meant."""
    if isinstance(cell, datetime):
        return cell
    text = str(cell).strip()
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        day, _sep, clock = text.partition(" ")
        return datetime.combine(parse_date(day), time.fromisoformat(clock.strip() or "00:00"))


def _boolean(_item: ImportField, cell: Any) -> bool:
    if isinstance(cell, bool):
        return cell
    text = fold(str(int(cell)) if isinstance(cell, float) else str(cell))
    if text in TRUE or text in FALSE:
        return text in TRUE
    raise CellError(_("Cần “có” hoặc “không”."))


#: A column of choices holds few texts, many times each.
_folded: Final = lru_cache(maxsize=10_000)(fold)


def _choice(item: ImportField, cell: Any) -> str:
    asked = _folded(_text(item, cell))
    for value, label in item.choices.items():
        if asked in (_folded(value), _folded(str(label))):
            return value
    for spelling, value in item.synonyms.items():
        if asked == _folded(spelling):
            return value
    known = ", ".join(str(label) for label in item.choices.values())
    raise CellError(_("Không có giá trị này; chọn một trong: %(known)s.") % {"known": known})


def _km(_item: ImportField, cell: Any) -> float:
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return Chainage(float(cell)).metres
    return parse_chainage(str(cell)).metres


def _list(item: ImportField, cell: Any) -> list[str]:
    return [part.strip() for part in _text(item, cell).replace(";", ",").split(",") if part.strip()]


_CONVERTERS: dict[FieldKind, Callable[[ImportField, Any], Any]] = {
    FieldKind.TEXT: _text,
    FieldKind.INTEGER: _integer,
    FieldKind.NUMBER: _number,
    FieldKind.DATE: _date,
    FieldKind.MOMENT: _moment,
    FieldKind.BOOLEAN: _boolean,
    FieldKind.CHOICE: _choice,
    FieldKind.KM: _km,
    FieldKind.LIST: _list,
}


def guess_mapping(importer: Importer, columns: list[str]) -> dict[str, str]:
    """Field name → column of the file, by name, label or alias, without diacritics or units."""
    by_fold = {header_key(column): column for column in reversed(columns)}
    found: dict[str, str] = {}
    for item in importer.fields:
        for name in (item.name, str(item.label), *item.aliases):
            column = by_fold.get(header_key(name))
            if column is not None:
                found[item.name] = column
                break
    return found


def header_key(text: str) -> str:
    """``Chiều dài (m)`` and ``chieu_dai`` are one header."""
    return fold(text.partition("(")[0].replace("_", " ")).replace(" ", "")


def checked_mapping(
    importer: Importer, columns: list[str], given: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """The guessed mapping with the given one over it, and what is wrong with it."""
    mapping = guess_mapping(importer, columns)
    problems: list[str] = []
    for name, column in given.items():
        if importer.field_named(name) is None:
            known = ", ".join(item.name for item in importer.fields)
            problems.append(
                _("Không có trường “%(name)s”; các trường: %(known)s.")
                % {"name": name, "known": known}
            )
        elif not column:
            mapping.pop(name, None)
        elif column not in columns:
            problems.append(
                _("Tệp không có cột “%(column)s”; các cột: %(known)s.")
                % {"column": column, "known": ", ".join(columns)}
            )
        else:
            mapping[name] = column
    problems += [
        _("Chưa có cột cho trường bắt buộc “%(label)s” (%(name)s).")
        % {"label": item.label, "name": item.name}
        for item in importer.fields
        if item.required and item.name not in mapping
    ]
    return mapping, problems
