"""Pages of the books: closing years, the forms, assets without a card."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sen.domains.assets import api as assets
from sen.domains.stateassets.choices import KIND_OF_TYPE, BookStatus
from sen.domains.stateassets.models import Book, Card
from sen.domains.stateassets.reports import (
    FORMS,
    Form,
    grouped,
    heading,
    lines_at,
    movements_in,
    summed,
)
from sen.domains.stateassets.selectors import cards, last_closed_year, reckon_year
from sen.domains.stateassets.services import (
    close_book,
    confirm_card,
    drop_proposal,
    reopen_book,
)
from sen.kernel.access.middleware import actor_of
from sen.kernel.access.models import Area, Organisation
from sen.kernel.errors import SenError
from sen.kernel.web.register.links import detail_url, list_url
from sen.kernel.web.register.resource import resources
from sen.kernel.web.register.views import needs_sign_in, row_for, to_sign_in
from sen.lib.chainage import format_chainage

SHOWN_WITHOUT: Final = 500
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _crumbs(title: str) -> list[dict[str, object]]:
    resource = resources["stateassets.cards"]
    return [{"title": resource.title, "url": list_url(resource)}, {"title": title, "url": ""}]


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else otherwise


@require_http_methods(["GET", "POST"])
def closing(request: HttpRequest) -> HttpResponse:
    """What closing a year would write; then the act itself."""
    if needs_sign_in(request):
        return to_sign_in(request)
    actor = actor_of(request)
    if not actor.may(Book.access.permission("view")):
        raise Http404
    given = request.POST if request.method == "POST" else request.GET
    orgs = list(
        Organisation.objects.filter(
            pk__in=cards(actor).order_by().values("owner_org_id").distinct()
        ).order_by("name")
    )
    chosen = _number(given.get("org", ""), orgs[0].pk if orgs else 0)
    org = next((item for item in orgs if item.pk == chosen), None)
    last = last_closed_year(org.pk) if org else None
    this_year = timezone.localdate().year
    year = _number(given.get("year", ""), last + 1 if last else this_year - 1)
    context: dict[str, Any] = {
        "page_title": _("Khóa sổ tài sản theo năm"),
        "breadcrumbs": _crumbs(_("Khóa sổ")),
        "orgs": orgs,
        "org": org,
        "year": year,
        "last": last,
        "may_close": actor.may(Book.access.permission("add")),
        "books": [
            {"row": row, "url": detail_url(resources["stateassets.books"], row.pk)}
            for row in Book.objects.visible_to(actor)
            .select_related("owner_org")
            .order_by("-year", "owner_org__name")[:50]
        ],
    }
    if org is not None and request.method == "POST":
        try:
            book = close_book(actor=actor, organisation=org, year=year)
        except SenError as error:
            _say(request, error)
        else:
            messages.success(
                request,
                _("Đã khóa sổ năm %(year)s: %(n)s thẻ.") % {"year": year, "n": book.cards},
            )
            return redirect(detail_url(resources["stateassets.books"], book.pk))
    if org is not None:
        context |= _reckoned(request, org, year)
    status = 422 if request.method == "POST" else 200
    return render(request, "stateassets/closing.html", context, status=status)


def _reckoned(request: HttpRequest, org: Organisation, year: int) -> dict[str, Any]:
    """The preview by kind; why there is none."""
    try:
        found = reckon_year(actor_of(request), org, year)
    except SenError as error:
        return {"problem": str(error)}
    by: dict[str, dict[str, Any]] = {}
    for line in found.lines:
        row = by.setdefault(
            line.card.kind,
            {
                "title": line.card.get_kind_display(),
                "rate": line.rate,
                "cards": 0,
                "original": 0,
                "charge": 0,
                "residual": 0,
            },
        )
        row["cards"] += 1
        row["original"] += line.at_end.original_vnd
        row["charge"] += line.charge_vnd
        row["residual"] += line.after.residual_vnd
    kinds = list(by.values())
    names = ("cards", "original", "charge", "residual")
    return {
        "law": found.law,
        "kinds": kinds,
        "whole": {name: sum(row[name] for row in kinds) for name in names},
        "is_over": year < timezone.localdate().year,
        "is_closed": Book.objects.visible_to(actor_of(request))
        .filter(owner_org=org, year=year, status=BookStatus.CLOSED.value)
        .exists(),
    }


@require_POST
def reopen(request: HttpRequest, book_id: int) -> HttpResponse:
    """Open a closed year again."""
    if needs_sign_in(request):
        return to_sign_in(request)
    row = row_for(resources["stateassets.books"], actor_of(request), book_id)
    if not isinstance(row, Book):
        raise Http404
    try:
        reopen_book(
            actor=actor_of(request),
            row=row,
            version=_number(request.POST.get("version", ""), row.version),
            reason=request.POST.get("reason", ""),
        )
    except SenError as error:
        _say(request, error)
    else:
        messages.success(request, _("Đã mở lại sổ năm %(year)s.") % {"year": row.year})
    return redirect(detail_url(resources["stateassets.books"], row.pk))


@require_POST
def decide(request: HttpRequest, card_id: int) -> HttpResponse:
    """Put a proposed card on the books, or drop it."""
    if needs_sign_in(request):
        return to_sign_in(request)
    actor = actor_of(request)
    row = row_for(resources["stateassets.cards"], actor, card_id)
    if not isinstance(row, Card):
        raise Http404
    reason = request.POST.get("reason", "")
    version = _number(request.POST.get("version", ""), row.version)
    try:
        if request.POST.get("act") == "drop":
            drop_proposal(actor=actor, row=row, version=version, reason=reason)
        else:
            confirm_card(actor=actor, row=row, version=version, reason=reason)
    except SenError as error:
        _say(request, error)
    else:
        messages.success(request, _("Đã ghi quyết định về thẻ %(code)s.") % {"code": row.code})
    return redirect(detail_url(resources["stateassets.cards"], row.pk))


def _say(request: HttpRequest, error: SenError) -> None:
    texts = [text for found in error.fields.values() for text in found] or [error.message]
    for text in [*texts, *filter(None, [error.hint])]:
        messages.error(request, text)


@require_safe
def forms(request: HttpRequest) -> HttpResponse:
    """A form as a page to print, or (``format=xlsx``) as a spreadsheet."""
    if needs_sign_in(request):
        return to_sign_in(request)
    actor = actor_of(request)
    if not actor.may(Card.access.permission("view")):
        raise Http404
    form = FORMS.get(request.GET.get("form", "01A"))
    if form is None:
        raise Http404
    this_year = timezone.localdate().year
    year = _number(request.GET.get("year", ""), this_year)
    rows = cards(actor)
    org = _number(request.GET.get("org", ""), 0)
    area = _number(request.GET.get("area", ""), 0)
    orgs = Organisation.objects.filter(
        pk__in=rows.order_by().values("owner_org_id").distinct()
    ).order_by("name")
    areas = Area.objects.filter(pk__in=rows.order_by().values("area_id").distinct())
    if org:
        rows = rows.filter(owner_org_id=org)
    if area:
        rows = rows.filter(area_id=area)
    if form.kinds:
        rows = rows.filter(kind__in=[kind.value for kind in form.kinds])
    table = _movement_table(request, year, rows) if form.lists_movements else _table(
        request, form, year, rows
    )  # fmt: skip
    if request.GET.get("format") == "xlsx":
        return _xlsx(form, year, table)
    query = request.GET.copy()
    query["format"] = "xlsx"
    context = {
        "page_title": f"{_('Mẫu')} {form.code}: {form.title}",
        "page_sub": _("Đến ngày 31/12/%(year)s") % {"year": year},
        "breadcrumbs": _crumbs(_("Biểu mẫu")),
        "form": form,
        "forms": FORMS.values(),
        "year": year,
        "years": range(this_year, this_year - 6, -1),
        "orgs": orgs,
        "areas": areas.order_by("name"),
        "org": org,
        "area": area,
        "xlsx": f"?{query.urlencode()}",
        **table,
    }
    return render(request, "stateassets/forms.html", context)


_MONEY = {"original", "charge", "accumulated", "residual", "lost", "cards"}


def _table(request: HttpRequest, form: Form, year: int, rows: Any) -> dict[str, Any]:
    """Lines under headings, each heading with its sum; ``sums`` of all."""
    lines = lines_at(actor_of(request), year, rows)
    if form.by:
        return _summary(form, lines)
    heads = [
        _("Số thẻ"),
        _("Tên tài sản"),
        _("Loại tài sản"),
        _("Vị trí"),
        _("Số lượng"),
        _("Năm sử dụng"),
        _("Nguyên giá"),
        _("Hao mòn trong năm"),
        _("Hao mòn lũy kế"),
        _("Giá trị còn lại"),
    ]
    groups = [
        {
            "title": group.title,
            "rows": [_cells(line) for line in group.lines],
            "sum": ["", "", "", "", group.totals.cards, "", *_amounts(group)],
        }
        for group in grouped(lines, lambda card: heading(card, "owner_org"))
    ]
    whole = summed(lines)
    total = ["", "", "", "", whole.totals.cards, "", *_amounts(whole)]
    return {"heads": heads, "groups": groups, "total": total, "first_number": 4}


def _amounts(group: Any) -> list[int]:
    return [
        group.totals.original_vnd,
        group.charge_vnd,
        group.totals.accumulated_vnd,
        group.totals.residual_vnd,
    ]


def _cells(line: Any) -> list[Any]:
    card = line.card
    place = "" if card.from_m is None else format_chainage(float(card.from_m))
    if card.to_m is not None:
        place = f"{place} – {format_chainage(float(card.to_m))}"
    road = card.road.number or card.road.name if card.road else ""
    quantity = "" if card.quantity is None else f"{card.quantity.normalize():f} {card.unit}"
    return [
        card.code,
        card.name,
        str(card.get_kind_display()),
        ", ".join(filter(None, [f"{road} {place}".strip(), card.area.name])),
        quantity.replace(".", ","),
        str(card.in_use_at.year),
        line.at_end.original_vnd,
        line.charge_vnd,
        line.at_end.accumulated_vnd,
        line.at_end.residual_vnd,
    ]


def _summary(form: Form, lines: list[Any]) -> dict[str, Any]:
    outer, inner = form.by
    heads = [
        _("Nội dung"),
        _("Số thẻ"),
        _("Nguyên giá"),
        _("Hao mòn trong năm"),
        _("Hao mòn lũy kế"),
        _("Giá trị còn lại"),
    ]
    groups = []
    for group in grouped(lines, lambda card: heading(card, outer)):
        parts = grouped(group.lines, lambda card: heading(card, inner))
        groups.append(
            {
                "title": group.title,
                "rows": [[part.title, part.totals.cards, *_amounts(part)] for part in parts],
                "sum": ["", group.totals.cards, *_amounts(group)],
            }
        )
    whole = summed(lines)
    total = ["", whole.totals.cards, *_amounts(whole)]
    return {"heads": heads, "groups": groups, "total": total, "first_number": 1}


def _movement_table(request: HttpRequest, year: int, rows: Any) -> dict[str, Any]:
    heads = [
        _("Số thẻ"),
        _("Tên tài sản"),
        _("Loại biến động"),
        _("Ngày"),
        _("Chứng từ"),
        _("Tăng, giảm nguyên giá"),
        _("Tăng, giảm hao mòn"),
    ]
    groups: dict[str, dict[str, Any]] = {}
    for item in movements_in(actor_of(request), year, rows):
        group = groups.setdefault(
            item.owner_org.name, {"title": item.owner_org.name, "rows": [], "sum": [0, 0]}
        )
        group["rows"].append(
            [
                item.card.code,
                item.card.name,
                str(item.get_kind_display()),
                f"{item.on:%d/%m/%Y}",
                item.document,
                item.original_vnd,
                item.accumulated_vnd,
            ]
        )
        group["sum"][0] += item.original_vnd
        group["sum"][1] += item.accumulated_vnd
    for group in groups.values():
        group["sum"] = ["", "", "", "", len(group["rows"]), *group["sum"]]
    found = list(groups.values())
    total = ["", "", "", "", *(sum(g["sum"][place] for g in found) for place in (4, 5, 6))]
    return {"heads": heads, "groups": found, "total": total, "first_number": 5}


def _xlsx(form: Form, year: int, table: dict[str, Any]) -> HttpResponse:
    from sen.kernel.web.register.sheets import xlsx_file

    def lines() -> Any:
        for group in table["groups"]:
            for row in group["rows"]:
                yield [group["title"], *row]
            yield [_("Cộng %(what)s") % {"what": group["title"]}, *group["sum"]]
        yield [_("Tổng cộng"), *table["total"]]

    content = xlsx_file(form.code, [_("Nhóm"), *table["heads"]], lines())
    response = HttpResponse(content, content_type=XLSX)
    name = f"mau-{form.code.lower()}-{year}.xlsx"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
def without(request: HttpRequest) -> HttpResponse:
    """Assets that ought to be on the books and are not."""
    if needs_sign_in(request):
        return to_sign_in(request)
    actor = actor_of(request)
    if not actor.may(Card.access.permission("view")):
        raise Http404
    kept = Card.objects.visible_to(actor).filter(asset__isnull=False).order_by()
    rows = (
        assets.assets(actor)
        .filter(type__in=list(KIND_OF_TYPE))
        .exclude(status="REMOVED")
        .exclude(pk__in=kept.values("asset_id"))
        .select_related("owner_org", "area")
        .defer("geom")
    )
    found = list(rows[: SHOWN_WITHOUT + 1])
    context = {
        "page_title": _("Công trình chưa có thẻ tài sản"),
        "breadcrumbs": _crumbs(_("Chưa có thẻ")),
        "rows": found[:SHOWN_WITHOUT],
        "has_more": len(found) > SHOWN_WITHOUT,
        "may_add": actor.may(Card.access.permission("add")),
    }
    return render(request, "stateassets/without.html", context)
