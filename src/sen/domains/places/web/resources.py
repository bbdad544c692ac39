from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sen.domains.places.models import Unit
from sen.domains.places.services import update_unit
from sen.kernel.web.register.resource import Column, Filter, Resource, Section, register


@register
class UnitResource(Resource[Unit]):
    model = Unit
    slug = "units"
    title = pgettext_lazy("title", "Xã, phường")
    one = _("đơn vị hành chính")
    icon = "map-pinned"
    columns = (
        Column("code", sort=True),
        Column("name", link=True, sort=True),
        Column("kind", badge={"WARD": "info", "COMMUNE": "ok"}),
        Column("published_area_km2", unit="km²"),
        Column("population", shown=False),
        Column("former_district"),
        Column("predecessors", shown=False),
        Column("plate_prefix", shown=False),
        Column("boundary_source", shown=False),
        Column("updated_at", shown=False),
    )
    filters = (Filter("kind"), Filter("published_area_km2", unit="km²"), Filter("boundary_source"))
    sections = (
        Section(
            _("Thông tin chung"), ("code", "name", "kind", "published_area_km2", "plate_prefix")
        ),
        Section(_("Trước khi sắp xếp"), ("former_district", "predecessors")),
        Section(_("Ranh giới"), ("boundary_source", "updated_at")),
    )
    form = ("name", "published_area_km2", "population")
    order = "name"
    update = staticmethod(update_unit)
    layer = "communes"
    importer = "boundaries"
