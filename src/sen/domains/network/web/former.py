"""Former chainages in files of whatever lies on a road: events, assets, permits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from sen.domains.network.models import Road
from sen.domains.network.selectors.history import former_labels
from sen.kernel.access.scope import Actor
from sen.kernel.web.register.extras import Extra, extras
from sen.kernel.web.register.listing import Row
from sen.kernel.web.register.resource import Column, Kind, Resource

#: Fields of a thing with a foreign key ``road`` that are chainages on it.
LABELS: Final = {
    "chainage_m": _("Lý trình cũ"),
    "from_m": _("Từ lý trình cũ"),
    "to_m": _("Đến lý trình cũ"),
    "to_chainage_m": _("Đến lý trình cũ"),
}


def former_chainage(resource: Resource[Any]) -> Extra | None:
    """The chainages of a register's rows before the last recalibration of their roads."""
    fields = {field.name: field for field in resource.model._meta.concrete_fields}
    road = fields.get("road")
    if not isinstance(road, models.ForeignKey) or road.related_model is not Road:
        return None
    names = [name for name in LABELS if name in fields and name in resource.columns_by_name]
    if not names:
        return None

    def fill(actor: Actor, rows: Sequence[Row]) -> list[Mapping[str, Any]]:
        model = resource.model.objects.visible_to(actor)
        found = model.filter(pk__in_array={row.id for row in rows}).order_by()
        stored = {
            pk: (road, labels) for pk, road, *labels in found.values_list("pk", "road_id", *names)
        }
        places = [
            (row, name, road, float(label))
            for row in rows
            for road, labels in [stored.get(row.id, (None, []))]
            for name, label in zip(names, labels, strict=False)
            if road is not None and label is not None and not row.masked & {"road", name}
        ]
        before = former_labels([(road, label) for _row, _name, road, label in places])
        values: dict[int, dict[str, Any]] = {row.id: {} for row in rows}
        for (row, name, _road, _label), old in zip(places, before, strict=True):
            values[row.id][f"old_{name}"] = None if old is None else round(old, 3)
        return [values[row.id] for row in rows]

    columns = tuple(Column(f"old_{name}", label=LABELS[name], kind=Kind.KM) for name in names)
    return Extra(_("kèm lý trình cũ"), columns, fill)


extras.add("ly-trinh-cu", former_chainage)
