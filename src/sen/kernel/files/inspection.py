"""What a document may do to whoever opens it, found without opening it.

``python -m sen.kernel.files.inspection PATH KIND`` writes ``{"faults": [...], "facts": {...}}``;
run it through :mod:`sen.kernel.files.confined`. No Django here.
"""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

import pikepdf

#: An archive that unpacks to more than this, or to so many times its size, is a bomb.
UNPACKED_BYTES: Final = 8 * 1024**3
RATIO: Final = 200
RATIO_FROM_BYTES: Final = 50 * 1024**2
MOST_ENTRIES: Final = 50_000
MOST_OBJECTS: Final = 2_000_000
PROGRAMS: Final = frozenset(
    {".exe", ".dll", ".scr", ".com", ".bat", ".cmd", ".ps1", ".vbs", ".js", ".jar", ".msi", ".lnk"}
    | {".hta", ".sh", ".apk"}
)


@dataclass(slots=True)
class Findings:
    """Codes of what is wrong, and plain facts worth keeping."""

    faults: set[str] = field(default_factory=set)
    facts: dict[str, Any] = field(default_factory=dict)


def inspect_pdf(path: Path) -> Findings:
    """Scripts, programs, files inside, media, dynamic forms; the number of pages."""
    found = Findings()
    try:
        with pikepdf.open(path) as pdf:
            if pdf.is_encrypted:
                found.faults.add("pdf.encrypted")
            found.facts |= {"pages": len(pdf.pages), "pdf_version": str(pdf.pdf_version)}
            names = pdf.Root.get("/Names", pikepdf.Dictionary())
            if "/JavaScript" in names:
                found.faults.add("pdf.javascript")
            if "/EmbeddedFiles" in names:
                found.faults.add("pdf.embedded")
            form = pdf.Root.get("/AcroForm", pikepdf.Dictionary())
            if "/XFA" in form:
                found.faults.add("pdf.xfa")
            for number, item in enumerate(pdf.objects):
                if number > MOST_OBJECTS:
                    found.faults.add("pdf.huge")
                    break
                found.faults |= set(_of_object(item))
    except pikepdf.PasswordError:
        found.faults.add("pdf.encrypted")
    except (pikepdf.PdfError, RuntimeError, ValueError, KeyError, TypeError):
        found.faults.add("pdf.broken")
    return found


_ACTIONS: Final = {
    "/JavaScript": "pdf.javascript",
    "/Launch": "pdf.launch",
    "/ImportData": "pdf.launch",
    "/RichMediaExecute": "pdf.media",
}
_ANNOTATIONS: Final = {
    "/RichMedia": "pdf.media",
    "/Movie": "pdf.media",
    "/Screen": "pdf.media",
    "/3D": "pdf.media",
    "/FileAttachment": "pdf.embedded",
}


def _of_object(item: Any) -> Iterator[str]:
    """Faults of one object, and of dictionaries that stand directly inside it."""
    if not isinstance(item, (pikepdf.Dictionary, pikepdf.Stream)):
        return
    waiting: list[tuple[Any, int]] = [(item, 0)]
    while waiting:
        node, depth = waiting.pop()
        if isinstance(node, (pikepdf.Dictionary, pikepdf.Stream)):
            yield from _of_dictionary(node)
            children = [value for _key, value in node.items()]
        else:
            children = list(node)
        if depth < 6:
            waiting += [
                (child, depth + 1)
                for child in children
                if isinstance(child, (pikepdf.Dictionary, pikepdf.Array)) and not child.is_indirect
            ]


def _of_dictionary(node: Any) -> Iterator[str]:
    action = node.get("/S")
    if isinstance(action, pikepdf.Name) and str(action) in _ACTIONS:
        yield _ACTIONS[str(action)]
    if "/JS" in node:
        yield "pdf.javascript"
    kind = node.get("/Subtype")
    if isinstance(kind, pikepdf.Name) and str(kind) in _ANNOTATIONS and "/Rect" in node:
        yield _ANNOTATIONS[str(kind)]
    if str(node.get("/Type", "")) == "/EmbeddedFile":
        yield "pdf.embedded"


def inspect_zip(path: Path) -> Findings:
    """Bombs, passwords, paths that leave the folder, programs."""
    found = Findings()
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
        return Findings({"zip.broken"})
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(path.stat().st_size, 1)
    if (
        len(entries) > MOST_ENTRIES
        or unpacked > UNPACKED_BYTES
        or (unpacked > RATIO_FROM_BYTES and unpacked / packed > RATIO)
    ):
        found.faults.add("zip.bomb")
    for entry in entries:
        name = PurePosixPath(entry.filename.replace("\\", "/"))
        if entry.flag_bits & 1:
            found.faults.add("zip.encrypted")
        if name.is_absolute() or ".." in name.parts or ":" in entry.filename:
            found.faults.add("zip.path")
        if name.suffix.lower() in PROGRAMS:
            found.faults.add("zip.program")
    found.facts |= {"entries": len(entries), "unpacked_bytes": unpacked}
    return found


#: Parts of an Office file → what their presence means.
_OFFICE_PARTS: Final = {
    "vbaproject.bin": "office.macros",
    "vbadata.xml": "office.macros",
    "macrosheets/": "office.macros",
    "activex/": "office.activex",
    "embeddings/": "office.embedded",
}
#: Endings of part names, bytes inside them → what these mean.
_OFFICE_SIGNS: Final = (
    ("[content_types].xml", b"macroEnabled", "office.macros"),
    ("settings.xml.rels", b'TargetMode="External"', "office.external"),
)
SMALL_BYTES: Final = 5 * 1024**2


def inspect_office(path: Path) -> Findings:
    """Macros, ActiveX, files inside, templates fetched from elsewhere."""
    found = inspect_zip(path)
    found.faults = {fault.replace("zip.broken", "office.broken") for fault in found.faults}
    if found.faults:
        return found
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            name = entry.filename.lower()
            found.faults |= {fault for part, fault in _OFFICE_PARTS.items() if part in name}
            for ending, sign, fault in _OFFICE_SIGNS:
                if (
                    name.endswith(ending)
                    and entry.file_size < SMALL_BYTES
                    and sign in archive.read(entry)
                ):
                    found.faults.add(fault)
    return found


INSPECTIONS: Final[dict[str, Callable[[Path], Findings]]] = {
    "pdf": inspect_pdf,
    "office": inspect_office,
    "zip": inspect_zip,
}


def main() -> None:
    path, kind = sys.argv[1:]
    found = INSPECTIONS[kind](Path(path))
    sys.stdout.write(json.dumps({"faults": sorted(found.faults), "facts": found.facts}))


if __name__ == "__main__":
    main()
