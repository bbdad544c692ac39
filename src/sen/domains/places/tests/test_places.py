from __future__ import annotations

import pytest
from django.test import Client

from sen.domains.places import api
from sen.domains.places.choices import BoundarySource, UnitKind
from sen.domains.places.data import BoundaryInput
from sen.domains.places.models import Unit
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import ANONYMOUS, Actor
from sen.kernel.access.services import put_node
from sen.kernel.errors import InvalidInputError

pytestmark = pytest.mark.django_db

SQUARE = (
    '{"type":"Polygon","coordinates":[[[%(w)s,10.2],[%(e)s,10.2],[%(e)s,10.3],[%(w)s,10.3],'
    "[%(w)s,10.2]]]}"
)


@pytest.fixture
def system() -> Actor:
    """Three units side by side; the last has no boundary yet."""
    with as_system("test data of places") as actor:
        org = put_node(Organisation, code="SXD", name="Sở Xây dựng", kind="DEPARTMENT")
        province = put_node(Area, code="82", name="Đồng Tháp", kind="PROVINCE")
        for code, name, kind, before in (
            ("29905", "Sa Đéc", UnitKind.WARD, ["Phường 1", "An Hòa"]),
            ("28261", "Thới Sơn", UnitKind.WARD, ["Thới Sơn"]),
            ("30244", "Hòa Long", UnitKind.COMMUNE, ["Lai Vung", "Long Hậu"]),
        ):
            api.put_unit(
                actor=actor,
                code=code,
                name=name,
                kind=kind,
                province=province,
                owner_org=org,
                former_district="Lai Vung" if code == "30244" else "Thành phố Sa Đéc",
                predecessors=before,
            )
        return actor


def draw(actor: Actor) -> None:
    with as_system("test data of places"):
        api.import_boundaries(
            actor=actor,
            source=BoundarySource.REFERENCE,
            boundaries=[
                BoundaryInput("29905", SQUARE % {"w": 105.7, "e": 105.8}),
                BoundaryInput("28261", SQUARE % {"w": 105.8, "e": 105.9}),
            ],
        )


def test_a_point_belongs_to_one_unit_and_over_water_to_the_nearest(system: Actor) -> None:
    draw(system)
    with as_system("look-up"):
        inside = api.unit_at(lon=105.75, lat=10.25)
        water = api.unit_at(lon=105.91, lat=10.25)
        far = api.unit_at(lon=106.5, lat=10.25)
    assert inside is not None
    assert (inside.code, inside.distance_m) == ("29905", 0)
    assert water is not None
    assert water.code == "28261"
    assert 1000 < water.distance_m < 1200
    assert far is None


def test_an_import_of_boundaries_names_every_fault_and_changes_nothing(system: Actor) -> None:
    bow = '{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}'
    with as_system("bad import"), pytest.raises(InvalidInputError) as error:
        api.import_boundaries(
            actor=system,
            source=BoundarySource.OFFICIAL,
            boundaries=[
                BoundaryInput("29905", SQUARE % {"w": 105.7, "e": 105.8}),
                BoundaryInput("99999", SQUARE % {"w": 105.7, "e": 105.8}),
                BoundaryInput("28261", bow),
            ],
        )
    assert len(error.value.fields) == 2
    with as_system("nothing was written"):
        assert not Unit.objects.exclude(geom=None).exists()


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("sa dec", "29905"),
        ("Phường Sa Đéc", "29905"),
        ("hoa long", "30244"),
        ("Hoà Long", "30244"),
        ("xã Long Hậu, huyện Lai Vung", "30244"),
        ("thoi son", "28261"),
    ],
)
def test_present_and_former_addresses_find_their_unit(
    system: Actor, asked: str, first: str
) -> None:
    with as_system("look-up") as actor:
        found = api.units_named(actor, asked)
    assert [unit.code for unit in found][0] == first


def test_the_public_register_is_found_by_anyone(system: Actor, client: Client) -> None:
    page = client.get("/tra-cuu/places/units/", {"q": "hoa"})
    assert page.status_code == 200
    text = page.content.decode()
    assert "Hòa Long" in text
    assert "Thới Sơn" not in text
    with as_system("id of the row"):
        unit = Unit.objects.get(code="30244")
    detail = client.get(f"/tra-cuu/places/units/{unit.pk}/")
    assert "Long Hậu" in detail.content.decode()


def test_an_internal_unit_is_invisible_to_the_public(system: Actor, client: Client) -> None:
    with as_system("make it internal"):
        unit = Unit.objects.get(code="30244")
        unit.data_class = 1
        unit.save()
    assert Unit.objects.visible_to(ANONYMOUS).filter(pk=unit.pk).count() == 0
    assert "Hòa Long" not in client.get("/tra-cuu/places/units/").content.decode()
    assert client.get(f"/tra-cuu/places/units/{unit.pk}/").status_code == 404
