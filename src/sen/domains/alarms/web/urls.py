"""Acts on alarms and rules, and the back-test."""

from __future__ import annotations

from django.urls import URLPattern, path

from sen.domains.alarms.web import pages, structures

urlpatterns: list[URLPattern] = [
    path("ql/alarms/canh-bao/<int:alarm_id>/<slug:what>/", pages.alarm_act),
    path("ql/alarms/giam-sat/<int:asset_id>/", structures.templates),
    path("ql/alarms/dot/<int:group_id>/tiep-nhan/", pages.take_group),
    path("ql/alarms/quy-tac/<int:rule_id>/thu/", pages.tried),
    path("ql/alarms/quy-tac/<int:rule_id>/<slug:what>/", pages.rule_act),
]
