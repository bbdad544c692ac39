"""Which root certificates are trusted."""

from __future__ import annotations

import hashlib
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils.translation import gettext as _

from sen.domains.documents.models import DocumentVersion, TrustAnchor
from sen.domains.documents.models.archive import ANCHOR_CLASS
from sen.domains.documents.services.versions import RE_READ, ask_for_signatures
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InputCheck, InvalidInputError
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc


@use_case("documents.anchor.add")
def create_anchor(
    *,
    actor: Actor,
    name: str,
    pem: str,
    owner_org: Organisation,
    area: Area,
    source: str = "",
    is_active: bool = True,
    is_demo: bool = False,
    **_same: object,
) -> TrustAnchor:
    """Trust a root certificate; signatures whose root was unknown are read again.

    Raises:
        InvalidInputError: no certificate, not one of an authority, or known already.
    """
    certificate = _read(pem)
    der = certificate.public_bytes(Encoding.DER)
    fingerprint = hashlib.sha256(der).hexdigest()
    check = InputCheck()
    check.need(name.strip(), "name", _("Hãy ghi tên chứng thư."))
    known = TrustAnchor.base.filter(code=fingerprint).exists()
    check.need(not known, "pem", _("Chứng thư này đã có trong danh mục."))
    check.done()
    row = TrustAnchor(
        code=fingerprint,
        name=nfc(name.strip())[:250],
        pem=certificate.public_bytes(Encoding.PEM).decode(),
        issued_to=certificate.subject.rfc4514_string()[:400],
        valid_from=certificate.not_valid_before_utc.date(),
        valid_to=certificate.not_valid_after_utc.date(),
        source=nfc(source.strip()),
        is_active=is_active,
        owner_org=owner_org,
        area=area,
        data_class=ANCHOR_CLASS,
        is_demo=is_demo,
    )
    row.save()
    _read_again(actor)
    return row


def _read(pem: str) -> x509.Certificate:
    try:
        certificate = x509.load_pem_x509_certificate(pem.strip().encode())
    except ValueError as error:
        raise InvalidInputError(
            {"pem": _("Không đọc được chứng thư; hãy dán nguyên văn tệp PEM "
                      "(từ “-----BEGIN CERTIFICATE-----”).")}
        ) from error  # fmt: skip
    try:
        basic: Any = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        is_authority = bool(basic.ca)
    except x509.ExtensionNotFound:
        is_authority = False
    if not is_authority:
        raise InvalidInputError(
            {"pem": _("Đây là chứng thư của người ký, không phải của tổ chức chứng thực.")}
        )
    return certificate


@use_case("documents.anchor.change")
def update_anchor(
    *,
    actor: Actor,
    row: TrustAnchor,
    version: int | None,
    reason: str = "",
    name: str,
    source: str = "",
    is_active: bool = True,
    **_same: object,
) -> TrustAnchor:
    """Rename a root, or end the trust in it; signatures are read again.

    Raises:
        ConflictError: somebody changed it meanwhile.
        InvalidInputError: no name.
    """
    check_version(row, version)
    check = InputCheck()
    check.need(name.strip(), "name", _("Hãy ghi tên chứng thư."))
    check.done()
    changed = row.is_active is not is_active
    row.name, row.source, row.is_active = nfc(name.strip())[:250], nfc(source.strip()), is_active
    row.save()
    if changed:
        _read_again(actor)
    return row


def _read_again(actor: Actor) -> None:
    """Signatures that the change may have made trusted, or no longer."""
    found = DocumentVersion.objects.filter(signature_state__in=RE_READ, file__isnull=False)
    for version_id in found.order_by("id").values_list("pk", flat=True):
        ask_for_signatures(actor=actor, version_id=version_id)
