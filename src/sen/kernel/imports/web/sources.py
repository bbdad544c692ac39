"""The register of other offices' layers, and the harvests that wait for a decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError, NotFoundError, PermissionDeniedError, SenError
from sen.kernel.imports import harvesting
from sen.kernel.imports.importer import importers
from sen.kernel.imports.jobs import harvest_source
from sen.kernel.imports.models import Harvest, ImportProfile, Source
from sen.kernel.imports.web.pages import page
from sen.kernel.jobs.services import enqueue
from sen.kernel.web.register.resource import resources

TONES = {
    Harvest.State.SAME: "",
    Harvest.State.WAITING: "warn",
    Harvest.State.APPLIED: "ok",
    Harvest.State.REFUSED: "danger",
    Harvest.State.REJECTED: "",
    Harvest.State.FAILED: "danger",
}
WORDS = {
    "added": gettext_lazy("mới"),
    "changed": gettext_lazy("thay đổi"),
    "vanished": gettext_lazy("biến mất"),
}


class SourceForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Tên nguồn"), max_length=120)
    kind = forms.ChoiceField(label=gettext_lazy("Loại dữ liệu"))
    protocol = forms.ChoiceField(label=gettext_lazy("Giao thức"), choices=Source.Protocol.choices)
    url = forms.CharField(
        label=gettext_lazy("Địa chỉ dịch vụ"),
        max_length=500,
        help_text=gettext_lazy("Ví dụ https://gis.so-abc.gov.vn/geoserver/wfs hoặc …/ogc"),
    )
    layer = forms.CharField(label=gettext_lazy("Lớp"), max_length=200)
    key_column = forms.CharField(
        label=gettext_lazy("Cột mã"),
        max_length=120,
        help_text=gettext_lazy("Cột nhận ra một bản ghi từ lần này sang lần khác."),
    )
    srid = forms.IntegerField(
        label=gettext_lazy("Hệ tọa độ (EPSG)"),
        required=False,
        min_value=1000,
        max_value=999_999,
        help_text=gettext_lazy("Để trống thì theo máy chủ."),
    )
    profile = forms.ModelChoiceField(
        label=gettext_lazy("Cấu hình nhập"), queryset=ImportProfile.objects.none(), required=False
    )
    schedule = forms.ChoiceField(label=gettext_lazy("Lịch lấy"), choices=Source.Schedule.choices)
    apply_rule = forms.ChoiceField(label=gettext_lazy("Cách nhập"), choices=Source.Apply.choices)
    is_active = forms.BooleanField(label=gettext_lazy("Đang dùng"), required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = [one for one in importers if actor.may(one.permission)]
        self.fields["kind"].choices = [(one.kind, str(one.title)) for one in allowed]  # type: ignore[attr-defined]
        profiles = ImportProfile.objects.filter(kind__in=[one.kind for one in allowed])
        self.fields["profile"].queryset = profiles.order_by("name")  # type: ignore[attr-defined]


def _may(request: HttpRequest, permission: str) -> Actor:
    actor = actor_of(request)
    if not actor.may(permission):
        raise PermissionDeniedError(permission)
    return actor


def _source(source_id: int) -> Source:
    found = Source.objects.filter(pk=source_id).first()
    if found is None:
        raise NotFoundError(_("nguồn dữ liệu"), source_id)
    return found


def _crumbs(*more: str) -> Sequence[dict[str, str]]:
    return [
        {"title": _("Nguồn dữ liệu"), "url": reverse("sources")},
        *({"title": title, "url": ""} for title in more),
    ]


@require_GET
@never_cache
@page
def source_list(request: HttpRequest) -> HttpResponse:
    """All sources with their last harvest."""
    actor = _may(request, harvesting.VIEW)
    rows = []
    for source in Source.objects.order_by("name"):
        last = source.harvests.order_by("-id").first()
        title = importers[source.kind].title if source.kind in importers else source.kind
        tone = TONES[Harvest.State(last.state)] if last else ""
        rows.append({"source": source, "last": last, "tone": tone, "title": title})
    context = {
        "page_title": _("Nguồn dữ liệu"),
        "page_sub": _("Lớp của đơn vị khác, lấy định kỳ qua WFS hoặc OGC API Features"),
        "rows": rows,
        "may_change": actor.may(harvesting.CHANGE),
    }
    return render(request, "sen/imports/sources.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
@page
def source_form(request: HttpRequest, source_id: int = 0) -> HttpResponse:
    """Register a source, or change one."""
    actor = _may(request, harvesting.CHANGE)
    source = _source(source_id) if source_id else None
    first: dict[str, Any] = (
        {name: getattr(source, name) for name in SourceForm.base_fields}
        if source is not None
        else {"is_active": True, "schedule": Source.Schedule.DAILY, "apply_rule": Source.Apply.ASK}
    )
    form = SourceForm(request.POST or None, initial=first, actor=actor)
    if request.method == "POST" and form.is_valid():
        try:
            saved = harvesting.save_source(actor=actor, source=source, **form.cleaned_data)
            return redirect("source", source_id=saved.pk)
        except InvalidInputError as error:
            for name, texts in error.fields.items():
                form.add_error(name if name in form.fields else None, list(texts))
    title = source.name if source is not None else _("Thêm nguồn dữ liệu")
    context = {"page_title": title, "form": form, "breadcrumbs": _crumbs(title)}
    status = 422 if form.errors else 200
    return render(request, "sen/imports/source_form.html", context, status=status)


@require_GET
@never_cache
@page
def source_page(request: HttpRequest, source_id: int) -> HttpResponse:
    """One source: what it is, its harvests, and the one that waits with its differences."""
    actor = _may(request, harvesting.VIEW)
    source = _source(source_id)
    harvests = list(source.harvests.select_related("run").order_by("-id")[:30])
    waiting = next((one for one in harvests if one.state == Harvest.State.WAITING), None)
    importer = importers.get(source.kind)
    context = {
        "page_title": source.name,
        "page_sub": str(importer.title) if importer else source.kind,
        "breadcrumbs": _crumbs(source.name),
        "source": source,
        "harvests": [(one, TONES[Harvest.State(one.state)]) for one in harvests],
        "waiting": waiting,
        "differences": [
            {**row, "what": WORDS[row["what"]], "is_gone": row["what"] == "vanished"}
            for row in (waiting.differences if waiting else [])
        ],
        "may_change": actor.may(harvesting.CHANGE),
        "may_apply": importer is not None and actor.may(importer.permission),
        "run_base": _run_base(source.kind),
    }
    return render(request, "sen/imports/source.html", context)


def _run_base(kind: str) -> str:
    """Where runs of a kind are shown: under the register that imports it."""
    found = next((one for one in resources if one.importer == kind), None)
    return reverse("register-import", args=[found.path]) + "lan/" if found else ""


@require_POST
@page
def source_act(request: HttpRequest, source_id: int) -> HttpResponse:
    """Fetch now; read in or leave out what waits."""
    actor = _may(request, harvesting.VIEW)
    source, act = _source(source_id), request.POST.get("act", "")
    try:
        _act(actor, source, act, str(request.POST.get("harvest", "0")))
    except SenError as error:
        messages.error(request, str(error))
    return redirect("source", source_id=source.pk)


def _act(actor: Actor, source: Source, act: str, number: str) -> None:
    if act == "fetch":
        importer = importers.get(source.kind)
        if importer is None or not actor.may(importer.permission):
            raise PermissionDeniedError(importer.permission if importer else harvesting.CHANGE)
        key = f"source-{source.pk}"
        enqueue(harvest_source, actor=actor, title=str(source), once_key=key, source_id=source.pk)
        return
    found = source.harvests.filter(pk=int(number) if number.isdecimal() else 0).first()
    if found is None:
        raise NotFoundError(_("lần lấy dữ liệu"), number)
    if act == "apply":
        harvesting.apply_harvest(actor=actor, harvest=found)
    elif act == "reject":
        harvesting.reject_harvest(actor=actor, harvest=found)
