"""Address of the import page of every register that has an importer."""

from __future__ import annotations

from django.urls import path

from sen.kernel.imports.views import import_page
from sen.kernel.web.register import urls as register_urls

#: The converter of register addresses is registered by that module.
CONVERTER = register_urls.RegisterPath

urlpatterns = [path("ql/<register:path>/nhap/", import_page, name="register-import")]
