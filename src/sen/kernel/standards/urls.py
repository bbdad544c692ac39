"""Addresses of the data standards."""

from __future__ import annotations

from django.urls import path

from sen.kernel.standards import views

urlpatterns = [
    path("chuan-du-lieu/", views.index, name="standards"),
    path("chuan-du-lieu/<slug:kind>/", views.page, name="standard"),
    path("chuan-du-lieu/<slug:kind>/luoc-do.json", views.schema, name="standard-schema"),
    path("chuan-du-lieu/<slug:kind>/mau.xlsx", views.workbook, name="standard-template"),
]
