"""Versions and their contents for programs; what describes documents comes from the registers."""

from datetime import datetime

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from sen.domains.documents.data import VersionRef
from sen.domains.documents.selectors import file_of, version_row, versions_of
from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import DataClass
from sen.kernel.audit.services import record_read
from sen.kernel.errors import NotFoundError
from sen.kernel.files.views import file_response
from sen.kernel.rest.api import Audience, Schema, router


class VersionOut(Schema):
    """One version; its content is at ``/versions/{id}/content`` once its state is CLEAN."""

    id: int
    document_id: int
    number: int
    name: str
    mime: str
    size: int
    sha256: str
    state: str
    source: str
    pages: int | None = None


class SignatureOut(Schema):
    """One digital signature of a PDF: who, when, and what was found."""

    state: str
    signer: str = ""
    organisation: str = ""
    issuer: str = ""
    signed_at: datetime | None = None
    stamped_at: datetime | None = None
    level: str = ""
    problem: str = ""


def _listed(request: HttpRequest, document_id: int) -> list[VersionRef]:
    found = versions_of(actor=actor_of(request), document_id=document_id)
    if not found:
        raise NotFoundError("", document_id)
    return found


def _content(request: HttpRequest, version_id: int) -> HttpResponseBase:
    actor = actor_of(request)
    version = version_row(actor, version_id)
    file = file_of(actor, version_id)
    if version.document.data_class >= DataClass.RESTRICTED:
        record_read(on=version.document, fields=["content"])
    return file_response(file, version.name)


def _signatures(request: HttpRequest, version_id: int) -> list[SignatureOut]:
    version = version_row(actor_of(request), version_id)
    return [
        SignatureOut(**{k: v for k, v in item.items() if k in SignatureOut.model_fields})
        for item in version.signatures
    ]


for _audience in (Audience.PUBLIC, Audience.PARTNER, Audience.INTERNAL):
    _router = router(_audience, "documents")
    _name = _audience.value

    _router.get(
        "/documents/{int:document_id}/versions",
        response=list[VersionOut],
        operation_id=f"documents_versions_{_name}",
        summary="The versions of a document, newest first",
    )(_listed)
    _router.get(
        "/versions/{int:version_id}/content",
        operation_id=f"documents_content_{_name}",
        summary="The bytes of a version",
    )(_content)
    _router.get(
        "/versions/{int:version_id}/signatures",
        response=list[SignatureOut],
        operation_id=f"documents_signatures_{_name}",
        summary="The digital signatures of a version",
    )(_signatures)
