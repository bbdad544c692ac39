"""Two versions of a document side by side."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sen.domains.documents.models import DocumentVersion
from sen.kernel.access.middleware import actor_of
from sen.kernel.web.register.links import detail_url, list_url
from sen.kernel.web.register.views import needs_sign_in, resource_for, row_for, to_sign_in


@require_GET
def page(request: HttpRequest, row_id: int) -> HttpResponse:
    """``?a=1&b=2``: what differs between two versions; the two newest when none are named."""
    if needs_sign_in(request):
        return to_sign_in(request)
    resource = resource_for(request, "documents/documents")
    row = row_for(resource, actor_of(request), row_id)
    versions = list(DocumentVersion.objects.filter(document_id=row.pk).order_by("-number"))
    by_number = {str(version.number): version for version in versions}
    newer = by_number.get(request.GET.get("b", ""), versions[0] if versions else None)
    older = by_number.get(request.GET.get("a", ""), versions[1] if len(versions) > 1 else newer)
    context = {
        "page_title": _("So sánh phiên bản"),
        "breadcrumbs": [
            {"title": resource.title, "url": list_url(resource)},
            {"title": str(row), "url": detail_url(resource, row.pk)},
            {"title": _("So sánh phiên bản"), "url": ""},
        ],
        "row": row,
        "versions": versions,
        "older": older,
        "newer": newer,
        "rows": differences(older, newer) if older and newer else [],
    }
    return render(request, "documents/compare.html", context)


def differences(older: DocumentVersion, newer: DocumentVersion) -> list[dict[str, Any]]:
    """What a person reads of two versions, where it differs."""
    found = []
    for (label, before), (_same, after) in zip(_said(older), _said(newer), strict=True):
        if before != after:
            found.append({"label": label, "before": before, "after": after})
    return found


def _said(row: DocumentVersion) -> list[tuple[str, str]]:
    return [
        (_("Tên tệp"), row.name),
        (_("Kích thước"), filesizeformat(row.size)),
        (_("Số trang"), str(row.pages or "")),
        (_("Loại tệp"), row.mime),
        (_("Lý do"), row.note),
        (_("Nguồn"), row.get_source_display()),
        (_("Người thêm"), row.added_by_name),
        (_("Thêm lúc"), date_format(localtime(row.added_at), "H:i d/m/Y")),
        (_("Chữ ký số"), _signatures(row)),
        (_("Mã băm SHA-256"), row.sha256),
    ]


def _signatures(row: DocumentVersion) -> str:
    names = [str(item.get("signer", "")) for item in row.signatures]
    state = str(row.get_signature_state_display())
    return f"{state}: {', '.join(filter(None, names))}" if any(names) else state
