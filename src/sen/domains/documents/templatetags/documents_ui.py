"""Words and tones of documents in templates."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.utils.translation import gettext as _

from sen.domains.documents.choices import RenditionKind
from sen.domains.documents.models import SignatureChoices

register = template.Library()


@register.filter
def tone(tones: Mapping[str, str], key: object) -> str:
    """The tone of a state in a table of tones; neutral for one that is not there."""
    return tones.get(str(key), "")


@register.filter
def signature(state: object) -> str:
    """What a state of one signature is called."""
    return str(dict(SignatureChoices.choices).get(str(state), state))


@register.filter
def rendition(kind: object) -> str:
    """What a form of a version is called."""
    known = {
        RenditionKind.SEARCHABLE_PDF.value: _("PDF tìm kiếm được"),
        RenditionKind.TEXT.value: _("Văn bản nhận dạng"),
        RenditionKind.PREVIEW.value: _("Bản xem trước"),
    }
    return known.get(str(kind), str(kind))


@register.filter
def level(code: object) -> str:
    """What a level of PAdES means for whoever reads the document in years."""
    known = {
        "B-B": _("không có dấu thời gian"),
        "B-T": _("có dấu thời gian"),
        "B-LT": _("kiểm tra được lâu dài"),
        "B-LTA": _("kiểm tra được lâu dài, có dấu thời gian lưu trữ"),
    }
    return known.get(str(code), "")
