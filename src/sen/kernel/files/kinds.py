"""What may be kept as a file: the name and the content must say the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import puremagic
from django.utils.translation import gettext as _

from sen.kernel.errors import InvalidInputError

MAX_BYTES: Final = 100 * 1024**2
HEAD_BYTES: Final = 8192


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file: its extensions, the MIME type under which it is served, what shows it.

    ``magic`` are extensions under which the content is recognised; empty: plain text.
    """

    extensions: tuple[str, ...]
    mime: str
    magic: tuple[str, ...]
    is_image: bool = False


OFFICE: Final = "application/vnd.openxmlformats-officedocument."
KINDS: Final = (
    FileKind((".jpg", ".jpeg"), "image/jpeg", (".jpg", ".jpeg"), is_image=True),
    FileKind((".png",), "image/png", (".png",), is_image=True),
    FileKind((".webp",), "image/webp", (".webp",), is_image=True),
    FileKind((".tif", ".tiff"), "image/tiff", (".tif", ".tiff")),
    FileKind((".pdf",), "application/pdf", (".pdf",)),
    FileKind((".docx",), f"{OFFICE}wordprocessingml.document", (".docx", ".zip")),
    FileKind((".xlsx",), f"{OFFICE}spreadsheetml.sheet", (".xlsx", ".zip")),
    FileKind((".pptx",), f"{OFFICE}presentationml.presentation", (".pptx", ".zip")),
    FileKind((".zip", ".ifczip", ".kmz"), "application/zip", (".zip",)),
    FileKind((".gpkg",), "application/geopackage+sqlite3", (".sqlite", ".db", ".gpkg")),
    FileKind((".dwg",), "image/vnd.dwg", (".dwg",)),
    FileKind((".csv",), "text/csv", ()),
    FileKind((".txt",), "text/plain", ()),
    FileKind((".dxf",), "image/vnd.dxf", ()),
    FileKind((".ifc",), "application/x-step", ()),
    FileKind((".geojson", ".json"), "application/geo+json", ()),
)
BY_EXTENSION: Final = {extension: kind for kind in KINDS for extension in kind.extensions}


def kind_of(name: str, head: bytes) -> FileKind:
    """The kind of a file by its name, confirmed by its first bytes.

    Raises:
        InvalidInputError: the kind is not accepted, or the content is something else.
    """
    extension = "." + name.rpartition(".")[2].lower()
    kind = BY_EXTENSION.get(extension)
    if kind is None:
        known = ", ".join(sorted(BY_EXTENSION))
        raise InvalidInputError(
            {"file": _("Không nhận tệp “%(extension)s”; nhận: %(known)s.")
             % {"extension": extension, "known": known}}
        )  # fmt: skip
    if not _confirmed(kind, head):
        raise InvalidInputError(
            {"file": _("Nội dung tệp không phải là %(extension)s như tên của nó.")
             % {"extension": extension}}
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
