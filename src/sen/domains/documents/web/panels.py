"""Panels on documents, dossiers and lists of destruction, and on every row of every register."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from sen.domains.documents.catalogue import part_label, parts_of, work_of_register
from sen.domains.documents.models import (
    Disposal,
    Document,
    DocumentVersion,
    Dossier,
    DossierItem,
)
from sen.domains.documents.selectors import (
    completeness,
    documents_about,
    dossier_of,
    dossiers_about,
    holding_dossiers,
    retention_ruling,
)
from sen.domains.documents.services.packages import packages_of
from sen.domains.documents.services.versions import PDF
from sen.domains.documents.web.resources import SIGNATURE_TONES, STATE_TONES
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import Actor
from sen.kernel.web.register.links import PUBLIC, WORK, base_of, detail_url
from sen.kernel.web.register.panels import PanelBody, PanelContext, panel
from sen.kernel.web.register.resource import resources

SHOWN_PAGES: Final = 40
SHOWN_DOCUMENTS: Final = 12
UPLOAD: Final = "/ql/documents/tai-len/"


def _may(page: PanelContext, act: str = "change") -> bool:
    if base_of(page.request) == PUBLIC:
        return False
    return page.actor.scope(page.resource.rule, act).allows(page.row)


def _newest(row: Document) -> DocumentVersion | None:
    found = DocumentVersion.objects.filter(document=row).select_related("file")
    return found.order_by("-number").first()


# --- A document ---------------------------------------------------------------------------------


@panel("documents.document", title=_("Nội dung"), order=-20, wide=True)
def viewer(page: PanelContext) -> PanelBody | None:
    """The newest version, page by page as pictures, with its state and its downloads."""
    row = page.row
    if not isinstance(row, Document):
        return None
    version = _newest(row)
    is_open = version is not None and version.file is not None and version.file.is_clean
    count = 0
    if version is not None and is_open and version.file is not None:
        count = (version.pages or 0) if version.mime == PDF else int(version.file.is_image)
    context = {
        "row": row,
        "version": version,
        "is_open": is_open,
        "is_pdf": version is not None and version.mime == PDF,
        "pages": range(1, min(count, SHOWN_PAGES) + 1),
        "more_pages": max(count - SHOWN_PAGES, 0),
        "may_change": _may(page),
        "url": detail_url(page.resource, row.pk),
    }
    return PanelBody("documents/viewer.html", context)


@panel("documents.document", title=_("Phiên bản"), order=10, wide=True)
def versions(page: PanelContext) -> PanelBody | None:
    """All contents that the document ever had: who, when, why."""
    row = page.row
    if not isinstance(row, Document):
        return None
    found = DocumentVersion.objects.filter(document=row).select_related("file")
    rows = list(found.prefetch_related("renditions__file").order_by("-number"))
    if not rows:
        return None
    context = {
        "rows": rows,
        "url": detail_url(page.resource, row.pk),
        "is_public": base_of(page.request) == PUBLIC,
        "state_tones": STATE_TONES,
        "signature_tones": SIGNATURE_TONES,
    }
    return PanelBody("documents/versions.html", context)


@panel("documents.document", title=_("Chữ ký số"), order=-15)
def signatures(page: PanelContext) -> PanelBody | None:
    """Who signed the newest version, when, and whether it was touched since."""
    row = page.row
    if not isinstance(row, Document) or row.signature_state == "NONE":
        return None
    version = _newest(row)
    if version is None:
        return None
    rows = [
        {
            **item,
            "tone": SIGNATURE_TONES.get(str(item.get("state", "")), ""),
            "signed_at": parse_datetime(item.get("signed_at") or ""),
            "stamped_at": parse_datetime(item.get("stamped_at") or ""),
            "valid_to": parse_datetime(item.get("valid_to") or ""),
        }
        for item in version.signatures
    ]
    return PanelBody("documents/signatures.html", {"rows": rows, "version": version})


@panel("documents.document", title=_("Thuộc hồ sơ, liên quan đến"), order=14)
def belongs(page: PanelContext) -> PanelBody | None:
    """Dossiers in which the document lies and rows that it is about, as far as one may see them."""
    row = page.row
    if not isinstance(row, Document):
        return None
    base, may = base_of(page.request), _may(page)
    inside = DossierItem.objects.filter(document=row)
    parts_by_dossier = dict(inside.values_list("dossier_id", "part"))
    seen = Dossier.objects.visible_to(page.actor).filter(pk__in=list(parts_by_dossier))
    dossiers = [
        {
            "title": found.name,
            "part": part_label(parts_by_dossier[found.pk]),
            "url": detail_url(resources["documents.dossiers"], found.pk, base),
        }
        for found in seen.order_by("name")
    ]
    links = _links(page.actor, row, base)
    if not (dossiers or links or may):
        return None
    context = {
        "dossiers": dossiers,
        "links": links,
        "may_change": may,
        "url": detail_url(page.resource, row.pk),
    }
    return PanelBody("documents/belongs.html", context)


def _links(actor: Actor, row: Document, base: str) -> list[dict[str, Any]]:
    """What the document is about; rows that the actor may not see are left out."""
    by_register: dict[str, dict[int, int]] = {}
    for link in row.links.all():
        by_register.setdefault(link.register, {})[link.object_id] = link.pk
    found: list[dict[str, Any]] = []
    for register, ids in by_register.items():
        resource = resources.get(register)
        if resource is None:
            continue
        found += [
            {
                "title": str(about),
                "kind": resource.title,
                "url": detail_url(resource, about.pk, base),
                "id": ids[about.pk],
            }
            for about in resource.rows(actor).filter(pk__in=list(ids))
        ]
    return found


@panel("documents.document", title=_("Thời hạn bảo quản"), order=16)
def keeping(page: PanelContext) -> PanelBody | None:
    """Until when it is kept and by what rule; who holds it; holding and letting go."""
    row = page.row
    if not isinstance(row, Document) or base_of(page.request) == PUBLIC:
        return None
    may_hold = _may(page, "hold")
    holders = holding_dossiers(row)
    ruling = retention_ruling(row.retention, row.kept_from or row.issued_on)
    if not (row.retention or row.is_held or holders or may_hold):
        return None
    context = {
        "row": row,
        "ruling": ruling,
        "holders": holders,
        "may_hold": may_hold,
        "url": detail_url(page.resource, row.pk),
    }
    return PanelBody("documents/keeping.html", context)


# --- A dossier ----------------------------------------------------------------------------------


@panel("documents.dossier", title=_("Thành phần hồ sơ"), order=-10, wide=True)
def contents(page: PanelContext) -> PanelBody | None:
    """The dossier at a glance: every part, what lies in it, what is missing."""
    row = page.row
    if not isinstance(row, Dossier):
        return None
    base = base_of(page.request)
    found = completeness(row)
    shown: dict[str, list[dict[str, Any]]] = {}
    items = DossierItem.objects.filter(dossier=row).select_related("document")
    scope = page.actor.scope(Document.access)
    for item in items.order_by("document__issued_on", "id"):
        if scope.allows(item.document):
            shown.setdefault(item.part, []).append(
                {
                    "id": item.pk,
                    "row": item.document,
                    "url": detail_url(resources["documents.documents"], item.document_id, base),
                    "tone": SIGNATURE_TONES.get(item.document.signature_state, ""),
                }
            )
    groups: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for part in found.parts:
        rows = shown.get(part.code, [])
        add = f"{UPLOAD}?{urlencode({'dossier': row.pk, 'part': part.code})}"
        shown_first = part.is_required or part.count or part.waived
        group = groups.setdefault(part.group, {"parts": [], "others": []})
        group["parts" if shown_first else "others"].append(
            {"part": part, "rows": rows, "hidden": part.count - len(rows), "add": add}
        )
    may = _may(page)
    context = {
        "row": row,
        "found": found,
        "groups": groups.items(),
        "may_change": may,
        "may_add": may and page.actor.may("documents.document.add"),
        "may_hold": _may(page, "hold"),
        "offered": parts_of(row.work),
        "upload": f"{UPLOAD}?{urlencode({'dossier': row.pk})}",
        "about": _about(page.actor, row, base),
        "url": detail_url(page.resource, row.pk),
    }
    return PanelBody("documents/contents.html", context)


def _about(actor: Actor, row: Dossier, base: str) -> dict[str, Any] | None:
    resource = resources.get(row.register)
    if resource is None or row.object_id is None:
        return None
    about = resource.rows(actor).filter(pk=row.object_id).first()
    if about is None:
        return None
    return {"title": str(about), "url": detail_url(resource, about.pk, base)}


@panel("documents.dossier", title=_("Gói lưu trữ"), order=20)
def packages(page: PanelContext) -> PanelBody | None:
    """Archive packages that one had made of the dossier, and asking for another."""
    row = page.row
    if not isinstance(row, Dossier) or not _may(page, "export"):
        return None
    context = {
        "rows": packages_of(actor=page.actor, dossier=row)[:5],
        "url": detail_url(page.resource, row.pk),
    }
    return PanelBody("documents/packages.html", context)


# --- A list of destruction ----------------------------------------------------------------------


@panel("documents.disposal", title=_("Tài liệu trong danh mục"), order=-10, wide=True)
def listed(page: PanelContext) -> PanelBody | None:
    """What is to be destroyed, and the next step of the list."""
    row = page.row
    if not isinstance(row, Disposal):
        return None
    scope = page.actor.scope(Document.access)
    items = row.items.select_related("document").order_by("destroy_after", "id")
    seen = [item for item in items if scope.allows(item.document)]
    context = {
        "row": row,
        "rows": [
            {
                "item": item,
                "url": detail_url(resources["documents.documents"], item.document_id, WORK),
            }
            for item in seen
        ],
        "hidden": row.items_count - len(seen),
        "may_change": _may(page),
        "may_approve": _may(page, "approve") and page.actor.id != row.drawn_by_id,
        "may_carry_out": _may(page, "carry_out"),
        "url": detail_url(page.resource, row.pk),
    }
    return PanelBody("documents/disposal.html", context)


# --- Every row of every register ----------------------------------------------------------------


def _dossiers(page: PanelContext) -> QuerySet[Dossier] | None:
    return None if _of_own(page) else dossiers_about(page.actor, page.row)


def _documents(page: PanelContext) -> QuerySet[Document] | None:
    return None if _of_own(page) else documents_about(page.actor, page.row)


def _of_own(page: PanelContext) -> bool:
    """Documents say themselves where they belong."""
    return page.resource.domain == "documents" or not page.resource.may(page.actor, "view")


@panel(
    "*",
    title=_("Hồ sơ, tài liệu"),
    order=60,
    wide=True,
    asks={"dossier": _dossiers, "documents": _documents},
)
def about_row(page: PanelContext) -> PanelBody | None:
    """The dossier of the row with what is missing, and the documents about it."""
    if _of_own(page):
        return None
    base = base_of(page.request)
    dossier = dossier_of(page.actor, page.row) if page.has("dossier") else None
    about = documents_about(page.actor, page.row)
    rows = list(about[: SHOWN_DOCUMENTS + 1]) if page.has("documents") else []
    add = _adding(page, page.row, dossier) if base == WORK else {}
    if dossier is None and not rows and not add:
        return None
    context = {
        "dossier": dossier,
        "dossier_url": dossier and detail_url(resources["documents.dossiers"], dossier.pk, base),
        "missing": [part_label(code) for code in dossier.missing] if dossier else [],
        "rows": [
            {"row": row, "url": detail_url(resources["documents.documents"], row.pk, base)}
            for row in rows[:SHOWN_DOCUMENTS]
        ],
        "has_more": len(rows) > SHOWN_DOCUMENTS,
        "signature_tones": SIGNATURE_TONES,
        **add,
    }
    return PanelBody("documents/about.html", context)


def _adding(page: PanelContext, row: ScopedModel, dossier: Dossier | None) -> dict[str, str]:
    """Addresses where something can be added, as far as the actor may."""
    found: dict[str, str] = {}
    subject = {"register": page.resource.key, "object_id": row.pk}
    if page.actor.may("documents.document.add"):
        found["upload"] = f"{UPLOAD}?{urlencode(subject)}"
    if page.actor.may("documents.document.change"):
        found |= {"link_register": page.resource.key, "link_id": str(row.pk)}
    work = work_of_register.get(page.resource.key, "")
    if dossier is None and work and page.actor.may("documents.dossier.add"):
        first = {"name": _("Hồ sơ %(row)s") % {"row": row}, "work": work}
        first |= {
            "subject": f"{page.resource.key}/{row.pk}",
            "owner_org": getattr(row, "owner_org_id", ""),
            "area": getattr(row, "area_id", ""),
        }
        found["open_dossier"] = f"/ql/documents/dossiers/them/?{urlencode(first)}"
    return found
