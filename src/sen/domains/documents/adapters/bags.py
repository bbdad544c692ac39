"""Archive packages: a dossier as a BagIt bag in a zip file, written and verified.

Source:
    RFC 8493 (BagIt 1.0); METS 1.12; tt-02-2019-bnv for the names of the national fields
    (recalled: «cần xác minh»)
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Final
from xml.etree import ElementTree as ET

from django.utils.translation import gettext as _

VERSION: Final = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
CHUNK: Final = 1024**2
MOST_FILES: Final = 20_000
METS: Final = "http://www.loc.gov/METS/"
XLINK: Final = "http://www.w3.org/1999/xlink"
ET.register_namespace("mets", METS)
ET.register_namespace("xlink", XLINK)


class BagError(ValueError):
    """The package is not what it says; the text says where."""


@dataclass(frozen=True, slots=True)
class BagFile:
    """One content of a package, and what is known of the document to which it belongs."""

    path: str
    sha256: str
    size: int
    mime: str
    part: str
    metadata: Mapping[str, str]


@dataclass(slots=True)
class Bag:
    """What a package says of itself."""

    metadata: dict[str, str] = field(default_factory=dict)
    files: list[BagFile] = field(default_factory=list)


def write_bag(
    target: IO[bytes],
    *,
    name: str,
    metadata: Mapping[str, str],
    parts: Mapping[str, str],
    files: Iterable[tuple[BagFile, IO[bytes]]],
) -> str:
    """Write a package; the contents are read once and their hashes compared on the way.

    Returns:
        The SHA-256 of the manifest: it stands for every content.

    Raises:
        BagError: a content is not what its hash says.
    """
    manifest: dict[str, str] = {}
    listed: list[BagFile] = []
    octets = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for item, stream in files:
            found = _copy(archive, f"{name}/data/{item.path}", stream)
            if found != item.sha256:
                raise BagError(f"{item.path}: {found} instead of {item.sha256}")
            manifest[f"data/{item.path}"] = found
            listed.append(item)
            octets += item.size
        for path, text in (
            ("data/metadata/mets.xml", mets(metadata, parts, listed)),
            ("data/metadata/ho-so.xml", national(metadata, parts, listed)),
        ):
            archive.writestr(f"{name}/{path}", text)
            manifest[path] = hashlib.sha256(text).hexdigest()
            octets += len(text)
        tags = {
            "bagit.txt": VERSION,
            "bag-info.txt": _info(metadata, octets, len(manifest)),
            "manifest-sha256.txt": _lines(manifest),
        }
        for path, content in tags.items():
            archive.writestr(f"{name}/{path}", content)
        hashes = {path: hashlib.sha256(content).hexdigest() for path, content in tags.items()}
        archive.writestr(f"{name}/tagmanifest-sha256.txt", _lines(hashes))
    return hashes["manifest-sha256.txt"]


def _copy(archive: zipfile.ZipFile, path: str, stream: IO[bytes]) -> str:
    digest = hashlib.sha256()
    with archive.open(path, "w", force_zip64=True) as entry:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            entry.write(chunk)
    return digest.hexdigest()


def _lines(hashes: Mapping[str, str]) -> bytes:
    return "".join(
        f"{sha256}  {_escaped(path)}\n" for path, sha256 in sorted(hashes.items())
    ).encode()


def _escaped(path: str) -> str:
    return path.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")


def _plain(path: str) -> str:
    return path.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def _info(metadata: Mapping[str, str], octets: int, count: int) -> bytes:
    said = {
        "Source-Organization": metadata.get("organisation", ""),
        "External-Identifier": metadata.get("code", ""),
        "External-Description": metadata.get("title", ""),
        "Bagging-Date": datetime.now(UTC).date().isoformat(),
        "Payload-Oxum": f"{octets}.{count}",
        "Bag-Software-Agent": "Sen",
    }
    return "".join(f"{key}: {value}\n" for key, value in said.items() if value).encode()


def mets(metadata: Mapping[str, str], parts: Mapping[str, str], files: list[BagFile]) -> bytes:
    """The structure: parts of the dossier, documents in them, the file of each with its hash."""
    root = ET.Element(
        f"{{{METS}}}mets",
        {"OBJID": metadata.get("code", ""), "LABEL": metadata.get("title", ""), "TYPE": "dossier"},
    )
    header = ET.SubElement(root, f"{{{METS}}}metsHdr", {"CREATEDATE": _now()})
    agent = ET.SubElement(header, f"{{{METS}}}agent", {"ROLE": "ARCHIVIST", "TYPE": "ORGANIZATION"})
    ET.SubElement(agent, f"{{{METS}}}name").text = metadata.get("organisation", "")
    _described(root, "dossier", metadata)
    for number, item in enumerate(files, 1):
        _described(root, f"document-{number}", item.metadata)
    section = ET.SubElement(root, f"{{{METS}}}fileSec")
    group = ET.SubElement(section, f"{{{METS}}}fileGrp", {"USE": "original"})
    for number, item in enumerate(files, 1):
        entry = ET.SubElement(
            group,
            f"{{{METS}}}file",
            {
                "ID": f"file-{number}",
                "MIMETYPE": item.mime,
                "SIZE": str(item.size),
                "CHECKSUM": item.sha256,
                "CHECKSUMTYPE": "SHA-256",
            },
        )
        where = {"LOCTYPE": "URL", f"{{{XLINK}}}href": f"../{item.path}"}
        ET.SubElement(entry, f"{{{METS}}}FLocat", where)
    outline = ET.SubElement(root, f"{{{METS}}}structMap", {"TYPE": "logical"})
    top = ET.SubElement(
        outline,
        f"{{{METS}}}div",
        {"LABEL": metadata.get("title", ""), "TYPE": "dossier", "DMDID": "dossier"},
    )
    for code, label in parts.items():
        part = ET.SubElement(top, f"{{{METS}}}div", {"LABEL": label, "TYPE": "part", "ID": code})
        for number, item in enumerate(files, 1):
            if item.part == code:
                _leaf(part, number, item)
    return _text(root)


def _leaf(part: ET.Element, number: int, item: BagFile) -> None:
    said = {
        "TYPE": "document",
        "LABEL": item.metadata.get("title", ""),
        "DMDID": f"document-{number}",
    }
    leaf = ET.SubElement(part, f"{{{METS}}}div", said)
    ET.SubElement(leaf, f"{{{METS}}}fptr", {"FILEID": f"file-{number}"})


def _described(root: ET.Element, key: str, metadata: Mapping[str, str]) -> None:
    section = ET.SubElement(root, f"{{{METS}}}dmdSec", {"ID": key})
    wrap = ET.SubElement(section, f"{{{METS}}}mdWrap", {"MDTYPE": "OTHER", "OTHERMDTYPE": "SEN"})
    data = ET.SubElement(wrap, f"{{{METS}}}xmlData")
    for name, value in metadata.items():
        if value:
            ET.SubElement(data, name).text = value


#: Our names → the fields of the national standard of input information.
_DOSSIER_FIELDS: Final = {
    "code": "FileCode",
    "title": "Title",
    "retention": "Maintenance",
    "language": "Language",
    "opened_on": "StartDate",
    "closed_on": "EndDate",
    "organisation": "Identifier",
    "note": "Description",
}
_DOCUMENT_FIELDS: Final = {
    "code": "DocCode",
    "kind": "TypeName",
    "number": "CodeNumber",
    "issued_on": "IssuedDate",
    "issuer": "OrganName",
    "title": "Subject",
    "language": "Language",
    "pages": "PageAmount",
    "data_class": "ConfidenceLevel",
    "note": "Description",
}


def national(metadata: Mapping[str, str], parts: Mapping[str, str], files: list[BagFile]) -> bytes:
    """The same under the names of the national fields; unverified, and it says so."""
    root = ET.Element("HoSo", {"ghiChu": "Cấu trúc theo tt-02-2019-bnv, cần xác minh"})
    for ours, theirs in _DOSSIER_FIELDS.items():
        ET.SubElement(root, theirs).text = metadata.get(ours, "")
    ET.SubElement(root, "TotalDoc").text = str(len(files))
    for number, item in enumerate(files, 1):
        entry = ET.SubElement(root, "TaiLieu", {"tep": item.path, "sha256": item.sha256})
        ET.SubElement(entry, "DocOrdinal").text = str(number)
        ET.SubElement(entry, "FileNotation").text = parts.get(item.part, item.part)
        for ours, theirs in _DOCUMENT_FIELDS.items():
            ET.SubElement(entry, theirs).text = item.metadata.get(ours, "")
        ET.SubElement(entry, "Format").text = item.mime
    return _text(root)


def _text(root: ET.Element) -> bytes:
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


# --- Reading ------------------------------------------------------------------------------------


class BagReader:
    """A package that was verified; its contents can be read."""

    def __init__(self, path: Path) -> None:
        try:
            self.archive = zipfile.ZipFile(path)
        except zipfile.BadZipFile as error:
            raise BagError(_("không phải tệp zip đọc được")) from error
        self.root = _root_of(self.archive)
        self.hashes = self._verified()
        if "data/metadata/mets.xml" not in self.hashes:
            raise BagError(_("%(path)s: không có trong gói") % {"path": "data/metadata/mets.xml"})
        self.bag = _read_mets(self.archive.read(f"{self.root}/data/metadata/mets.xml"))
        for item in self.bag.files:
            if self.hashes.get(f"data/{item.path}") != item.sha256:
                raise BagError(_("%(path)s: khác mã băm ghi trong mets.xml") % {"path": item.path})

    def chunks(self, item: BagFile) -> Iterator[bytes]:
        with self.archive.open(f"{self.root}/data/{item.path}") as stream:
            while chunk := stream.read(CHUNK):
                yield chunk

    def _verified(self) -> dict[str, str]:
        """Every file of the manifests, hashed anew; nothing missing, nothing more.

        Raises:
            BagError: a hash differs, a file is missing, or one is not listed.
        """
        for manifest in ("tagmanifest-sha256.txt", "manifest-sha256.txt"):
            for path, sha256 in self._manifest(manifest).items():
                if self._hash(path) != sha256:
                    raise BagError(
                        _("%(path)s: nội dung khác mã băm trong %(manifest)s")
                        % {"path": path, "manifest": manifest}
                    )
        listed = self._manifest("manifest-sha256.txt")
        payload = {
            entry.filename.removeprefix(f"{self.root}/")
            for entry in self.archive.infolist()
            if not entry.is_dir() and entry.filename.startswith(f"{self.root}/data/")
        }
        if more := sorted(payload - set(listed)):
            raise BagError(_("%(path)s: không có trong danh mục mã băm") % {"path": more[0]})
        return listed

    def _manifest(self, name: str) -> dict[str, str]:
        try:
            text = self.archive.read(f"{self.root}/{name}").decode()
        except KeyError as error:
            raise BagError(_("%(path)s: không có trong gói") % {"path": name}) from error
        found: dict[str, str] = {}
        for line in text.splitlines():
            sha256, _space, path = line.partition(" ")
            if path.strip():
                found[_plain(path.strip())] = sha256.lower()
        return found

    def _hash(self, path: str) -> str:
        digest = hashlib.sha256()
        try:
            with self.archive.open(f"{self.root}/{path}") as stream:
                while chunk := stream.read(CHUNK):
                    digest.update(chunk)
        except KeyError as error:
            raise BagError(
                _("%(path)s: có trong danh mục nhưng không có trong gói") % {"path": path}
            ) from error
        except zipfile.BadZipFile as error:
            raise BagError(_("%(path)s: bị hỏng") % {"path": path}) from error
        return digest.hexdigest()


def _root_of(archive: zipfile.ZipFile) -> str:
    entries = archive.infolist()
    if len(entries) > MOST_FILES:
        raise BagError(_("gói có quá %(most)s tệp") % {"most": MOST_FILES})
    for entry in entries:
        name = PurePosixPath(entry.filename)
        if name.is_absolute() or ".." in name.parts:
            raise BagError(_("%(path)s: đường dẫn ra ngoài gói") % {"path": entry.filename})
    tops = {entry.filename.partition("/")[0] for entry in entries}
    if len(tops) != 1:
        raise BagError(_("gói phải có đúng một thư mục gốc"))
    return tops.pop()


def _read_mets(text: bytes) -> Bag:
    """The structure again.

    Raises:
        BagError: it is no METS of ours.
    """
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise BagError(_("mets.xml: không nhận khai báo DOCTYPE"))
    try:
        root = ET.fromstring(text)  # noqa: S314  entities are refused above
    except ET.ParseError as error:
        raise BagError(f"mets.xml: {error}") from error
    described = {
        section.get("ID", ""): {
            child.tag: child.text or "" for child in section.iterfind(f".//{{{METS}}}xmlData/*")
        }
        for section in root.iterfind(f"{{{METS}}}dmdSec")
    }
    files = {entry.get("ID", ""): entry for entry in root.iterfind(f".//{{{METS}}}file")}
    found = Bag(metadata=described.get("dossier", {}))
    for part in root.iterfind(f".//{{{METS}}}div[@TYPE='part']"):
        for leaf in part.iterfind(f"{{{METS}}}div"):
            pointer = leaf.find(f"{{{METS}}}fptr")
            entry = files.get(pointer.get("FILEID", "")) if pointer is not None else None
            if entry is None:
                raise BagError(_("mets.xml: tài liệu không trỏ đến tệp nào"))
            described_by = described.get(leaf.get("DMDID", ""), {})
            found.files.append(_bag_file(entry, part.get("ID", ""), described_by))
    return found


def _bag_file(entry: ET.Element, part: str, metadata: dict[str, str]) -> BagFile:
    place = entry.find(f"{{{METS}}}FLocat")
    href = place.get(f"{{{XLINK}}}href", "") if place is not None else ""
    return BagFile(
        path=href.removeprefix("../"),
        sha256=entry.get("CHECKSUM", "").lower(),
        size=int(entry.get("SIZE", "0") or 0),
        mime=entry.get("MIMETYPE", ""),
        part=part,
        metadata=metadata,
    )


def day(text: str) -> date | None:
    """A day of the metadata; None for none, or for what is no day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
