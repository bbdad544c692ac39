"""What a file really is, whatever its name says, and archives unpacked without harm."""

from __future__ import annotations

import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final

from django.utils.translation import gettext as _

from sen.kernel.errors import InvalidInputError

MAX_UNZIPPED: Final = 2 * 1024**3
#: A spreadsheet is read into memory whole; its XML grows further there.
MAX_SHEET: Final = 400 * 1024**2
#: An archive with more members than this holds something else than data.
MAX_MEMBERS: Final = 5000


class Content(StrEnum):
    SHEET = "sheet"
    ARCHIVE = "archive"
    GEO = "geo"
    SHAPEFILE = "shapefile"
    MAPINFO = "mapinfo"
    GEODATABASE = "geodatabase"
    DXF = "dxf"
    OSM_PBF = "osm-pbf"
    OSM_XML = "osm-xml"
    TEXT = "text"


_MAGIC: Final = (
    (b"SQLite format 3\x00", Content.GEO),
    (b"fgb\x03", Content.GEO),
    (b"\x00\x00\x27\x0a", Content.SHAPEFILE),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Content.SHEET),
)
_MAPINFO: Final = {".tab": b"!table", ".mif": b"versio"}
_DXF_BINARY: Final = b"AutoCAD Binary DXF"
_DXF_TEXT: Final = re.compile(rb"(?:\s*999\s*\r?\n[^\n]*\n)*\s*0\s*\r?\n\s*SECTION\b")
_DWG: Final = re.compile(rb"AC10[0-9]{2}")
#: What a document type can do to a reader: grow without bound, or read other files.
_ENTITIES: Final = re.compile(rb"<!(?:ENTITY|DOCTYPE)", re.IGNORECASE)
_KNOWN: Final = (
    "GeoPackage, Shapefile (zip), FileGDB (zip), GeoJSON, FlatGeobuf, KML/KMZ, MapInfo (zip), DXF, "
    "CSV, XLSX, OSM PBF"
)
#: Members of an archive by which data are recognised, best first.
_MEMBERS: Final = (
    *(".shp", ".gpkg", ".gdb", ".geojson", ".fgb", ".kml", ".tab", ".mif", ".dxf", ".gml"),
    ".json",
)
#: The files of a geodatabase; nothing else of its folder is unpacked.
_GEODATABASE_FILE: Final = re.compile(
    r"(?:a[0-9a-f]{8}\.(?:gdbtable|gdbtablx|gdbindexes|atx|spx|freelist|horizon|cdf|tms)"
    r"|gdb|timestamps)",
    re.IGNORECASE,
)
#: Files that belong to one of another suffix.
_COMPANIONS: Final = {
    ".shp": (".shx", ".dbf", ".prj", ".cpg"),
    ".tab": (".dat", ".map", ".id", ".ind"),
    ".mif": (".mid",),
}


def refuse(text: str) -> InvalidInputError:
    return InvalidInputError({"file": text})


def content_of(path: Path) -> Content:
    """What kind of file this is.

    Raises:
        InvalidInputError: it is empty, damaged, or nothing that is read here.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise refuse(_("Tệp rỗng (0 byte)."))
    if head.startswith(b"PK"):
        return _zipped(path)
    for magic, content in _MAGIC:
        if head.startswith(magic):
            return content
    if b"OSMHeader" in head[:64]:
        return Content.OSM_PBF
    return _textual(head, path)


def _textual(head: bytes, path: Path) -> Content:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<"):
        _check_entities(path)
        return _markup(start)
    if head.startswith(_DXF_BINARY) or _DXF_TEXT.match(start):
        return Content.DXF
    if _DWG.match(head):
        raise refuse(_("Tệp DWG không đọc được ở đây; hãy lưu lại thành DXF rồi gửi lại."))
    if start.startswith(b"{"):
        return Content.GEO
    if start[:6].lower() == _MAPINFO.get(path.suffix.lower()):
        return Content.MAPINFO
    if b"\x00" in head and not looks_like_utf16(head):
        raise refuse(_("Không nhận ra loại tệp; dùng một trong: %(known)s.") % {"known": _KNOWN})
    if start.startswith(b"%PDF"):
        raise refuse(_("Tệp PDF không chứa dữ liệu nhập được; hãy xuất lại thành XLSX hoặc CSV."))
    return Content.TEXT


def _markup(start: bytes) -> Content:
    if b"<osm" in start:
        return Content.OSM_XML
    if b"<kml" in start or b"http://www.opengis.net/gml" in start:
        return Content.GEO
    # Other markup may name further files to be read (GDAL's virtual formats do): not accepted.
    raise refuse(_("Tệp XML này không phải KML, GML hoặc OSM; hãy xuất lại thành GeoPackage."))


def _check_entities(path: Path) -> None:
    """Refuse markup with a document type: entities grow without bound (ASVS 1.5.1)."""
    with path.open("rb") as file:
        start = file.read(64 * 1024)
    if _ENTITIES.search(start.replace(b"\x00", b"")):
        raise refuse(
            _("Tệp XML có khai báo DOCTYPE hoặc ENTITY nên không được nhận; hãy xuất lại.")
        )


def looks_like_utf16(head: bytes) -> bool:
    """By its mark, or by every other byte of plain text being zero."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    sample = head[:400]
    few, many = sorted((sample[0::2].count(0), sample[1::2].count(0)))
    return len(sample) >= 4 and many > len(sample) * 0.3 and few < len(sample) * 0.1


def _zipped(path: Path) -> Content:
    with _archive(path) as archive:
        if len(archive.infolist()) > MAX_MEMBERS:
            raise refuse(_("Tệp nén có quá nhiều tệp bên trong; hãy chỉ nén dữ liệu cần nhập."))
        names = {item.filename for item in archive.infolist()}
        is_sheet = any(name.startswith("xl/") for name in names) or "content.xml" in names
        _check_size(archive, MAX_SHEET if is_sheet else MAX_UNZIPPED)
        if is_sheet:
            _check_whole(archive)
    return Content.SHEET if is_sheet else Content.ARCHIVE


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive; what is wrong with it in words.

    Raises:
        InvalidInputError: it is damaged or locked by a password.
    """
    damaged = _("Tệp nén bị hỏng hoặc chưa tải lên đầy đủ; hãy nén lại và gửi lại.")
    try:
        with zipfile.ZipFile(path) as archive:
            if any(item.flag_bits & 1 for item in archive.infolist()):
                raise refuse(_("Tệp nén có mật khẩu; hãy nén lại không đặt mật khẩu."))
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise refuse(damaged) from error


def _check_size(archive: zipfile.ZipFile, most: int) -> None:
    """Refuse an archive that unpacks to something enormous (ASVS 5.2.3)."""
    if sum(item.file_size for item in archive.infolist()) > most:
        raise refuse(
            _("Tệp nén bung ra quá lớn (hơn %(most)s MB); hãy chia nhỏ.")
            % {"most": most // 1024**2}
        )


def _check_whole(archive: zipfile.ZipFile) -> None:
    """Unpack every member once, unkept: sizes that an archive states may be lies."""
    if archive.testzip() is not None:
        raise zipfile.BadZipFile


@contextmanager
def unpacked(path: Path, member: str = "") -> Iterator[tuple[Path, list[str]]]:
    """The data file of an archive, with those that belong to it, in a folder of its own.

    Yields the file and the names of all data files in the archive. Nothing else is unpacked, and
    under names of ours: names in an archive are neither trusted nor of a known encoding.

    Raises:
        InvalidInputError: it holds no data, lacks ``member``, or is damaged.
    """
    with TemporaryDirectory(prefix="sen-import-") as folder:
        with _archive(path) as archive:
            found = _data_members(archive)
            chosen = _choose(found, member)
            if chosen.lower().endswith(".gdb"):
                yield _take_geodatabase(archive, chosen, Path(folder) / "data.gdb"), found
                return
            target = Path(folder) / f"data{PurePosixPath(chosen).suffix.lower()}"
            _take(archive, chosen, target)
        yield target, found


def _data_members(archive: zipfile.ZipFile) -> list[str]:
    names = [
        item.filename
        for item in archive.infolist()
        if not item.is_dir()
        and not item.filename.startswith("__MACOSX/")
        and not PurePosixPath(item.filename).name.startswith(".")
    ]
    names += sorted({folder for name in names if (folder := _geodatabase_of(name))})
    for suffix in _MEMBERS:
        found = [name for name in names if name.lower().endswith(suffix)]
        if found:
            return sorted(found)
    raise refuse(
        _(
            "Tệp nén không có Shapefile, GeoPackage, FileGDB, GeoJSON, KML, MapInfo hoặc DXF; "
            "bảng CSV, XLSX hãy gửi không nén."
        )
    )


def _choose(found: list[str], asked: str) -> str:
    if not asked or asked in found:
        return asked or found[0]
    raise InvalidInputError(
        {
            "layer": _("Không có lớp “%(name)s”; tệp có: %(names)s.")
            % {"name": asked, "names": ", ".join(found)}
        }
    )


def _geodatabase_of(name: str) -> str:
    """The folder of a geodatabase in which a member lies; empty for other members."""
    folder = PurePosixPath(name).parent
    return str(folder) if folder.suffix.lower() == ".gdb" else ""


def _take_geodatabase(archive: zipfile.ZipFile, chosen: str, target: Path) -> Path:
    target.mkdir()
    for item in archive.infolist():
        name = PurePosixPath(item.filename)
        if str(name.parent) == chosen and _GEODATABASE_FILE.fullmatch(name.name):
            with archive.open(item) as source, (target / name.name.lower()).open("wb") as copy:
                shutil.copyfileobj(source, copy, 1024 * 1024)
    return target


def _take(archive: zipfile.ZipFile, chosen: str, target: Path) -> None:
    stem, suffix = chosen[: -len(target.suffix)], target.suffix
    wanted = {stem + other for other in _COMPANIONS.get(suffix, ())}
    by_name = {name.lower(): name for name in archive.namelist()}
    members = {chosen: target}
    for name in wanted:
        if (real := by_name.get(name.lower())) is not None:
            members[real] = target.with_suffix(PurePosixPath(name).suffix)
    if suffix == ".shp" and target.with_suffix(".dbf") not in members.values():
        raise refuse(_("Shapefile thiếu tệp .dbf; hãy nén đủ .shp, .shx, .dbf, .prj."))
    for name, place in members.items():
        with archive.open(name) as source, place.open("wb") as copy:
            shutil.copyfileobj(source, copy, 1024 * 1024)
