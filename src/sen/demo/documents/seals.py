"""An authority of the demonstration that signs a few documents: one good, one touched, one strange.

Its keys are made anew with every load and kept nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whoever holds a key, with the certificate that says so."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def as_asn1(self) -> asn1_x509.Certificate:
        der = self.certificate.public_bytes(serialization.Encoding.DER)
        return asn1_x509.Certificate.load(der)

    def key_as_asn1(self) -> asn1_keys.PrivateKeyInfo:
        plain = serialization.NoEncryption()
        der = self.key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, plain
        )
        return asn1_keys.PrivateKeyInfo.load(der)


def bearer(name: str, organisation: str, by: Bearer | None = None) -> Bearer:
    """A root when ``by`` is None, else somebody whom the root attests."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, name),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
        ]
    )
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=by is not None,
                content_commitment=by is not None,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=by is None,
                crl_sign=by is None,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )
    return Bearer(builder.sign(by.key if by else key, hashes.SHA256()), key)


def signed(content: bytes, who: Bearer, root: Bearer) -> bytes:
    """The PDF with an invisible signature (PAdES B-B)."""
    registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    registry.register(root.as_asn1())
    signer = signers.SimpleSigner(
        signing_cert=who.as_asn1(), signing_key=who.key_as_asn1(), cert_registry=registry
    )
    writer = IncrementalPdfFileWriter(BytesIO(content))
    fields.append_signature_field(writer, fields.SigFieldSpec("ChuKy1"))
    meta = signers.PdfSignatureMetadata(field_name="ChuKy1", subfilter=SigSeedSubFilter.PADES)
    done: bytes = signers.PdfSigner(meta, signer=signer).sign_pdf(writer).getvalue()
    return done


def touched(content: bytes) -> bytes:
    """The signed PDF with one digit changed: it opens as before, and its signature does not hold.

    Raises:
        ValueError: there is nothing to change.
    """
    if b"/Rotate 0" not in content:
        raise ValueError("no /Rotate 0")
    return content.replace(b"/Rotate 0", b"/Rotate 9", 1)
