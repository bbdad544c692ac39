"""What the address of the log's page asks for."""

from __future__ import annotations

import ipaddress
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.kernel.audit.models import AuditEntry
from sen.kernel.logbook.selectors import LogFilter
from sen.lib.keyset import CursorError, decode_cursor, encode_cursor

#: The page shows so many days unless asked otherwise, or unless one object is looked at.
DAYS: Final = 7
LARGEST_ID: Final = 2**63 - 1

Errors = dict[str, str]


def asked_of(query: QueryDict) -> tuple[LogFilter, Errors]:
    """The filter of a query string, and what of it made no sense, by parameter."""
    errors: Errors = {}
    whole = "tu" in query or bool(query.get("ma"))
    since = _day(query, "tu", errors)
    until = _day(query, "den", errors)
    if since is None and not whole:
        since = timezone.localdate() - timedelta(days=DAYS)
    if since and until and since > until:
        errors["den"] = _("Ngày cuối phải từ ngày đầu trở đi.")
    return (
        LogFilter(
            since=_start(since),
            until=_start(until + timedelta(days=1)) if until and until < date.max else None,
            who=_text(query, "nguoi"),
            kind=_kind(query, errors),
            act=_text(query, "viec"),
            resource=_text(query, "muc"),
            object_id=_text(query, "ma"),
            ip=_address(query, errors),
            text=_text(query, "q"),
            transaction=_number(query, "giao-dich", errors),
        ),
        errors,
    )


def _text(query: QueryDict, name: str) -> str:
    return query.get(name, "").replace("\x00", "").strip()[:200]


def _day(query: QueryDict, name: str, errors: Errors) -> date | None:
    text = _text(query, name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        errors[name] = _("“%(text)s” không phải là ngày, ví dụ 2026-11-23.") % {"text": text}
        return None


def _start(day: date | None) -> datetime | None:
    if day is None:
        return None
    return timezone.make_aware(datetime.combine(day, time.min))


def _kind(query: QueryDict, errors: Errors) -> str:
    text = _text(query, "loai")
    if text and text not in AuditEntry.Kind.values:
        errors["loai"] = _("Không có loại “%(text)s”.") % {"text": text}
        return ""
    return text


def _address(query: QueryDict, errors: Errors) -> str:
    text = _text(query, "ip")
    try:
        return str(ipaddress.ip_address(text)) if text else ""
    except ValueError:
        errors["ip"] = _("“%(text)s” không phải là địa chỉ IP.") % {"text": text}
        return ""


def _number(query: QueryDict, name: str, errors: Errors) -> int | None:
    text = _text(query, name)
    if not text:
        return None
    if not text.isdecimal() or int(text) > LARGEST_ID:
        errors[name] = _("“%(text)s” không phải là số giao dịch.") % {"text": text}
        return None
    return int(text)


def place_of(query: QueryDict, errors: Errors) -> tuple[datetime, int] | None:
    """Where the page before ended."""
    text = query.get("sau", "")
    if not text:
        return None
    try:
        at, number = decode_cursor(text, length=2)
    except CursorError:
        at, number = None, None
    if not isinstance(at, datetime) or type(number) is not int or timezone.is_naive(at):
        errors["sau"] = _("Vị trí trang không đúng; đã quay về trang đầu.")
        return None
    return at, number


def place_after(entry: AuditEntry) -> str:
    """The place from which the next page goes on."""
    return encode_cursor([entry.at, entry.pk])


def shown(query: QueryDict, asked: LogFilter) -> dict[str, Any]:
    """What the fields of the filter hold."""
    return {
        "tu": timezone.localtime(asked.since).date().isoformat() if asked.since else "",
        **{name: query.get(name, "") for name in ("den", "nguoi", "loai", "viec", "muc", "ma")},
        **{name: query.get(name, "") for name in ("ip", "q")},
    }
