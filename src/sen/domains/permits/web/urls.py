"""Pages of permits beside their registers."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from sen.domains.permits.web import pages
from sen.kernel.web.menu import MenuEntry, add_entry
from sen.kernel.web.register.links import PUBLIC, WORK

urlpatterns: list[URLPattern] = [
    *(
        path(f"{base.strip('/')}/permits/all/<int:row_id>/", pages.own_page)
        for base in (WORK, PUBLIC)
    ),
    path("ql/permits/giay-phep/<int:permit_id>/in/", pages.printed),
    path("ql/permits/giay-phep/<int:permit_id>/<slug:what>/", pages.act),
    path("ql/permits/kiem-tra-lo-trinh/", pages.ask_route),
    path("lo-trinh-xe-qua-kho/", pages.ask_route),
    path("giay-phep/<slug:check_code>/", pages.genuine),
]

add_entry(
    MenuEntry(
        "permits-route",
        _("Kiểm tra lộ trình xe quá khổ"),
        "/ql/permits/kiem-tra-lo-trinh/",
        "route",
        group="permits",
        permission="permits.permit.view",
        order=10,
    )
)
