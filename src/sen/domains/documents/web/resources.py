"""The registers of documents, dossiers, lists of destruction and trusted roots."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext_lazy as _

from sen.domains.documents.models import Disposal, Document, Dossier, TrustAnchor
from sen.domains.documents.services import (
    create_document,
    create_dossier,
    delete_document,
    delete_dossier,
    update_document,
    update_dossier,
)
from sen.domains.documents.services.anchors import create_anchor, update_anchor
from sen.domains.documents.services.disposal import create_disposal, update_disposal
from sen.kernel.access.scope import Actor, DataClass
from sen.kernel.web.register.resource import (
    Column,
    Filter,
    FilterKind,
    FormField,
    Resource,
    Section,
    register,
)

STATE_TONES: Final = {"QUARANTINE": "info", "CLEAN": "ok", "REJECTED": "danger"}
SIGNATURE_TONES: Final = {
    "TRUSTED": "ok",
    "UNKNOWN_ROOT": "warn",
    "INVALID": "warn",
    "ALTERED": "danger",
    "UNREADABLE": "danger",
}
KEEPING: Final = (
    Column("area", path="area__name", label=_("Địa bàn"), shown=False),
    Column("owner_org", path="owner_org__name", label=_("Đơn vị quản lý"), shown=False),
    Column("data_class"),
    Column("updated_at", shown=False),
)
#: Nothing is published by a form that was sent as it opened.
FIRST_VALUES: Final = MappingProxyType({"data_class": DataClass.INTERNAL.value})


@register
class DocumentResource(Resource[Document]):
    model = Document
    slug = "documents"
    title = _("Tài liệu")
    one = _("tài liệu")
    icon = "file-text"
    menu_order = 20
    columns = (
        Column("code", shown=False),
        Column("number", sort=True),
        Column("issued_on", sort=True),
        Column("kind"),
        Column("abstract", link=True, sort=True),
        Column("issuer"),
        Column("signer", shown=False),
        Column("state", badge=STATE_TONES),
        Column("signature_state", badge=SIGNATURE_TONES),
        Column("pages", shown=False),
        Column("versions_count", shown=False),
        Column("retention", shown=False),
        Column("kept_from", shown=False),
        Column("destroy_after", shown=False, sort=True),
        Column("hold_reason", shown=False),
        Column("held_at", shown=False),
        Column("held_by_name", shown=False),
        Column("note", shown=False),
        *KEEPING,
    )
    filters = (
        Filter("kind"),
        Filter("issued_on"),
        Filter("issuer", kind=FilterKind.TEXT),
        Filter("state"),
        Filter("signature_state"),
        Filter("retention"),
        Filter("destroy_after"),
        Filter("area", subtree=True),
        Filter("owner_org", subtree=True),
        Filter("data_class"),
    )
    sections = (
        Section(
            _("Thông tin mô tả"),
            ("kind", "number", "issued_on", "issuer", "signer", "abstract", "note"),
        ),
        Section(
            _("Lưu giữ"),
            (
                "retention",
                "kept_from",
                "destroy_after",
                "hold_reason",
                "held_at",
                "held_by_name",
            ),
        ),
        Section(_("Quản lý"), ("code", "owner_org", "area", "data_class", "updated_at")),
    )
    form = (
        "kind",
        "number",
        "issued_on",
        "issuer",
        "signer",
        "abstract",
        "retention",
        FormField("kept_from", help=_("Ngày kết thúc công việc; để trống thì từ ngày ban hành.")),
        "owner_org",
        "area",
        "data_class",
        "note",
    )
    bulk = ("retention",)
    first_values = FIRST_VALUES
    order = "-issued_on"
    label_path = "abstract"
    create = staticmethod(create_document)
    update = staticmethod(update_document)
    delete = staticmethod(delete_document)


@register
class DossierResource(Resource[Dossier]):
    model = Dossier
    slug = "dossiers"
    title = _("Hồ sơ công trình")
    one = _("hồ sơ")
    icon = "folder-open"
    palette_derived = True
    menu_order = 10
    columns = (
        Column("code", shown=False),
        Column("name", link=True, sort=True),
        Column("work"),
        Column("share", unit="%", sort=True),
        Column("missing_count", sort=True),
        Column("missing_names"),
        Column("documents_count"),
        Column("required_count", shown=False),
        Column("opened_on", shown=False),
        Column("closed_on", shown=False),
        Column("shelf", shown=False),
        Column("retention", shown=False),
        Column("hold_reason", shown=False),
        Column("held_at", shown=False),
        Column("held_by_name", shown=False),
        Column("note", shown=False),
        *KEEPING,
    )
    filters = (
        Filter("work"),
        Filter("missing_count"),
        Filter("share", unit="%"),
        Filter("missing_names", label=_("Thiếu phần"), kind=FilterKind.TEXT),
        Filter("area", subtree=True),
        Filter("owner_org", subtree=True),
        Filter("retention"),
    )
    sections = (
        Section(_("Hồ sơ"), ("name", "code", "work", "opened_on", "closed_on", "note")),
        Section(_("Lưu giữ"), ("shelf", "retention", "hold_reason", "held_at", "held_by_name")),
        Section(_("Quản lý"), ("owner_org", "area", "data_class", "updated_at")),
    )
    form = (
        "name",
        "work",
        FormField(
            "subject",
            label=_("Gắn với bản ghi"),
            kind="text",
            help=_("Như assets.bridges/12; có sẵn khi mở hồ sơ từ trang công trình."),
        ),
        "opened_on",
        "closed_on",
        "shelf",
        "retention",
        "owner_org",
        "area",
        "data_class",
        "note",
    )
    first_values = FIRST_VALUES
    order = "name"
    create = staticmethod(create_dossier)
    update = staticmethod(update_dossier)
    delete = staticmethod(delete_dossier)

    def form_fields_for(self, actor: Actor, row: Dossier | None) -> tuple[FormField, ...]:
        """What a dossier is about is fixed once it is opened."""
        found = super().form_fields_for(actor, row)
        return found if row is None else tuple(f for f in found if f.name != "subject")


DISPOSAL_TONES: Final = {"DRAFT": "info", "SUBMITTED": "warn", "APPROVED": "pond", "DONE": "ok"}


@register
class DisposalResource(Resource[Disposal]):
    model = Disposal
    slug = "disposals"
    title = _("Danh mục hủy tài liệu")
    one = _("danh mục")
    icon = "trash-2"
    menu_order = 60
    columns = (
        Column("code", link=True, sort=True),
        Column("name"),
        Column("state", badge=DISPOSAL_TONES),
        Column("items_count"),
        Column("decision"),
        Column("drawn_by_name"),
        Column("approved_by_name"),
        Column("approved_at", shown=False),
        Column("done_at", shown=False),
        Column("note", shown=False),
        *KEEPING,
    )
    filters = (Filter("state"), Filter("owner_org", subtree=True))
    sections = (
        Section(_("Danh mục"), ("code", "name", "state", "decision", "note")),
        Section(_("Quá trình"), ("drawn_by_name", "approved_by_name", "approved_at", "done_at")),
        Section(_("Quản lý"), ("owner_org", "area", "data_class", "updated_at")),
    )
    form = ("name", "decision", "owner_org", "area", "data_class", "note")
    first_values = FIRST_VALUES
    order = "-code"
    create = staticmethod(create_disposal)
    update = staticmethod(update_disposal)

    def form_fields_for(self, actor: Actor, row: Disposal | None) -> tuple[FormField, ...]:
        """Whose documents are on a list is fixed once it is begun."""
        found = super().form_fields_for(actor, row)
        fixed = ("owner_org", "area")
        return found if row is None else tuple(f for f in found if f.name not in fixed)


@register
class AnchorResource(Resource[TrustAnchor]):
    model = TrustAnchor
    slug = "trust-anchors"
    title = _("Chứng thư gốc tin cậy")
    one = _("chứng thư")
    icon = "shield-check"
    menu_order = 70
    columns = (
        Column("name", link=True, sort=True),
        Column("issued_to"),
        Column("valid_from", shown=False),
        Column("valid_to"),
        Column("is_active"),
        Column("source"),
        Column("code", shown=False),
        *KEEPING,
    )
    filters = (Filter("is_active"),)
    sections = (
        Section(
            _("Chứng thư"),
            ("name", "issued_to", "code", "valid_from", "valid_to", "is_active", "source"),
        ),
        Section(_("Quản lý"), ("owner_org", "area", "data_class", "updated_at")),
    )
    form = (
        "name",
        FormField("pem", help=_("Dán nguyên văn tệp PEM của chứng thư gốc.")),
        "source",
        "is_active",
        "owner_org",
        "area",
    )
    order = "name"
    create = staticmethod(create_anchor)
    update = staticmethod(update_anchor)

    def form_fields_for(self, actor: Actor, row: TrustAnchor | None) -> tuple[FormField, ...]:
        """The certificate itself is never changed: another one is another anchor."""
        found = super().form_fields_for(actor, row)
        fixed = ("pem", "owner_org", "area")
        return found if row is None else tuple(f for f in found if f.name not in fixed)
