"""Separator sheets to print: one page for each document of a pile."""

from __future__ import annotations

from typing import Any, Final

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sen.domains.digitisation.rules.separators import Separator, write_code
from sen.domains.digitisation.web.intake import REGISTER
from sen.domains.digitisation.web.searching import kinds
from sen.domains.documents import api as documents
from sen.kernel.access.middleware import actor_of
from sen.kernel.web.register.views import needs_sign_in, resource_for, to_sign_in

MOST: Final = 60


def drawn(separator: Separator) -> SafeString:
    """The code as SVG; level H is read even when a third of it is torn or soiled."""
    code = segno.make(write_code(separator), error="h", micro=False)
    svg = code.svg_inline(scale=8, border=4, svgclass="sheet-code", lineclass=None, omitsize=True)
    return mark_safe(svg)  # noqa: S308  drawn by segno from our own text


@require_GET
def sheets(request: HttpRequest) -> HttpResponse:
    """Choose a dossier, get a sheet for each of its parts and kinds, print."""
    if needs_sign_in(request):
        return to_sign_in(request)
    resource_for(request, REGISTER, "add")
    actor = actor_of(request)
    chosen = request.GET.get("ho-so", "")
    dossier = None
    if chosen.isdigit():
        dossier = documents.dossiers(actor).filter(pk=int(chosen)).first()
    names = kinds()
    kind = request.GET.get("loai", "")
    wanted = request.GET.getlist("phan")
    offered = documents.part_choices(dossier.work) if dossier else []
    parts = [(code, name) for code, name in offered if not wanted or code in wanted]
    made: list[dict[str, Any]] = []
    for code, name in parts or [("", "")]:
        separator = Separator(dossier.code if dossier else "", kind if kind in names else "", code)
        made.append({"code": drawn(separator), "part": name, "kind": names.get(kind, "")})
    context = {
        "page_title": _("Tờ phân cách"),
        "dossier": dossier,
        "kind": kind,
        "kinds": names,
        "offered": offered,
        "wanted": wanted,
        "sheets": made[:MOST],
    }
    return render(request, "digitisation/separators.html", context)
