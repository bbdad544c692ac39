"""Pages of telemetry beside its registers."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from sen.domains.telemetry.web import mapping_page, pages, pull_page
from sen.kernel.web.menu import MenuEntry, add_entry
from sen.kernel.web.register.links import PUBLIC, WORK

urlpatterns: list[URLPattern] = [
    *(
        path(f"{base.strip('/')}/telemetry/kenh/<int:stream_id>/chuoi.json", pages.curve)
        for base in (WORK, PUBLIC)
    ),
    path("ql/telemetry/thiet-bi/<int:device_id>/ket-noi/", pull_page.edit),
    path("ql/telemetry/thiet-bi/<int:device_id>/<slug:what>/", pages.device_act),
    path("ql/telemetry/bi-tu-choi/", pages.refused, name="telemetry-refused"),
    path("ql/telemetry/bi-tu-choi/<int:letter_id>/khai-bao/", pages.provision),
    path("ql/telemetry/luoc-do/", pages.schemas),
    path("ql/telemetry/luoc-do/<slug:code>.json", pages.schema),
    path("ql/telemetry/anh-xa/", mapping_page.edit),
    path("ql/telemetry/anh-xa/<int:mapping_id>/", mapping_page.edit),
]

add_entry(
    MenuEntry(
        "telemetry-refused",
        _("Bản tin bị từ chối"),
        "/ql/telemetry/bi-tu-choi/",
        "mail-x",
        group="telemetry",
        permission="telemetry.device.view",
        order=35,
    )
)
add_entry(
    MenuEntry(
        "telemetry-mapping",
        _("Lập ánh xạ bản tin"),
        "/ql/telemetry/anh-xa/",
        "braces",
        group="telemetry",
        permission="telemetry.mapping.add",
        order=85,
    )
)
add_entry(
    MenuEntry(
        "telemetry-schemas",
        _("Lược đồ kết quả"),
        "/ql/telemetry/luoc-do/",
        "braces",
        group="telemetry",
        permission="telemetry.datastream.view",
        order=88,
    )
)
