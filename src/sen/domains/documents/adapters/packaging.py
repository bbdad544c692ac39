"""Making and reading archive packages with the use cases of documents and dossiers."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import IO, Final

from django.utils.translation import gettext as _

from sen.domains.documents.adapters.bags import BagFile, BagReader, day, write_bag
from sen.domains.documents.catalogue import part_label, parts, parts_of, works
from sen.domains.documents.choices import FileState, Source
from sen.domains.documents.models import (
    Document,
    DocumentVersion,
    Dossier,
    KindChoices,
    Package,
    RetentionChoices,
)
from sen.domains.documents.services import (
    add_version,
    create_document,
    create_dossier,
    put_into_dossier,
)
from sen.domains.documents.services.packages import (
    described,
    dossier_described,
    items_for,
    known,
    note_package,
)
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor, DataClass
from sen.kernel.errors import ConflictError
from sen.kernel.files.backends import backend, incoming
from sen.kernel.files.services import store_file
from sen.kernel.jobs.context import JobContext
from sen.lib.text import fold

CHUNK: Final = 1024**2


def make_package(*, context: JobContext, package: Package) -> Package:
    """Write the package that somebody asked for: the newest clean version of every document."""
    actor, dossier = context.actor, package.dossier
    items, hidden = items_for(actor=actor, dossier=dossier)
    entries: list[tuple[BagFile, DocumentVersion]] = []
    for item in items:
        newest = (
            DocumentVersion.objects.filter(document=item.document, file__state=FileState.CLEAN)
            .order_by("-number")
            .first()
        )
        if newest is None:
            hidden += 1
            continue
        entries.append((_entry(len(entries) + 1, item.part, item.document, newest), newest))
    handle, part = tempfile.mkstemp(dir=incoming(), prefix="package-")
    try:
        with os.fdopen(handle, "w+b") as target:
            manifest = write_bag(
                target,
                name=dossier.code,
                metadata=dossier_described(dossier),
                parts={p.code: str(p.name) for p in parts_of(dossier.work)}
                | {entry.part: part_label(entry.part) for entry, _version in entries},
                files=_streams(context, entries),
            )
        with Path(part).open("rb") as made:
            file = store_file(actor=actor, name=package.name, chunks=_chunks(made), own=True)
    finally:
        Path(part).unlink(missing_ok=True)
    return note_package(
        actor=actor,
        dossier=dossier,
        package=package,
        file=file,
        documents_count=len(entries),
        left_out=hidden,
        manifest=manifest,
    )


def _entry(number: int, part: str, document: Document, version: DocumentVersion) -> BagFile:
    suffix = PurePosixPath(version.name).suffix.lower()
    words = "-".join("".join(c if c.isalnum() else " " for c in fold(document.abstract)).split())
    return BagFile(
        path=f"{part}/{number:04d}-{words[:60]}{suffix}",
        sha256=version.sha256,
        size=version.size,
        mime=version.mime,
        part=part,
        metadata=described(document) | {"version": str(version.number), "name": version.name},
    )


def _streams(
    context: JobContext, entries: list[tuple[BagFile, DocumentVersion]]
) -> Iterator[tuple[BagFile, IO[bytes]]]:
    for number, (entry, version) in enumerate(entries, 1):
        with backend().open(version.sha256) as stream:
            yield entry, stream
        context.progress(number, len(entries), version.name)


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk


def read_package(
    *, context: JobContext, path: Path, owner_org: Organisation, area: Area
) -> Dossier:
    """Verify a package that came in and enter its dossier with everything in it.

    Raises:
        BagError: a hash differs, or the package is incomplete.
        ConflictError: there is a dossier of this code.
    """
    actor = context.actor
    reader = BagReader(path)
    said = reader.bag.metadata
    code = said.get("code", "")
    if code and Dossier.base.filter(code=code).exists():
        raise ConflictError(_("Đã có hồ sơ mang mã %(code)s.") % {"code": code})
    dossier = create_dossier(
        actor=actor,
        code=code,
        name=said.get("title", "") or code,
        work=known(said, "work", works, "other"),
        opened_on=day(said.get("opened_on", "")),
        closed_on=day(said.get("closed_on", "")),
        shelf=said.get("shelf", ""),
        retention=known(said, "retention", RetentionChoices.values, ""),
        note=said.get("note", ""),
        owner_org=owner_org,
        area=area,
    )
    for number, item in enumerate(reader.bag.files, 1):
        row = _enter(actor, reader, item, owner_org, area)
        target = parts.get(item.part)
        if target is not None and target.belongs_to(dossier.work):
            put_into_dossier(actor=actor, dossier=dossier, part=item.part, documents=[row])
        context.progress(number, len(reader.bag.files), row.abstract[:100])
    return dossier


def _enter(
    actor: Actor, reader: BagReader, item: BagFile, owner_org: Organisation, area: Area
) -> Document:
    """One document of a package; a code that is taken gives way to a new one."""
    said = dict(item.metadata)
    code = said.get("code", "")
    level = DataClass.INTERNAL.value
    with suppress(ValueError):
        level = DataClass(int(said.get("data_class", ""))).value
    row = create_document(
        actor=actor,
        code="" if Document.base.filter(code=code).exists() else code,
        kind=known(said, "kind_code", KindChoices.values, KindChoices.OTHER.value),
        abstract=said.get("title", "") or item.path,
        number=said.get("number", ""),
        issued_on=day(said.get("issued_on", "")),
        issuer=said.get("issuer", ""),
        signer=said.get("signer", ""),
        note=said.get("note", ""),
        retention=known(said, "retention", RetentionChoices.values, ""),
        data_class=level,
        owner_org=owner_org,
        area=area,
    )
    add_version(
        actor=actor,
        document=row,
        name=said.get("name", "") or PurePosixPath(item.path).name,
        chunks=reader.chunks(item),
        note=_("Nhập từ gói hồ sơ lưu trữ"),
        source=Source.IMPORT.value,
    )
    return row
