"""Any accepted file as a table, read by a process of its own that a bad file may break."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sen.kernel.errors import InvalidInputError
from sen.kernel.imports import osm
from sen.kernel.imports.child import REFUSED, unpack
from sen.kernel.imports.content import MAX_UNZIPPED, Content, content_of, refuse
from sen.kernel.imports.importer import Importer
from sen.kernel.imports.tables import Table, read_csv

#: What the reading process may use.
MEMORY_BYTES: Final = 4 * 1024**3
SECONDS: Final = 300
#: Plain text up to this size is read here: no native code looks at it.
SMALL_TEXT: Final = 4 * 1024**2


class _Sent(msgspec.Struct):
    """A table as it comes from the reading process; nothing in it is trusted to be code."""

    columns: list[str]
    rows: list[list[object]]
    numbers: list[int]
    shapes: list[bytes | None]
    srid: int | None
    crs: str
    layer: str
    layers: list[str]
    notes: list[str]


def read_table(
    path: Path, importer: Importer, *, layer: str = "", kept: Path | None = None
) -> Table:
    """Read a file by what it is. ``kept`` is where the table stays for the next step.

    Raises:
        InvalidInputError: the file is of no known kind, empty, damaged or too large.
    """
    content = content_of(path)
    if content in (Content.OSM_PBF, Content.OSM_XML) and not importer.osm_tags:
        raise refuse(_("Loại dữ liệu này không nhập được từ tệp OpenStreetMap."))
    if content is Content.TEXT and path.stat().st_size <= SMALL_TEXT:
        table = read_csv(path)
    else:
        table = _elsewhere(path, importer, layer, kept)
    if content in (Content.OSM_PBF, Content.OSM_XML):
        table = osm.as_table(table, importer)
    if not table.rows:
        raise refuse(_("Tệp không có dòng dữ liệu nào."))
    return table


def _elsewhere(path: Path, importer: Importer, layer: str, kept: Path | None) -> Table:
    if kept is not None and kept.is_file():
        return _received(kept.read_bytes())
    with TemporaryDirectory(prefix="sen-import-") as folder:
        out = Path(folder) / "table"
        _run(path, importer, layer, out)
        content = out.read_bytes()
        table = _received(content)
        if kept is not None:
            part = kept.with_suffix(".part")
            part.write_bytes(content)
            part.replace(kept)
        return table


def _run(path: Path, importer: Importer, layer: str, out: Path) -> None:
    asked = {
        "path": str(path.resolve()),
        "layer": layer,
        "tags": {key: list(values) for key, values in importer.osm_tags.items()},
        "shapes": sorted(importer.shapes),
        "language": get_language() or "vi",
        "out": str(out),
        "memory": MEMORY_BYTES,
        "seconds": SECONDS,
        "file": 2 * MAX_UNZIPPED,
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "sen.kernel.imports.child"],
            input=json.dumps(asked).encode(),
            capture_output=True,
            timeout=2 * SECONDS,
            check=False,
            cwd=out.parent,
        )
    except subprocess.TimeoutExpired as error:
        raise refuse(_("Đọc tệp quá lâu; hãy chia nhỏ tệp.")) from error
    if done.returncode == REFUSED:
        raise InvalidInputError({str(k): list(v) for k, v in json.loads(done.stdout).items()})
    if done.returncode != 0 or not out.is_file():
        raise refuse(_why(done.returncode, done.stderr.decode(errors="replace")))


def _why(code: int, said: str) -> str:
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return _("Đọc tệp quá lâu hoặc tốn quá nhiều bộ nhớ; hãy chia nhỏ tệp.")
    if "MemoryError" in said or "bad_alloc" in said or "Cannot allocate" in said:
        return _("Tệp cần quá nhiều bộ nhớ để đọc; hãy chia nhỏ tệp.")
    return _("Không đọc được tệp: tệp bị hỏng hoặc không đúng định dạng.")


def _received(content: bytes) -> Table:
    sent = msgspec.msgpack.Decoder(_Sent, ext_hook=unpack).decode(content)
    return Table(
        sent.columns,
        sent.rows,
        sent.numbers,
        sent.shapes,
        sent.srid,
        sent.crs,
        sent.layer,
        sent.layers,
        sent.notes,
    )
