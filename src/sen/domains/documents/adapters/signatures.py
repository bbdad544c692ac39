"""Reading the signatures of a PDF: who, when, whether it was touched since, whom to trust.

``python -m sen.domains.documents.adapters.signatures PATH`` takes ``{"roots": [PEM, …]}`` on the
standard input and writes a list, one entry a signature. It runs confined, with no network: what
is needed to judge a certificate later must stand in the document itself. No Django here.

Source:
    ETSI EN 319 142 (PAdES), ETSI EN 319 102-1 (validation)
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from asn1crypto import pem, x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESIndeterminate, AdESSubIndic
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import (
    PdfSignatureStatus,
    SignatureCoverageLevel,
    SignatureStatus,
)
from pyhanko_certvalidator import ValidationContext

from sen.domains.documents.choices import SignatureState

MOST_SIGNATURES: Final = 200
# A signature that does not hold is a finding that we show, no error of the program.
for _library in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_library).setLevel(logging.CRITICAL)
_UNKNOWN: Final = frozenset(
    {
        AdESIndeterminate.NO_CERTIFICATE_CHAIN_FOUND,
        AdESIndeterminate.NO_SIGNING_CERTIFICATE_FOUND,
    }
)


def read_signatures(path: Path, roots: list[x509.Certificate]) -> list[dict[str, Any]]:
    """Every signature of a PDF in the order of signing; nothing for a PDF without any."""
    with path.open("rb") as stream:
        reader = PdfFileReader(stream, strict=False)
        store = _store_of(reader)
        stamps = list(reader.embedded_timestamp_signatures)
        judge = _Judge(roots, store, has_document_stamp=bool(stamps))
        found = list(reader.embedded_regular_signatures)[:MOST_SIGNATURES]
        return [asyncio.run(judge.judged(item)) for item in found]


def _store_of(reader: PdfFileReader) -> DocumentSecurityStore | None:
    try:
        return DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        return None


class _Judge:
    """Judges the signatures of one document by the same roots and the same evidence."""

    def __init__(
        self,
        roots: list[x509.Certificate],
        store: DocumentSecurityStore | None,
        *,
        has_document_stamp: bool,
    ) -> None:
        self.roots = roots
        self.store = store
        self.has_document_stamp = has_document_stamp

    def context(self, moment: datetime | None = None) -> ValidationContext:
        """The roots, and the certificates and answers on revocation that the document brings."""
        options: dict[str, Any] = {
            "trust_roots": self.roots,
            "allow_fetching": False,
            "revocation_mode": "soft-fail",
            "retroactive_revinfo": True,
        }
        if moment is not None:
            options["moment"] = moment
        if self.store is not None:
            made: ValidationContext = self.store.as_validation_context(options)
            return made
        return ValidationContext(**options)

    async def judged(self, item: EmbeddedPdfSignature) -> dict[str, Any]:
        """What is to be said of one signature."""
        said: dict[str, Any] = {
            "field": item.field_name,
            "signed_at": _text(item.self_reported_timestamp),
            "stamped_at": None,
            "level": "",
            **_bearer(item.signer_cert),
        }
        try:
            status = await async_validate_pdf_signature(item, self.context(), self.context())
            stamped = _stamp_of(status)
            if stamped is not None:
                # A time that a trusted authority attested is the time at which to judge.
                status = await async_validate_pdf_signature(
                    item, self.context(stamped), self.context()
                )
        except (PdfError, ValueError, KeyError, TypeError, NotImplementedError) as error:
            said |= {"state": SignatureState.UNREADABLE.value, "problem": str(error)[:300]}
            return said
        said |= {
            "state": _state_of(status).value,
            "problem": _problem_of(status),
            "stamped_at": _text(stamped),
            "level": self._level(stamped is not None),
            "covers": status.coverage is SignatureCoverageLevel.ENTIRE_FILE,
            "root": _root_of(status),
        }
        return said

    def _level(self, is_stamped: bool) -> str:
        """B-B, B-T, B-LT, B-LTA: how long the signature can be judged by itself."""
        if not is_stamped:
            return "B-B"
        has_answers = self.store is not None and bool(self.store.ocsps or self.store.crls)
        if not has_answers:
            return "B-T"
        return "B-LTA" if self.has_document_stamp else "B-LT"


def _stamp_of(status: PdfSignatureStatus) -> datetime | None:
    stamp = status.timestamp_validity
    if stamp is None or not (stamp.valid and stamp.intact and stamp.trusted):
        return None
    at: datetime = stamp.timestamp
    return at


def _state_of(status: PdfSignatureStatus) -> SignatureState:
    if not (status.intact and status.valid) or _is_altered(status):
        return SignatureState.ALTERED
    if status.trusted:
        return SignatureState.TRUSTED
    if status.trust_problem_indic in _UNKNOWN or status.trust_problem_indic is None:
        return SignatureState.UNKNOWN_ROOT
    return SignatureState.INVALID


def _is_altered(status: PdfSignatureStatus) -> bool:
    """Whether something was added behind the signature that it does not allow."""
    if status.coverage in (
        SignatureCoverageLevel.ENTIRE_FILE,
        SignatureCoverageLevel.ENTIRE_REVISION,
    ):
        return not status.docmdp_ok or status.modification_level is ModificationLevel.OTHER
    return True


def _problem_of(status: SignatureStatus) -> str:
    """The sub-indication of the standard, such as ``OUT_OF_BOUNDS_NO_POE``; empty for none."""
    found: AdESSubIndic | None = status.trust_problem_indic
    return getattr(found, "name", str(found)) if found else ""


def _root_of(status: SignatureStatus) -> str:
    chain = status.validation_path
    if chain is None:
        return ""
    name: str = chain.first.subject.human_friendly
    return name[:250]


def _bearer(certificate: x509.Certificate | None) -> dict[str, Any]:
    """Who signed, as their certificate says."""
    if certificate is None:
        return {"signer": "", "organisation": "", "issuer": "", "serial": "", "valid_to": None}
    names = certificate.subject.native
    return {
        "signer": _one(names.get("common_name")),
        "organisation": _one(names.get("organization_name")),
        "issuer": _one(certificate.issuer.native.get("common_name")),
        "serial": f"{certificate.serial_number:x}",
        "valid_from": _text(certificate.not_valid_before),
        "valid_to": _text(certificate.not_valid_after),
    }


def _one(value: object) -> str:
    return str(value[0] if isinstance(value, list) else value or "")[:250]


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def certificate_of(text: str) -> x509.Certificate:
    """A certificate out of its PEM form.

    Raises:
        ValueError: it is none.
    """
    kind, _headers, body = pem.unarmor(text.encode())
    if kind != "CERTIFICATE":
        raise ValueError(f"expected a certificate, got {kind}")
    certificate = x509.Certificate.load(body)
    _whole = certificate.native
    return certificate


def main() -> None:
    given = json.load(sys.stdin)
    roots = [certificate_of(text) for text in given["roots"]]
    try:
        found = read_signatures(Path(sys.argv[1]), roots)
    except (PdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        found = [{"state": SignatureState.UNREADABLE.value, "problem": str(error)[:300]}]
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
