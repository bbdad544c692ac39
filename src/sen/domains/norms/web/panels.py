"""Tables of rules through time, what rests on them, and everything about a draft."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from sen.domains.norms.choices import DraftStatus
from sen.domains.norms.models import (
    Document,
    DocumentLink,
    DraftTable,
    Norm,
    NormDraft,
    NormVersion,
)
from sen.domains.norms.ports import KIND_NAMES, uses_of
from sen.domains.norms.rules import Difference, RowDifference
from sen.domains.norms.selectors import (
    cases_on,
    differences,
    effects_on,
    held_on,
    norms_resting_on,
    open_drafts_of,
    run_cases,
    tables_of_draft,
    timeline,
    version_or_none,
)
from sen.domains.norms.web.words import case_text, condition_text, key_name, table_of, value_text
from sen.kernel.access.scope import Actor
from sen.kernel.web.register.links import WORK, base_of, detail_url
from sen.kernel.web.register.panels import PanelBody, PanelContext, panel
from sen.kernel.web.register.resource import resources


@panel("norms.norms", title=_("Nội dung theo thời gian"), order=10, wide=True)
def versions(page: PanelContext) -> PanelBody | None:
    """Every version with its table, the newest first."""
    if not isinstance(page.row, Norm):
        return None
    rows = NormVersion.objects.visible_to(page.actor).filter(norm=page.row, superseded_at=None)
    found = rows.select_related("document").order_by("-effective_from")
    shown = [{"version": version, "table": table_of(page.row, version)} for version in found]
    keys = [key_name(key) for key in page.row.keys]
    return PanelBody("norms/versions.html", {"versions": shown, "norm": page.row, "keys": keys})


@panel("norms.versions", title=_("Bảng giá trị"), order=10, wide=True)
def table(page: PanelContext) -> PanelBody | None:
    """The table of one version."""
    if not isinstance(page.row, NormVersion):
        return None
    shown = [{"version": page.row, "table": table_of(page.row.norm, page.row)}]
    norm = page.row.norm
    keys = [key_name(key) for key in norm.keys]
    return PanelBody("norms/versions.html", {"versions": shown, "norm": norm, "keys": keys})


@panel("norms.norms", title=_("Dựa vào quy định này"), order=20)
def uses_of_norm(page: PanelContext) -> PanelBody | None:
    """What rests on a rule, its tests, and drafts that would change it."""
    if not isinstance(page.row, Norm):
        return None
    shown = [
        {"title": use.title, "kind": say(KIND_NAMES[use.kind]), "url": use.url}
        for use in uses_of(page.row.code)
    ]
    may_draft = page.actor.may("norms.draft.view") and base_of(page.request) == WORK
    drafts = open_drafts_of(page.row) if may_draft else []
    context = {
        "uses": shown,
        "cases": [
            {"said": case_text(case.inputs), "value": value_text(case.expected)}
            for case in cases_on(page.row, localdate())
        ],
        "unit": page.row.unit,
        "drafts": [{"row": d, "url": detail_url(resources["norms.drafts"], d.pk)} for d in drafts],
    }
    return PanelBody("norms/uses.html", context)


@panel("norms.documents", title=_("Quy định dựa trên văn bản"), order=10, wide=True)
def norms_of_document(page: PanelContext) -> PanelBody | None:
    """Every rule that cites the document, what rests on it, and the way to amend it."""
    if not isinstance(page.row, Document):
        return None
    base = base_of(page.request)
    rules = [
        {
            "norm": norm,
            "url": detail_url(resources["norms.norms"], norm.pk, base),
            "version": version_or_none(norm.code, localdate()),
            "uses": [use.title for use in uses_of(norm.code)],
        }
        for norm in norms_resting_on(page.row, localdate())
    ]
    may_draft = base == WORK and page.actor.may("norms.draft.add")
    context = {
        "rules": rules,
        "links": _links(page.actor, page.row, base),
        "add": f"/ql/norms/drafts/them/?target={page.row.pk}" if may_draft else "",
    }
    return PanelBody("norms/of_document.html", context)


def _links(actor: Actor, document: Document, base: str) -> list[dict[str, Any]]:
    rows = DocumentLink.objects.visible_to(actor)
    found = []
    for link in rows.filter(document=document).select_related("target"):
        url = detail_url(resources["norms.documents"], link.target_id, base)
        found.append({"said": link.get_act_display(), "other": link.target, "url": url})
    for link in rows.filter(target=document).select_related("document"):
        url = detail_url(resources["norms.documents"], link.document_id, base)
        said = _("Bị tác động: %(act)s") % {"act": link.get_act_display()}
        found.append({"said": said, "other": link.document, "url": url})
    return found


@panel("norms.drafts", title=_("Tiến trình"), order=-10)
def steps(page: PanelContext) -> PanelBody | None:
    """Where the draft stands, and what this person may do with it."""
    draft = page.row
    if not isinstance(draft, NormDraft):
        return None
    stage = DraftStatus(draft.status)
    order = (DraftStatus.EDITING, DraftStatus.REVIEW, DraftStatus.PUBLISHED)
    titles = (_("Soạn"), _("Chờ công bố"), _("Công bố"))
    at = order.index(stage) if stage in order else 0
    is_author = page.actor.id in draft.author_ids
    may_change = page.actor.may("norms.draft.change")
    may_publish = page.actor.may("norms.draft.publish")
    context = {
        "draft": draft,
        "steps": titles,
        "at": len(titles) if stage is DraftStatus.PUBLISHED else at,
        "is_over": stage in (DraftStatus.WITHDRAWN, DraftStatus.REVOKED),
        "is_past": draft.effective_from <= localdate(),
        "is_own": may_publish and is_author,
        "can": {
            "submit": stage is DraftStatus.EDITING and may_change,
            "return": stage is DraftStatus.REVIEW and may_change,
            "refuse": stage is DraftStatus.REVIEW and may_publish and not is_author,
            "publish": stage is DraftStatus.REVIEW and may_publish and not is_author,
            "withdraw": stage in (DraftStatus.EDITING, DraftStatus.REVIEW) and may_change,
            "revoke": stage is DraftStatus.PUBLISHED and may_publish and not is_author,
        },
    }
    return PanelBody("norms/steps.html", context)


@panel("norms.drafts", title=_("Bảng quy định: cũ và mới"), order=10, wide=True)
def draft_tables(page: PanelContext) -> PanelBody | None:
    """Every table of the draft, old and new row by row, and by date."""
    draft = page.row
    if not isinstance(draft, NormDraft):
        return None
    is_open = draft.status == DraftStatus.EDITING and page.actor.may("norms.draft.change")
    tables = tables_of_draft(draft)
    taken = {table.norm_id for table in tables}
    norms = Norm.objects.visible_to(page.actor).exclude(pk__in=taken) if is_open else []
    context = {
        "draft": draft,
        "tables": [_shown(table, is_open) for table in tables],
        "is_open": is_open,
        "norms": norms,
    }
    return PanelBody("norms/draft_tables.html", context)


TONES = {
    Difference.SAME: ("", ""),
    Difference.VALUE: ("warn", _("đổi giá trị")),
    Difference.CONDITION: ("warn", _("đổi điều kiện")),
    Difference.MOVED: ("info", _("đổi thứ tự")),
    Difference.ADDED: ("ok", _("thêm")),
    Difference.REMOVED: ("danger", _("bỏ")),
}


def _shown(table: DraftTable, is_open: bool) -> dict[str, Any]:
    keys = table.norm.keys
    found = differences(table)
    now = held_on(table.norm, table.effective_from)
    return {
        "table": table,
        "keys": [key_name(key) for key in keys],
        "rows": [_row(item, keys) for item in found],
        "changed": sum(item.is_changed for item in found),
        "url": reverse("norms_table", args=[table.draft_id, table.pk]),
        "is_stale": is_open and (now and now.pk) != table.taken_from_id,
        "pieces": timeline(table),
    }


def _row(item: RowDifference, keys: list[str]) -> dict[str, Any]:
    tone, word = TONES[item.kind]
    cells = []
    for key in keys:
        old = condition_text(item.old.when.get(key)) if item.old else ""
        new = condition_text(item.new.when.get(key)) if item.new else ""
        cells.append({"old": old, "new": new, "differs": old != new, "key": key_name(key)})
    return {
        "tone": tone,
        "word": word,
        "cells": cells,
        "old": value_text(item.old.value) if item.old else "",
        "new": value_text(item.new.value) if item.new else "",
        "differs": item.old is None or item.new is None or item.old.value != item.new.value,
    }


@panel("norms.drafts", title=_("Ca kiểm thử"), order=20, wide=True)
def draft_cases(page: PanelContext) -> PanelBody | None:
    """Every test against the drafted tables."""
    draft = page.row
    if not isinstance(draft, NormDraft):
        return None
    tables = tables_of_draft(draft)
    found = [run for table in tables for run in run_cases(table)]
    runs = [
        {
            "run": run,
            "norm": run.norm,
            "unit": run.norm.unit,
            "said": case_text(run.inputs),
            "expected": value_text(run.expected),
            "old": value_text(run.old_expected) if run.case else "",
            "actual": value_text(run.actual),
        }
        for run in sorted(found, key=lambda item: item.passes)
    ]
    context = {
        "draft": draft,
        "runs": runs,
        "failing": sum(not run.passes for run in found),
        "norms": [table.norm for table in tables],
        "is_open": draft.status == DraftStatus.EDITING and page.actor.may("norms.draft.change"),
    }
    return PanelBody("norms/draft_cases.html", context)


@panel("norms.drafts", title=_("Ảnh hưởng"), order=30, wide=True)
def draft_effects(page: PanelContext) -> PanelBody | None:
    """What rests on the rules of the draft, before and after, on a date."""
    draft = page.row
    if not isinstance(draft, NormDraft):
        return None
    on = _day(page.request) or draft.effective_from
    found = [
        {
            "norm": table.norm,
            "title": item.use.title,
            "kind": say(KIND_NAMES[item.use.kind]),
            "url": item.use.url,
            "effect": item.effect,
            "more": max(0, item.effect.changed - len(item.effect.rows)) if item.effect else 0,
        }
        for table in tables_of_draft(draft)
        for item in effects_on(page.actor, table, on)
    ]
    context = {"draft": draft, "on": on.isoformat(), "day": on, "effects": found}
    return PanelBody("norms/draft_effects.html", context)


def _day(request: HttpRequest) -> date | None:
    try:
        return date.fromisoformat(request.GET.get("ngay", ""))
    except ValueError:
        return None
