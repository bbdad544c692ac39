"""Addresses of search, the operator's table, separator sheets and the queue."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from sen.domains.digitisation.web import intake, palette, queue, searching, separators
from sen.kernel.web.menu import MenuEntry, add_entry

add_entry(
    MenuEntry(
        "digitisation.search",
        _("Tìm trong tài liệu"),
        searching.WORK_SEARCH,
        "text-search",
        "digitisation",
        "documents.document.view",
        order=10,
    )
)
add_entry(
    MenuEntry(
        "digitisation.queue",
        _("Nhận dạng văn bản"),
        queue.URL,
        "scan-text",
        "digitisation",
        "documents.document.view",
        order=20,
    )
)
add_entry(
    MenuEntry(
        "digitisation.separators",
        _("Tờ phân cách"),
        "/ql/digitisation/to-phan-cach/",
        "qr-code",
        "digitisation",
        "digitisation.batch.add",
        order=30,
    )
)
palette.offer()

BATCH = "ql/digitisation/batches/<int:batch_id>"
urlpatterns: list[URLPattern] = [
    path("ql/digitisation/tim/", searching.search_page, name="digitisation-search"),
    path("tra-cuu/tim-toan-van/", searching.search_page),
    path("ql/digitisation/tim/<int:document_id>/trang/<int:number>/", searching.marked_page),
    path("tra-cuu/tim-toan-van/<int:document_id>/trang/<int:number>/", searching.marked_page),
    path("tai-lieu-quet/<int:document_id>/<int:number>.webp", searching.page_picture),
    path(f"{BATCH}/tep-quet/", intake.add_files, name="digitisation-add-files"),
    path(f"{BATCH}/tach/", intake.board, name="digitisation-board"),
    path(f"{BATCH}/tach/<str:name>/", intake.act, name="digitisation-act"),
    path(f"{BATCH}/trang/<int:sheet_id>.webp", intake.sheet_picture, name="digitisation-sheet"),
    path("ql/digitisation/goi-y-ho-so/", intake.dossier_suggestions, name="digitisation-dossiers"),
    path("ql/digitisation/to-phan-cach/", separators.sheets, name="digitisation-separators"),
    path("ql/digitisation/nhan-dang/", queue.queue_page, name="digitisation-queue"),
    path(
        "ql/digitisation/nhan-dang/<int:document_id>/",
        queue.read_again,
        name="digitisation-read-again",
    ),
]
