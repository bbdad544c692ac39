"""The site diary as one page for a phone: today's entry with photos, and the last days."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from sen.domains.projects.models import DiaryEntry, Project, Work
from sen.domains.projects.selectors import parts_of
from sen.domains.projects.services import write_diary
from sen.domains.projects.web.pages.common import page_of, project_for, trail
from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError, SenError
from sen.kernel.files.services import attach
from sen.kernel.web.register.links import detail_url
from sen.kernel.web.register.resource import resources
from sen.kernel.web.register.views import needs_sign_in, to_sign_in

SHOWN_DAYS = 10
REGISTER = "projects.diary"


class DiaryForm(forms.Form):
    """What one writes on the site, in the order in which one thinks of it."""

    on = forms.DateField(label=gettext_lazy("Ngày"), widget=forms.DateInput())
    weather = forms.ChoiceField(label=gettext_lazy("Thời tiết"), choices=DiaryEntry.Weather.choices)
    workers = forms.IntegerField(
        label=gettext_lazy("Số người làm việc"), required=False, min_value=0
    )
    machines = forms.CharField(label=gettext_lazy("Máy, thiết bị"), required=False, max_length=300)
    done = forms.CharField(
        label=gettext_lazy("Công việc đã làm"), widget=forms.Textarea(attrs={"rows": 4})
    )
    incidents = forms.CharField(
        label=gettext_lazy("Sự cố, vướng mắc"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, actor: Actor, project: Project, data: Any = None) -> None:
        super().__init__(data, initial={"on": timezone.localdate()})
        works = parts_of(actor, Work, project).defer("geom").order_by("code")
        self.fields["work"] = forms.ModelChoiceField(
            works, required=False, label=_("Công trình, hạng mục")
        )


@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, project_id: int) -> HttpResponse:
    """A form that fits a phone; photos come from the camera and hang on the entry."""
    if needs_sign_in(request):
        return to_sign_in(request)
    project = project_for(request, project_id)
    actor = actor_of(request)
    if not actor.may(DiaryEntry.access.permission("add")):
        raise Http404
    form = DiaryForm(actor, project, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        entry = _save(request, project, form)
        if entry is not None:
            return redirect(detail_url(resources[REGISTER], entry.pk))
    title = _("Nhật ký thi công")
    rows = parts_of(actor, DiaryEntry, project).order_by("-on", "-id")[:SHOWN_DAYS]
    context = {
        "project": project,
        "form": form,
        "page_title": title,
        "page_sub": project.name,
        "cancel_url": page_of(project),
        "entries": [{"row": row, "url": detail_url(resources[REGISTER], row.pk)} for row in rows],
        "breadcrumbs": trail(project, title),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "projects/diary.html", context, status=status)


def _save(request: HttpRequest, project: Project, form: DiaryForm) -> DiaryEntry | None:
    actor = actor_of(request)
    try:
        entry = write_diary(actor=actor, project=project, **form.cleaned_data)
    except InvalidInputError as error:
        for name, texts in error.fields.items():
            for text in texts:
                form.add_error(name if name in form.fields else None, text)
        return None
    except SenError as error:
        form.add_error(None, str(error))
        return None
    kept = 0
    for upload in request.FILES.getlist("photos"):
        try:
            attach(
                actor=actor,
                row=entry,
                register=REGISTER,
                name=upload.name or "anh.jpg",
                chunks=upload.chunks(),
                data_class=entry.data_class,
            )
            kept += 1
        except SenError as error:
            # The entry stays: what was written on the site is not lost for one bad picture.
            messages.error(request, f"{upload.name}: {error}")
    messages.success(request, _("Đã ghi nhật ký, kèm %(n)s ảnh.") % {"n": kept})
    return entry
