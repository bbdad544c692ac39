"""The organisations of the tree as parties, so that they can be found and contacted."""

from __future__ import annotations

from typing import Final

from sen.demo.load.foundation import Ground
from sen.demo.model import Province
from sen.domains.parties import api as parties
from sen.domains.parties.choices import PartyKind
from sen.kernel.access.scope import Actor

AGENCIES: Final = frozenset({"province", "department", "division", "unit", "commune", "partner"})


def load_parties(actor: Actor, data: Province, ground: Ground) -> int:
    """One party for each organisation that people outside know: agencies, communes, firms."""
    made = 0
    for item in data.organisations:
        if item.kind == "division":
            continue
        kind = PartyKind.AGENCY if item.kind in AGENCIES else PartyKind.ENTERPRISE
        parties.create_party(
            actor=actor,
            code=item.code,
            name=item.name,
            kind=kind.value,
            owner_org=ground.org("SXD"),
            area=ground.area(item.commune_code),
            organisation=ground.org(item.code),
            is_demo=True,
        )
        made += 1
    return made
