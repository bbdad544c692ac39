"""Moments of a demonstration: for its own rows alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sen.kernel.access.context import as_system
from sen.kernel.audit.history import versions
from sen.kernel.audit.past import at_moment
from sen.kernel.testing.house import build_house


def test_rows_of_a_demonstration_have_a_past(db: None) -> None:
    house = build_house()
    born, changed = (timezone.now() - timedelta(days=days) for days in (700, 300))
    with as_system("past") as actor:
        with at_moment(born):
            shown = house.thing(code="A", is_demo=True)
            real = house.thing(code="B")
        with at_moment(changed):
            for thing in (shown, real):
                thing.name = "Tên mới"
                thing.save()
        shown.refresh_from_db()
        real.refresh_from_db()
        latest, first = versions(shown, actor)
        assert (shown.created_at, first.since, first.until) == (born, born, changed)
        assert (latest.since, shown.updated_at) == (changed, changed)
        # The real record cannot be given another time.
        assert real.created_at > changed
        assert real.updated_at > changed
        assert all(state.since > changed for state in versions(real, actor))
        shown.name = "Hôm nay"
        shown.save()
        shown.refresh_from_db()
        assert shown.updated_at > timezone.now() - timedelta(minutes=5)


def test_a_moment_ahead_is_refused(db: None) -> None:
    moment = timezone.now() + timedelta(hours=1)
    with pytest.raises(ValueError, match="not a moment"), as_system("past"), at_moment(moment):
        pass
