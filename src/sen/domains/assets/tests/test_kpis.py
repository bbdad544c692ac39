from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sen.domains.assets.models import Asset
from sen.domains.assets.tests.conftest import Ground
from sen.kernel.access.context import acting_as
from sen.kernel.testing.house import official
from sen.kernel.web.kpis import figures

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def test_figures_are_those_of_the_actors_own_scope_in_one_statement(
    ground: Ground, bridge: Callable[..., Asset]
) -> None:
    bridge("CAU-1", attributes={"load_limit_t": 8}, condition="POOR")
    bridge("CAU-2", attributes={"load_limit_t": 18}, data_class=1)
    bridge("CAU-3", chainage_m=9000, data_class=1, condition="BAD")
    bridge("CAU-4", status="REMOVED")
    west = official("assets.asset.view", areas=[ground.west])
    with (
        acting_as(west),
        CaptureQueriesContext(
            connection,
        ) as queries,
    ):
        found = {f.kpi.name: f.value for f in figures(west) if f.kpi.name.startswith("assets.")}
    assert found == {
        "assets.bridges": 2,
        "assets.limited_bridges": 2,
        "assets.weak_bridges": 1,
        "assets.in_need": 1,
    }
    assert sum("assets_asset" in query["sql"] for query in queries.captured_queries) == 1
    with acting_as(official("assets.asset.view")) as all_of_it:
        everywhere = {f.kpi.name: f.value for f in figures(all_of_it)}
    assert everywhere["assets.bridges"] == 3
