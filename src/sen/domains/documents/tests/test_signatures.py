from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.utils.timezone import localtime

from sen.domains.documents import api
from sen.domains.documents.models import Document, DocumentVersion
from sen.domains.documents.services.anchors import create_anchor, update_anchor
from sen.domains.documents.tests.authority import NOW, Identity, issue, revoked, signed
from sen.domains.documents.tests.conftest import pdf
from sen.domains.documents.tests.test_documents import settle
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError
from sen.kernel.testing.house import House

pytestmark = pytest.mark.django_db

ROOT = issue("Gốc thử nghiệm", is_authority=True)
SIGNER = issue("Nguyễn Văn Ký", ROOT)
STAMPER = issue("Dấu thời gian", ROOT, stamps=True)


def read(
    system: Actor, document: Document, content: bytes, *, name: str = "ky.pdf"
) -> DocumentVersion:
    made = api.add_version(actor=system, document=document, name=name, chunks=[content])
    settle()
    made.refresh_from_db()
    document.refresh_from_db()
    return made


def trust(system: Actor, house: House, root: Identity = ROOT) -> Any:
    return create_anchor(
        actor=system, name="Gốc", pem=root.pem, owner_org=house.roads, area=house.whole
    )


def test_a_signature_of_a_trusted_root_says_who_and_when(
    house: House, document: Document, system: Actor
) -> None:
    trust(system, house)
    version = read(system, document, signed(pdf(), SIGNER, ROOT))
    (found,) = version.signatures
    assert document.signature_state == version.signature_state == "TRUSTED"
    assert (found["signer"], found["organisation"]) == ("Nguyễn Văn Ký", "Sở Xây dựng")
    assert found["issuer"] == "Gốc thử nghiệm"
    assert found["level"] == "B-B"
    assert found["signed_at"][:10] == f"{localtime(NOW):%Y-%m-%d}"


def test_an_unknown_root_is_said_and_learnt_later(
    house: House, document: Document, system: Actor
) -> None:
    version = read(system, document, signed(pdf(), SIGNER, ROOT))
    assert document.signature_state == "UNKNOWN_ROOT"
    anchor = trust(system, house)
    settle()
    version.refresh_from_db()
    assert version.signature_state == "TRUSTED"
    anchor.refresh_from_db()
    update_anchor(actor=system, row=anchor, version=None, name="Gốc", is_active=False)
    settle()
    version.refresh_from_db()
    assert version.signature_state == "UNKNOWN_ROOT"


@pytest.mark.parametrize("place", ["inside", "behind"])
def test_a_file_that_was_touched_after_signing_is_altered(
    house: House, document: Document, system: Actor, place: str
) -> None:
    trust(system, house)
    whole = signed(pdf("So tien 100"), SIGNER, ROOT)
    if place == "inside":
        assert b"/Rotate 0" in whole
        whole = whole.replace(b"/Rotate 0", b"/Rotate 9", 1)
    else:
        whole = with_another_page(whole)
    read(system, document, whole)
    assert document.signature_state == "ALTERED"


def with_another_page(content: bytes) -> bytes:
    """Something added behind the signature as an incremental update, as an editor would."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(BytesIO(content))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page[generic.pdf_name("/Rotate")] = generic.NumberObject(90)  # type: ignore[no-untyped-call]
    writer.update_container(page)
    out = BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()


def test_a_timestamp_outlives_the_certificate_and_revocation_does_not_reach_back(
    house: House, document: Document, system: Actor
) -> None:
    trust(system, house)
    content = signed(pdf(), SIGNER, ROOT, stamper=STAMPER, crls=[revoked(ROOT)])
    version = read(system, document, content)
    (found,) = version.signatures
    assert (found["state"], found["level"]) == ("TRUSTED", "B-LT")
    assert found["stamped_at"]


def test_an_expired_certificate_without_timestamp_is_invalid(
    house: House, document: Document, system: Actor
) -> None:
    trust(system, house)
    old = issue("Hết Hạn", ROOT, ends=NOW - timedelta(days=1))
    version = read(system, document, signed(pdf(), old, ROOT))
    assert version.signature_state == "INVALID"
    assert version.signatures[0]["problem"]


def test_two_signatures_are_as_good_as_the_worse(
    house: House, document: Document, system: Actor
) -> None:
    trust(system, house)
    strange = issue("Gốc lạ", is_authority=True)
    once = signed(pdf(), SIGNER, ROOT)
    twice = signed(once, issue("Người lạ", strange), strange, field="ChuKy2")
    version = read(system, document, twice)
    states = [item["state"] for item in version.signatures]
    assert states == ["TRUSTED", "UNKNOWN_ROOT"]
    assert version.signature_state == "UNKNOWN_ROOT"


def test_only_an_authority_becomes_a_trusted_root(house: House, system: Actor) -> None:
    with pytest.raises(InvalidInputError):
        trust(system, house, SIGNER)
    with pytest.raises(InvalidInputError):
        create_anchor(
            actor=system, name="Gốc", pem="khong phai", owner_org=house.roads, area=house.whole
        )
    trust(system, house)
    with pytest.raises(InvalidInputError):
        trust(system, house)


def test_a_broken_signature_field_is_unreadable_and_harms_nobody(
    document: Document, system: Actor
) -> None:
    with pikepdf.open(BytesIO(signed(pdf(), SIGNER, ROOT))) as broken:
        field = broken.Root.AcroForm.Fields[0]
        field.V.Contents = pikepdf.String("khong phai CMS")
        out = BytesIO()
        broken.save(out)
    read(system, document, out.getvalue())
    assert document.signature_state in ("UNREADABLE", "ALTERED")
