"""Pages of campaigns that are no registers."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from sen.domains.inventory.web import pages
from sen.kernel.web.menu import MenuEntry, add_entry

_ONE = "ql/inventory/campaigns/<int:campaign_id>/"

urlpatterns: list[URLPattern] = [
    path("ql/inventory/hien-truong/", pages.field),
    path("ql/inventory/hien-truong/du-lieu.json", pages.field_data),
    path(f"{_ONE}buoc/", pages.move),
    path(f"{_ONE}nghiem-thu/", pages.acceptance),
    path(f"{_ONE}chenh-lech.xlsx", pages.report),
    path("ql/inventory/records/<int:record_id>/tu-choi/", pages.reject),
    path("ql/inventory/visits/<int:visit_id>/doi-chieu/", pages.conflict),
]

add_entry(
    MenuEntry(
        "inventory-field",
        _("Kiểm kê hiện trường"),
        "/ql/inventory/hien-truong/",
        "smartphone",
        group="inventory",
        permission="inventory.record.add",
        order=5,
    )
)
