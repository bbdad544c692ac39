"""Bulk edit: the same change for many rows, through the register's own update service.

All rows or none: a row that somebody changed meanwhile, or that the service refuses, is named,
and nothing is written. The change may be proposed instead: then each row becomes a change of a
set, again all or none.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.contrib import messages
from django.db import transaction
from django.forms import ModelChoiceField
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from sen.kernel.access.middleware import actor_of
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InputCheck, InvalidInputError, SenError
from sen.kernel.usecase import check_version
from sen.kernel.web.register.edit import Way, propose
from sen.kernel.web.register.forms import RegisterForm
from sen.kernel.web.register.links import WORK, detail_url, list_url
from sen.kernel.web.register.proposing import (
    BUTTON,
    Act,
    Proposal,
    ProposalForm,
    book_for,
    difference,
)
from sen.kernel.web.register.resource import Resource
from sen.kernel.web.register.views import crumbs, needs_sign_in, resource_for, to_sign_in

MOST: Final = 1000
SAVE: Final = "save"


class _RefusedError(Exception):
    """Takes the transaction back; never leaves this module."""


@require_POST
def bulk_page(request: HttpRequest, path: str) -> HttpResponse:
    """First the form for the chosen rows, then (``act``) the change or its proposal."""
    if needs_sign_in(request):
        return to_sign_in(request)
    resource = resource_for(request, path)
    actor = actor_of(request)
    if not resource.bulk or resource.update is None:
        raise Http404(_("Danh mục này không sửa hàng loạt được."))
    rows, way = _chosen_rows(request, resource, actor)
    query = QueryDict(request.POST.get("query", "")).urlencode()
    back = list_url(resource) + (f"?{query}" if query else "")
    if not rows:
        messages.warning(request, _("Hãy chọn ít nhất một dòng mà bạn được sửa."))
        return redirect(back)
    chosen = [name for name in request.POST.getlist("set") if name in resource.bulk]
    act = request.POST.get("act", "")
    made = BulkForm if way.is_direct and act != BUTTON else BulkProposalForm
    form = made(resource, actor, rows[0], request.POST if act in (SAVE, BUTTON) else None)
    problems: list[str] = []
    if form.is_bound:
        answer, problems = _act_on(request, resource, rows, form, chosen, way, back)
        if answer is not None:
            return answer
    title = _("Sửa hàng loạt %(n)s dòng") % {"n": len(rows)}
    context = {
        "shell": "sen/shell.html",
        "resource": resource,
        "rows": rows,
        "fields": [
            {"name": name, "bound": form[name], "on": name in chosen} for name in resource.bulk
        ],
        "form": form,
        "way": way,
        "problems": problems,
        "page_title": title,
        "cancel_url": back,
        "query": query,
        "from": request.POST.get("from", ""),
        "breadcrumbs": [*crumbs(resource, WORK, link=True), {"title": title, "url": ""}],
    }
    return render(request, "sen/register/bulk.html", context, status=422 if problems else 200)


def _chosen_rows(
    request: HttpRequest, resource: Resource[Any], actor: Actor
) -> tuple[list[ScopedModel], Way]:
    """The rows that were chosen, and how the person may write them.

    Raises:
        Http404: they may neither write here nor propose.
    """
    ids = [int(text) for text in request.POST.getlist("ids") if text.isdigit()][:MOST]
    book = book_for(actor, resource, "change")
    is_direct = resource.may(actor, "change")
    if not is_direct and book is None:
        raise Http404(_("Không có danh mục này hoặc bạn chưa được cấp quyền xem."))
    rows: list[ScopedModel] = []
    if is_direct:
        rows = list(resource.rows(actor, "change").filter(pk__in=ids).order_by("id"))
    if book is not None and len(rows) < len(ids):
        seen = list(resource.rows(actor).filter(pk__in=ids).order_by("id"))
        if len(seen) > len(rows):  # some of them may be proposed only
            is_direct, rows = False, seen
    return rows, Way(is_direct, book, book.open_sets(actor) if book else ())


def _act_on(
    request: HttpRequest,
    resource: Resource[Any],
    rows: list[ScopedModel],
    form: BulkForm,
    chosen: list[str],
    way: Way,
    back: str,
) -> tuple[HttpResponse | None, list[str]]:
    """Write or propose the change: where to go then, or what was refused."""
    actor = form.actor
    is_right = form.valid_for(chosen)
    if not chosen:
        return None, [_("Hãy đánh dấu ít nhất một trường cần đổi.")]
    if not is_right:
        return None, []
    values = {name: form.cleaned_data[name] for name in chosen}
    if way.book is not None and isinstance(form, BulkProposalForm):
        try:
            proposals = proposals_for(resource, actor, rows, values, request.POST)
            return redirect(propose(request, way.book, proposals, tried=True)), []
        except SenError as error:
            return None, [text for texts in error.fields.values() for text in texts] or [str(error)]
    before = {row.pk: shown_values(resource, actor, row, chosen) for row in rows}
    problems = change_all(resource, actor, rows, values, request.POST)
    if problems:
        return None, problems
    if request.POST.get("from") == "map":
        return _report(request, resource, rows, chosen, before), []
    done = ngettext("Đã sửa %(n)s dòng.", "Đã sửa %(n)s dòng.", len(rows))
    messages.success(request, done % {"n": len(rows)})
    return redirect(back), []


def proposals_for(
    resource: Resource[Any],
    actor: Actor,
    rows: list[ScopedModel],
    values: dict[str, Any],
    post: Any,
) -> list[Proposal]:
    """The change of each row as a proposal; rows that hold the values already are left out.

    Raises:
        InvalidInputError: somebody changed a row meanwhile, or nothing differs; by row.
    """
    found: list[Proposal] = []
    check = InputCheck()
    for row in rows:
        try:
            check_version(row, _version(post, row))
        except SenError as error:
            check.add(str(row.pk), f"{row}: {error}")
            continue
        form = ProposalForm(resource, actor, row)
        proposal = difference(
            form, Act.CHANGE, form.initial, values, reason=str(post.get("reason", ""))
        )
        if proposal is not None:
            found.append(proposal)
    check.done()
    if not found:
        raise InvalidInputError(message=_("Các dòng đã chọn đều có sẵn giá trị này."))
    return found


def _version(post: Any, row: ScopedModel) -> int:
    """The version of a row that the person saw."""
    version = post.get(f"version-{row.pk}", "")
    return int(version) if version.isdigit() else row.version


def shown_values(
    resource: Resource[Any], actor: Actor, row: ScopedModel, names: list[str]
) -> list[str]:
    """The values of some fields of a row as the form shows them."""
    form = RegisterForm(resource, actor, row)
    return [said(form, name, form.initial.get(name)) for name in names]


def said(form: RegisterForm, name: str, value: Any) -> str:
    """A value as people read it: the label of a choice, a day as it is written here."""
    field = form.fields[name]
    if value in (None, ""):
        return "—"
    if not isinstance(field, ModelChoiceField):
        choices = {str(code): label for code, label in getattr(field, "choices", ())}
        if str(value) in choices:
            return str(choices[str(value)])
    return date_format(value, "d/m/Y") if isinstance(value, date) else str(value)


def _report(
    request: HttpRequest,
    resource: Resource[Any],
    rows: list[ScopedModel],
    chosen: list[str],
    before: dict[int, list[str]],
) -> HttpResponse:
    """What became of every row that was chosen on the map."""
    actor = actor_of(request)
    labels = {item.name: resource.label_of(item) for item in resource.form_fields}
    fresh = {row.pk: row for row in resource.rows(actor).filter(pk__in=[r.pk for r in rows])}
    lines = []
    for row in rows:
        now = shown_values(resource, actor, fresh.get(row.pk, row), chosen)
        pairs = list(zip(chosen, before[row.pk], now, strict=True))
        lines.append(
            {
                "row": row,
                "url": detail_url(resource, row.pk),
                "changes": [
                    {"label": labels.get(name, name), "before": old, "after": new}
                    for name, old, new in pairs
                    if old != new
                ],
            }
        )
    title = _("Đã sửa %(n)s đối tượng") % {"n": len(rows)}
    context = {
        "resource": resource,
        "lines": lines,
        "changed": sum(bool(line["changes"]) for line in lines),
        "list_url": list_url(resource),
        "page_title": title,
        "breadcrumbs": [*crumbs(resource, WORK, link=True), {"title": title, "url": ""}],
    }
    return render(request, "sen/register/bulk_done.html", context)


class BulkForm(RegisterForm):
    """The register's form with the bulk fields only; a field counts when it is marked."""

    def __init__(
        self, resource: Resource[Any], actor: Actor, row: ScopedModel, data: Any = None
    ) -> None:
        super().__init__(resource, actor, row, data)
        for name in list(self.fields):
            if name not in (*resource.bulk, "reason"):
                del self.fields[name]
        if data is None:
            self.initial = {}

    def valid_for(self, chosen: list[str]) -> bool:
        """Whether the marked fields are right, whatever stands in the others."""
        self.full_clean()
        for name in set(self.errors) - {*chosen, "reason"}:
            del self.errors[name]
        return not self.errors


class BulkProposalForm(BulkForm, ProposalForm):
    """The same for somebody who proposes: any owner and any place may be named."""


def change_all(
    resource: Resource[Any],
    actor: Actor,
    rows: list[ScopedModel],
    values: dict[str, Any],
    post: Any,
) -> list[str]:
    """Write all rows or none; returns what was refused, by row."""
    problems: list[str] = []
    reason = str(post.get("reason", ""))
    update = resource.update
    if update is None:
        return [_("Danh mục này không sửa được.")]
    try:
        with transaction.atomic():
            for row in rows:
                kept = RegisterForm(resource, actor, row).initial
                wanted = {
                    item.name: kept.get(item.name) for item in resource.form_fields_for(actor, row)
                }
                packed = resource.pack(wanted | values)
                try:
                    update(
                        actor=actor,
                        row=row,
                        version=_version(post, row),
                        reason=reason,
                        **packed,
                    )
                except SenError as error:
                    problems.append(f"{row}: {error}")
            if problems:
                raise _RefusedError
    except _RefusedError:
        pass
    return problems
