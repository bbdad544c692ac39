"""A certification authority of the tests: root, signer, timestamps and revocation lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from asn1crypto import crl as asn1_crl
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers, timestamps
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

NOW = datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class Identity:
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def asn1(self) -> asn1_x509.Certificate:
        der = self.certificate.public_bytes(serialization.Encoding.DER)
        return asn1_x509.Certificate.load(der)

    @property
    def asn1_key(self) -> asn1_keys.PrivateKeyInfo:
        der = self.key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return asn1_keys.PrivateKeyInfo.load(der)


def issue(
    name: str,
    by: Identity | None = None,
    *,
    is_authority: bool = False,
    stamps: bool = False,
    begins: datetime = NOW - timedelta(days=400),
    ends: datetime = NOW + timedelta(days=400),
) -> Identity:
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, name),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Sở Xây dựng"),
        ]
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(_usage(is_authority), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if stamps:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(usage, critical=True)
    return Identity(builder.sign(by.key if by else key, hashes.SHA256()), key)


def _usage(is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=not is_authority,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        **dict.fromkeys(
            (
                "key_encipherment",
                "data_encipherment",
                "key_agreement",
                "encipher_only",
                "decipher_only",
            ),
            False,
        ),
    )


def revoked(by: Identity, *gone: Identity) -> asn1_crl.CertificateList:
    """The authority's list of certificates that were taken back."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(by.certificate.subject)
        .last_update(NOW - timedelta(days=2))
        .next_update(NOW + timedelta(days=300))
    )
    for item in gone:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder()
            .serial_number(item.certificate.serial_number)
            .revocation_date(NOW - timedelta(days=1))
            .build()
        )
    made = builder.sign(by.key, hashes.SHA256())
    return asn1_crl.CertificateList.load(made.public_bytes(serialization.Encoding.DER))


def signed(
    content: bytes,
    who: Identity,
    root: Identity,
    *,
    stamper: Identity | None = None,
    crls: list[asn1_crl.CertificateList] | None = None,
    field: str = "ChuKy1",
) -> bytes:
    """A PDF with one more signature; with a stamper and revocation lists it is PAdES B-LT."""
    registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    registry.register(root.asn1)
    signer = signers.SimpleSigner(
        signing_cert=who.asn1, signing_key=who.asn1_key, cert_registry=registry
    )
    meta: dict[str, Any] = {"field_name": field, "subfilter": SigSeedSubFilter.PADES}
    if crls is not None:
        meta["embed_validation_info"] = True
        meta["validation_context"] = ValidationContext(
            trust_roots=[root.asn1], crls=crls, revocation_mode="hard-fail"
        )
    stamp = (
        timestamps.DummyTimeStamper(
            tsa_cert=stamper.asn1, tsa_key=stamper.asn1_key, certs_to_embed=registry
        )
        if stamper
        else None
    )
    writer = IncrementalPdfFileWriter(BytesIO(content))
    fields.append_signature_field(writer, fields.SigFieldSpec(field))
    out = signers.PdfSigner(
        signers.PdfSignatureMetadata(**meta), signer=signer, timestamper=stamp
    ).sign_pdf(writer)
    done: bytes = out.getvalue()
    return done
