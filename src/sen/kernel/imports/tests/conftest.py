from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.geos import GEOSGeometry, Point

from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.access.services import put_node
from sen.kernel.geo.config import Home, forget_home, homes
from sen.kernel.imports.engine import Request, run
from sen.kernel.imports.importer import (
    FieldKind,
    Importer,
    ImportField,
    ImportOption,
    ImportRow,
    Outcome,
    importers,
)
from sen.kernel.imports.models import ImportRun
from sen.kernel.testing.guarded.models import Thing

#: Where the things of these tests lie.
BOUNDS = (105.1, 10.0, 106.9, 11.1)


class ThingImporter(Importer):
    kind = "test-things"
    title = "Vật"
    permission = "guarded.thing.import"
    key = "code"
    fields = (
        ImportField("code", "Mã", required=True, aliases=("ma_vat",), longest=40),
        ImportField("name", "Tên"),
        ImportField("length_m", "Chiều dài", FieldKind.NUMBER, unit="m"),
        ImportField("opened_on", "Ngày mở", FieldKind.DATE),
    )
    options = (
        ImportOption("mode", "Cách nhập", choices={"ADD": "Thêm", "KILL": "Ngắt"}),
        ImportOption("owner", "Đơn vị"),
    )
    shapes = frozenset({"point"})
    shape_required = False
    osm_tags = {"amenity": ("bus_station",)}

    def osm_cells(self, osm_id: str, tags: Mapping[str, str]) -> Mapping[str, Any] | None:
        return {"code": osm_id, "name": tags.get("name")}

    def apply(
        self, *, actor: Actor, rows: Sequence[ImportRow], options: Mapping[str, str]
    ) -> Outcome:
        outcome = Outcome()
        org, area = Organisation.objects.get(code="SXD"), Area.objects.get(code="82")
        known = {thing.code: thing for thing in Thing.objects.unscoped("match by code")}
        for row in rows:
            thing = known.get(row.values["code"])
            outcome.created += thing is None
            outcome.updated += thing is not None
            thing = thing or Thing(code=row.values["code"], owner_org=org, area=area)
            for name in ("name", "length_m", "opened_on"):
                if row.values.get(name) is not None:
                    setattr(thing, name, row.values[name])
            if row.shape is not None:
                shape = GEOSGeometry(memoryview(row.shape), srid=4326)
                assert isinstance(shape, Point)
                thing.geom = shape
            thing.save()
            if options.get("mode") == "KILL" and outcome.created == 2:
                os.kill(os.getpid(), signal.SIGKILL)
        return outcome


@pytest.fixture
def province(db: None) -> Iterator[None]:
    """An owner, a place, and a map that opens on the province."""
    with as_system("test data of imports"):
        put_node(Organisation, code="SXD", name="Sở Xây dựng", kind="DEPARTMENT")
        put_node(Area, code="82", name="Đồng Tháp", kind="PROVINCE")
    before = list(homes.names())
    kept = {name: homes[name] for name in before}
    for name in before:
        homes.remove(name)
    homes.add("test-imports", lambda: Home(BOUNDS))
    forget_home()
    yield
    homes.remove("test-imports")
    for name in before:
        homes.add(name, kept[name])
    forget_home()


@pytest.fixture
def read(province: None) -> Iterator[Callable[..., ImportRun]]:
    """Imports a file with the importer of things."""
    importers.add(ThingImporter.kind, ThingImporter())

    def call(path: Path, **options: Any) -> ImportRun:
        with as_system("import of a test file") as actor:
            return run(
                importer=importers[ThingImporter.kind],
                actor=actor,
                request=Request(file=path, **options),
            )

    yield call
    importers.remove(ThingImporter.kind)


def things() -> dict[str, Thing]:
    with as_system("what was written"):
        return {thing.code: thing for thing in Thing.objects.unscoped("all of the test")}
