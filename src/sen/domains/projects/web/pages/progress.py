"""One page to report how far all tasks of a project are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sen.domains.projects.models import Project, Task
from sen.domains.projects.selectors import parts_of
from sen.domains.projects.services import report_progress
from sen.domains.projects.web.pages.common import page_of, project_for, say, trail
from sen.kernel.access.middleware import actor_of
from sen.kernel.errors import InvalidInputError, SenError
from sen.kernel.web.register.views import needs_sign_in, to_sign_in


class ProgressForm(forms.Form):
    """The day, and a figure for each task that is not finished."""

    def __init__(self, tasks: Sequence[Task], data: Any = None) -> None:
        super().__init__(data, initial={"on": timezone.localdate()})
        self.tasks = tasks
        self.fields["on"] = forms.DateField(label=_("Ngày ghi nhận"), widget=forms.DateInput())
        for task in tasks:
            self.fields[f"task_{task.pk}"] = forms.IntegerField(
                label=str(task),
                required=False,
                min_value=0,
                max_value=100,
                initial=task.done_pct,
                help_text=_("Kế hoạch: %(start)s – %(end)s")
                % {"start": f"{task.starts_at:%d/%m/%Y}", "end": f"{task.ends_at:%d/%m/%Y}"},
            )
        self.fields["note"] = forms.CharField(label=_("Ghi chú"), required=False, max_length=250)

    def changed(self) -> dict[int, int]:
        """The tasks whose figure was changed, by id."""
        done: dict[int, int] = {}
        for task in self.tasks:
            value = self.cleaned_data.get(f"task_{task.pk}")
            if value is not None and value != task.done_pct:
                done[task.pk] = value
        return done


@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, project_id: int) -> HttpResponse:
    """All tasks that are not finished, with how far they were last."""
    if needs_sign_in(request):
        return to_sign_in(request)
    project = project_for(request, project_id)
    actor = actor_of(request)
    if not actor.may("projects.progress.add"):
        raise Http404
    tasks = list(parts_of(actor, Task, project).filter(done_pct__lt=100).order_by("starts_at"))
    form = ProgressForm(tasks, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _save(request, project, form):
        return redirect(page_of(project))
    title = _("Ghi khối lượng thực hiện")
    context = {
        "project": project,
        "form": form,
        "page_title": title,
        "page_sub": project.name,
        "cancel_url": page_of(project),
        "breadcrumbs": trail(project, title),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "projects/progress.html", context, status=status)


def _save(request: HttpRequest, project: Project, form: ProgressForm) -> bool:
    done = form.changed()
    if not done:
        messages.info(request, _("Không có công việc nào thay đổi."))
        return True
    try:
        report_progress(
            actor=actor_of(request),
            project=project,
            on=form.cleaned_data["on"],
            done=done,
            note=form.cleaned_data["note"],
        )
    except InvalidInputError as error:
        for name, texts in error.fields.items():
            for text in texts:
                form.add_error(name if name in form.fields else None, text)
        return False
    except SenError as error:
        say(request, error)
        return False
    messages.success(request, _("Đã ghi khối lượng của %(n)s công việc.") % {"n": len(done)})
    return True
