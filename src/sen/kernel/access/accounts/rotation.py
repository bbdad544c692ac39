"""Writing everything that is encrypted anew with the current key."""

from __future__ import annotations

from collections.abc import Iterator

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import connection, models, transaction

from sen.kernel.access import crypto
from sen.kernel.access.context import as_system
from sen.kernel.audit import services as audit

BATCH = 500


def encrypted_columns() -> Iterator[tuple[type[models.Model], crypto.EncryptedTextField]]:
    """Every encrypted column of the house."""
    for model in apps.get_models():
        if model._meta.proxy or not model._meta.managed:
            continue
        for field in model._meta.local_concrete_fields:
            if isinstance(field, crypto.EncryptedTextField):
                yield model, field


def rotate_values() -> int:
    """Encrypt values of older keys with the current one; afterwards these may be forgotten.

    Returns how many were written. It may be broken off and begun again at any time.
    """
    with as_system("thay khóa mã hóa dữ liệu cá nhân"):
        written = sum(_rotate_column(model, field) for model, field in encrypted_columns())
        written += _rotate_second_factors()
        audit.record(
            act="accounts.data-key.rotated",
            resource="kernel.accounts",
            detail={"key": crypto.key_ring().current, "values": written},
        )
    return written


def _rotate_column(model: type[models.Model], field: crypto.EncryptedTextField) -> int:
    current, table = crypto.key_ring().current, connection.ops.quote_name(model._meta.db_table)
    column = connection.ops.quote_name(str(field.column))
    written = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id, {column} FROM {table} "  # noqa: S608  names of our own tables
                f"WHERE {column} <> '' AND {column} NOT LIKE %s LIMIT {BATCH} FOR UPDATE",
                [f"{current}:%"],
            )
            rows = cursor.fetchall()
            for pk, stored in rows:
                plain = crypto.decrypt(stored, context=field.context)
                cursor.execute(
                    f"UPDATE {table} SET {column} = %s WHERE id = %s",  # noqa: S608
                    [crypto.encrypt(plain, context=field.context), pk],
                )
        written += len(rows)
        if len(rows) < BATCH:
            return written


def _rotate_second_factors() -> int:
    """Secrets of authenticator apps and seeds of recovery codes."""
    current, written = crypto.key_ring().current, 0
    for one in Authenticator.objects.select_for_update():
        old = {
            key: one.data[key]
            for key in ("secret", "seed")
            if key in one.data and crypto.key_of(one.data[key]) != current
        }
        if old:
            one.data |= {
                key: crypto.encrypt(crypto.decrypt(text, context="mfa"), context="mfa")
                for key, text in old.items()
            }
            one.save(update_fields=["data"])
            written += 1
    return written
