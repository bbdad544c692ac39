"""Publications for everybody, their files and paper, and the steps of officials."""

from __future__ import annotations

from typing import Any, Final

import orjson
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sen.domains.loadnotices import services
from sen.domains.loadnotices.choices import Kind, Status
from sen.domains.loadnotices.models import LimitItem, LoadNotice
from sen.domains.loadnotices.selectors import current_items, current_notice, items_of, notices
from sen.domains.loadnotices.web.resources import CHANGE_TONES
from sen.domains.loadnotices.web.texts import cells_of, heads, plain, shown
from sen.kernel.access.middleware import actor_of
from sen.kernel.errors import SenError
from sen.kernel.web.register.filters import search_q
from sen.kernel.web.register.links import detail_url
from sen.kernel.web.register.resource import resources
from sen.kernel.web.register.views import needs_sign_in, row_for, to_sign_in

PAGE: Final = 50
FORMATS: Final = ("xlsx", "csv", "json", "geojson")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What holds now, for citizens and firms: map, list, files, notices since."""
    actor = actor_of(request)
    held = current_notice(actor)
    rows = current_items(actor).filter(is_limited=True)
    text = request.GET.get("q", "").strip()[:100]
    if text:
        rows = rows.filter(search_q(text))
    if request.GET.get("loai") in LimitItem.Subject.values:
        rows = rows.filter(subject=request.GET["loai"])
    page = Paginator(rows.select_related("notice").defer("geom", "search"), PAGE).get_page(
        request.GET.get("trang")
    )
    published = notices(actor).filter(status=Status.PUBLISHED.value)
    since = published.filter(kind=Kind.CHANGE.value)
    if held is not None:
        since = since.filter(published_at__gte=held.published_at)
    context = {
        "page_title": _("Tải trọng, khổ giới hạn của đường bộ"),
        "held": held,
        "since": since[:10],
        "former": published.filter(kind=Kind.YEARLY.value)[:10],
        "page": page,
        "rows": shown(page.object_list),
        "subjects": LimitItem.Subject.choices,
        "q": text,
        "subject": request.GET.get("loai", ""),
        "files": FORMATS,
    }
    return render(request, "loadnotices/home.html", context)


def notice_for(request: HttpRequest, code: str) -> LoadNotice:
    """The publication of an address, if the actor may see it.

    Raises:
        Http404: it does not exist, or not for this actor.
    """
    row = notices(actor_of(request)).filter(code=code).first()
    if row is None:
        raise Http404(_("Không có công bố này."))
    return row


@require_safe
def one(request: HttpRequest, code: str) -> HttpResponse:
    """One publication: its facts, what changed, every item."""
    row = notice_for(request, code)
    rows = items_of(actor_of(request), row).defer("geom", "search")
    only = request.GET.get("xem", "han-che")
    asked = {"han-che": Q(is_limited=True), "thay-doi": ~Q(change="SAME"), "tat-ca": Q()}
    page = Paginator(rows.filter(asked.get(only, Q())), PAGE).get_page(request.GET.get("trang"))
    context = {
        "page_title": row.name,
        "row": row,
        "page": page,
        "rows": shown(page.object_list),
        "tones": CHANGE_TONES,
        "only": only if only in asked else "tat-ca",
        "files": FORMATS,
    }
    return render(request, "loadnotices/notice.html", context)


@require_safe
def printed(request: HttpRequest, code: str) -> HttpResponse:
    """A publication on paper: what is limited, and what changed."""
    row = notice_for(request, code)
    rows = items_of(actor_of(request), row).defer("geom", "search")
    import segno

    house = settings.SEN_PUBLIC_URL or request.build_absolute_uri("/")
    address = f"{house.rstrip('/')}/tai-trong/{row.code}/"
    context = {
        "page_title": row.name,
        "row": row,
        "rows": shown(rows.filter(Q(is_limited=True) | ~Q(change="SAME"))),
        "qr": segno.make(address, error="m").svg_inline(scale=3, border=2),
        "address": address,
        "back": f"/tai-trong/{row.code}/",
    }
    return render(request, "loadnotices/print.html", context)


@require_safe
def file_of(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """A publication, or what holds now, as open data."""
    actor = actor_of(request)
    if kind not in FORMATS:
        raise Http404
    if code == "hien-hanh":
        rows, name = current_items(actor), _("Tải trọng, khổ giới hạn đang áp dụng")
    else:
        notice = notice_for(request, code)
        rows, name = items_of(actor, notice), notice.name
    answer = HttpResponse(**_file(list(rows.defer("search")), name, kind))
    file = f"{slugify(code)}-tai-trong.{kind}"
    answer["Content-Disposition"] = f'attachment; filename="{file}"'
    return answer


def _file(rows: list[LimitItem], name: str, kind: str) -> dict[str, Any]:
    from sen.kernel.web.register import sheets

    if kind == "json":
        body = orjson.dumps({"title": name, "items": [plain(row) for row in rows]}, default=str)
        return {"content": body, "content_type": "application/json"}
    if kind == "csv":
        made = sheets.csv_file(heads(), map(cells_of, rows))
    elif kind == "xlsx":
        made = sheets.xlsx_file(_("Tải trọng, khổ giới hạn"), heads(), map(cells_of, rows))
    else:
        names = list(plain(rows[0])) if rows else []
        made = sheets.geojson_file(
            names,
            (
                (row.pk, None if row.geom is None else row.geom.json, list(plain(row).values()))
                for row in rows
            ),
        )
    return {"content": made, "content_type": sheets.CONTENT_TYPES[kind]}


@require_POST
def step(request: HttpRequest, notice_id: int, what: str) -> HttpResponse:
    """One step of the course; what is wrong is told on the page of the publication."""
    if needs_sign_in(request):
        return to_sign_in(request)
    row = row_for(resources["loadnotices.notices"], actor_of(request), notice_id)
    if not isinstance(row, LoadNotice) or what not in _STEPS:
        raise Http404
    version = request.POST.get("version", "")
    values: dict[str, Any] = {
        "version": int(version) if version.isdecimal() and len(version) < 10 else None
    }
    for name in _FIELDS.get(what, ()):
        values[name] = request.POST.get(name, "")
    try:
        _STEPS[what](actor=actor_of(request), row=row, **values)
    except SenError as error:
        for text in [t for found in error.fields.values() for t in found] or [str(error)]:
            messages.error(request, text)
    else:
        messages.success(request, _("Đã ghi."))
    return redirect(detail_url(resources["loadnotices.notices"], row.pk))


_STEPS: Final[dict[str, Any]] = {
    "kiem-tra": services.check_notice,
    "duyet": services.approve_notice,
    "cong-bo": services.publish_notice,
    "tra-ve": services.return_notice,
}
_FIELDS: Final = {"cong-bo": ("number",), "tra-ve": ("reason",)}
