from __future__ import annotations

import psycopg
import pytest
from django.db import connection

from sen.kernel.access.scope import ANONYMOUS, Actor, DataClass
from sen.kernel.geo.reading import read, read_one
from sen.kernel.geo.sql import Sql
from sen.kernel.geo.tests.conftest import make_things, superuser_url
from sen.kernel.testing.house import build_house, official

EVERYTHING = Sql("SELECT code FROM guarded_thing ORDER BY code")


def codes(actor: Actor) -> list[str]:
    return [code for (code,) in read(actor, EVERYTHING)]


@pytest.mark.usefixtures("committed")
def test_row_level_security_holds_without_any_condition() -> None:
    make_things(build_house())
    chief = official("guarded.thing.view", clearance=DataClass.SECRET)
    assert codes(ANONYMOUS) == ["V-1", "V-4"]
    assert codes(chief) == ["V-1", "V-2", "V-3", "V-4"]
    assert codes(ANONYMOUS) == ["V-1", "V-4"], "the actor outlived the exchange"
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('sen.actor_name', true)")
        assert not cursor.fetchone()[0]


@pytest.mark.usefixtures("committed")
def test_a_faulty_statement_leaves_the_connection_usable() -> None:
    with pytest.raises(psycopg.errors.UndefinedTable):
        read(ANONYMOUS, Sql("SELECT * FROM nothing_of_that_name"))
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        read(ANONYMOUS, Sql("DELETE FROM kernel_geo_tilechange RETURNING 1"))
    assert read_one(ANONYMOUS, Sql("SELECT %s::int + 1", [1])) == (2,)


@pytest.mark.usefixtures("committed")
def test_a_lost_connection_is_opened_again() -> None:
    (backend,) = read_one(ANONYMOUS, Sql("SELECT pg_backend_pid()"))
    with psycopg.connect(superuser_url(), autocommit=True) as server:
        server.execute("SELECT pg_terminate_backend(%s)", [backend])
    assert read_one(ANONYMOUS, Sql("SELECT 1")) == (1,)
