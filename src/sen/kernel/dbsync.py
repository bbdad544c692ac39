"""What migrations cannot know: policies, history and map triggers, rights of the database roles.

Derived from the registered models and made anew after every migration, so a new domain needs no
line of it and no table can be forgotten. ``./sen doctor`` compares.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections, transaction
from django.utils.translation import gettext as _
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from sen.kernel.access import rls
from sen.kernel.audit import triggers
from sen.kernel.geo import srids, versions
from sen.kernel.imports import tracking

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
        srids.srids_sql(),
        rls.FUNCTIONS_SQL,
        triggers.FUNCTIONS_SQL,
        versions.FUNCTIONS_SQL,
        tracking.FUNCTIONS_SQL,
        *(_rights_sql(role) for role in app_roles()),
        triggers.append_only_sql(),
        triggers.LOG_POLICY_SQL,
        *(rls.policy_sql(model, model.access) for model in models),
        *(triggers.history_sql(model) for model in models),
        *(tracking.tracking_sql(model) for model in models),
        *(sql for model in models for sql in model.sync_sql()),
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
REVOKE INSERT ON kernel_audit_rowversion FROM "{role}";
-- What arrives in bulk is gathered in a table of the session before it is compared and taken.
DO $$ BEGIN EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO %I', current_database(), '{role}');
END $$;
"""  # noqa: S608  names of our own tables and role


def sync_database(using: str = "owner") -> str:
    """Run every statement in one transaction; returns the fingerprint of what was made."""
    parts = statements()
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        for sql in parts:
            cursor.execute(sql)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def as_superuser(*statements: str) -> None:
    """Run statements that need a superuser; without one (a managed server) do nothing.

    Then the extensions must exist already, and row-level security works but spatial queries of
    actors with partial rights are slower; :func:`problems` says so.
    """
    if not settings.DATABASE_SUPERUSER_URL:
        return
    info = conninfo_to_dict(settings.DATABASE_SUPERUSER_URL)
    info["dbname"] = settings.DATABASES["owner"]["NAME"]
    with psycopg.connect(make_conninfo("", **info), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


#: Makes an extension where the server has its files; without them the domain does with less.
_OPTIONAL: Final = """DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_available_extensions WHERE name = '{name}') THEN
    CREATE EXTENSION IF NOT EXISTS "{name}";
  END IF;
END $$"""


def optional_extensions() -> dict[str, list[str]]:
    """Extensions that domains name in their manifests, with those domains."""
    wanted: dict[str, list[str]] = {}
    for manifest in settings.MANIFESTS:
        for name in manifest.extensions:
            wanted.setdefault(name, []).append(manifest.code)
    return wanted


def missing_extensions() -> dict[str, list[str]]:
    """Those of them that the database lacks."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension")
        there = {name for (name,) in cursor.fetchall()}
    return {name: codes for name, codes in optional_extensions().items() if name not in there}


def prepare_extensions() -> None:
    as_superuser(
        *(f"CREATE EXTENSION IF NOT EXISTS {name}" for name in EXTENSIONS),
        *(_OPTIONAL.format(name=name) for name in optional_extensions()),
        srids.grant_sql(settings.DATABASES["owner"]["USER"]),
    )


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
    fingerprint = sync_database()
    # Last: replacing a function takes its mark away.
    as_superuser(rls.leakproof_sql())
    return fingerprint


def problems() -> list[str]:
    """What is wrong with the barrier in the database, in words; nothing when all is well."""
    return policy_problems() + leakproof_problems()


def policy_problems() -> list[str]:
    """What lets rows past the policies: the role of the application, a table without one."""
    found: list[str] = []
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone() == (True,):
            found.append(
                _("Vai trò CSDL của ứng dụng vượt được chính sách truy cập: hãy đổi vai trò.")
            )
        cursor.execute(
            "SELECT tablename, policyname, qual, tableowner = current_user, rowsecurity "
            "FROM pg_tables LEFT JOIN pg_policies USING (schemaname, tablename) "
            "WHERE schemaname = 'public'"
        )
        tables = {name: rest for name, *rest in cursor.fetchall()}
    for model in rls.guarded_models():
        policy, _qual, owned, secured = tables.get(model._meta.db_table, [None, None, False, False])
        if policy != "sen_scope" or not secured or owned:
            found.append(
                _("Bảng %(table)s thiếu chính sách truy cập: hãy chạy ./sen prepare-database.")
                % {"table": model._meta.db_table}
            )
    return found


def leakproof_problems() -> list[str]:
    """Functions without the mark: nothing leaks, but spatial and text indexes stay unused."""
    with connections["default"].cursor() as cursor:
        cursor.execute(rls.unmarked_sql())
        unmarked = [name for (name,) in cursor.fetchall()]
    if not unmarked:
        return []
    return [
        _(
            "Các hàm sau chưa có dấu LEAKPROOF nên truy vấn bản đồ và tìm kiếm sẽ chậm: "
            "%(names)s. Hãy đặt DATABASE_SUPERUSER_URL rồi chạy ./sen prepare-database."
        )
        % {"names": ", ".join(unmarked)}
    ]
