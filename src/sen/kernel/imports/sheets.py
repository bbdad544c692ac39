"""Sheets of workbooks (XLSX, XLS, ODS) as tables."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from sen.kernel.errors import InvalidInputError
from sen.kernel.imports.content import refuse
from sen.kernel.imports.tables import HEADER_WITHIN, MAX_ROWS, Table, from_grid, too_many_rows


def read_sheet(path: Path, layer: str) -> Table:
    """A sheet of a workbook (XLSX, XLS, ODS).

    Raises:
        InvalidInputError: the workbook is damaged or locked, or has no such sheet.
    """
    try:
        with path.open("rb") as file:
            book = CalamineWorkbook.from_filelike(file)
        names = book.sheet_names
        if not names:
            raise refuse(_("Tệp bảng tính không có trang tính nào."))
        if layer and layer not in names:
            raise InvalidInputError(
                {
                    "layer": _("Không có trang tính “%(name)s”; tệp có: %(names)s.")
                    % {"name": layer, "names": ", ".join(names)}
                }
            )
        sheet = layer or names[0]
        cells = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except PasswordError as error:
        raise refuse(_("Bảng tính có mật khẩu; hãy bỏ mật khẩu rồi gửi lại.")) from error
    except (CalamineError, OSError, ValueError) as error:
        raise refuse(_("Tệp bảng tính bị hỏng: %(why)s") % {"why": error}) from error
    if len(cells) > MAX_ROWS + HEADER_WITHIN:
        raise too_many_rows()
    table = from_grid([list(row) for row in cells])
    table.layer, table.layers = sheet, names
    return table
