"""Addresses of the pages of the log."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path
from django.utils.translation import gettext_lazy

from sen.kernel.access.scope import Actor
from sen.kernel.logbook.checking import last_check
from sen.kernel.logbook.selectors import VIEW
from sen.kernel.logbook.web import seals, views
from sen.kernel.web.alerts import Alert, alerts
from sen.kernel.web.menu import SYSTEM_GROUP, MenuEntry, add_entry

SEALS_URL = "/ql/he-thong/nhat-ky/niem-phong/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("ql/he-thong/nhat-ky/", views.log_page, name="audit_log"),
    re_path(r"^ql/he-thong/nhat-ky/xuat\.(?P<fmt>csv|xlsx)$", views.export, name="audit_export"),
    path("ql/he-thong/nhat-ky/<int:entry_id>/", views.entry_page, name="audit_entry"),
    path("ql/he-thong/nhat-ky/niem-phong/", seals.seals_page, name="audit_seals"),
    path("ql/he-thong/nhat-ky/niem-phong/kiem-tra", seals.check_now, name="audit_check"),
]

add_entry(
    MenuEntry(
        "audit",
        gettext_lazy("Nhật ký hệ thống"),
        "/ql/he-thong/nhat-ky/",
        "scroll-text",
        group=SYSTEM_GROUP,
        permission=VIEW,
        order=30,
    )
)


def _broken_chain(actor: Actor) -> Alert | None:
    if not actor.may(VIEW):
        return None
    check = last_check()
    if check is None or check.is_whole:
        return None
    return Alert(
        gettext_lazy("Nhật ký đã bị can thiệp"),
        gettext_lazy("Lần kiểm tra gần nhất thấy chuỗi niêm phong không còn nguyên vẹn."),
        SEALS_URL,
    )


alerts.add("audit", _broken_chain)
