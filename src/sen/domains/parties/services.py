"""Use cases on parties and their identifiers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from sen.domains.parties.choices import PERSONAL_SCHEMES, PartyKind, Scheme, SyncState
from sen.domains.parties.events import IdentifierMatched, PartyChanged
from sen.domains.parties.models import Identifier, Party, index_of
from sen.domains.parties.rules import normalised
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor, DataClass
from sen.kernel.audit.services import record, record_read
from sen.kernel.errors import InputCheck, InvalidInputError
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case
from sen.lib.errors import InputError
from sen.lib.text import nfc


@use_case("parties.party.add")
def create_party(
    *,
    actor: Actor,
    code: str,
    name: str,
    kind: str,
    owner_org: Organisation,
    area: Area,
    short_name: str = "",
    representative: str = "",
    address: str = "",
    unit: Any = None,
    phone: str = "",
    email: str = "",
    website: str = "",
    organisation: Organisation | None = None,
    is_active: bool = True,
    is_demo: bool = False,
) -> Party:
    """Create a party; a person's row is restricted, an organisation's public.

    Raises:
        InvalidInputError: the name is empty or the code is taken.
    """
    check = InputCheck()
    check.need(name.strip(), "name", _("Hãy ghi tên."))
    taken = Party.objects.unscoped("codes are unique over all rows").filter(code=code).exists()
    check.need(code.strip() and not taken, "code", _("Hãy ghi một mã chưa dùng."))
    check.done()
    is_person = kind == PartyKind.PERSON
    row = Party(
        code=code.strip(),
        name=nfc(name.strip()),
        kind=kind,
        owner_org=owner_org,
        area=area,
        short_name=nfc(short_name),
        representative=nfc(representative),
        address=nfc(address),
        unit=unit,
        phone=phone,
        email=email,
        website=website,
        organisation=organisation,
        is_active=is_active,
        is_demo=is_demo,
        data_class=(DataClass.RESTRICTED if is_person else DataClass.PUBLIC).value,
    )
    row.save()
    publish(PartyChanged(party_id=row.pk, code=row.code), key=row.code, on=row)
    return row


@use_case("parties.party.change")
def update_party(
    *,
    actor: Actor,
    row: Party,
    version: int,
    reason: str = "",
    name: str,
    short_name: str = "",
    representative: str = "",
    address: str | None = None,
    unit: Any = None,
    phone: str | None = None,
    email: str | None = None,
    website: str = "",
    is_active: bool = True,
    **_same: object,
) -> Party:
    """Change what describes a party; None leaves a masked field as it is.

    Raises:
        ConflictError: somebody changed it after the form was opened.
        InvalidInputError: the name is empty.
    """
    check_version(row, version)
    check = InputCheck()
    check.need(name.strip(), "name", _("Hãy ghi tên."))
    check.done()
    row.name, row.short_name = nfc(name.strip()), nfc(short_name)
    row.representative, row.unit, row.website = nfc(representative), unit, website
    row.is_active = is_active
    for field, value in (("address", address), ("phone", phone), ("email", email)):
        if value is not None:
            setattr(row, field, nfc(value))
    row.save()
    publish(PartyChanged(party_id=row.pk, code=row.code), key=row.code, on=row)
    return row


@use_case("parties.party.change", audit=False)
def put_identifier(
    *, actor: Actor, party: Party, scheme: Scheme, value: str, is_demo: bool = False
) -> Identifier:
    """Give a party an identifier, or correct the one of the scheme.

    Raises:
        InvalidInputError: malformed, not for this kind of party, or borne by another party.
    """
    try:
        text = normalised(scheme, value, PartyKind(party.kind))
    except InputError as error:
        raise InvalidInputError.of("value", error) from error
    index = index_of(scheme, text)
    other = Identifier.objects.filter(scheme=scheme.value, value_index=index).first()
    if other is not None and other.party_id != party.pk:
        raise InvalidInputError({"value": _("Mã này đã thuộc một tổ chức, cá nhân khác.")})
    found, _made = Identifier.objects.update_or_create(
        party=party,
        scheme=scheme.value,
        defaults={
            "value": text,
            "value_index": index,
            "last_digits": text[-4:] if scheme in PERSONAL_SCHEMES else "",
            "sync": SyncState.LOCAL.value,
            "is_demo": is_demo,
        },
    )
    record(act="parties.put_identifier", on=party, detail={"scheme": scheme.value})
    return found


@use_case("parties.party.view", audit=False)
def reveal_identifier(*, actor: Actor, party: Party, identifier: Identifier, purpose: str) -> str:
    """The full value of an identifier; of a personal one the reading is logged with its purpose.

    Raises:
        InvalidInputError: no purpose was given for a personal one.
    """
    if Scheme(identifier.scheme) in PERSONAL_SCHEMES:
        if len(purpose.strip()) < 5:
            raise InvalidInputError({"purpose": _("Hãy ghi mục đích xem dữ liệu cá nhân.")})
        record_read(on=party, fields=["identifier"], reason=purpose.strip())
    return identifier.value or ""


@use_case("parties.party.change", audit=False)
def note_match(
    *, actor: Actor, identifier: Identifier, state: SyncState, at: datetime, note: str = ""
) -> None:
    """Note what a national register said of an identifier."""
    identifier.sync, identifier.sync_note, identifier.synced_at = state.value, note[:250], at
    identifier.save(update_fields=["sync", "sync_note", "synced_at"])
    party = identifier.party
    record(act="parties.note_match", on=party, detail={"state": state.value})
    publish(
        IdentifierMatched(party_id=party.pk, scheme=identifier.scheme, state=state.value),
        key=party.code,
        on=party,
    )
