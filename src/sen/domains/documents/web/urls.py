"""Pages and files of documents beside their registers."""

from __future__ import annotations

from django.urls import URLPattern, path, register_converter
from django.utils.translation import gettext_lazy as _

from sen.domains.documents.web import acts, compare, files, upload
from sen.kernel.web.menu import MenuEntry, add_entry


class ActConverter:
    """``<register>/<id>/<act>`` of what the buttons of this domain do."""

    regex = "|".join(sorted({name for _model, known in acts.ACTS.values() for name in known}))

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class SlugConverter(ActConverter):
    regex = "|".join(acts.ACTS)


register_converter(ActConverter, "documentact")
register_converter(SlugConverter, "documentslug")

add_entry(
    MenuEntry(
        "documents.upload",
        _("Tải tài liệu lên"),
        "/ql/documents/tai-len/",
        "upload",
        "documents",
        "documents.document.add",
        order=15,
    )
)

add_entry(
    MenuEntry(
        "documents.package",
        _("Nhập gói hồ sơ"),
        "/ql/documents/goi-ho-so/",
        "package",
        "documents",
        "documents.dossier.add",
        order=50,
    )
)

urlpatterns: list[URLPattern] = [
    path("ql/documents/tai-len/", upload.upload_page, name="documents-upload"),
    path("ql/documents/goi-y/", upload.suggestions, name="documents-suggestions"),
    path("ql/documents/gan/", acts.link, name="documents-link"),
    path("ql/documents/goi-ho-so/", upload.package_page, name="documents-package-in"),
    path("ql/documents/documents/<int:row_id>/so-sanh/", compare.page, name="documents-compare"),
    path("ql/documents/<documentslug:slug>/<int:row_id>/<documentact:name>/", acts.act),
    path("tai-lieu/<int:version_id>/", files.content, name="documents-content"),
    path("tai-lieu/<int:version_id>/ban/<slug:kind>/", files.content, name="documents-rendition"),
    path("tai-lieu/<int:version_id>/trang/<int:number>.webp", files.page, name="documents-page"),
    path("tai-lieu/goi/<int:package_id>.zip", files.package, name="documents-package"),
]
