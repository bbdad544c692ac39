"""The past of a demonstration: its rows are born and changed at moments that lie behind.

Histories, comparisons of two dates and registers as on a day need a past to show. The triggers that
keep history take the moment from here for rows that are flagged as demonstration and for no others;
the log of acts always bears its true time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from django.db import connection
from django.utils import timezone

SETTING: Final = "sen.demo_moment"


@contextmanager
def at_moment(moment: datetime) -> Iterator[None]:
    """Demonstration rows written within the block are written at this moment.

    Belongs into a transaction; moments of one row must go forwards.

    Raises:
        ValueError: the moment lies ahead or has no time zone.
    """
    if timezone.is_naive(moment) or moment > timezone.now():
        raise ValueError(f"not a moment of the past: {moment}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, moment.isoformat()])
    yield
    # After an error the rollback takes the setting back by itself.
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, '', true)", [SETTING])
