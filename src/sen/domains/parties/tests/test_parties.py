from __future__ import annotations

import pytest
from django.db import connection
from django.utils import timezone

from sen.domains.parties import api
from sen.domains.parties.choices import Scheme, SyncState
from sen.domains.parties.models import Identifier, Party
from sen.kernel.access.context import acting_as, as_system
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import ANONYMOUS
from sen.kernel.access.services import put_node
from sen.kernel.audit.models import AuditEntry
from sen.kernel.errors import InvalidInputError

pytestmark = pytest.mark.django_db


@pytest.fixture
def ground() -> dict[str, object]:
    with as_system("ground of the test") as actor:
        return {
            "actor": actor,
            "owner_org": put_node(Organisation, code="SXD", name="Sở", kind="DEPARTMENT"),
            "area": put_node(Area, code="82", name="Đồng Tháp", kind="PROVINCE"),
        }


def make(ground: dict[str, object], code: str, kind: str) -> Party:
    with as_system("a party"):
        return api.create_party(code=code, name=f"Bên {code}", kind=kind, **ground)  # type: ignore[arg-type]


def test_a_person_is_restricted_and_an_organisation_public(ground: dict[str, object]) -> None:
    make(ground, "P1", "PERSON")
    make(ground, "E1", "ENTERPRISE")
    with acting_as(ANONYMOUS):
        seen = Party.objects.visible_to(ANONYMOUS).values_list("code", flat=True)
        assert list(seen) == ["E1"]


def test_a_personal_id_is_encrypted_found_and_read_with_a_purpose(
    ground: dict[str, object],
) -> None:
    person = make(ground, "P1", "PERSON")
    with as_system("identifiers") as actor:
        given = api.put_identifier(
            actor=actor, party=person, scheme=Scheme.PERSONAL_ID, value="087 090 001 234"
        )
        with connection.cursor() as cursor:
            cursor.execute("SELECT value FROM parties_identifier WHERE id = %s", [given.pk])
            stored = cursor.fetchone()[0]
        assert "087090001234" not in stored
        found = api.find_by_identifier(actor=actor, scheme=Scheme.PERSONAL_ID, value="087090001234")
        assert found is not None
        assert found.code == "P1"
        identifier = Identifier.objects.get(pk=given.pk)
        with pytest.raises(InvalidInputError):
            api.reveal_identifier(actor=actor, party=person, identifier=identifier, purpose="")
        read = api.reveal_identifier(
            actor=actor, party=person, identifier=identifier, purpose="đối chiếu hồ sơ"
        )
        assert read == "087090001234"
        entry = AuditEntry.objects.filter(kind="READ").latest("id")
        assert entry.reason == "đối chiếu hồ sơ"


@pytest.mark.parametrize(
    ("kind", "scheme", "value"),
    [
        ("ENTERPRISE", Scheme.TAX_CODE, "1400000001"),
        ("ENTERPRISE", Scheme.PERSONAL_ID, "087090001234"),
        ("PERSON", Scheme.BUSINESS, "0300588569"),
        ("PERSON", Scheme.PERSONAL_ID, "12345"),
    ],
)
def test_a_wrong_identifier_is_refused(
    ground: dict[str, object], kind: str, scheme: Scheme, value: str
) -> None:
    party = make(ground, "X", kind)
    with as_system("identifiers") as actor, pytest.raises(InvalidInputError):
        api.put_identifier(actor=actor, party=party, scheme=scheme, value=value)


def test_an_identifier_belongs_to_one_party_and_keeps_what_the_register_said(
    ground: dict[str, object],
) -> None:
    first, second = make(ground, "E1", "ENTERPRISE"), make(ground, "E2", "ENTERPRISE")
    with as_system("identifiers") as actor:
        given = api.put_identifier(
            actor=actor, party=first, scheme=Scheme.TAX_CODE, value="0300588569"
        )
        with pytest.raises(InvalidInputError, match="đã thuộc"):
            api.put_identifier(
                actor=actor, party=second, scheme=Scheme.TAX_CODE, value="0300588569"
            )
        api.note_match(actor=actor, identifier=given, state=SyncState.MATCHED, at=timezone.now())
        given.refresh_from_db()
        assert given.sync == "MATCHED"
