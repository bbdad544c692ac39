"""Statements whose values decide are not planned once for all values."""

from __future__ import annotations

import pytest
from django.db import connection

from sen.kernel.plans import planned_for_values

pytestmark = pytest.mark.django_db


def prepared(marker: str) -> int:
    with connection.cursor() as cursor:
        for _ in range(8):
            cursor.execute(f"SELECT %s::int AS {marker}", [597])
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", [f"%{marker}"]
        )
        return int(cursor.fetchone()[0])


def test_ordinary_statements_are_prepared() -> None:
    assert prepared("ordinary") == 1


def test_statements_in_the_block_are_not_and_later_ones_are_again() -> None:
    with planned_for_values():
        assert prepared("inside") == 0
    assert prepared("afterwards") == 1
