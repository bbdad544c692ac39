"""Handing finished works over: what will become of them, and the one act that does it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from sen.domains.assets.api import asset_types
from sen.domains.projects.choices import WorkStatus
from sen.domains.projects.labels import said
from sen.domains.projects.models import Project, Work
from sen.domains.projects.selectors import parts_of
from sen.domains.projects.services import Handover, hand_over_works, preview_handover
from sen.domains.projects.web.pages.common import page_of, project_for, trail
from sen.domains.projects.web.resources.projects import attribute_label, attribute_text
from sen.kernel.access.middleware import actor_of
from sen.kernel.access.models import Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError, SenError
from sen.kernel.web.register.views import needs_sign_in, to_sign_in
from sen.lib.chainage import format_chainage


class HandoverForm(forms.Form):
    """To whom, when, which works."""

    receiver = forms.ModelChoiceField(
        Organisation.objects.none(), label=gettext_lazy("Đơn vị tiếp nhận, quản lý")
    )
    on = forms.DateField(label=gettext_lazy("Ngày bàn giao"), widget=forms.DateInput())

    def __init__(self, project: Project, data: Any = None) -> None:
        first = project.road.owner_org_id if project.road is not None else project.owner_org_id
        super().__init__(data, initial={"on": timezone.localdate(), "receiver": first})
        field = self.fields["receiver"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = Organisation.objects.filter(is_active=True).order_by("name")


@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest, project_id: int) -> HttpResponse:
    """First the preview, found out by doing it and taking it back; then the act itself."""
    if needs_sign_in(request):
        return to_sign_in(request)
    project = project_for(request, project_id)
    actor = actor_of(request)
    if not actor.may(Work.access.permission("change")):
        raise Http404
    form = HandoverForm(project, request.POST if request.method == "POST" else None)
    works = _works(request, actor, project)
    is_act = request.method == "POST" and request.POST.get("act") == "do"
    if is_act and form.is_valid() and _do(request, project, works, form):
        return redirect(page_of(project))
    receiver, on = _asked(form)
    shown = (
        preview_handover(actor=actor, project=project, works=works, receiver=receiver, on=on)
        if receiver is not None
        else []
    )
    title = _("Bàn giao công trình thành tài sản")
    context = {
        "project": project,
        "form": form,
        "items": [_item(found) for found in shown],
        "may_do": bool(shown) and not any(found.faults for found in shown),
        "page_title": title,
        "page_sub": project.name,
        "cancel_url": page_of(project),
        "breadcrumbs": trail(project, title),
    }
    status = 422 if is_act else 200
    return render(request, "projects/handover.html", context, status=status)


def _works(request: HttpRequest, actor: Actor, project: Project) -> list[Work]:
    """The chosen works; all accepted ones where none are chosen."""
    rows = parts_of(actor, Work, project).select_related("asset", "project").order_by("code")
    chosen = list(request.POST.getlist("work") or request.GET.getlist("work"))
    ids = [int(text) for text in chosen if text.isdecimal() and len(text) < 18]
    if ids:
        return list(rows.filter(pk__in=ids))
    return list(rows.filter(status=WorkStatus.ACCEPTED.value))


def _asked(form: HandoverForm) -> tuple[Organisation | None, date | None]:
    """To whom and when: as sent, else as proposed."""
    if form.is_bound:
        form.is_valid()
        return form.cleaned_data.get("receiver"), form.cleaned_data.get("on")
    receiver = Organisation.objects.filter(pk=form.initial["receiver"]).first()
    return receiver, form.initial["on"]


def _do(request: HttpRequest, project: Project, works: list[Work], form: HandoverForm) -> bool:
    try:
        done = hand_over_works(
            actor=actor_of(request),
            project=project,
            works=works,
            receiver=form.cleaned_data["receiver"],
            on=form.cleaned_data["on"],
            reason=_("bàn giao từ dự án %(code)s") % {"code": project.code},
        )
    except InvalidInputError as error:
        for name, texts in error.fields.items():
            for text in texts:
                form.add_error(name if name in form.fields else None, text)
        return False
    except SenError as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, _("Đã bàn giao %(n)s công trình.") % {"n": len(done)})
    return True


def _item(found: Handover) -> dict[str, Any]:
    kind = asset_types.get(found.work.asset_type)
    rows = [
        {"label": _LABELS.get(name, name), "before": _text(old, name), "after": _text(new, name)}
        for name, old, new in found.values
        if _text(old, name) != _text(new, name)
    ]
    if kind is not None:
        rows += [
            {
                "label": attribute_label(kind, name),
                "before": attribute_text(kind, name, old),
                "after": attribute_text(kind, name, new),
            }
            for name, (old, new) in found.attributes.items()
        ]
    return {
        "work": found.work,
        "kind": said(kind.name) if kind is not None else "",
        "creates": found.creates,
        "rows": rows,
        "faults": found.faults,
    }


_LABELS = {
    "code": gettext_lazy("mã tài sản"),
    "name": gettext_lazy("tên"),
    "owner_org": gettext_lazy("đơn vị quản lý"),
    "status": gettext_lazy("trạng thái"),
    "condition": gettext_lazy("tình trạng kỹ thuật"),
    "condition_at": gettext_lazy("ngày đánh giá"),
    "opened_year": gettext_lazy("năm đưa vào khai thác"),
    "road": gettext_lazy("tuyến đường"),
    "chainage_m": gettext_lazy("lý trình"),
    "to_chainage_m": gettext_lazy("đến lý trình"),
    "side": gettext_lazy("bên đường"),
    "note": gettext_lazy("ghi chú"),
}
_WORDS = {
    "IN_USE": gettext_lazy("Đang khai thác"),
    "GOOD": gettext_lazy("Tốt"),
    "BOTH": gettext_lazy("Cả hai bên"),
    "LEFT": gettext_lazy("Bên trái"),
    "RIGHT": gettext_lazy("Bên phải"),
}


def _text(value: Any, name: str = "") -> str:
    if value is None or value == "":
        return ""
    if name.endswith("chainage_m"):
        return format_chainage(float(value))
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return str(_WORDS.get(str(value), value))
