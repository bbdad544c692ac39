"""Registers of documents, rules and their versions."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sen.domains.norms.choices import DraftStatus
from sen.domains.norms.models import Document, Norm, NormCase, NormDraft, NormVersion
from sen.domains.norms.services import (
    create_case,
    create_document,
    create_draft,
    delete_case,
    update_document,
    update_draft,
    verify_version,
)
from sen.domains.norms.web.words import case_text, keys_text, value_text
from sen.kernel.access.scope import Actor
from sen.kernel.web.register.resource import (
    Column,
    Filter,
    FilterKind,
    FormField,
    Resource,
    Section,
    register,
)

CERTAINTY = {"VERIFIED": "ok", "SECONDARY": "info", "UNVERIFIED": "warn"}
STAGES = {
    "EDITING": "info",
    "REVIEW": "warn",
    "PUBLISHED": "ok",
    "WITHDRAWN": "",
    "REVOKED": "danger",
}


@register
class NormResource(Resource[Norm]):
    model = Norm
    slug = "norms"
    title = pgettext_lazy("title", "Quy định")
    one = _("quy định")
    icon = "scale"
    menu_order = 1
    columns = (
        Column("name", link=True, sort=True),
        Column("topic", sort=True),
        Column("unit"),
        Column("code", sort=True),
        Column("keys", shown=False, write=keys_text),
    )
    filters = (Filter("topic"),)
    sections = (Section("", ("code", "name", "topic", "unit", "keys")),)
    order = "name"


@register
class VersionResource(Resource[NormVersion]):
    model = NormVersion
    slug = "versions"
    title = _("Phiên bản quy định")
    one = _("phiên bản")
    icon = "history"
    menu_order = 2
    columns = (
        Column("norm", "norm__name", label=_("Quy định"), link=True),
        Column("document", "document__number", label=_("Văn bản")),
        Column("legal_ref"),
        Column("effective_from", sort=True),
        Column("effective_to"),
        Column("verification", badge=CERTAINTY),
        Column("verified_by", shown=False),
        Column("verified_on", shown=False),
        Column("source", shown=False),
        Column("note", shown=False),
        Column("superseded_at", shown=False),
        Column("superseded_why", shown=False),
    )
    filters = (
        Filter("verification"),
        Filter("effective_from"),
        Filter("superseded_at", kind=FilterKind.DATES),
    )
    sections = (
        Section(_("Quy định"), ("norm", "document", "legal_ref")),
        Section(_("Hiệu lực"), ("effective_from", "effective_to")),
        Section(_("Xác minh"), ("verification", "source", "verified_by", "verified_on")),
        Section(_("Đã bị thay"), ("superseded_at", "superseded_why")),
        Section(_("Ghi chú"), ("note",)),
    )
    form = ("verification", "source", "note")
    order = "-effective_from"
    search = False
    label_path = "norm__name"
    code_path = "legal_ref"
    update = staticmethod(verify_version)


@register
class DocumentResource(Resource[Document]):
    model = Document
    slug = "documents"
    title = _("Văn bản pháp luật")
    one = _("văn bản")
    icon = "book-open"
    menu_order = 3
    columns = (
        Column("number", link=True, sort=True),
        Column("name"),
        Column("issuer"),
        Column("effective_from"),
        Column("effective_to"),
        Column("url", shown=False),
        Column("note", shown=False),
    )
    filters = (Filter("effective_from"),)
    sections = (
        Section("", ("number", "name", "issuer", "effective_from", "effective_to", "url", "note")),
    )
    form = (
        "number",
        "name",
        "issuer",
        "issued_date",
        "effective_from",
        "effective_to",
        "url",
        "note",
    )
    order = "number"
    label_path = "number"
    create = staticmethod(create_document)
    update = staticmethod(update_document)

    def form_fields_for(self, actor: Actor, row: Document | None) -> tuple[FormField, ...]:
        """The number of a document that is on record stays."""
        fields = super().form_fields_for(actor, row)
        return tuple(item for item in fields if row is None or item.name != "number")


@register
class DraftResource(Resource[NormDraft]):
    model = NormDraft
    slug = "drafts"
    title = _("Dự thảo thay đổi")
    one = _("dự thảo")
    icon = "file-pen-line"
    menu_order = 4
    columns = (
        Column("title", link=True, sort=True),
        Column("act"),
        Column("document", "document__number", label=_("Văn bản mới")),
        Column("target", "target__number", label=_("Văn bản bị tác động")),
        Column("effective_from", sort=True),
        Column("status", badge=STAGES),
        Column("authors"),
        Column("published_by", shown=False),
        Column("published_at", shown=False),
        Column("note", shown=False),
    )
    filters = (Filter("status"), Filter("act"), Filter("effective_from"))
    sections = (
        Section("", ("title", "act", "document", "target", "effective_from", "authors", "note")),
    )
    form = ("title", "act", "document", "target", "effective_from", "note")
    order = "-effective_from"
    label_path = "title"
    code_path = "document__number"
    create = staticmethod(create_draft)
    update = staticmethod(update_draft)

    def takes(self, row: NormDraft, act: str) -> bool:
        return act not in ("change", "delete") or row.status == DraftStatus.EDITING

    def form_fields_for(self, actor: Actor, row: NormDraft | None) -> tuple[FormField, ...]:
        """What a draft does is settled when it is begun."""
        fields = super().form_fields_for(actor, row)
        return tuple(item for item in fields if row is None or item.name != "act")


@register
class CaseResource(Resource[NormCase]):
    model = NormCase
    slug = "cases"
    title = _("Ca kiểm thử quy định")
    one = _("ca kiểm thử")
    icon = "list-checks"
    menu_order = 5
    in_palette = False
    columns = (
        Column("norm", "norm__name", label=_("Quy định"), link=True),
        Column("inputs", write=case_text),
        Column("expected", write=value_text),
        Column("effective_from", sort=True),
        Column("effective_to"),
        Column("reason", shown=False),
    )
    filters = (Filter("norm"), Filter("effective_from"))
    sections = (
        Section("", ("norm", "inputs", "expected", "effective_from", "effective_to", "reason")),
    )
    form = (
        "norm",
        FormField(
            "inputs_text",
            kind="text",
            label=_("Trường hợp"),
            help=_("Ghi tiêu chí=giá trị, cách nhau bằng dấu chấm phẩy: length_m=250."),
        ),
        FormField("expected_text", kind="text", label=_("Kết quả đúng"), required=True),
        "effective_from",
        "effective_to",
        "reason",
    )
    order = "-effective_from"
    search = False
    label_path = "norm__name"
    code_path = "reason"
    create = staticmethod(create_case)
    delete = staticmethod(delete_case)
