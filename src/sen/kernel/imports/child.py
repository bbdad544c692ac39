"""The process in which a foreign file is read: it has limits, no network, and is thrown away.

Native readers (GDAL, osmium, spreadsheets) meet files that were made to break them. Whatever
happens to this process, the one that asked only learns that the file cannot be read.

    python -m sen.kernel.imports.child   ← {"path", "layer", "tags", "shapes", "language", "out"}
"""

from __future__ import annotations

import datetime as dt
import json
import resource
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import msgspec

LOCALES: Final = Path(__file__).resolve().parents[1] / "locale"
#: What a cell may be beyond text and numbers, by the code under which it travels.
_KINDS: Final[dict[int, type[Any]]] = {1: dt.datetime, 2: dt.date, 3: dt.time}
_DURATION: Final = 4
_DECIMAL: Final = 5
REFUSED: Final = 3


def pack(cell: Any) -> Any:
    """A cell as MessagePack holds it."""
    if isinstance(cell, bool | int | float | str | dict) or cell is None:
        return cell
    for code, kind in _KINDS.items():
        if isinstance(cell, kind):
            return msgspec.msgpack.Ext(code, cell.isoformat().encode())
    if isinstance(cell, dt.timedelta):
        return msgspec.msgpack.Ext(_DURATION, str(cell.total_seconds()).encode())
    if isinstance(cell, Decimal):
        return msgspec.msgpack.Ext(_DECIMAL, str(cell).encode())
    return str(cell)


def unpack(code: int, content: memoryview) -> Any:
    """The cell again."""
    text = bytes(content).decode()
    if code == _DURATION:
        return dt.timedelta(seconds=float(text))
    return Decimal(text) if code == _DECIMAL else _KINDS[code].fromisoformat(text)


def limit(memory_bytes: int, seconds: int, file_bytes: int) -> None:
    """Bound what this process may use; it cannot raise the bounds again."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> int:
    asked = json.load(sys.stdin)
    limit(asked["memory"], asked["seconds"], asked["file"])
    from django.apps import apps
    from django.conf import settings
    from django.utils import translation

    settings.configure(
        USE_I18N=True, LANGUAGE_CODE="vi", LOCALE_PATHS=[str(LOCALES)], INSTALLED_APPS=[]
    )
    apps.populate(())  # texts are not looked up before
    translation.activate(asked["language"])
    from sen.kernel.errors import InvalidInputError
    from sen.kernel.imports.files import read_file

    try:
        table = read_file(
            Path(asked["path"]), asked["layer"], tags=asked["tags"], shapes=set(asked["shapes"])
        )
    except InvalidInputError as error:
        json.dump(error.fields, sys.stdout)
        return REFUSED
    content = msgspec.msgpack.encode(
        {
            "columns": table.columns,
            "rows": [[pack(cell) for cell in row] for row in table.rows],
            "numbers": table.numbers,
            "shapes": table.shapes,
            "srid": table.srid,
            "crs": table.crs,
            "layer": table.layer,
            "layers": table.layers,
            "notes": table.notes,
        }
    )
    Path(asked["out"]).write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
