"""Pages on which a row is split by a drawn line, or merged with a neighbour."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.gis.geos import GEOSGeometry
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from sen.kernel.access.middleware import actor_of
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import Actor
from sen.kernel.audit.models import AuditEntry
from sen.kernel.errors import ConflictError, SenError
from sen.kernel.geo.layers import GeometryKind
from sen.kernel.numbers import number_text
from sen.kernel.web.register.forms import ChainageField, RegisterForm
from sen.kernel.web.register.links import WORK, base_of, detail_url
from sen.kernel.web.register.panels import PanelBody, PanelContext, panel
from sen.kernel.web.register.resource import Resource
from sen.kernel.web.register.shapefield import ShapeField
from sen.kernel.web.register.shaping import (
    MERGE,
    SPLIT,
    Part,
    Reshape,
    merge_rows,
    merged_values,
    parts_of,
    reshape_of,
    split_row,
    values_of,
)
from sen.kernel.web.register.views import (
    crumbs,
    needs_sign_in,
    resource_for,
    row_for,
    to_sign_in,
)

#: Neighbours within so many degrees (some 20 m) are offered for merging.
NEAR_DEG: Final = 0.0002
SHOWN: Final = 20


class SplitForm(forms.Form):
    """The line that cuts, and why."""

    cut = ShapeField(
        kinds=(GeometryKind.LINE,),
        stored="LINESTRING",
        label=gettext_lazy("Đường tách"),
        help_text=gettext_lazy("Vẽ một đường cắt ngang đối tượng, vượt ra ngoài hai bên."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Lý do"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("Ghi vào nhật ký."),
    )


def _row(request: HttpRequest, path: str, row_id: int) -> tuple[Resource[Any], ScopedModel]:
    resource = resource_for(request, path, "change")
    if reshape_of(resource) is None:
        raise Http404(_("Danh mục này không tách, gộp được."))
    return resource, row_for(resource, actor_of(request), row_id, "change")


def _page(resource: Resource[Any], row: ScopedModel, title: str) -> dict[str, Any]:
    url = detail_url(resource, row.pk)
    return {
        "resource": resource,
        "row": row,
        "url": url,
        "page_title": title,
        "breadcrumbs": [
            *crumbs(resource, WORK, link=True),
            {"title": str(row), "url": url},
            {"title": title, "url": ""},
        ],
    }


@require_http_methods(["GET", "POST"])
def split_page(request: HttpRequest, path: str, row_id: int) -> HttpResponse:
    """First the line, then what would become of every field, then the act."""
    if needs_sign_in(request):
        return to_sign_in(request)
    resource, row = _row(request, path, row_id)
    actor = actor_of(request)
    form = SplitForm(request.POST or None)
    form.fields["cut"].widget.attrs["data-pick-focus"] = _focus(getattr(row, "geom", None))
    context = _page(resource, row, _("Tách “%(name)s”") % {"name": row}) | {"form": form}
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        line = form.cleaned_data["cut"]
        try:
            parts = parts_of(resource, actor, row, line)
            fresh = [_fresh(request, resource, number, part) for number, part in _others(parts)]
            if request.POST.get("act") == "run":
                made = split_row(
                    actor=actor,
                    resource=resource,
                    row=row,
                    version=_number(request, "version", row.version),
                    line=line,
                    fresh=fresh,
                    reason=form.cleaned_data["reason"],
                )
                done = _("Đã tách thành %(n)s đối tượng.") % {"n": len(made)}
                messages.success(request, done)
                return redirect(detail_url(resource, row.pk))
            context |= _preview(resource, actor, row, parts, fresh)
            status = 200
        except ConflictError as error:
            context["error"], status = error, 409
        except SenError as error:
            context["error"] = error
            context |= _preview_if_cut(resource, actor, row, line, request)
    return render(request, "sen/register/split.html", context, status=status)


def _preview_if_cut(
    resource: Resource[Any], actor: Actor, row: ScopedModel, line: Any, request: HttpRequest
) -> dict[str, Any]:
    """What was typed stays beside the fault of a service."""
    try:
        parts = parts_of(resource, actor, row, line)
    except SenError:
        return {}
    fresh = [_fresh(request, resource, number, part) for number, part in _others(parts)]
    return _preview(resource, actor, row, parts, fresh)


def _others(parts: list[Part]) -> list[tuple[int, Part]]:
    return list(enumerate(parts))[1:]


def _fresh(
    request: HttpRequest, resource: Resource[Any], number: int, part: Part
) -> dict[str, str]:
    """The typed values of a new part; suggested ones at first."""
    rules = _reshape(resource)
    return {
        name: request.POST.get(f"fresh-{number}-{name}", "").strip()
        or str(part.values.get(name) or "")
        for name in rules.fresh
        if name in part.values
    }


def _reshape(resource: Resource[Any]) -> Reshape:
    rules = reshape_of(resource)
    if rules is None:
        raise Http404
    return rules


def _preview(
    resource: Resource[Any],
    actor: Actor,
    row: ScopedModel,
    parts: list[Part],
    fresh: list[dict[str, str]],
) -> dict[str, Any]:
    rules = _reshape(resource)
    labels = {item.name: resource.label_of(item) for item in resource.form_fields}
    unit = "m²" if parts[0].shape.dims == 2 else "m"
    form = RegisterForm(resource, actor, row)
    rows = []
    for name in parts[0].values:
        cells = [_named(form, name, part.values.get(name)) for part in parts]
        if name in rules.fresh or not any(cells):
            continue
        changed = len(set(cells)) > 1
        rule = _("chia theo tỷ lệ") if name in rules.shared else _("tính từ hình mới")
        rows.append(
            {
                "label": labels.get(name, name),
                "rule": rule if changed else _("giữ như cũ ở mọi phần"),
                "cells": cells,
            }
        )
    inputs = [
        {
            "number": number,
            "fields": [
                {
                    "name": f"fresh-{number}-{name}",
                    "label": labels.get(name, name),
                    "value": fresh[number - 1].get(name, ""),
                }
                for name in fresh[number - 1]
            ],
        }
        for number, _part in _others(parts)
    ]
    return {
        "parts": [
            {
                "title": str(row) if number == 0 else _("Phần mới %(n)s") % {"n": number},
                "amount": f"{number_text(round(part.amount, 1))} {unit}",
                "share": f"{number_text(round(part.share * 100, 1))} %",
            }
            for number, part in enumerate(parts)
        ],
        "rules": rows,
        "inputs": inputs,
    }


def _said(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("Có") if value else _("Không")
    return number_text(value) if isinstance(value, int | float) else str(value)


def _number(request: HttpRequest, name: str, usual: int) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else usual


def _focus(shape: Any) -> str:
    if not isinstance(shape, GEOSGeometry):
        return ""
    middle = shape.point_on_surface if shape.dims == 2 else shape.centroid
    return f"{middle.x:.6f},{middle.y:.6f},15"


@require_http_methods(["GET", "POST"])
def merge_page(request: HttpRequest, path: str, row_id: int) -> HttpResponse:
    """Choose a neighbour, then which value of every field stays, then the act."""
    if needs_sign_in(request):
        return to_sign_in(request)
    resource, row = _row(request, path, row_id)
    actor = actor_of(request)
    context = _page(resource, row, _("Gộp với “%(name)s”") % {"name": row})
    other = _other(request, resource, actor, row)
    context["neighbours"] = _neighbours(resource, actor, row)
    status = 200
    if other is not None:
        context["other"] = other
        chosen = {
            name.removeprefix("keep-"): str(value)
            for name, value in request.POST.items()
            if name.startswith("keep-")
        }
        try:
            if request.method == "POST":
                kept = merge_rows(
                    actor=actor,
                    resource=resource,
                    keep=row,
                    other=other,
                    versions=(
                        _number(request, "version", row.version),
                        _number(request, "other-version", other.version),
                    ),
                    chosen=chosen,
                    reason=request.POST.get("reason", ""),
                )
                messages.success(request, _("Đã gộp vào “%(name)s”.") % {"name": kept})
                return redirect(detail_url(resource, kept.pk))
            merged_values(resource, actor, row, other)
        except SenError as error:
            context["error"] = error
            status = error.status if request.method == "POST" else 200
        context["rules"] = _differences(resource, actor, row, other, chosen)
    return render(request, "sen/register/merge.html", context, status=status)


def _other(
    request: HttpRequest, resource: Resource[Any], actor: Actor, row: ScopedModel
) -> ScopedModel | None:
    asked = request.POST.get("other") or request.GET.get("other") or ""
    if not asked.isdecimal() or len(asked) > 18 or int(asked) == row.pk:
        return None
    return row_for(resource, actor, int(asked), "change")


def _neighbours(resource: Resource[Any], actor: Actor, row: ScopedModel) -> list[ScopedModel]:
    """Rows of the register that touch this one, or nearly."""
    shape = getattr(row, "geom", None)
    if not isinstance(shape, GEOSGeometry):
        return []
    near = resource.rows(actor, "change").filter(geom__dwithin=(shape, NEAR_DEG))
    return [
        found
        for found in near.exclude(pk=row.pk).order_by("id")[: SHOWN * 3]
        if getattr(found, "geom", None) is not None and found.geom.dims == shape.dims
    ][:SHOWN]


def _differences(
    resource: Resource[Any],
    actor: Actor,
    row: ScopedModel,
    other: ScopedModel,
    chosen: dict[str, str],
) -> list[dict[str, Any]]:
    rules = _reshape(resource)
    ours, theirs = values_of(resource, actor, row), values_of(resource, actor, other)
    form = RegisterForm(resource, actor, row)
    found = []
    for name, value in ours.items():
        mine, yours = _named(form, name, value), _named(form, name, theirs.get(name))
        if mine == yours:
            continue
        found.append(
            {
                "name": name,
                "label": form.fields[name].label,
                "ours": mine,
                "theirs": yours,
                "is_sum": name in rules.shared,
                "takes_other": chosen.get(name) == "other",
            }
        )
    return found


def _named(form: RegisterForm, name: str, value: Any) -> str:
    """A value as the form shows it: the label of a choice, a chainage as Km."""
    field = form.fields[name]
    if not isinstance(field, forms.ModelChoiceField):
        choices = dict(getattr(field, "choices", ()))
        if value in choices and value != "":
            return str(choices[value])
        if isinstance(field, ChainageField):
            return _said(field.prepare_value(value))
    return _said(value)


@panel("*", title=gettext_lazy("Tách, gộp"), order=90)
def lineage(page: PanelContext) -> PanelBody | None:
    """The way to split and merge, and from what a row came."""
    if reshape_of(page.resource) is None or base_of(page.request) != WORK:
        return None
    resource = page.resource.rule.resource
    entries = AuditEntry.objects.filter(
        resource=resource,
        object_id=str(page.row.pk),
        act__in=(f"{resource}.{SPLIT}", f"{resource}.{MERGE}"),
    ).order_by("-id")[:SHOWN]
    may = page.resource.may_on(page.actor, "change", page.row)
    steps = [_step(page.resource, entry) for entry in entries]
    shape = getattr(page.row, "geom", None)
    may_cut = may and isinstance(shape, GEOSGeometry) and shape.dims > 0
    if not steps and not may_cut:
        return None
    url = detail_url(page.resource, page.row.pk) if may_cut else ""
    return PanelBody("sen/register/lineage.html", {"steps": steps, "url": url})


def _step(resource: Resource[Any], entry: AuditEntry) -> dict[str, Any]:
    detail = entry.detail
    links: list[tuple[str, str]] = []
    if "from" in detail:
        text = _("Tách ra từ")
        links = [(detail["from_label"], detail_url(resource, detail["from"]))]
    elif "into" in detail:
        text = _("Đã tách ra")
        links = [(label, detail_url(resource, pk)) for pk, label in detail["into"]]
    else:
        text = _("Đã gộp vào đây")
        links = [(detail.get("absorbed_label", ""), "")]
    return {"text": text, "links": links, "at": entry.at, "who": entry.actor_name}
