"""The log at ``/ql/he-thong/nhat-ky/``: who did what, when, why, from where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from sen.kernel.access.middleware import actor_of
from sen.kernel.access.permissions import grouped_resources
from sen.kernel.access.scope import Actor
from sen.kernel.audit.models import AuditEntry, Seal
from sen.kernel.audit.services import record
from sen.kernel.errors import InvalidInputError, NotFoundError
from sen.kernel.jobs.web.views import page
from sen.kernel.logbook.checking import last_check
from sen.kernel.logbook.selectors import (
    Line,
    LogFilter,
    entries_of,
    lines_of,
    page_of,
    readable,
)
from sen.kernel.logbook.web.asking import asked_of, place_after, place_of, shown
from sen.kernel.logbook.web.details import changes_shown, facts_shown
from sen.kernel.logbook.words import entry_words, known_acts, resource_words
from sen.kernel.web.register.links import detail_url, with_query
from sen.kernel.web.register.resource import resources

PAGE_SIZE: Final = 50
#: More entries than this are for the database's own tools, not for a click.
MAX_ROWS: Final = 100_000
STEP: Final = 1000
TOGETHER: Final = 20
TONES: Final = {
    AuditEntry.Kind.WRITE: "",
    AuditEntry.Kind.READ: "warn",
    AuditEntry.Kind.SIGN_IN: "info",
    AuditEntry.Kind.REFUSED: "danger",
    AuditEntry.Kind.SYSTEM: "pond",
}


@require_GET
@never_cache
@page
def log_page(request: HttpRequest) -> HttpResponse:
    """Entries under a filter, the latest first; ``sau`` pages on."""
    actor = actor_of(request)
    asked, errors = asked_of(request.GET)
    behind = place_of(request.GET, errors)
    found = page_of(actor, asked, behind=behind, size=PAGE_SIZE)
    more = len(found) > PAGE_SIZE
    found = found[:PAGE_SIZE]
    plain = with_query(request.GET, sau=None)
    context = {
        "page_title": _("Nhật ký hệ thống"),
        "rows": [_row(actor, line) for line in lines_of(actor, found)],
        "values": shown(request.GET, asked),
        "errors": errors,
        "kinds": AuditEntry.Kind.choices,
        "resource_groups": grouped_resources(),
        "acts": known_acts(),
        "next_url": with_query(request.GET, sau=place_after(found[-1])) if more else "",
        "first_url": plain if behind else "",
        "export_query": plain,
        "filters_more": any((asked.ip, asked.act, asked.object_id, asked.kind)),
        "period": _period(asked),
        "check": last_check(),
    }
    return render(request, "logbook/list.html", context)


def _period(asked: LogFilter) -> str:
    if asked.since is None:
        return _("Toàn bộ thời gian")
    since = timezone.localtime(asked.since).strftime("%d/%m/%Y")
    if asked.until is None:
        return _("Từ %(since)s đến nay") % {"since": since}
    until = timezone.localtime(asked.until) - timedelta(days=1)
    return _("Từ %(since)s đến %(until)s") % {
        "since": since,
        "until": until.strftime("%d/%m/%Y"),
    }


def _row(actor: Actor, line: Line) -> dict[str, Any]:
    entry = line.entry
    return {
        "entry": entry,
        "who": _who(line),
        "words": entry_words(entry),
        "tone": TONES[AuditEntry.Kind(entry.kind)],
        "what": resource_words(entry.resource) if entry.resource else "",
        "is_withheld": line.is_withheld,
        "url": _url_of(actor, line),
        "read": _read_words(entry),
    }


def _who(line: Line) -> str:
    return _("Hệ thống") if line.who in ("system", "SYSTEM") else line.who


def _read_words(entry: AuditEntry) -> str:
    """How much personal data a reading showed."""
    if entry.kind != AuditEntry.Kind.READ or not (count := entry.detail.get("count")):
        return ""
    return _("%(count)s bản ghi") % {"count": count}


def _url_of(actor: Actor, line: Line) -> str:
    """The page of the row, in the register that holds every row of its model."""
    if not line.found:
        return ""
    for resource in resources:
        whole = resource.where is None and resource.rule.resource == line.entry.resource
        if whole and resource.may(actor, "view"):
            return detail_url(resource, line.entry.object_id)
    return ""


@require_GET
@never_cache
@page
def entry_page(request: HttpRequest, entry_id: int) -> HttpResponse:
    """One entry with what it changed, its seal, and what the same transaction did."""
    actor = actor_of(request)
    entry = readable(actor).filter(pk=entry_id).first()
    if entry is None:
        raise NotFoundError(_("dòng nhật ký"), entry_id)
    together = readable(actor).filter(txid=entry.txid).exclude(pk=entry.pk).order_by("pk")
    first, *others = lines_of(actor, [entry, *together[:TOGETHER]])
    title = entry_words(entry)
    context = {
        "page_title": title,
        "page_sub": f"#{entry.pk} · {entry.act}",
        "breadcrumbs": [
            {"title": _("Nhật ký hệ thống"), "url": reverse("audit_log")},
            {"title": title, "url": ""},
        ],
        "row": _row(actor, first),
        "facts": facts_shown(first, _who(first)),
        "changes": changes_shown(actor, entry) if not first.is_withheld else [],
        "others": [_row(actor, line) for line in others],
        "seal": _seal_of(entry),
    }
    return render(request, "logbook/entry.html", context)


def _seal_of(entry: AuditEntry) -> Seal | None:
    """The seal that covers an entry; None in the seconds before it is made."""
    seals = Seal.objects.filter(from_txid__lte=entry.txid).order_by("-from_txid")
    seal = seals.defer("leaves").first()
    return seal if seal is not None and entry.txid < seal.to_txid else None


@require_GET
@never_cache
@page
def export(request: HttpRequest, fmt: str) -> HttpResponse:
    """What the filter leaves as a file; taking it is logged too."""
    from sen.kernel.web.register import sheets  # heavy, and few ask for files

    actor = actor_of(request)
    asked, errors = asked_of(request.GET)
    if errors:
        raise InvalidInputError({name: (text,) for name, text in errors.items()})
    entries = entries_of(actor, asked)
    if entries.order_by()[: MAX_ROWS + 1].count() > MAX_ROWS:
        raise InvalidInputError(
            {
                "": _("Kết quả có hơn %(max)s dòng; hãy chọn khoảng thời gian ngắn hơn.")
                % {"max": MAX_ROWS}
            }
        )
    record(
        act="kernel.audit.export",
        kind=AuditEntry.Kind.READ,
        resource="kernel.audit",
        detail={"format": fmt, "query": request.GET.urlencode()},
    )
    cells = _cells(actor, entries.iterator(chunk_size=STEP))
    if fmt == "csv":
        content = sheets.csv_file(_headers(), cells)
    else:
        content = sheets.xlsx_file(_("Nhật ký hệ thống"), _headers(), cells)
    response = HttpResponse(content, content_type=sheets.CONTENT_TYPES[fmt])
    name = f"nhat-ky-{timezone.localdate():%Y%m%d}.{fmt}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _headers() -> list[str]:
    return [
        *("ID", _("Thời điểm"), _("Tài khoản"), _("Người thực hiện"), _("Loại")),
        *(_("Hành động"), _("Mã hành động"), _("Đối tượng"), _("Mã đối tượng")),
        *(_("Tên đối tượng"), _("Lý do"), _("Địa chỉ IP"), _("Chi tiết")),
    ]


def _cells(actor: Actor, entries: Iterator[AuditEntry]) -> Iterator[Sequence[Any]]:
    while part := list(islice(entries, STEP)):
        for line in lines_of(actor, part):
            entry = line.entry
            label = _("(ngoài phạm vi được xem)") if line.is_withheld else entry.object_label
            yield (
                *(entry.pk, timezone.localtime(entry.at).strftime("%d/%m/%Y %H:%M:%S")),
                *(entry.actor_name, _who(line), entry.get_kind_display()),
                *(entry_words(entry), entry.act, resource_words(entry.resource)),
                *(entry.object_id, label, entry.reason, entry.ip, entry.detail or None),
            )
