"""Addresses of the operations centre."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from sen.domains.operations.web import embeds, moments, pages, past, settings, shifts, wall
from sen.kernel.web.menu import MenuEntry, add_entry

urlpatterns: list[URLPattern] = [
    path("ioc/", pages.board, name="ioc"),
    path("ioc/manh/chi-so", pages.figures),
    path("ioc/manh/canh-bao", pages.alarm_list),
    path("ioc/manh/su-co", pages.incident_columns),
    path("ioc/ban-do.json", past.past_map),
    path("ioc/so-lieu.json", pages.figures_json),
    path("ioc/chi-so/<str:name>/", pages.figure),
    path("ioc/chi-so/<str:name>/chuoi.json", pages.chart),
    path("ioc/chi-so/<str:name>/ghi-chu", settings.add_note),
    path("ioc/ghi-chu/<int:note_id>/go", settings.remove_note),
    path("ioc/o/<str:name>/", embeds.frame),
    path("ioc/o/<str:name>/so-lieu.json", embeds.as_json),
    path("ioc/o/<str:name>/so-lieu.csv", embeds.as_csv),
    path("ioc/man-hinh/", wall.wall),
    path("ioc/man-hinh/xem/<slug:name>", wall.view),
    path("ioc/cac-man-hinh/", settings.screens),
    path("ioc/cac-man-hinh/<int:display_id>/thu-hoi", settings.revoke),
    path("ioc/so-truc/", shifts.log),
    path("ioc/so-truc/nhan", shifts.start),
    path("ioc/so-truc/<int:shift_id>/ghi", shifts.write),
    path("ioc/so-truc/<int:shift_id>/giao", shifts.hand_over),
    path("man-hinh/", wall.connect),
    path("man-hinh/noi", wall.accept),
]

add_entry(
    MenuEntry(
        "operations",
        _("Điều hành"),
        "/ioc/",
        "monitor",
        order=2,
        permission=moments.BOARD,
        pinned=True,
    )
)
