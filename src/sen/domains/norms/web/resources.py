"""Registers of documents, rules and their versions."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sen.domains.norms.models import Document, Norm, NormVersion
from sen.domains.norms.services import verify_version
from sen.kernel.web.register.resource import Column, Filter, Resource, Section, register

CERTAINTY = {"VERIFIED": "ok", "SECONDARY": "info", "UNVERIFIED": "warn"}


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
        Column("keys", shown=False),
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
        Column("note", shown=False),
    )
    filters = (Filter("verification"), Filter("effective_from"))
    sections = (
        Section(_("Quy định"), ("norm", "document", "legal_ref")),
        Section(_("Hiệu lực"), ("effective_from", "effective_to", "verification", "verified_by")),
        Section(_("Ghi chú"), ("note",)),
    )
    form = ("verification", "note")
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
    order = "number"
    label_path = "number"
