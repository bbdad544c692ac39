"""Every shipped analysis says the same on a cluster of Apache Spark as on DuckDB."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sen.domains.telemetry.lake import keeping
from sen.domains.telemetry.lake.analyses import ANALYSES
from sen.domains.telemetry.lake.engines import spark_session
from sen.domains.telemetry.lake.tests.cluster import missing, spark_cluster
from sen.domains.telemetry.lake.tests.test_lake import (
    DAY,
    analysed,
    day_of,
    house,
    observe,
    parameters_of,
    streams,
)
from sen.domains.telemetry.models import Datastream
from sen.kernel.testing.house import official

__all__ = ["house", "streams"]

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(bool(missing()), reason=missing() or "there"),
]


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with spark_cluster(tmp_path_factory.mktemp("spark")) as address:
        yield address
        spark_session(address).stop()


@pytest.fixture(autouse=True)
def _lake(settings: Any, tmp_path: Path) -> None:
    settings.SEN_LAKE = str(tmp_path / "lake")
    settings.SEN_LAKE_WORK = tmp_path / "work"


def test_spark_says_what_duckdb_says(streams: list[Datastream], master: str, settings: Any) -> None:
    observe(day_of(streams))
    keeping.compact_day(DAY)
    keeping.release_day(DAY, DAY + timedelta(days=20))  # one stream cold, two hot
    actor = official("telemetry.*.*")
    codes = [stream.code for stream in streams]
    settings.SEN_SPARK_MASTER = master
    for code in sorted(ANALYSES):
        parameters = parameters_of(code, streams)
        settings.SEN_LAKE_ENGINE = "duckdb"
        expected = analysed(actor, code, codes, **parameters)
        settings.SEN_LAKE_ENGINE = "spark"
        found = analysed(actor, code, codes, **parameters)
        assert len(found) == len(expected) > 0, code
        for one, other in zip(found, expected, strict=True):
            assert {k: _plain(v) for k, v in one.items()} == {
                k: pytest.approx(_plain(v), rel=1e-9) if isinstance(v, float) else _plain(v)
                for k, v in other.items()
            }, code


def _plain(value: Any) -> Any:
    """Numbers and moments as Python's own; engines differ in the types of pandas."""
    if hasattr(value, "to_pydatetime"):
        return value.to_pydatetime()
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and math.isnan(value) else value
