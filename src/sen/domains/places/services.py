"""Use cases on the province's units and their boundaries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Point
from django.db import transaction
from django.utils.translation import gettext as _

from sen.domains.places.choices import AliasKind, BoundarySource, UnitKind
from sen.domains.places.data import GroundInput
from sen.domains.places.models import Alias, Ground, Unit
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.audit.services import record
from sen.kernel.errors import InputCheck
from sen.kernel.imports.importer import ImportRow, Outcome
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc


@transaction.atomic
def put_unit(
    *,
    actor: Actor,
    code: str,
    name: str,
    kind: UnitKind,
    area: Area,
    owner_org: Organisation,
    centre: tuple[float, float] | None = None,
    published_area_km2: Decimal | None = None,
    former_district: str = "",
    predecessors: Sequence[str] = (),
    plate_prefix: str = "",
    is_demo: bool = False,
) -> Unit:
    """Create or update a unit by its official code; ``area`` is its place in the tree of rights."""
    unit = Unit.objects.unscoped("put_unit matches by official code").filter(code=code).first()
    unit = unit or Unit(code=code)
    unit.area = area
    unit.owner_org = owner_org
    unit.name = nfc(name)
    unit.kind = kind.value
    unit.centre = Point(*centre, srid=4326) if centre else unit.centre
    unit.published_area_km2 = published_area_km2
    unit.former_district = nfc(former_district)
    unit.predecessors = "; ".join(nfc(text) for text in predecessors)
    unit.plate_prefix = plate_prefix
    unit.is_demo = is_demo
    unit.save()
    _put_aliases(unit, former_district, predecessors)
    record(act="places.put_unit", on=unit)
    return unit


def _put_aliases(unit: Unit, district: str, predecessors: Iterable[str]) -> None:
    Alias.objects.filter(unit=unit).delete()
    names = [(AliasKind.COMMUNE, nfc(name), nfc(district)) for name in predecessors]
    if district:
        names.append((AliasKind.DISTRICT, nfc(district), ""))
    Alias.objects.bulk_create(
        [
            Alias(name=name, kind=kind.value, within=within, unit=unit, is_demo=unit.is_demo)
            for kind, name, within in dict.fromkeys(names)
        ]
    )


@use_case("places.unit.change")
def update_unit(
    *,
    actor: Actor,
    row: Unit,
    version: int,
    reason: str = "",
    name: str,
    published_area_km2: Decimal | None,
    population: int | None,
) -> Unit:
    """Change what officials may correct by hand; codes and boundaries come by import.

    Raises:
        ConflictError: somebody changed the unit after the form was opened.
        InvalidInputError: the name is empty or the area is not positive.
    """
    check_version(row, version)
    check = InputCheck()
    check.need(name.strip(), "name", _("Hãy ghi tên đơn vị."))
    check.need(
        published_area_km2 is None or published_area_km2 > 0,
        "published_area_km2",
        _("Diện tích phải lớn hơn 0 km²."),
    )
    check.done()
    row.name = nfc(name.strip())
    row.published_area_km2 = published_area_km2
    row.population = population
    row.save()
    return row


@use_case("places.unit.import")
def apply_boundaries(*, actor: Actor, rows: Sequence[ImportRow], source: BoundarySource) -> Outcome:
    """Replace the boundaries of the named units, matching by code.

    Every fault is listed with its row; the caller keeps nothing when there is one.
    """
    outcome = Outcome()
    codes = [str(row.values["code"]) for row in rows]
    units = {
        unit.code: unit for unit in Unit.objects.visible_to(actor, "import").filter(code__in=codes)
    }
    seen: set[str] = set()
    for row, code in zip(rows, codes, strict=True):
        unit = units.get(code)
        if unit is None:
            outcome.fault(
                row,
                "code",
                _("Không có đơn vị mang mã này, hoặc bạn không có quyền sửa ranh giới của nó."),
                code,
            )
        elif code in seen:
            outcome.fault(row, "code", _("Mã này đã có ở một dòng trên."), code)
        elif row.shape is not None:
            _set_boundary(unit, row.shape, source, outcome)
        seen.add(code)
    missing = Unit.objects.visible_to(actor).exclude(code__in=codes).count()
    if missing:
        outcome.notes.append(_("%(n)s đơn vị không có trong tệp, giữ nguyên.") % {"n": missing})
    return outcome


def _set_boundary(unit: Unit, wkb: bytes, source: BoundarySource, outcome: Outcome) -> None:
    read = GEOSGeometry(memoryview(wkb), srid=4326)
    polygons = list(read) if isinstance(read, MultiPolygon) else [read]
    shape = MultiPolygon(*polygons, srid=4326)
    if unit.geom == shape and unit.boundary_source == source.value:
        outcome.unchanged += 1
        return
    unit.geom = shape
    unit.boundary_source = source.value
    unit.save(update_fields=["geom", "boundary_source"])
    outcome.updated += 1


@use_case("places.ground.import")
def replace_ground(
    *,
    actor: Actor,
    features: Sequence[GroundInput],
    owner_org: Organisation,
    area: Area,
    is_demo: bool = False,
) -> int:
    """Replace the whole base map; returns the number of features."""
    Ground.objects.visible_to(actor, "import").delete()
    made = Ground.objects.bulk_create(
        [
            Ground(
                kind=feature.kind.value,
                name=nfc(feature.name),
                rank=feature.rank,
                width_m=feature.width_m,
                geom=feature.shape,
                owner_org=owner_org,
                area=area,
                is_demo=is_demo,
            )
            for feature in features
        ],
        batch_size=500,
    )
    return len(made)
