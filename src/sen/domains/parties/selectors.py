"""Finding parties."""

from __future__ import annotations

from django.utils.translation import gettext as _

from sen.domains.parties.choices import PartyKind, Scheme
from sen.domains.parties.data import PartyRef
from sen.domains.parties.models import Identifier, Party, index_of
from sen.domains.parties.rules import normalised
from sen.kernel.access.scope import Actor
from sen.kernel.errors import NotFoundError
from sen.lib.errors import InputError


def ref(party: Party) -> PartyRef:
    return PartyRef(party.pk, party.code, party.name, party.kind)


def party_by_code(*, actor: Actor, code: str) -> PartyRef:
    """A party by its code.

    Raises:
        NotFoundError: there is none that the actor may see.
    """
    party = Party.objects.visible_to(actor).filter(code=code).first()
    if party is None:
        raise NotFoundError(_("tổ chức, cá nhân"), code)
    return ref(party)


def find_by_identifier(*, actor: Actor, scheme: Scheme, value: str) -> PartyRef | None:
    """The party that bears an identifier; None for nobody, or nobody visible to the actor."""
    kind = PartyKind.PERSON if scheme is Scheme.PERSONAL_ID else PartyKind.ENTERPRISE
    try:
        text = normalised(scheme, value, kind)
    except InputError:
        return None
    found = Identifier.objects.filter(scheme=scheme.value, value_index=index_of(scheme, text))
    party = Party.objects.visible_to(actor).filter(pk__in=found.values("party_id")).first()
    return ref(party) if party else None


def identifiers_of(party: Party) -> list[Identifier]:
    """The identifiers of a party that the caller has already been allowed to see."""
    return list(Identifier.objects.filter(party=party).order_by("scheme"))
