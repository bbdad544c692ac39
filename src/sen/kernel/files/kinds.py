"""What may be kept as a file: the name and the content must say the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import puremagic
from django.utils.translation import gettext as _

from sen.kernel.errors import InvalidInputError

MEGABYTE: Final = 1024**2
HEAD_BYTES: Final = 8192


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file: its extensions, the MIME type under which it is served, what shows it.

    ``magic`` are extensions under which the content is recognised; empty: plain text.
    ``inspection`` names the check that the content must pass before anybody may open it.
    """

    extensions: tuple[str, ...]
    mime: str
    magic: tuple[str, ...]
    is_image: bool = False
    most_mb: int = 100
    inspection: str = ""

    @property
    def max_bytes(self) -> int:
        return self.most_mb * MEGABYTE


OFFICE: Final = "application/vnd.openxmlformats-officedocument."
KINDS: Final = (
    FileKind((".jpg", ".jpeg"), "image/jpeg", (".jpg", ".jpeg"), is_image=True, most_mb=50),
    FileKind((".png",), "image/png", (".png",), is_image=True, most_mb=50),
    FileKind((".webp",), "image/webp", (".webp",), is_image=True, most_mb=50),
    FileKind((".tif", ".tiff"), "image/tiff", (".tif", ".tiff"), most_mb=400),
    FileKind((".pdf",), "application/pdf", (".pdf",), most_mb=400, inspection="pdf"),
    FileKind(
        (".docx",),
        f"{OFFICE}wordprocessingml.document",
        (".docx", ".zip"),
        inspection="office",
    ),
    FileKind((".xlsx",), f"{OFFICE}spreadsheetml.sheet", (".xlsx", ".zip"), inspection="office"),
    FileKind(
        (".pptx",),
        f"{OFFICE}presentationml.presentation",
        (".pptx", ".zip"),
        inspection="office",
    ),
    FileKind(
        (".zip", ".ifczip", ".kmz"), "application/zip", (".zip",), most_mb=1024, inspection="zip"
    ),
    FileKind(
        (".gpkg",), "application/geopackage+sqlite3", (".sqlite", ".db", ".gpkg"), most_mb=1024
    ),
    FileKind((".dwg",), "image/vnd.dwg", (".dwg",), most_mb=200),
    FileKind((".csv",), "text/csv", ()),
    FileKind((".txt",), "text/plain", ()),
    FileKind((".dxf",), "image/vnd.dxf", (), most_mb=200),
    FileKind((".ifc",), "application/x-step", (), most_mb=1024),
    FileKind((".geojson", ".json"), "application/geo+json", (), most_mb=400),
)
BY_EXTENSION: Final = {extension: kind for kind in KINDS for extension in kind.extensions}
BY_MIME: Final = {kind.mime: kind for kind in KINDS}


def named_kind(name: str) -> FileKind:
    """The kind that a file's name promises.

    Raises:
        InvalidInputError: the kind is not accepted.
    """
    extension = "." + name.rpartition(".")[2].lower()
    kind = BY_EXTENSION.get(extension)
    if kind is None:
        known = ", ".join(sorted(BY_EXTENSION))
        raise InvalidInputError(
            {"file": _("Không nhận tệp “%(extension)s”; nhận: %(known)s.")
             % {"extension": extension, "known": known}}
        )  # fmt: skip
    return kind


def kind_of(name: str, head: bytes) -> FileKind:
    """The kind of a file by its name, confirmed by its first bytes.

    Raises:
        InvalidInputError: the kind is not accepted, or the content is something else.
    """
    kind = named_kind(name)
    if not _confirmed(kind, head):
        raise InvalidInputError(
            {"file": _("Nội dung tệp không phải là %(extension)s như tên của nó.")
             % {"extension": kind.extensions[0]}}
        )  # fmt: skip
    return kind


def _confirmed(kind: FileKind, head: bytes) -> bool:
    if not kind.magic:
        return b"\x00" not in head
    try:
        found = {match.extension.lower() for match in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):
        return False
    return bool(found & set(kind.magic))
