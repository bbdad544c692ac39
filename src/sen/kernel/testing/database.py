"""The test database: migrated by the owner, used by the application's role, policies on.

Each worker clones a template whose name carries a fingerprint of migrations and policies, so an
unchanged tree pays for migrations once.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

SOURCE = Path(__file__).resolve().parents[2]
#: Files of the template as they are; page by page through the log costs three times as much.
COPIED: Final = "STRATEGY FILE_COPY"


@pytest.fixture(autouse=True)
def _fresh_actors() -> Iterator[None]:
    from sen.kernel.access.actors import forget_actors

    forget_actors()
    yield
    forget_actors()


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """The database is made below; pytest-django's own suffixing is not wanted."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """Clone the migrated template for this worker and point every alias at the clone."""
    if not settings.DATABASE_SUPERUSER_URL:
        pytest.fail(
            "Tests that use the database need DATABASE_URL, DATABASE_OWNER_URL and "
            "DATABASE_SUPERUSER_URL; ./sen test sets them."
        )
    base = os.environ.get("SEN_TEST_NAME", "sen_test")
    template = f"{base}_{_fingerprint()}"
    worker = f"{base}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with (
        django_db_blocker.unblock(),
        psycopg.connect(settings.DATABASE_SUPERUSER_URL, autocommit=True) as server,
    ):
        server.execute("SELECT pg_advisory_lock(597)")
        if not _exists(server, template):
            _drop_stale(server, base, keep=template)
            _build(server, template)
        server.execute("SELECT pg_advisory_unlock(597)")
        server.execute(f'DROP DATABASE IF EXISTS "{worker}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{worker}" TEMPLATE "{template}" OWNER sen_owner {COPIED}')
        use_database(worker)
        _flush_by_superuser(worker)
    yield
    with django_db_blocker.unblock():
        for connection in connections.all():
            connection.close()


@pytest.fixture(scope="session")
def database_with(
    django_db_setup: None, django_db_blocker: Any
) -> Callable[[str], AbstractContextManager[None]]:
    """Switches to a copy of this worker's database into which a seed of the domains was loaded.

    For the files whose every test needs what ships: loading the rules of law takes half a second.
    """
    ready: set[str] = set()

    @contextmanager
    def switched(seed: str) -> Iterator[None]:
        name = f"{settings.DATABASES['default']['NAME']}_with_{seed}"
        with django_db_blocker.unblock():
            if name not in ready:
                _copy_seeded(name, seed)
                ready.add(name)
            with on_database(name):
                yield

    return switched


def _copy_seeded(name: str, seed: str) -> None:
    from sen.kernel.access.context import as_system
    from sen.kernel.seeds import seeds

    source = str(settings.DATABASES["default"]["NAME"])
    for connection in connections.all():
        connection.close()
    with psycopg.connect(settings.DATABASE_SUPERUSER_URL, autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        # What threads of earlier tests left open keeps a template from being copied.
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (source,)
        )
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}" OWNER sen_owner {COPIED}')
    with on_database(name), as_system(f"what ships as {seed}") as house:
        seeds[seed](house)


@contextmanager
def on_database(name: str) -> Iterator[None]:
    """Point every alias at another database for a while."""
    before = str(settings.DATABASES["default"]["NAME"])
    use_database(name)
    _forget_maps()
    try:
        yield
    finally:
        use_database(before)
        _forget_maps()


def _forget_maps() -> None:
    """A worker remembers for a second what changed; the other database has another story."""
    from sen.kernel.geo.changes import changes
    from sen.kernel.geo.config import forget_home

    changes.reset()
    forget_home()


def _exists(server: psycopg.Connection[Any], name: str) -> bool:
    row = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
    return row is not None


def _drop_stale(server: psycopg.Connection[Any], base: str, keep: str) -> None:
    names = server.execute("SELECT datname FROM pg_database").fetchall()
    for (name,) in names:
        if name != keep and re.fullmatch(rf"{re.escape(base)}_([0-9a-f]{{12}}|build)", name):
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _build(server: psycopg.Connection[Any], template: str) -> None:
    """Migrate under a working name first: an interrupted build leaves no half template."""
    from sen.kernel.dbsync import prepare_database

    building = template.rpartition("_")[0] + "_build"
    owner = urlsplit(settings.DATABASE_OWNER_URL).username
    server.execute(f'DROP DATABASE IF EXISTS "{building}" WITH (FORCE)')
    server.execute(f'CREATE DATABASE "{building}" OWNER "{owner}"')
    use_database(building)
    prepare_database()
    for connection in connections.all():
        connection.close()
    server.execute(f'ALTER DATABASE "{building}" RENAME TO "{template}"')


def _flush_by_superuser(name: str) -> None:
    """Let tests that commit be cleaned up although the log refuses TRUNCATE, even to its owner.

    What the migrations themselves wrote stays.
    """
    info = conninfo_to_dict(settings.DATABASE_SUPERUSER_URL) | {"dbname": name}

    def server() -> psycopg.Connection[Any]:
        return psycopg.connect(make_conninfo("", **info), autocommit=True)

    with server() as connection:
        names = [
            table
            for (table,) in connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
            if not connection.execute(
                sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(table))
            ).fetchone()
        ]
    emptied = sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(
        sql.SQL(", ").join(map(sql.Identifier, names))
    )

    def flush(_statements: object) -> None:
        with server() as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(emptied)

    vars(connections["default"].ops)["execute_sql_flush"] = flush


def use_database(name: str) -> None:
    for alias in connections:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
        settings.DATABASES[alias]["NAME"] = name


def _fingerprint() -> str:
    """Over migrations and everything that the database sync is derived from."""
    digest = hashlib.sha256(repr(settings.INSTALLED_APPS).encode())
    patterns = ["**/migrations/*.py", "**/models.py", "**/models/*.py", "**/*.sql"]
    patterns += ["domains/*/types/*.toml"]
    extra = ["kernel/dbsync.py", "kernel/access/rls.py", "kernel/access/scope.py"]
    extra += ["kernel/audit/triggers.py", "kernel/geo/versions.py"]
    files = {path for pattern in patterns for path in SOURCE.glob(pattern)}
    files |= {SOURCE / name for name in extra} | set(SOURCE.glob("domains/*/web/layers.py"))
    for path in sorted(files):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
