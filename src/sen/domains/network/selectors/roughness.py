"""What another rule of roughness would change on the roads."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from sen.domains.network.choices import IRI_BAND_NAMES, IRI_GRADES
from sen.domains.network.models import RouteEvent
from sen.domains.norms.ports import Affected, Change, Effect
from sen.kernel.access.scope import Actor

#: How many of the changed stretches are named.
SHOWN: Final = 20


def reckon_roughness(actor: Actor, change: Change) -> Effect:
    """Stretches of roads whose grade of roughness a draft would change."""
    rows = RouteEvent.objects.visible_to(actor).filter(
        kind="iri", valid_to=None, value_number__isnull=False
    )
    total, changed = 0, 0
    shown: list[Affected] = []
    for pk, title, number in rows.order_by("title", "id").values_list(
        "pk", "title", "value_number"
    ):
        total += 1
        case = {"iri": float(number or 0)}
        before, after = change.before(case), change.after(case)
        if before == after:
            continue
        changed += 1
        if len(shown) < SHOWN:
            url = f"/ql/network/iri/{pk}/"
            shown.append(Affected(title, url, _grade(before), _grade(after)))
    return Effect(total, changed, tuple(shown))


def _grade(value: object) -> str:
    band = IRI_GRADES.get(str(value))
    return _(IRI_BAND_NAMES[band]) if band is not None else "—"
