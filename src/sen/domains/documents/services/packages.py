"""Archive packages of dossiers: asking for one, what goes in, what comes of one that came in."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from sen.domains.documents.catalogue import works
from sen.domains.documents.choices import PackageState
from sen.domains.documents.models import Document, Dossier, DossierItem, Package
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.audit.services import record
from sen.kernel.errors import NotFoundError
from sen.kernel.files.models import StoredFile
from sen.kernel.jobs.definition import jobs
from sen.kernel.jobs.models import JobRun
from sen.kernel.jobs.services import enqueue
from sen.kernel.usecase import use_case

MAKE_PACKAGE: Final = "documents.make_package"
READ_PACKAGE: Final = "documents.read_package"


@use_case("documents.dossier.export", audit=False)
def ask_for_package(*, actor: Actor, dossier: Dossier) -> Package:
    """Have an archive package made of a dossier, with everything that the actor may see."""
    made = Package.objects.create(
        dossier=dossier,
        name=f"{dossier.code}.zip",
        made_by_id=actor.id,
        made_by_name=actor.name or actor.username,
        is_demo=dossier.is_demo,
    )
    record(act="documents.ask_for_package", on=dossier)
    enqueue(
        jobs[MAKE_PACKAGE],
        actor=actor,
        title=_("Lập gói lưu trữ %(name)s") % {"name": dossier.name},
        package_id=made.pk,
    )
    return made


def package_of(*, actor: Actor, package_id: int) -> Package:
    """A package that the actor had made; others had theirs made with other rights.

    Raises:
        NotFoundError: there is none of theirs.
    """
    found = (
        Package.objects.filter(pk=package_id, made_by_id=actor.id)
        .select_related("file", "dossier")
        .first()
    )
    if found is None or not actor.scope(Dossier.access).allows(found.dossier):
        raise NotFoundError(_("gói hồ sơ lưu trữ"), package_id)
    return found


def packages_of(*, actor: Actor, dossier: Dossier) -> QuerySet[Package]:
    """The packages that the actor had made of a dossier, newest first."""
    return Package.objects.filter(dossier=dossier, made_by_id=actor.id).order_by("-id")


@use_case("documents.dossier.export", audit=False)
def note_package(
    *,
    actor: Actor,
    dossier: Dossier,
    package: Package,
    file: StoredFile | None,
    documents_count: int,
    left_out: int,
    manifest: str,
) -> Package:
    """Write what came of making a package; without a file it failed."""
    package.file = file
    package.state = (PackageState.READY if file else PackageState.FAILED).value
    package.documents_count, package.left_out = documents_count, left_out
    package.save()
    record(
        act="documents.make_package",
        on=dossier,
        detail={
            "documents": documents_count,
            "left_out": left_out,
            "manifest_sha256": manifest,
            "sha256": file.sha256 if file else "",
        },
    )
    return package


@use_case("documents.dossier.add", audit=False)
def ask_to_read_package(
    *, actor: Actor, file: StoredFile, name: str, owner_org: Organisation, area: Area
) -> JobRun:
    """Have a package that came in verified and its dossier entered."""
    record(
        act="documents.ask_to_read_package",
        resource="documents.dossier",
        label=name,
        detail={"sha256": file.sha256},
    )
    return enqueue(
        jobs[READ_PACKAGE],
        actor=actor,
        title=_("Nhập gói hồ sơ %(name)s") % {"name": name},
        file_id=file.pk,
        owner_org_id=owner_org.pk,
        area_id=area.pk,
    )


def items_for(*, actor: Actor, dossier: Dossier) -> tuple[list[DossierItem], int]:
    """What lies in a dossier and the actor may see, and how much more there is."""
    items = list(
        # The join drops what row-level security hides; the count knows of it.
        DossierItem.objects.filter(dossier=dossier)
        .select_related("document")
        .order_by("part", "document__issued_on", "id")
    )
    scope = actor.scope(Document.access)
    seen = [item for item in items if scope.allows(item.document)]
    return seen, DossierItem.objects.filter(dossier=dossier).count() - len(seen)


def described(row: Document) -> dict[str, str]:
    """What a package says of a document."""
    return {
        "code": row.code,
        "kind": row.get_kind_display(),
        "kind_code": row.kind,
        "number": row.number,
        "issued_on": _day(row.issued_on),
        "issuer": row.issuer,
        "signer": row.signer,
        "title": row.abstract,
        "language": "vi",
        "pages": str(row.pages or ""),
        "data_class": str(row.data_class),
        "retention": row.retention,
        "note": row.note,
    }


def dossier_described(row: Dossier) -> dict[str, str]:
    """What a package says of its dossier."""
    return {
        "code": row.code,
        "title": row.name,
        "work": row.work,
        "work_name": works[row.work].vi if row.work in works else row.work,
        "opened_on": _day(row.opened_on),
        "closed_on": _day(row.closed_on),
        "retention": row.retention,
        "language": "vi",
        "organisation": row.owner_org.name,
        "shelf": row.shelf,
        "note": row.note,
    }


def _day(at: date | None) -> str:
    return at.isoformat() if at else ""


def known(values: dict[str, Any], field: str, allowed: Any, fallback: str) -> str:
    """A coded value of a package that came in, or what stands for an unknown one."""
    said = str(values.get(field, ""))
    return said if said in allowed else fallback
