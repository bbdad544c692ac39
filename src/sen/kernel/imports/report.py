"""The report of a check for the desk: the rows of the file, with the faults beside each."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from django.utils.translation import gettext as _

from sen.kernel.imports.models import ImportRun
from sen.kernel.imports.tables import Table

#: What a spreadsheet would run when a cell begins with it (OWASP CSV injection).
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def lines(run: ImportRun, table: Table) -> Iterator[tuple[list[Any], dict[str, list[str]]]]:
    """Every faulty row with its cells, and what is wrong by field."""
    by_row: defaultdict[int, dict[str, list[str]]] = defaultdict(dict)
    for fault in run.faults:
        by_row[int(fault["row"])].setdefault(str(fault["field"]), []).append(str(fault["message"]))
    for text in by_row.pop(0, {}).items():
        yield ["", *[""] * len(table.columns)], {text[0]: text[1]}
    for number, cells in zip(table.numbers, table.rows, strict=True):
        if number in by_row:
            yield [number, *cells], by_row[number]


def header(table: Table) -> list[str]:
    return [_("Dòng"), *table.columns, _("Lỗi")]


def fault_text(faults: dict[str, list[str]]) -> str:
    parts = [
        f"{name}: {' '.join(texts)}" if name else " ".join(texts) for name, texts in faults.items()
    ]
    return "\n".join(parts)


def as_csv(run: ImportRun, table: Table) -> bytes:
    """The report as CSV in UTF-8, safe to open in a spreadsheet."""
    buffer = io.StringIO()
    buffer.write("\ufeff")
    writer = csv.writer(buffer)
    writer.writerow([_safe(cell) for cell in header(table)])
    for cells, faults in lines(run, table):
        writer.writerow([*map(_safe, cells), _safe(fault_text(faults))])
    return buffer.getvalue().encode()


def _safe(cell: Any) -> Any:
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return f"'{cell}"
    return cell


def as_xlsx(run: ImportRun, table: Table) -> bytes:
    """The report as a workbook: faults in a last column, coloured, the file's cells as text."""
    import xlsxwriter  # heavy, and few ask for files

    buffer = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        head = book.add_format({"bold": True, "bg_color": "#E4F0EE", "text_wrap": True})
        wrong = book.add_format({"bg_color": "#FDEBE8", "text_wrap": True})
        sheet = book.add_worksheet(_("Lỗi"))
        sheet.freeze_panes(1, 1)
        titles = header(table)
        sheet.set_column(0, len(titles) - 2, 16)
        sheet.set_column(len(titles) - 1, len(titles) - 1, 70)
        for place, title in enumerate(titles):
            sheet.write_string(0, place, title, head)
        for line, (cells, faults) in enumerate(lines(run, table), 1):
            for place, cell in enumerate(cells):
                if isinstance(cell, int | float) and not isinstance(cell, bool):
                    sheet.write_number(line, place, cell)
                elif cell is not None:
                    sheet.write_string(line, place, str(cell)[:32_000])
            sheet.write_string(line, len(titles) - 1, fault_text(faults)[:32_000], wrong)
    return buffer.getvalue()
