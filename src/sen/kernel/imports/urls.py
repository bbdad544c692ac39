"""Addresses of the wizard in every register that has an importer, and of the sources."""

from __future__ import annotations

from django.urls import path, re_path
from django.utils.translation import gettext_lazy

from sen.kernel.imports.harvesting import VIEW
from sen.kernel.imports.web import sources, views
from sen.kernel.web.menu import SYSTEM_GROUP, MenuEntry, add_entry
from sen.kernel.web.register import urls as register_urls

#: The converter of register addresses is registered by that module.
CONVERTER = register_urls.RegisterPath

_PAGE = "ql/<register:path>/nhap/"
urlpatterns = [
    path(_PAGE, views.start, name="register-import"),
    path(f"{_PAGE}lan/<int:run_id>/", views.run_page, name="import-run"),
    path(f"{_PAGE}lan/<int:run_id>/hoan-tac/", views.undo_page, name="import-undo"),
    path(f"{_PAGE}<uuid:draft_id>/tien-do/", views.progress, name="import-progress"),
    re_path(
        rf"^ql/(?P<path>{CONVERTER.regex})/nhap/(?P<draft_id>[0-9a-f-]{{36}})/loi\.(?P<fmt>xlsx|csv)$",
        views.faults,
        name="import-faults",
    ),
    path(f"{_PAGE}<uuid:draft_id>/kiem-tra/", views.check, name="import-check"),
    path(f"{_PAGE}<uuid:draft_id>/<slug:name>/", views.step, name="import-step"),
    path("ql/he-thong/nguon-du-lieu/", sources.source_list, name="sources"),
    path("ql/he-thong/nguon-du-lieu/them/", sources.source_form, name="source-add"),
    path("ql/he-thong/nguon-du-lieu/<int:source_id>/", sources.source_page, name="source"),
    path("ql/he-thong/nguon-du-lieu/<int:source_id>/sua/", sources.source_form, name="source-edit"),
    path("ql/he-thong/nguon-du-lieu/<int:source_id>/lam/", sources.source_act, name="source-act"),
]

add_entry(
    MenuEntry(
        "sources",
        gettext_lazy("Nguồn dữ liệu"),
        "/ql/he-thong/nguon-du-lieu/",
        "cloud-download",
        group=SYSTEM_GROUP,
        permission=VIEW,
        order=45,
    )
)
