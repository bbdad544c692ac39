"""The pages of a draft: its tables in typed cells, and the steps up to publication."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from sen.domains.norms import services
from sen.domains.norms.models import (
    CaseChange,
    DraftTable,
    Norm,
    NormCase,
    NormDraft,
    VerificationChoices,
)
from sen.domains.norms.selectors import draft_rows, layout_of
from sen.domains.norms.web.grid import Grid
from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError, SenError
from sen.kernel.web.register.links import detail_url
from sen.kernel.web.register.resource import resources
from sen.kernel.web.register.views import crumbs, row_for, to_sign_in

View = Callable[..., HttpResponse]
DRAFTS: Final = "norms.drafts"


def url_of(draft: NormDraft) -> str:
    """The page of a draft."""
    return detail_url(resources[DRAFTS], draft.pk)


def _signed_in(view: View) -> View:
    @wraps(view)
    def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not actor_of(request).is_authenticated:
            return to_sign_in(request)
        return view(request, *args, **kwargs)

    return checked


def _draft(actor: Actor, draft_id: int) -> NormDraft:
    row = row_for(resources[DRAFTS], actor, draft_id)
    if not isinstance(row, NormDraft):
        raise TypeError(f"norms.drafts shows drafts, not {type(row).__name__}")
    return row


def _table(actor: Actor, draft: NormDraft, table_id: int) -> DraftTable:
    rows = DraftTable.objects.visible_to(actor).filter(draft=draft, pk=table_id)
    found = rows.select_related("norm", "draft", "taken_from").first()
    if found is None:
        raise Http404(_("Dự thảo không có bảng này."))
    table: DraftTable = found
    return table


def _act(view: Callable[[HttpRequest, Actor, NormDraft], str]) -> View:
    """A step of a draft: done and said, or refused in words; then its page again."""

    @require_POST
    @_signed_in
    @wraps(view)
    def stepped(request: HttpRequest, draft_id: int) -> HttpResponse:
        actor = actor_of(request)
        draft = _draft(actor, draft_id)
        try:
            messages.success(request, view(request, actor, draft))
        except SenError as error:
            messages.error(request, str(error))
        return redirect(url_of(draft))

    return stepped


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isdigit() else 0


@_act
def take_in(request: HttpRequest, actor: Actor, draft: NormDraft) -> str:
    """Take the table of a rule into the draft."""
    norm = Norm.objects.visible_to(actor).filter(pk=_number(request, "norm")).first()
    if norm is None:
        raise InvalidInputError(message=_("Hãy chọn một quy định."))
    services.take_in_norm(actor=actor, draft=draft, norm=norm)
    return _("Đã đưa “%(norm)s” vào dự thảo.") % {"norm": norm}


@_act
def leave_out(request: HttpRequest, actor: Actor, draft: NormDraft) -> str:
    """Take the table of a rule out again."""
    table = _table(actor, draft, _number(request, "table"))
    services.leave_out_norm(actor=actor, draft=draft, table=table)
    return _("Đã bỏ “%(norm)s” khỏi dự thảo.") % {"norm": table.norm}


@_act
def rebase(request: HttpRequest, actor: Actor, draft: NormDraft) -> str:
    """Compare with the version now in force."""
    table = _table(actor, draft, _number(request, "table"))
    services.rebase_table(actor=actor, table=table)
    return _("Bảng được so với phiên bản đang hiệu lực.")


@_act
def change_case(request: HttpRequest, actor: Actor, draft: NormDraft) -> str:
    """Another result of a test, with the reason."""
    case = NormCase.objects.visible_to(actor).filter(pk=_number(request, "case")).first()
    if case is None:
        raise InvalidInputError(message=_("Không tìm thấy ca kiểm thử."))
    services.change_case(
        actor=actor,
        draft=draft,
        case=case,
        expected=services.read_expected(case.norm, request.POST.get("expected", "")),
        reason=request.POST.get("reason", ""),
    )
    return _("Đã đổi kết quả đúng của ca kiểm thử.")


@_act
def add_case(request: HttpRequest, actor: Actor, draft: NormDraft) -> str:
    """A new test that holds from the draft's day."""
    norm = Norm.objects.visible_to(actor).filter(pk=_number(request, "norm")).first()
    if norm is None:
        raise InvalidInputError(message=_("Hãy chọn một quy định."))
    inputs, expected = services.read_case(
        norm, request.POST.get("inputs", ""), request.POST.get("expected", "")
    )
    services.add_draft_case(
        actor=actor,
        draft=draft,
        norm=norm,
        inputs=inputs,
        expected=expected,
        reason=request.POST.get("reason", ""),
    )
    return _("Đã thêm ca kiểm thử.")


@_act
def drop_change(request: HttpRequest, actor: Actor, draft: NormDraft) -> str:
    """Take back what the draft changes of a test."""
    changes = CaseChange.objects.visible_to(actor).filter(draft=draft)
    change = changes.filter(pk=_number(request, "change")).first()
    if change is None:
        raise InvalidInputError(message=_("Không tìm thấy thay đổi này."))
    services.drop_case_change(actor=actor, draft=draft, change=change)
    return _("Đã bỏ thay đổi của ca kiểm thử.")


@_act
def step(request: HttpRequest, actor: Actor, draft: NormDraft) -> str:
    """Submit, return, publish, withdraw, revoke."""
    version = _number(request, "version")
    reason = request.POST.get("reason", "")
    doing = request.POST.get("do", "")
    if doing == "submit":
        services.submit_draft(actor=actor, row=draft, version=version)
        return _("Đã trình dự thảo để công bố.")
    named: dict[str, tuple[Callable[..., Any], str]] = {
        "return": (services.return_draft, _("Dự thảo trở lại giai đoạn soạn.")),
        "refuse": (services.refuse_draft, _("Đã trả lại dự thảo cho người soạn.")),
        "publish": (services.publish_draft, _("Đã công bố dự thảo.")),
        "withdraw": (services.withdraw_draft, _("Đã rút dự thảo.")),
        "revoke": (services.revoke_draft, _("Đã hủy công bố; quy định trở lại như trước.")),
    }
    if doing not in named:
        raise InvalidInputError(message=_("Không có bước này."))
    run, said = named[doing]
    run(actor=actor, row=draft, version=version, reason=reason)
    return said


@never_cache
@require_http_methods(["GET", "POST"])
@_signed_in
def edit_table(request: HttpRequest, draft_id: int, table_id: int) -> HttpResponse:
    """The table of a rule in typed cells; buttons of rows re-draw it without saving."""
    actor = actor_of(request)
    draft = _draft(actor, draft_id)
    table = _table(actor, draft, table_id)
    rows = draft_rows(table)
    layout = layout_of(table.norm, rows)
    error: SenError | None = None
    if request.method == "POST":
        grid = Grid.posted(layout, request.POST)
        doing = request.POST.get("do", "save")
        if doing != "save":
            grid.arrange(doing)
        else:
            try:
                _save(actor, table, grid, request.POST)
            except SenError as problem:
                error = problem
            else:
                messages.success(request, _("Đã lưu bảng vào dự thảo."))
                return redirect(url_of(draft))
    else:
        grid = Grid.of(layout, rows)
    context = {
        "page_title": table.norm.name,
        "page_sub": draft.title,
        "breadcrumbs": [
            *crumbs(resources[DRAFTS], "/ql/", link=True)[1:],
            {"title": draft.title, "url": url_of(draft)},
        ],
        "draft": draft,
        "table": table,
        "grid": grid,
        "head": _head(table, request.POST if request.method == "POST" else None),
        "verifications": VerificationChoices.choices,
        "error": error,
        "cancel_url": url_of(draft),
    }
    return render(request, "norms/table.html", context, status=error.status if error else 200)


HEAD: Final = ("legal_ref", "effective_from", "effective_to", "verification", "source", "note")


def _head(table: DraftTable, posted: QueryDict | None) -> dict[str, Any]:
    if posted is not None:
        return {name: posted.get(name, "") for name in HEAD}
    said = {name: getattr(table, name) for name in HEAD}
    return {k: v.isoformat() if isinstance(v, date) else v or "" for k, v in said.items()}


def _save(actor: Actor, table: DraftTable, grid: Grid, posted: QueryDict) -> None:
    rows = grid.rows()
    services.write_table(
        actor=actor,
        table=table,
        version=int(posted.get("version") or 0),
        rows=rows,
        legal_ref=posted.get("legal_ref", ""),
        effective_from=_day(posted, "effective_from") or table.effective_from,
        effective_to=_day(posted, "effective_to"),
        verification=_one_of(posted.get("verification", ""), VerificationChoices.values),
        source=posted.get("source", ""),
        note=posted.get("note", ""),
    )


def _one_of(said: str, known: list[str]) -> str:
    if said not in known:
        raise InvalidInputError({"verification": _("Hãy chọn tình trạng xác minh.")})
    return said


def _day(posted: QueryDict, name: str) -> date | None:
    text = posted.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInputError({name: _("Ngày không đọc được; ghi dạng 2027-07-01.")}) from error
