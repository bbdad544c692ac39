from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import psycopg
import pytest
from django.conf import settings as django_settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.db.models import Q

from sen.kernel.access.scope import DataClass
from sen.kernel.geo.changes import changes
from sen.kernel.geo.config import forget_home
from sen.kernel.geo.fastpath import PublicTiles
from sen.kernel.geo.layers import Category, GeometryKind, Layer, Style, categories, layers
from sen.kernel.geo.ogc import items
from sen.kernel.testing.guarded.models import Thing
from sen.kernel.testing.house import House, build_house

AT = "SRID=4326;POINT(105.63 10.46)"
FAR = "SRID=4326;POINT(106.36 10.36)"
LAYER = Layer(
    name="things",
    title="Vật",
    category="test",
    model=Thing,
    geometry_kind=GeometryKind.POINT,
    tile_fields=("name", "phone", "length_m", "owner_org__name"),
    fields={
        "code": "code",
        "name": "name",
        "length_m": "length_m",
        "opened_on": "opened_on",
        "phone": "phone",
        "manager": "owner_org__name",
        "lanes": "attributes__lanes",
        "updated_at": "updated_at",
    },
    zoom_rule={8: Q(length_m__gte=100)},
    style=Style(color="#b03060", radius=5, label_field="name"),
    detail_url="/ql/things/{id}/",
)


@pytest.fixture
def house(db: Any) -> House:
    return build_house()


@pytest.fixture
def layer(settings: Any, tmp_path: Path) -> Iterator[Layer]:
    """The test layer with a cache of its own."""
    settings.SEN_VAR = tmp_path
    forget()
    layers._entries["things"] = LAYER
    categories._entries["test"] = Category("test", "Thử")
    yield LAYER
    layers.remove("things")
    categories.remove("test")
    forget()


def forget() -> None:
    """Drop what a worker remembers of the database: tests roll back."""
    changes.reset()
    forget_home()
    items._counts.clear()
    items._extents.clear()


@pytest.fixture
def stored(committed: None, layer: Layer) -> dict[str, Thing]:
    """The same things as others see them: committed, so that tiles are kept."""
    return make_things(build_house())


@pytest.fixture
def things(house: House, layer: Layer) -> dict[str, Thing]:
    return make_things(house)


def make_things(house: House) -> dict[str, Thing]:
    """A public, an internal and a secret row at one place, and a public one far away."""
    return {
        "public": house.thing("V-1", name="Cầu Công", geom=AT, phone="0277", length_m=150),
        "internal": house.thing(
            "V-2", name="Cầu Nội", geom=AT, data_class=DataClass.INTERNAL, length_m=20
        ),
        "secret": house.thing("V-3", name="Cầu Mật", geom=AT, data_class=DataClass.SECRET),
        "far": house.thing("V-4", name="Cầu Xa", geom=FAR, length_m=30),
    }


@pytest.fixture
def committed(django_db_setup: Any, django_db_blocker: Any) -> Iterator[None]:
    """Real commits, for what depends on their order; everything is emptied afterwards.

    The log refuses TRUNCATE, so Django's own flush cannot do it.
    """
    with django_db_blocker.unblock():
        yield
        with psycopg.connect(superuser_url(), autocommit=True) as server:
            server.execute("SET session_replication_role = replica")
            server.execute(
                "TRUNCATE kernel_access_organisation, kernel_access_area, kernel_geo_tilechange, "
                "kernel_audit_auditentry, kernel_audit_rowversion CASCADE"
            )
        connection.close()


def superuser_url() -> str:
    name = connection.settings_dict["NAME"]
    return f"{django_settings.DATABASE_SUPERUSER_URL.rpartition('/')[0]}/{name}"


@pytest.fixture
def server(committed: None) -> Iterator[str]:
    """The address of the whole application, for clients that speak HTTP."""
    httpd = make_server("127.0.0.1", 0, PublicTiles(get_wsgi_application()), handler_class=Quiet)
    thread = threading.Thread(target=serve, args=[httpd])
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def serve(httpd: WSGIServer) -> None:
    httpd.serve_forever(poll_interval=0.05)
    connection.close()


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Nothing: the test report is no access log."""
