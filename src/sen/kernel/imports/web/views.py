"""The wizard: a file is chosen once, any step may be gone back to, the last one alone writes."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from sen.kernel.access.middleware import actor_of
from sen.kernel.errors import InvalidInputError, PermissionDeniedError, SenError
from sen.kernel.imports import drafts, report, undo
from sen.kernel.imports.engine import run as run_import
from sen.kernel.imports.jobs import import_file
from sen.kernel.imports.models import ImportRun
from sen.kernel.imports.plan import make_plan
from sen.kernel.imports.proposing import MOST_ROWS, proposals_of
from sen.kernel.imports.web.checking import issues_of, take_repairs
from sen.kernel.imports.web.pages import (
    CHECK,
    LAYER,
    Here,
    book_of,
    here,
    importing,
    page,
    shared,
    stepped,
    who_reads,
)
from sen.kernel.imports.web.steps import STEPS, recognise
from sen.kernel.jobs.models import JobRun
from sen.kernel.jobs.services import enqueue
from sen.kernel.web.register.edit import propose
from sen.kernel.web.register.proposing import BUTTON

#: More rows than this are checked and read in the background.
INLINE_ROWS: Final = 2000
#: Faults shown on the page; the files hold all that were kept.
SHOWN_FAULTS: Final = 100


@require_http_methods(["GET", "POST"])
@never_cache
@page
def start(request: HttpRequest, path: str) -> HttpResponse:
    """Choose a file; see what was imported before."""
    resource, importer = importing(request, path)
    context = shared(resource, importer)
    status = 200
    if request.method == "POST":
        upload = request.FILES.get("file")
        try:
            return _begin(request, path, upload)
        except SenError as error:
            context["error"], status = error, error.status
    if resource.may(actor_of(request), "import"):
        context["runs"] = ImportRun.objects.filter(kind=importer.kind).order_by("-id")[:10]
    return render(request, "sen/imports/start.html", context, status=status)


def _begin(request: HttpRequest, path: str, upload: object) -> HttpResponse:
    resource, importer = importing(request, path)
    if not isinstance(upload, UploadedFile):
        raise InvalidInputError({"file": _("Hãy chọn tệp để nhập.")})
    draft = drafts.open_draft(
        actor=who_reads(request, resource, importer),
        importer=importer,
        register=path,
        name=upload.name or "",
        chunks=upload.chunks(),
    )
    at = here(request, path, draft.pk)
    recognise(at)  # reads the file: what cannot be read is said here
    return redirect(at.url(LAYER))


@require_http_methods(["GET", "POST"])
@never_cache
@page
def step(request: HttpRequest, path: str, draft_id: UUID, name: str) -> HttpResponse:
    """One of the steps before the check."""
    at = here(request, path, draft_id)
    if name not in STEPS or name not in at.steps:
        raise Http404(_("Không có bước này."))
    show, take = STEPS[name]
    error: SenError | None = None
    if request.method == "POST":
        try:
            take(at, request.POST)
        except SenError as wrong:
            error = wrong
        else:
            stay = request.POST.get("act") != "next"
            return redirect(at.url(name) if stay else at.after(name))
    context = stepped(at, name, show(at) | {"error": error})
    status = error.status if error else 200
    return render(request, f"sen/imports/{name}.html", context, status=status)


@require_http_methods(["GET", "POST"])
@never_cache
@page
def check(request: HttpRequest, path: str, draft_id: UUID) -> HttpResponse:
    """Dry run, faults, topology with repairs; and the button that writes."""
    at = here(request, path, draft_id)
    error: SenError | None = None
    if request.method == "POST":
        act = request.POST.get("act", "")
        try:
            if act == "repair":
                take_repairs(at, request.POST)
            elif act == BUTTON:
                return redirect(_propose(at))
            elif act in ("check", "run"):
                _work(at, dry_run=act == "check")
                if at.draft.run is not None and at.draft.run.state == ImportRun.State.DONE:
                    return redirect("import-run", path=path, run_id=at.draft.run.pk)
            return redirect(at.url(CHECK))
        except SenError as wrong:
            error = wrong
    context = _state(at) | {"error": error}
    if not context["is_working"]:
        try:
            context |= issues_of(at)
        except SenError as wrong:
            context["error"] = error or wrong
    status = error.status if error else 200
    return render(request, "sen/imports/kiem-tra.html", stepped(at, CHECK, context), status=status)


def _propose(at: Here) -> str:
    """Put what the file would write into a set; where that is.

    Raises:
        SenError: it cannot be; nothing is kept.
    """
    actor = actor_of(at.request)
    book = book_of(at.resource, actor)
    if book is None:
        raise InvalidInputError(message=_("Danh mục này không nhận thay đổi qua bộ thay đổi."))
    asked = drafts.request_of(at.draft)
    plan = make_plan(at.importer, asked)
    if plan.problems:
        raise InvalidInputError({"mapping": list(plan.problems)})
    found = proposals_of(
        importer=at.importer, resource=at.resource, actor=actor, request=asked, plan=plan
    )
    return propose(at.request, book, found, tried=True)


def _work(at: Here, *, dry_run: bool) -> None:
    """Check or write: small files at once, large ones in the background."""
    if not dry_run and not at.may_write:
        raise PermissionDeniedError(at.importer.permission)
    actor = at.who
    asked = drafts.request_of(at.draft, dry_run=dry_run)
    plan = make_plan(at.importer, asked)
    if plan.problems:
        raise InvalidInputError({"mapping": list(plan.problems)})
    if len(plan.table.rows) <= INLINE_ROWS:
        at.draft.job_run_id = None
        at.draft.run = run_import(importer=at.importer, actor=actor, request=asked, plan=plan)
    elif not at.may_write:
        raise InvalidInputError(
            message=_("Một bộ thay đổi nhận tối đa %(n)s dòng; hãy chia nhỏ tệp.")
            % {"n": MOST_ROWS}
        )
    else:
        title = _("Kiểm tra tệp %(name)s") if dry_run else _("Nhập tệp %(name)s")
        at.draft.run = None
        at.draft.job_run_id = enqueue(
            import_file,
            actor=actor,
            title=title % {"name": at.draft.file_name},
            draft_id=at.draft.pk,
            dry_run=dry_run,
        ).pk
    at.draft.save()


def _state(at: Here) -> dict[str, Any]:
    draft = at.draft
    work = JobRun.objects.filter(pk=draft.job_run_id or 0).first()
    is_working = work is not None and work.is_open
    run = None if is_working else draft.run
    ready = run is not None and run.state == ImportRun.State.CHECKED
    book = book_of(at.resource, actor_of(at.request)) if ready else None
    return {
        "may_write": at.may_write,
        "way": {"book": book, "sets": book.open_sets(actor_of(at.request)) if book else ()},
        "work": work,
        "is_working": is_working,
        "work_failed": work is not None and not work.is_open and run is None,
        "run": run,
        "ready": ready,
        "is_done": run is not None and run.state == ImportRun.State.DONE,
        "shown_faults": run.faults[:SHOWN_FAULTS] if run else [],
        "has_more_faults": run is not None and run.fault_count > SHOWN_FAULTS,
        "progress_url": reverse("import-progress", args=[draft.register, draft.pk]),
        "report_urls": [
            (fmt, reverse("import-faults", args=[draft.register, draft.pk, fmt]))
            for fmt in ("xlsx", "csv")
        ],
    }


@require_GET
@never_cache
@page
def progress(request: HttpRequest, path: str, draft_id: UUID) -> HttpResponse:
    """How far the background work is; when it ended, the page is loaded anew."""
    at = here(request, path, draft_id)
    state = _state(at)
    answer = render(request, "sen/imports/progress.html", stepped(at, CHECK, state))
    if not state["is_working"]:
        done = state["run"] if state["is_done"] else None
        answer["HX-Redirect"] = (
            reverse("import-run", args=[path, done.pk]) if done is not None else at.url(CHECK)
        )
    return answer


@require_GET
@never_cache
@page
def faults(request: HttpRequest, path: str, draft_id: UUID, fmt: str) -> HttpResponse:
    """The faulty rows of the file with the faults beside them."""
    at = here(request, path, draft_id)
    if at.draft.run is None:
        raise Http404(_("Chưa kiểm tra tệp này."))
    table = at.plan().table
    make, kind = _FORMATS[fmt]
    answer = HttpResponse(make(at.draft.run, table), content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="loi-nhap-{at.draft.run.pk}.{fmt}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


_FORMATS: Final = {
    "csv": (report.as_csv, "text/csv; charset=utf-8"),
    "xlsx": (
        report.as_xlsx,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
}


@require_GET
@never_cache
@page
def run_page(request: HttpRequest, path: str, run_id: int) -> HttpResponse:
    """What an import did, and its undoing."""
    resource, importer = importing(request, path, writing=True)
    run = _run(importer.kind, run_id)
    context = shared(resource, importer) | {
        "run": run,
        "page_title": run.file_name,
        "shown_faults": run.faults[:SHOWN_FAULTS],
        "has_more_faults": run.fault_count > SHOWN_FAULTS,
        "settings": [(name, value) for name, value in run.options.items() if value],
        "may_undo": run.state == ImportRun.State.DONE and (run.created or run.updated),
        "undo_url": reverse("import-undo", args=[path, run.pk]),
    }
    return render(request, "sen/imports/run.html", context)


def _run(kind: str, run_id: int) -> ImportRun:
    run = ImportRun.objects.filter(kind=kind, pk=run_id).first()
    if run is None:
        raise Http404(_("Không có lần nhập này."))
    return run


@require_http_methods(["GET", "POST"])
@never_cache
@page
def undo_page(request: HttpRequest, path: str, run_id: int) -> HttpResponse:
    """What undoing would do now; then do it."""
    resource, importer = importing(request, path, writing=True)
    run, actor = _run(importer.kind, run_id), actor_of(request)
    error: SenError | None = None
    if request.method == "POST":
        try:
            undo.undo_run(actor=actor, run=run, reason=str(request.POST.get("reason", "")))
            return redirect("import-run", path=path, run_id=run.pk)
        except InvalidInputError as wrong:
            error = wrong
    plan = undo.plan_undo(actor=actor, run=run)
    context = shared(resource, importer) | {
        "run": run,
        "plan": plan,
        "kept": plan.kept[: undo.LISTED],
        "error": error,
        "page_title": _("Hoàn tác lần nhập %(file)s") % {"file": run.file_name},
        "run_url": reverse("import-run", args=[path, run.pk]),
    }
    return render(request, "sen/imports/undo.html", context, status=error.status if error else 200)
