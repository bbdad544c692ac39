"""The calendar of duties that the platform ships; one that exists is never overwritten."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final

from sen.domains.norms import api as norms
from sen.domains.stewardship.models import Obligation
from sen.domains.stewardship.services import create_obligation
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.seeds import seed

FILE: Final = Path(__file__).with_name("seed") / "calendar.toml"


@seed("stewardship")
def seed_calendar(actor: Actor) -> int:
    """Duties of the law, owed by the province until it hands them to its departments.

    Nothing is written before the province is there.
    """
    state, country = norms.owners()
    provinces = Organisation.objects.filter(kind=Organisation.Kind.PROVINCE, parent=None)
    areas = Area.objects.filter(kind=Area.Kind.PROVINCE).exclude(pk=country.pk)
    owner = provinces.exclude(pk=state.pk).order_by("id").first()
    area = areas.order_by("id").first()
    if owner is None or area is None:
        return 0
    known = set(Obligation.objects.values_list("code", flat=True))
    said = tomllib.loads(FILE.read_text(encoding="utf-8"))["obligations"]
    new = {code: fields for code, fields in said.items() if code not in known}
    for code, fields in new.items():
        create_obligation(
            actor=actor,
            code=code,
            owner_org=owner,
            area=area,
            is_demo=owner.is_demo,
            **fields,
        )
    return len(new)
