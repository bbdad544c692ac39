"""Pages beside the registers."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from sen.domains.stewardship.web import pages
from sen.kernel.quality.checks import Check
from sen.kernel.quality.showing import FaultLink, fault_links
from sen.kernel.web.menu import MenuEntry, add_entry
from sen.kernel.web.register.resource import Resource

urlpatterns: list[URLPattern] = [
    path("ql/stewardship/viec/", pages.work, name="stewardship_work"),
    path("ql/stewardship/bo/<int:set_id>/buoc", pages.step, name="stewardship_step"),
    path("ql/stewardship/bo/<int:set_id>/<int:item_id>", pages.item, name="stewardship_item"),
    path("ql/stewardship/viec/<int:task_id>/lam", pages.task, name="stewardship_task"),
    path("ql/stewardship/giao-loi/<str:key>/", pages.hand_over, name="stewardship_fault"),
]

add_entry(
    MenuEntry(
        "stewardship-work",
        _("Việc phải cập nhật"),
        "/ql/stewardship/viec/",
        "calendar-clock",
        order=3,
        permission="stewardship.task.view",
    )
)


def _url(resource: Resource[Any], check: Check) -> str:
    return f"/ql/stewardship/giao-loi/{check.key}/"


fault_links.add(
    "stewardship",
    FaultLink("stewardship", _("Giao sửa"), "send", "stewardship.task.add", _url),
)
