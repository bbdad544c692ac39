"""What a document is about: rows of any register."""

from __future__ import annotations

from django.utils.translation import gettext as _

from sen.domains.documents.data import Subject
from sen.domains.documents.events import DocumentChanged
from sen.domains.documents.models import Document, DocumentLink
from sen.domains.documents.selectors import row_of
from sen.kernel.access.scope import Actor
from sen.kernel.audit.services import record
from sen.kernel.errors import NotFoundError
from sen.kernel.events import publish
from sen.kernel.usecase import use_case


@use_case("documents.document.change", audit=False)
def link_document(
    *, actor: Actor, document: Document, subject: Subject, is_demo: bool = False
) -> DocumentLink:
    """Say that a document is about a row; saying it twice changes nothing.

    Raises:
        NotFoundError: no such row, or none that the actor may see.
    """
    resource, row = row_of(actor, subject)
    found, made = DocumentLink.objects.get_or_create(
        document=document,
        resource=resource.rule.resource,
        object_id=row.pk,
        defaults={
            "register": resource.key,
            "added_by_name": actor.name or actor.username,
            "is_demo": is_demo,
        },
    )
    if made:
        detail = {"register": resource.key, "object_id": row.pk}
        record(act="documents.link", on=document, detail=detail)
        publish(
            DocumentChanged(document_id=document.pk, code=document.code),
            key=document.pk,
            on=document,
        )
    return found


@use_case("documents.document.change", audit=False)
def unlink_document(*, actor: Actor, document: Document, link_id: int) -> None:
    """Take a link away again.

    Raises:
        NotFoundError: the document has no such link.
    """
    gone, _by_model = DocumentLink.objects.filter(pk=link_id, document=document).delete()
    if not gone:
        raise NotFoundError(_("liên kết"), link_id)
    record(act="documents.unlink", on=document, detail={"link": link_id})
    publish(
        DocumentChanged(document_id=document.pk, code=document.code), key=document.pk, on=document
    )
