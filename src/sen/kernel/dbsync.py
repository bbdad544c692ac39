"""What migrations cannot know: policies, history and map triggers, rights of the database roles.

Derived from the registered models and made anew after every migration, so a new domain needs no
line of it and no table can be forgotten. ``./sen doctor`` compares.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections, transaction

from sen.kernel.access import rls
from sen.kernel.audit import triggers
from sen.kernel.geo import versions

EXTENSIONS: Final = ("postgis", "pg_trgm", "unaccent", "btree_gist")
LIB_SQL: Final = Path(__file__).resolve().parents[1] / "lib" / "sql"


def app_roles() -> list[str]:
    """Database roles of running processes: everyone who connects but the owner."""
    role = str(settings.DATABASES["default"]["USER"])
    return [role] if role else []


def statements() -> list[str]:
    """All statements, idempotent, in the order in which they run."""
    models = rls.guarded_models()
    return [
        *(path.read_text(encoding="utf-8") for path in sorted(LIB_SQL.glob("*.sql"))),
        rls.FUNCTIONS_SQL,
        triggers.FUNCTIONS_SQL,
        versions.FUNCTIONS_SQL,
        *(_rights_sql(role) for role in app_roles()),
        triggers.append_only_sql(),
        *(rls.policy_sql(model, model.access) for model in models),
        *(triggers.history_sql(model) for model in models),
        versions.trigger_sql(),
    ]


def _rights_sql(role: str) -> str:
    log = ", ".join(triggers.APPEND_ONLY)
    return f"""
GRANT USAGE ON SCHEMA public TO "{role}";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{role}";
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{role}";
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO "{role}";
REVOKE UPDATE, DELETE, TRUNCATE ON {log} FROM "{role}";
"""


def sync_database(using: str = "owner") -> str:
    """Run every statement in one transaction; returns the fingerprint of what was made."""
    parts = statements()
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        for sql in parts:
            cursor.execute(sql)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def prepare_extensions() -> None:
    """Create extensions and set LEAKPROOF marks; both need a superuser.

    Without one (a managed server) the extensions must exist, and row-level security works but
    spatial queries of actors with partial rights are slower; ``./sen doctor`` says so.
    """
    if not settings.DATABASE_SUPERUSER_URL:
        return
    parts = urlsplit(settings.DATABASE_SUPERUSER_URL)
    name = settings.DATABASES["owner"]["NAME"]
    url = parts._replace(path=f"/{name}").geturl()
    with psycopg.connect(url, autocommit=True) as connection:
        for extension in EXTENSIONS:
            connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
        connection.execute(rls.leakproof_sql())


def prepare_functions(using: str = "owner") -> None:
    """The functions that generated columns call must exist before the first migration."""
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        for path in sorted(LIB_SQL.glob("*.sql")):
            cursor.execute(path.read_text(encoding="utf-8"))


def prepare_database(*, verbosity: int = 0) -> str:
    """Everything between an empty server and a start; returns the fingerprint of the sync."""
    prepare_extensions()
    prepare_functions()
    call_command("migrate", database="owner", interactive=False, verbosity=verbosity)
    return sync_database()
