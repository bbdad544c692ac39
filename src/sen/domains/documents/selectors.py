"""Reading documents and dossiers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO, Any, Final

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.documents.catalogue import groups, parts_of
from sen.domains.documents.choices import FileState
from sen.domains.documents.data import (
    Completeness,
    DocumentRef,
    RenditionRef,
    Subject,
    VersionRef,
)
from sen.domains.documents.models import (
    Document,
    DocumentLink,
    DocumentVersion,
    Dossier,
    DossierItem,
    KindChoices,
    Rendition,
    TrustAnchor,
)
from sen.domains.documents.rules import destruction_due, part_states
from sen.domains.norms import api as norms
from sen.domains.norms.data import Ruling
from sen.domains.norms.ports import Affected, Change, Effect
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.querysets import ScopedQuerySet
from sen.kernel.access.scope import Actor
from sen.kernel.errors import NotFoundError, RuleNotInForceError
from sen.kernel.files.backends import backend
from sen.kernel.files.models import StoredFile
from sen.kernel.files.services import ensure_clean
from sen.kernel.web.register.resource import Resource, resources

RETENTION: Final = "records.retention"
DOSSIER_PARTS: Final = "records.dossier-parts"
#: How many documents are named of those that a rule would change.
_SHOWN: Final = 20


def documents(actor: Actor) -> ScopedQuerySet[Document]:
    """The documents that an actor may see."""
    return Document.objects.visible_to(actor)


def row_of(actor: Actor, subject: Subject) -> tuple[Resource[Any], ScopedModel]:
    """The row of a register that a subject names.

    Raises:
        NotFoundError: no such register or row, or none that the actor may see.
    """
    resource = resources.get(subject.register)
    row = resource.rows(actor).filter(pk=subject.id).first() if resource else None
    if resource is None or not isinstance(row, ScopedModel):
        raise NotFoundError(_("bản ghi"), f"{subject.register}/{subject.id}")
    return resource, row


def documents_about(actor: Actor, row: ScopedModel) -> ScopedQuerySet[Document]:
    """The documents that are linked to a row and that the actor may see, newest first."""
    links = DocumentLink.objects.filter(resource=row.access.resource, object_id=row.pk)
    found = documents(actor).filter(pk__in=links.values("document_id"))
    return found.order_by("-issued_on", "-id")


def dossier_of(actor: Actor, row: ScopedModel) -> Dossier | None:
    """The dossier of a row, if the actor may see it."""
    found: Dossier | None = dossiers_about(actor, row).first()
    return found


def dossiers_about(actor: Actor, row: ScopedModel) -> ScopedQuerySet[Dossier]:
    """The dossiers of a row that the actor may see."""
    return dossiers(actor).filter(resource=row.access.resource, object_id=row.pk)


def dossiers(actor: Actor) -> ScopedQuerySet[Dossier]:
    """The dossiers that an actor may see."""
    return Dossier.objects.visible_to(actor)


def kind_choices() -> list[tuple[str, str]]:
    """The kinds of documents with their names."""
    return [(str(code), str(name)) for code, name in KindChoices.choices]


def part_choices(work: str) -> list[tuple[str, str]]:
    """Codes and names of the parts that the dossier of a kind of work may have."""
    return [(part.code, str(part.name)) for part in parts_of(work)]


# --- Contents -----------------------------------------------------------------------------------


def document_ref(row: Document) -> DocumentRef:
    return DocumentRef(
        row.pk, row.code, row.number, row.issued_on, row.issuer, row.kind, row.abstract
    )


def version_ref(row: DocumentVersion) -> VersionRef:
    file = row.file
    return VersionRef(
        id=row.pk,
        document_id=row.document_id,
        number=row.number,
        name=row.name,
        mime=row.mime,
        size=row.size,
        sha256=row.sha256,
        state=FileState.DESTROYED.value if file is None else str(file.state),
        source=row.source,
        pages=row.pages,
    )


def rendition_ref(row: Rendition) -> RenditionRef:
    return RenditionRef(
        id=row.pk,
        version_id=row.version_id,
        kind=row.kind,
        name=row.name,
        mime=row.file.mime,
        size=row.file.size,
        sha256=row.file.sha256,
        detail=row.detail,
    )


def document_by_id(*, actor: Actor, document_id: int) -> Document:
    """A document.

    Raises:
        NotFoundError: there is none that the actor may see.
    """
    found = documents(actor).filter(pk=document_id).first()
    if found is None:
        raise NotFoundError(_("tài liệu"), document_id)
    return found


def version_row(actor: Actor, version_id: int) -> DocumentVersion:
    """A version, through its document.

    Raises:
        NotFoundError: there is none, or its document is not for the actor to see.
    """
    found = DocumentVersion.objects.filter(pk=version_id).select_related("file", "document").first()
    if found is None or not actor.scope(Document.access).allows(found.document):
        raise NotFoundError(_("phiên bản tài liệu"), version_id)
    return found


def version_by_id(*, actor: Actor, version_id: int) -> VersionRef:
    """A version by its id.

    Raises:
        NotFoundError: there is none that the actor may see.
    """
    return version_ref(version_row(actor, version_id))


def versions_of(*, actor: Actor, document_id: int) -> list[VersionRef]:
    """The versions of a document, newest first; none of one that the actor may not see."""
    seen = documents(actor).filter(pk=document_id)
    rows = DocumentVersion.objects.filter(document__in=seen.values("pk")).select_related("file")
    return [version_ref(row) for row in rows.order_by("-number")]


def rendition_of(*, actor: Actor, version_id: int, kind: str) -> RenditionRef | None:
    """The form of a version of one kind, if it was made.

    Raises:
        NotFoundError: there is no such version that the actor may see.
    """
    version = version_row(actor, version_id)
    row = Rendition.objects.filter(version=version, kind=kind).select_related("file").first()
    return rendition_ref(row) if row else None


def file_of(actor: Actor, version_id: int, kind: str = "") -> StoredFile:
    """The clean file of a version, or of a form of it.

    Raises:
        NotFoundError: there is none, or its document is not for the actor to see.
        ConflictError: it is not clean.
    """
    version = version_row(actor, version_id)
    file = version.file
    if kind:
        row = Rendition.objects.filter(version=version, kind=kind).select_related("file").first()
        file = row.file if row else None
    if file is None:
        raise NotFoundError(_("tệp của phiên bản"), version_id)
    ensure_clean(file)
    return file


def open_version(*, actor: Actor, version_id: int, kind: str = "") -> IO[bytes]:
    """The bytes of a version, or (``kind``) of a form of it; the caller closes the stream.

    Raises:
        NotFoundError: there is none, or its document is not for the actor to see.
        ConflictError: it is not clean.
    """
    return backend().open(file_of(actor, version_id, kind).sha256)


@contextmanager
def local_version(*, actor: Actor, version_id: int, kind: str = "") -> Iterator[Path]:
    """A path under which programs may read the bytes while the block lasts; never write there.

    Raises:
        NotFoundError: there is none, or its document is not for the actor to see.
        ConflictError: it is not clean.
    """
    with backend().local(file_of(actor, version_id, kind).sha256) as path:
        yield path


# --- Keeping ------------------------------------------------------------------------------------


def retention_ruling(group: str, since: date | None) -> Ruling | None:
    """What the law in force on a day says of a group; None where it says nothing."""
    if not group:
        return None
    try:
        return norms.ruling(RETENTION, on=since or timezone.localdate(), group=group)
    except (RuleNotInForceError, NotFoundError):
        return None


def reckon_retention(actor: Actor, change: Change) -> Effect:
    """Documents whose last day a draft would change."""
    rows = Document.objects.visible_to(actor).exclude(retention="").order_by("abstract", "id")
    total, changed = 0, 0
    shown: list[Affected] = []
    named = rows.values_list("pk", "abstract", "retention", "kept_from", "issued_on")
    for pk, abstract, group, kept_from, issued_on in named:
        since = kept_from or issued_on
        total += 1
        before = destruction_due(since, change.before({"group": group}))
        after = destruction_due(since, change.after({"group": group}))
        if before == after:
            continue
        changed += 1
        if len(shown) < _SHOWN:
            url = f"/ql/documents/documents/{pk}/"
            shown.append(Affected(abstract, url, _last_day(before), _last_day(after)))
    return Effect(total, changed, tuple(shown))


def _last_day(on: date | None) -> str:
    return on.strftime("%d/%m/%Y") if on is not None else _("không có hạn")


def is_held(row: Document) -> bool:
    """Whether a document, or a dossier in which it lies, must not be destroyed."""
    return row.is_held or bool(holding_dossiers(row))


def holding_dossiers(row: Document) -> list[Dossier]:
    """The held dossiers in which a document lies; a hold knows no scope."""
    inside = DossierItem.objects.filter(document=row).values("dossier_id")
    held = Dossier.objects.unscoped("a hold binds whoever asks").filter(pk__in=inside)
    return list(held.exclude(hold_reason=""))


def trusted_roots() -> list[str]:
    """The certificates on which trust in signatures rests, as PEM."""
    found = TrustAnchor.objects.unscoped("trust is the same for everybody").filter(is_active=True)
    return list(found.order_by("id").values_list("pem", flat=True))


# --- Completeness -------------------------------------------------------------------------------


def required_parts(work: str, on: date) -> Ruling | None:
    """Which parts the law in force on a day asks for; None where it says nothing."""
    try:
        return norms.ruling(DOSSIER_PARTS, on=on, work=work)
    except (RuleNotInForceError, NotFoundError):
        return None


def completeness(row: Dossier) -> Completeness:
    """Which parts are there and which are missing, by the rule in force today."""
    ruling = required_parts(row.work, timezone.localdate())
    counts: dict[str, int] = {}
    if row.pk:
        found = DossierItem.objects.filter(dossier=row).values_list("part")
        counts = dict(found.annotate(number=Count("id")).order_by())
    offered = [(p.code, str(p.name), str(groups[p.group])) for p in parts_of(row.work)]
    return Completeness(
        parts=part_states(offered, ruling.value if ruling else (), counts, row.waived),
        legal_ref=f"{ruling.legal_ref}, {ruling.document}" if ruling else "",
        needs_verification=ruling.needs_verification if ruling else True,
    )
