"""Acts on permits, the printed permit, the question for a route, and the public check."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sen.domains.norms import api as norms
from sen.domains.permits import services
from sen.domains.permits.choices import Status
from sen.domains.permits.data import Vehicle
from sen.domains.permits.models import Permit
from sen.domains.permits.rules import is_in_force
from sen.domains.permits.selectors import check_route, legs_from, legs_of
from sen.domains.permits.web.texts import check_context, leg_text
from sen.kernel.access.context import as_system
from sen.kernel.access.middleware import actor_of
from sen.kernel.attributes.labels import said, said_value
from sen.kernel.errors import InvalidInputError, NotFoundError, RuleNotInForceError, SenError
from sen.kernel.web.register.links import PUBLIC, WORK, detail_url
from sen.kernel.web.register.resource import resources
from sen.kernel.web.register.views import crumbs, needs_sign_in, row_for, to_sign_in
from sen.lib.errors import InputError
from sen.lib.units import parse_date, parse_number

#: Figures of a vehicle that the question for a route asks for.
FIGURES: Final = ("gross_t", "axle_t", "height_m", "width_m")


def permit_for(request: HttpRequest, permit_id: int) -> Permit:
    """The permit of a page, if the actor may see it.

    Raises:
        Http404: it does not exist, or not for this actor.
    """
    row = row_for(resources["permits.all"], actor_of(request), permit_id)
    if not isinstance(row, Permit):
        raise TypeError(f"permits.all shows permits, not {type(row).__name__}")
    return row


def page_of(row: Permit) -> str:
    return detail_url(resources[f"permits.{row.type.slug}"], row.pk)


@require_safe
def own_page(request: HttpRequest, row_id: int) -> HttpResponse:
    """The register of all permits has no pages of its own: a kind has attributes to show."""
    if needs_sign_in(request):
        return to_sign_in(request)
    row = permit_for(request, row_id)
    base = PUBLIC if request.path.startswith(PUBLIC) else WORK
    url = detail_url(resources[f"permits.{row.type.slug}"], row.pk, base)
    query = request.GET.urlencode()
    return redirect(f"{url}?{query}" if query else url)


@require_POST
def act(request: HttpRequest, permit_id: int, what: str) -> HttpResponse:
    """One act of the course; what is wrong is told on the page of the permit."""
    if needs_sign_in(request):
        return to_sign_in(request)
    row = permit_for(request, permit_id)
    try:
        values = _values(request, what)
        _ACTS[what](actor=actor_of(request), row=row, **values)
    except SenError as error:
        texts = [text for found in error.fields.values() for text in found] or [str(error)]
        hint = [str(error.hint)] if error.hint else []
        for text in [*texts, *hint]:
            messages.error(request, text)
    else:
        messages.success(request, _("Đã ghi."))
    return redirect(page_of(row))


_ACTS: Final[dict[str, Any]] = {
    "cap": services.issue_permit,
    "tu-choi": services.refuse_permit,
    "gia-han": services.extend_permit,
    "thu-hoi": services.revoke_permit,
    "kiem-tra": services.inspect_site,
    "ket-thuc": services.hand_back_site,
}
_FIELDS: Final = {
    "cap": ("valid_from!", "valid_to!", "number", "signer", "conditions", "measures"),
    "tu-choi": ("reason", "number"),
    "gia-han": ("valid_to!", "reason", "number"),
    "thu-hoi": ("reason", "number"),
    "kiem-tra": ("result", "note", "person", "on", "mend_by"),
    "ket-thuc": ("note", "person", "on"),
}
_DATES: Final = frozenset({"valid_from", "valid_to", "on", "mend_by"})


def _values(request: HttpRequest, what: str) -> dict[str, Any]:
    """The fields of an act as its service takes them; ``!`` marks what must be there."""
    if what not in _ACTS:
        raise Http404
    values: dict[str, Any] = {}
    for mark in _FIELDS[what]:
        name = mark.rstrip("!")
        text = request.POST.get(name, "").strip()
        if name in _DATES:
            found = _date(name, text)
            if found is None and mark.endswith("!"):
                raise InvalidInputError({name: _("Hãy ghi đủ thời hạn của giấy phép.")})
            values[name] = found
        elif text or name not in ("conditions", "measures"):
            values[name] = text
    if what != "kiem-tra":
        version = request.POST.get("version", "")
        values["version"] = int(version) if version.isdecimal() and len(version) < 10 else None
    return values


def _date(name: str, text: str) -> date | None:
    if not text:
        return None
    try:
        return parse_date(text)
    except InputError as error:
        raise InvalidInputError({name: _(error.template) % error.params}) from error


@require_safe
def printed(request: HttpRequest, permit_id: int) -> HttpResponse:
    """The permit on paper, with a code that leads to its public check."""
    if needs_sign_in(request):
        return to_sign_in(request)
    row = permit_for(request, permit_id)
    if row.status in (Status.RECEIVED, Status.REFUSED):
        raise Http404(_("Chưa có giấy phép để in."))
    house = settings.SEN_PUBLIC_URL or request.build_absolute_uri("/")
    address = f"{house.rstrip('/')}/giay-phep/{row.check_code}/"
    context = {
        "row": row,
        "kind": said(row.type.name),
        "rows": [
            (said(item.label), said_value(item, row.attributes.get(item.name)))
            for item in row.type.attributes
            if row.attributes.get(item.name) is not None
        ],
        "legs": [leg_text(leg) for leg in legs_of(row)],
        "qr": qr_svg(address),
        "address": address,
        "basis": _basis(row),
        "page_title": f"{_('Giấy phép')} {row.number}",
        "back": page_of(row),
        "is_void": row.status not in (Status.ISSUED, Status.EXPIRED),
    }
    return render(request, "permits/print.html", context)


def qr_svg(text: str) -> str:
    """A QR code as a picture that a page holds."""
    import segno

    return str(segno.make(text, error="m").svg_inline(scale=3, border=2))


def _basis(row: Permit) -> str:
    """The rule by which it was decided, with a word where it is not certain."""
    try:
        found = norms.ruling(
            row.type.deadline_norm, on=row.received_at, permit=row.type.deadline_case
        )
    except (NotFoundError, RuleNotInForceError):
        return ""
    return found.document


@require_safe
def genuine(request: HttpRequest, check_code: str) -> HttpResponse:
    """Whether a permit in somebody's hand is genuine and holds today: no personal data."""
    with as_system("whoever holds the paper may ask whether it is genuine"):
        row = Permit.objects.select_related("owner_org", "road").filter(check_code=check_code)
        found = row.exclude(status=Status.RECEIVED.value).first()
        legs = [leg_text(leg) for leg in legs_of(found)] if found else []
    today = timezone.localdate()
    context: dict[str, Any] = {"page_title": _("Kiểm tra giấy phép"), "today": today}
    if found is not None:
        shown = ("plate", "trailer_plate", "gross_t", "length_m", "width_m", "height_m")
        items = found.type.by_name
        context |= {
            "row": found,
            "kind": said(found.type.name),
            "holds": is_in_force(found.status, found.valid_from, found.valid_to, today),
            "legs": legs,
            "rows": [
                (said(items[name].label), said_value(items[name], found.attributes[name]))
                for name in shown
                if name in items and name in found.attributes
            ],
        }
    return render(request, "permits/genuine.html", context, status=200 if found else 404)


@require_safe
def ask_route(request: HttpRequest) -> HttpResponse:
    """May this vehicle drive this route: for officials and for whoever plans a transport."""
    is_public = not request.path.startswith(WORK)
    if not is_public and needs_sign_in(request):
        return to_sign_in(request)
    title = _("Kiểm tra lộ trình xe quá tải, quá khổ")
    context: dict[str, Any] = {
        "shell": "sen/public.html" if is_public else "sen/shell.html",
        "page_title": title,
        "is_public": is_public,
        "asked": {name: request.GET.get(name, "") for name in ("route", *FIGURES, "combination")},
        "limits": _limits(),
        "breadcrumbs": []
        if is_public
        else [*crumbs(resources["permits.all"], WORK, link=True), {"title": title, "url": ""}],
    }
    status = 200
    if request.GET.get("route"):
        try:
            legs = legs_from(actor_of(request), request.GET["route"])
            found = check_route(legs=legs, vehicle=_vehicle(request), on=timezone.localdate())
        except InvalidInputError as error:
            context["error"], status = error, 422
        else:
            context |= {"answered": True, "legs": [leg_text(leg) for leg in legs]}
            context |= check_context(found, PUBLIC if is_public else WORK)
    return render(request, "permits/ask.html", context, status=status)


def _vehicle(request: HttpRequest) -> Vehicle:
    values: dict[str, float | None] = {}
    faults: dict[str, str] = {}
    for name in FIGURES:
        text = request.GET.get(name, "").strip()
        try:
            values[name] = float(parse_number(text)) if text else None
        except InputError as error:
            faults[name] = _(error.template) % error.params
    if not faults and not any(values.values()):
        faults["gross_t"] = _("Hãy ghi ít nhất một số đo của xe.")
    if faults:
        raise InvalidInputError(faults)
    return Vehicle(**values, combination=request.GET.get("combination", ""))


def _limits() -> list[dict[str, Any]]:
    """From which figures on a vehicle needs a permit, with the rule."""
    words = {
        "gross_t": (_("Tổng trọng lượng"), "t"),
        "length_m": (_("Chiều dài"), "m"),
        "width_m": (_("Chiều rộng"), "m"),
        "height_m": (_("Chiều cao"), "m"),
    }
    found = []
    for name, (text, unit) in words.items():
        try:
            rule = norms.ruling("loads.oversize", on=timezone.localdate(), kind=name)
        except (NotFoundError, RuleNotInForceError):
            continue
        found.append({"text": text, "value": rule.value, "unit": unit, "rule": rule})
    return found
