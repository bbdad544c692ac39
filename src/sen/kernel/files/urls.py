"""Addresses of files."""

from __future__ import annotations

from django.urls import path

from sen.kernel.files import views
from sen.kernel.web.register import urls as register_urls

#: The converter of register addresses is registered by that module.
CONVERTER = register_urls.RegisterPath

urlpatterns = [
    path("ql/<register:path>/<int:row_id>/tep/", views.files_of_row, name="files-of-row"),
    path("tep/<int:attachment_id>/", views.download, name="file-download"),
    path("tep/<int:attachment_id>/anh.webp", views.small_picture, name="file-picture"),
]
