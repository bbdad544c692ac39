"""Who may what: the list for the half-yearly review of access.

Source: tcvn-14423-2026, level 3: access reviewed at least every six months.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.kernel.access.accounts.admin_views import administrators_only
from sen.kernel.access.accounts.administration import administered
from sen.kernel.access.context import current_actor
from sen.kernel.access.models import Grant, User
from sen.kernel.access.scope import Actor
from sen.kernel.audit import services as audit
from sen.kernel.audit.models import AuditEntry

#: What a spreadsheet would run as a formula when a cell begins with it.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def header() -> list[str]:
    return [
        _("Tên đăng nhập"),
        _("Họ và tên"),
        _("Loại tài khoản"),
        _("Đơn vị"),
        _("Trạng thái"),
        _("Xác thực hai lớp"),
        _("Đăng nhập lần cuối"),
        _("Vai trò"),
        _("Quyền"),
        _("Mức dữ liệu cao nhất"),
        _("Tại đơn vị"),
        _("Trên địa bàn"),
        _("Đến hết ngày"),
    ]


def access_rows(actor: Actor) -> Iterator[list[Any]]:
    """A row per grant, and one for each account without any."""
    factor = Authenticator.objects.filter(user_id=OuterRef("pk")).exclude(
        type=Authenticator.Type.RECOVERY_CODES
    )
    accounts: QuerySet[User] = (
        administered(actor)
        .annotate(has_second_factor=Exists(factor))
        .select_related("organisation")
        .order_by("username")
    )
    by_user: dict[int, list[Grant]] = {}
    held = Grant.objects.filter(user__in=administered(actor).values("pk"))
    for grant in held.select_related("role", "organisation", "area").order_by("role__code"):
        by_user.setdefault(grant.user_id, []).append(grant)
    for user in accounts:
        person = [
            user.username,
            user.full_name,
            user.get_kind_display(),
            user.organisation.name if user.organisation else "",
            _("Đang hoạt động") if user.is_active else _("Bị khóa"),
            _("Có") if user.has_second_factor else _("Không"),  # type: ignore[attr-defined]
            _local(user.last_login),
        ]
        for grant in by_user.get(user.pk, []):
            yield [
                *person,
                grant.role.name_vi,
                " ".join(grant.role.permissions),
                grant.role.get_clearance_display(),
                grant.organisation.name if grant.organisation else _("Mọi đơn vị"),
                grant.area.name if grant.area else _("Mọi địa bàn"),
                grant.valid_to.strftime("%d/%m/%Y") if grant.valid_to else "",
            ]
        if user.pk not in by_user:
            yield [*person, "", "", "", "", "", ""]


def _local(when: Any) -> str:
    return timezone.localtime(when).strftime("%d/%m/%Y %H:%M") if when else ""


def _plain(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


@administrators_only("view")
def export(request: HttpRequest, fmt: str) -> HttpResponse:
    """``ra-soat.csv`` and ``ra-soat.xlsx``; taking it is logged."""
    rows = [[_plain(value) for value in row] for row in access_rows(current_actor())]
    audit.record(
        act="accounts.review.exported",
        kind=AuditEntry.Kind.READ,
        resource="kernel.accounts",
        detail={"rows": len(rows), "format": fmt},
    )
    data, kind = _xlsx(rows) if fmt == "xlsx" else _csv(rows)
    response = HttpResponse(data, content_type=kind)
    name = f"ra-soat-quyen-{timezone.localdate():%Y-%m-%d}.{fmt}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _csv(rows: list[list[Any]]) -> tuple[bytes, str]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header())
    writer.writerows(rows)
    # The mark tells Excel that the letters are UTF-8.
    return ("\ufeff" + text.getvalue()).encode(), "text/csv; charset=utf-8"


def _xlsx(rows: list[list[Any]]) -> tuple[bytes, str]:
    import xlsxwriter  # heavy, and few ask for files

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(_("Rà soát quyền"))
        sheet.write_row(0, 0, header(), book.add_format({"bold": True, "text_wrap": True}))
        for number, row in enumerate(rows, start=1):
            sheet.write_row(number, 0, row)
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, max(1, len(rows)), len(header()) - 1)
        sheet.autofit()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return buffer.getvalue(), kind
