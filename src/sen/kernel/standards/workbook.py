"""A standard as an Excel template: headings that the import knows, lists to choose from."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final

from django.utils.translation import gettext as _

from sen.kernel.imports.importer import FieldKind
from sen.kernel.standards.standard import Standard, StandardField

#: Rows of the template in which cells can be chosen from a list.
LISTED_ROWS: Final = 2_000
#: Columns of coordinates, for a template of points.
PLACE: Final = ("lon", "lat")


def template(standard: Standard) -> bytes:
    """An empty table with a second sheet that explains each field and a third of code lists."""
    # Half a second to import, for the few who download a template.
    import xlsxwriter

    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"title": standard.title, "comments": standard.help})
    bold = {"bold": True, "text_wrap": True, "valign": "top", "border": 1}
    formats = {
        "needed": book.add_format(bold | {"bg_color": "#f7d5e0"}),
        "optional": book.add_format(bold | {"bg_color": "#eef2f1"}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        "text": book.add_format({"num_format": "@"}),
        "date": book.add_format({"num_format": "dd/mm/yyyy"}),
    }
    sheet = book.add_worksheet(_("Dữ liệu"))
    explained = book.add_worksheet(_("Giải thích"))
    lists = book.add_worksheet(_("Danh mục"))
    _table(sheet, standard, formats, _lists(lists, standard, formats))
    _explain(explained, standard, formats)
    book.close()
    return buffer.getvalue()


def _lists(sheet: Any, standard: Standard, formats: dict[str, Any]) -> dict[str, str]:
    """Write the code lists; returns the range of words of each field."""
    found: dict[str, str] = {}
    column = 0
    for field in standard.fields:
        if not field.codes:
            continue
        sheet.write_string(0, column, field.label, formats["optional"])
        sheet.write_string(0, column + 1, _("Mã"), formats["optional"])
        for row, (code, said) in enumerate(field.codes.items(), start=1):
            sheet.write_string(row, column, said)
            sheet.write_string(row, column + 1, code)
        letter = _letter(column)
        found[field.name] = f"='{sheet.get_name()}'!${letter}$2:${letter}${len(field.codes) + 1}"
        sheet.set_column(column, column, 34)
        column += 2
    return found


def _letter(column: int) -> str:
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def _table(sheet: Any, standard: Standard, formats: dict[str, Any], ranges: dict[str, str]) -> None:
    sheet.freeze_panes(1, 0)
    for column, field in enumerate(standard.fields):
        look = formats["needed" if field.required else "optional"]
        sheet.write_string(0, column, field.header, look)
        cells = {FieldKind.DATE: "date", FieldKind.TEXT: "text", FieldKind.KM: "text"}
        width = max(14, min(40, len(field.header) + 2))
        sheet.set_column(column, column, width, formats.get(cells.get(field.kind, "")))
        if field.help:
            sheet.write_comment(0, column, field.help, {"x_scale": 2})
        if field.name in ranges:
            choice = {"validate": "list", "source": ranges[field.name], "ignore_blank": True}
            sheet.data_validation(1, column, LISTED_ROWS, column, choice)
    if "point" in standard.shapes:
        for offset, name in enumerate(PLACE):
            look = formats["needed" if standard.shape_required else "optional"]
            sheet.write_string(0, len(standard.fields) + offset, name, look)


def _explain(sheet: Any, standard: Standard, formats: dict[str, Any]) -> None:
    heads = (_("Trường"), _("Tên cột"), _("Kiểu"), _("Bắt buộc"), _("Đơn vị"), _("Ví dụ"))
    for column, head in enumerate((*heads, _("Giải thích"))):
        sheet.write_string(0, column, head, formats["optional"])
    for row, field in enumerate(standard.fields, start=1):
        cells = (field.name, field.header, kind_name(field), _("có") if field.required else "")
        for column, text in enumerate((*cells, field.unit, field.example, field.help)):
            sheet.write_string(row, column, text, formats["wrap"])
    sheet.set_column(0, 5, 20)
    sheet.set_column(6, 6, 70)
    sheet.freeze_panes(1, 0)


def kind_name(field: StandardField) -> str:
    """The type in words."""
    return {
        FieldKind.TEXT: _("Chữ"),
        FieldKind.INTEGER: _("Số nguyên"),
        FieldKind.NUMBER: _("Số"),
        FieldKind.DATE: _("Ngày"),
        FieldKind.MOMENT: _("Ngày giờ"),
        FieldKind.BOOLEAN: _("Có/không"),
        FieldKind.CHOICE: _("Chọn trong danh mục"),
        FieldKind.KM: _("Lý trình"),
        FieldKind.LIST: _("Danh sách, cách nhau bằng dấu phẩy"),
    }[field.kind]
