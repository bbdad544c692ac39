"""Acts on incidents, and the closing report."""

from __future__ import annotations

from django.urls import URLPattern, path

from sen.domains.incidents.web import pages

urlpatterns: list[URLPattern] = [
    path("ql/incidents/tu-canh-bao/<int:alarm_id>/", pages.from_alarm),
    path("ql/incidents/viec/<int:task_id>/xong/", pages.task_done),
    path("ql/incidents/su-co/<int:incident_id>/bao-cao/", pages.report),
    path("ql/incidents/su-co/<int:incident_id>/<slug:what>/", pages.act),
]
