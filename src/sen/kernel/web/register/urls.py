"""Addresses of the registers, the same below ``/ql/`` and ``/tra-cuu/``."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path, register_converter

from sen.kernel.web.register import (
    bulk,
    comparing,
    edit,
    export,
    history,
    lists,
    saved,
    shaping_pages,
    views,
)
from sen.kernel.web.register.resource import resource_at


class RegisterPath:
    """``<domain>/<slug>`` of a register that exists; anything else is another page's address."""

    regex = r"[a-z][a-z0-9]*/[a-z][a-z0-9-]*"

    def to_python(self, value: str) -> str:
        if resource_at(value) is None:
            raise ValueError(value)
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(RegisterPath, "register")

urlpatterns: list[URLPattern] = [
    path("<register:path>/", lists.list_page, name="register-list"),
    re_path(
        rf"^(?P<path>{RegisterPath.regex})/xuat\.(?P<fmt>csv|xlsx|geojson|gpkg|fgb|kml|shp\.zip)$",
        export.export_page,
        name="register-export",
    ),
    path("<register:path>/luu/", saved.save_view, name="register-save"),
    path("<register:path>/hang-loat/", bulk.bulk_page, name="register-bulk"),
    path("<register:path>/so-sanh/", comparing.compare_page, name="register-compare"),
    path("<register:path>/them/", edit.create_page, name="register-create"),
    path("<register:path>/<int:row_id>/sua/", edit.edit_page, name="register-edit"),
    path("<register:path>/<int:row_id>/tach/", shaping_pages.split_page, name="register-split"),
    path("<register:path>/<int:row_id>/gop/", shaping_pages.merge_page, name="register-merge"),
    path("<register:path>/<int:row_id>/lich-su/", history.history_page, name="register-history"),
    path("<register:path>/<int:row_id>/xoa/", edit.delete_page, name="register-delete"),
    path("<register:path>/<int:row_id>/", views.detail_page, name="register-detail"),
]
