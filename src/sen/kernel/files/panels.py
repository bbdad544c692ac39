"""Files and photos on the page of every row."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from sen.kernel.access.models import DataClassChoices
from sen.kernel.files.models import Attachment
from sen.kernel.files.services import attached, attachments
from sen.kernel.web.register.links import PUBLIC, base_of, detail_url
from sen.kernel.web.register.panels import PanelBody, PanelContext, panel


def _asked(page: PanelContext) -> QuerySet[Attachment]:
    return attached(actor=page.actor, row=page.row, register=page.resource.key)


@panel("*", title=_("Ảnh và tệp đính kèm"), order=80, asks={"files": _asked})
def files(page: PanelContext) -> PanelBody | None:
    """Hidden where there is nothing to see and nothing to add."""
    found = (
        attachments(actor=page.actor, row=page.row, register=page.resource.key)
        if page.has("files")
        else []
    )
    may_change = (
        base_of(page.request) != PUBLIC
        and page.resource.update is not None
        and page.actor.scope(page.resource.rule, "change").allows(page.row)
    )
    if not found and not may_change:
        return None
    context = {
        "pictures": [item for item in found if item.file.is_image and item.file.is_clean],
        "documents": [item for item in found if not (item.file.is_image and item.file.is_clean)],
        "may_change": may_change,
        "url": f"{detail_url(page.resource, page.row.pk)}tep/",
        "classes": [c for c in DataClassChoices.choices if c[0] >= page.row.data_class],
    }
    return PanelBody("sen/files/panel.html", context)
