"""Pages of projects that are no registers."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from sen.domains.projects.web.pages import capital, course, diary, handover, progress, sequence
from sen.kernel.web.menu import MenuEntry, add_entry

_ONE = "ql/projects/projects/<int:project_id>/"

urlpatterns: list[URLPattern] = [
    path("ql/projects/giai-ngan/", capital.overview),
    path(f"{_ONE}buoc/", course.move),
    path(f"{_ONE}trang-thai/", course.status),
    path(f"{_ONE}khoi-luong/", progress.report),
    path(f"{_ONE}tien-do/", sequence.schedule),
    path(f"{_ONE}nhat-ky/", diary.write),
    path(f"{_ONE}ban-giao/", handover.hand_over),
]

add_entry(
    MenuEntry(
        "projects-money",
        _("Vốn và giải ngân"),
        "/ql/projects/giai-ngan/",
        "chart-column",
        group="projects",
        permission="projects.funding.view",
        order=10,
    )
)
