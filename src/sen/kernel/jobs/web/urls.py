"""Addresses of the pages of queued work."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy

from sen.kernel.jobs.web import views
from sen.kernel.web.menu import SYSTEM_GROUP, MenuEntry, add_entry

urlpatterns: list[URLPattern | URLResolver] = [
    path("ql/he-thong/cong-viec/", views.run_list, name="jobs"),
    path("ql/he-thong/cong-viec/<int:run_id>/", views.run_page, name="job"),
    path("ql/he-thong/cong-viec/<int:run_id>/tien-do", views.run_progress, name="job_progress"),
    path("ql/he-thong/cong-viec/<int:run_id>/huy", views.run_cancel, name="job_cancel"),
    path("ql/he-thong/cong-viec/<int:run_id>/chay-lai", views.run_retry, name="job_retry"),
]

add_entry(
    MenuEntry(
        "jobs",
        gettext_lazy("Công việc nền"),
        "/ql/he-thong/cong-viec/",
        "list-checks",
        group=SYSTEM_GROUP,
        order=40,
    )
)
