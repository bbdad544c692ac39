"""The demonstration province as a database that tests may read, loaded once and cloned."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django.test.utils
import psycopg
import pytest
from django.conf import settings
from django.template.base import Template
from django.utils import timezone

from sen.kernel.testing.database import COPIED, on_database
from sen.kernel.testing.processes import Process, free_port, wait_for_port
from tests.order import order, processes, write_costs

SOURCE = Path(__file__).resolve().parents[1] / "src" / "sen"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = order(items, processes())
    items.sort(key=lambda item: places[item.path])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if os.environ.get("SEN_WRITE_COSTS"):
        write_costs(terminalreporter.getreports("passed"))


@pytest.fixture(scope="module", autouse=True)
def _plain_templates(django_test_environment: None) -> Iterator[None]:
    """Drawn as in production: no test here asks which templates were used and with what.

    What Django hangs into each of them for that costs a tenth of a page.
    """
    state = vars(django.test.utils)["_TestState"].saved_data
    watched = vars(Template)["_render"]
    type.__setattr__(Template, "_render", state.template_render)
    yield
    type.__setattr__(Template, "_render", watched)


@dataclass(frozen=True, slots=True)
class Demo:
    """The demonstration database and the passwords of its accounts by user name."""

    name: str
    passwords: dict[str, str]


@pytest.fixture(scope="session")
def loaded_province(django_db_setup: None, django_db_blocker: Any) -> Demo:
    """The loaded province, of which the tests see only copies."""
    base = os.environ.get("SEN_TEST_NAME", "sen_test")
    template = f"{base}_demo_{_fingerprint()}"
    accounts = Path(settings.SEN_VAR) / "test-demo" / f"{template}.json"
    with django_db_blocker.unblock(), _server() as server:
        server.execute("SELECT pg_advisory_lock(598)")
        found = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (template,))
        if found.fetchone() is None or not accounts.exists():
            _load(server, template, accounts)
        server.execute("SELECT pg_advisory_unlock(598)")
    said = json.loads(accounts.read_text(encoding="utf-8"))
    return Demo(template, {item["username"]: item["password"] for item in said})


@pytest.fixture(scope="module")
def demo_database(loaded_province: Demo, django_db_blocker: Any) -> Demo:
    """A copy of the province for one file of tests, whatever other files wrote before."""
    with django_db_blocker.unblock():
        return _copy(loaded_province, "")


@pytest.fixture
def demo(demo_database: Demo, django_db_blocker: Any) -> Iterator[Demo]:
    """The province as the database of one test; what it writes stays for the next of its file."""
    with django_db_blocker.unblock(), on_database(demo_database.name):
        yield demo_database


def _copy(loaded: Demo, suffix: str) -> Demo:
    base = os.environ.get("SEN_TEST_NAME", "sen_test")
    name = f"{base}_demo_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}{suffix}"
    with _server() as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(
            f'CREATE DATABASE "{name}" TEMPLATE "{loaded.name}" OWNER sen_owner {COPIED}'
        )
    return Demo(name, loaded.passwords)


def _server() -> psycopg.Connection[Any]:
    return psycopg.connect(settings.DATABASE_SUPERUSER_URL, autocommit=True)


def _load(server: psycopg.Connection[Any], template: str, accounts: Path) -> None:
    from sen.demo.load.province import load
    from sen.kernel.access.context import as_system
    from sen.kernel.events.models import OutboxEvent
    from sen.project.roles import seed_roles

    building = f"{template}_build"
    clean = str(settings.DATABASES["default"]["NAME"])
    server.execute(f'DROP DATABASE IF EXISTS "{template}" WITH (FORCE)')
    server.execute(f'DROP DATABASE IF EXISTS "{building}" WITH (FORCE)')
    server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (clean,)
    )
    server.execute(f'CREATE DATABASE "{building}" TEMPLATE "{clean}" OWNER sen_owner {COPIED}')
    with on_database(building):
        seed_roles()
        load(accounts, lambda _text: None)
        with as_system("tests hand out what happens in them, not the thousands before"):
            OutboxEvent.objects.filter(sent_at=None).update(sent_at=timezone.now())
    server.execute(f'ALTER DATABASE "{building}" RENAME TO "{template}"')


def _fingerprint() -> str:
    """Over everything that decides what the loaded province looks like, the day among it."""
    digest = hashlib.sha256(timezone.localdate().isoformat().encode())
    patterns: tuple[str, ...] = (
        "demo/**/*.py",
        "demo/**/*.csv",
        "demo/**/*.toml",
        "domains/**/*.py",
    )
    patterns += ("domains/**/*.toml", "kernel/access/**/*.py", "kernel/dbsync.py", "**/*.sql")
    patterns += ("project/roles.toml", "kernel/audit/triggers.py", "kernel/geo/versions.py")
    for path in sorted({path for pattern in patterns for path in SOURCE.glob(pattern)}):
        if "tests" not in path.parts:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Platform:
    """A running web process over a copy of the province that the tests may write.

    ``environment`` starts further processes beside it; ``folder`` is their ``SEN_VAR``.
    """

    url: str
    passwords: dict[str, str]
    database: str
    environment: dict[str, str]
    folder: Path
    #: Cookies of who signed in, by user name.
    sessions: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="module")
def platform(loaded_province: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Pages, REST, tiles and OGC as production serves them: granian, the app role, no debug.

    Each file of tests gets a province of its own.
    """
    with running_platform(loaded_province, tmp_path_factory.mktemp("platform")) as running:
        yield running


@contextmanager
def running_platform(loaded: Demo, folder: Path, **more: str) -> Iterator[Platform]:
    """A platform over a copy of the province, with ``more`` variables in its environment."""
    live = _copy(loaded, "_live")
    port = free_port()
    static = Path(settings.ROOT) / "var" / "static"
    if static.is_dir():
        (folder / "static").symlink_to(static)
    contents = Path(settings.MEDIA_ROOT) / "objects"
    if contents.is_dir():
        # Copied: what the platform erases, the province of the other tests still needs.
        shutil.copytree(contents, folder / "files" / "objects")
    environment = {
        "DATABASE_URL": _on(os.environ["DATABASE_URL"], live.name),
        "DATABASE_OWNER_URL": _on(os.environ["DATABASE_OWNER_URL"], live.name),
        "SEN_SECRET_KEY": "tests-of-the-running-platform-" + "0" * 40,
        "SEN_VAR": str(folder),
        "SEN_DEMO": "1",
        "SEN_REQUIRE_MFA": "0",
        "SEN_PORT": str(port),
        **more,
    }
    process = Process(
        str(Path(sysconfig.get_path("scripts")) / "granian"),
        *("--interface", "wsgi", "--port", str(port), "--workers", "1"),
        *("--blocking-threads", "4", "sen.project.wsgi:application"),
        environment=environment,
        log=folder / "web.log",
    )
    try:
        wait_for_port(port, seconds=60)
        url = f"http://127.0.0.1:{port}"
        yield Platform(url, live.passwords, live.name, environment, folder)
    finally:
        process.end()


def _on(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()
