"""What computes analyses: DuckDB in this process, or a cluster of Apache Spark.

Both are given the same files and the same expressions. Spark is an option of its own
(``SEN_LAKE_ENGINE=spark``): a province needs it when a month no longer fits one machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from sen.domains.telemetry.lake.analyses import built
from sen.domains.telemetry.lake.door import Sources
from sen.domains.telemetry.lake.parquet import hot_rows
from sen.domains.telemetry.lake.places import work_folder

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from pyspark.sql import SparkSession

_COLUMNS: Final = "datastream_id, observed_at, result, quality"
_SPAN: Final = "SELECT min(observed_at), max(observed_at) FROM hot"


def compute(code: str, sources: Sources, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of one analysis over ``sources``, computed by the engine of the settings.

    Raises:
        ImproperlyConfigured: the setting names no engine, or its library is not installed.
    """
    with _opened(sources) as observations:
        frame = built(code, observations, parameters).to_pandas()
    rows: list[dict[str, Any]] = frame.to_dict("records")
    return rows


def _opened(sources: Sources) -> AbstractContextManager[ir.Table]:
    match settings.SEN_LAKE_ENGINE:
        case "duckdb":
            return duckdb_table(sources)
        case "spark":
            return spark_table(sources, settings.SEN_SPARK_MASTER)
        case other:
            raise ImproperlyConfigured(f"SEN_LAKE_ENGINE={other!r}: expected duckdb or spark")


@contextmanager
def duckdb_table(sources: Sources) -> Iterator[ir.Table]:
    """The observations as a table of a DuckDB that lives as long as the block."""
    import ibis

    engine = ibis.duckdb.connect(
        ":memory:", temp_directory=str(work_folder() / "spill"), memory_limit="1GB", threads=2
    )
    try:
        engine.raw_sql("SET TimeZone = 'UTC'")
        engine.raw_sql(
            "CREATE VIEW hot AS SELECT datastream_id, make_timestamp(at_us) AS observed_at, result,"
            f" quality FROM {hot_rows(sources.hot)}"
        )
        files = ", ".join(f"'{file}'" for file in sources.files)
        cold = f"SELECT {_COLUMNS} FROM read_parquet([{files}])" if files else ""
        span = engine.raw_sql(_SPAN).fetchone()
        engine.raw_sql(f"CREATE VIEW observations AS {_union(sources, cold, span)}")
        yield engine.table("observations")
    finally:
        engine.disconnect()


@contextmanager
def spark_table(sources: Sources, master: str) -> Iterator[ir.Table]:
    """The observations as a table of the Spark session of this process.

    Raises:
        ImproperlyConfigured: PySpark is not installed.
    """
    import ibis

    session = spark_session(master)
    schema = (
        "datastream_id INT, at_us BIGINT, result DOUBLE, quality SMALLINT,"
        " received_us BIGINT, extra STRING"
    )
    hot = session.read.csv(str(sources.hot), schema=schema, quote='"', escape='"')
    moment = "CAST(timestamp_micros(at_us) AS TIMESTAMP_NTZ) AS observed_at"
    hot.selectExpr("datastream_id", moment, "result", "quality").createOrReplaceTempView("hot")
    cold = ""
    if sources.files:
        read = session.read.parquet(*(str(file) for file in sources.files))
        read.selectExpr(
            "datastream_id",
            "CAST(observed_at AS TIMESTAMP_NTZ) AS observed_at",
            "result",
            "CAST(quality AS SMALLINT) AS quality",
        ).createOrReplaceTempView("cold")
        cold = f"SELECT {_COLUMNS} FROM cold"
    both = _union(sources, cold, session.sql(_SPAN).first(), timestamp="TIMESTAMP_NTZ")
    session.sql(both).createOrReplaceTempView("observations")
    yield ibis.pyspark.connect(session).table("observations")


def spark_session(master: str) -> SparkSession:
    """The session on ``master``; it is kept, because a cluster takes seconds to open one.

    Raises:
        ImproperlyConfigured: PySpark is not installed.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise ImproperlyConfigured(
            "SEN_LAKE_ENGINE=spark needs PySpark: install requirements/spark.lock"
        ) from error
    return (
        SparkSession.builder.master(master)
        .appName("sen-lake")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "8")
        .getOrCreate()
    )


def _union(
    sources: Sources, cold: str, span: Sequence[Any] | None, *, timestamp: str = "TIMESTAMP"
) -> str:
    """Hot rows, and those of the files of which the hot store has none.

    Only within ``span``, the first and last time of the hot rows, can both have a row: to look
    there for each row of a month would take as long as all the rest.
    """
    hot = f"SELECT {_COLUMNS} FROM hot"
    if not cold:
        return hot
    streams = ", ".join(str(int(item)) for item in sources.streams)
    begin, end = (f"{timestamp} '{_utc(at)}'" for at in (sources.begin, sources.end))
    found = (
        f"SELECT {_COLUMNS} FROM ({cold}) c WHERE datastream_id IN ({streams})"
        f" AND observed_at >= {begin} AND observed_at < {end}"
    )
    if span is None or span[0] is None:
        return found
    first, last = (f"{timestamp} '{at:%Y-%m-%d %H:%M:%S.%f}'" for at in span)
    return (
        f"{hot} UNION ALL {found} AND (observed_at < {first} OR observed_at > {last})"
        f" UNION ALL {found} AND observed_at >= {first} AND observed_at <= {last}"
        " AND NOT EXISTS (SELECT 1 FROM hot h"
        " WHERE h.datastream_id = c.datastream_id AND h.observed_at = c.observed_at)"
    )


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"
