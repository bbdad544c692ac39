"""The demonstration has a past of two years and faults that the board of quality finds."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from sen.demo.generate import province
from sen.demo.load.faults import FAULTS, UNSEEN
from sen.demo.load.history import first_day, is_repaired, moment
from sen.domains.assets.models import Asset
from sen.kernel.access.context import as_system
from sen.kernel.audit.history import as_of, versions_of
from sen.kernel.quality.checks import checks

pytestmark = pytest.mark.acceptance


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.code} {fault.check}")
def test_every_deliberate_fault_is_found_by_its_check(demo: Any, fault: Any) -> None:
    check = checks[f"{fault.register}.{fault.check}"]
    with as_system("faults of the demonstration"):
        rows = Asset.objects.filter(code=fault.code)
        assert rows.filter(check.at_fault).count() == 1, fault.what


def test_what_nobody_touched_since_the_start_is_no_longer_alive(demo: Any) -> None:
    unseen = {culvert.code for culvert in province().culverts[UNSEEN]}
    repaired = {code for code in unseen if is_repaired(code)}
    with as_system("faults of the demonstration"):
        old = Asset.objects.filter(checks["assets.culverts.alive"].at_fault, type="culvert")
        assert unseen - repaired <= set(old.values_list("code", flat=True)) <= unseen


def test_the_record_has_two_years_of_true_history(demo: Any) -> None:
    with as_system("history of the demonstration") as house:
        limited = Asset.objects.filter(type="bridge", attributes__load_limit_t__isnull=False)
        bridge = limited.order_by("code").first()
        assert bridge is not None
        states = versions_of(Asset, bridge.pk, house)
        limits = [state.image["attributes"].get("load_limit_t") for state in states]
        now = bridge.attributes["load_limit_t"]
        # The latest first: the limit of today, the easier one before, none on the first day.
        assert limits[0] == now
        assert limits[-1] is None
        assert sorted({limit for limit in limits if limit}) == [now, round(now * 1.25)]
        # The province may have been loaded before the midnight that has just passed.
        assert states[-1].since in {first_day(), first_day() - timedelta(days=1)}
        assert all(new.since == old.until for new, old in pairwise(states))
        reasons = {state.reason for state in states if state.reason}
        assert "Hạ tải trọng sau kiểm định lại" in reasons

        then = as_of(Asset, moment(days_ago=300), house, limit=5_000)
        conditions = Counter(str(state.image["condition"]) for state in then)
        today = Counter(Asset.objects.exclude(condition="").values_list("condition", flat=True))
        # Nothing was there before, and a year ago other things were in need than today.
        assert not as_of(Asset, first_day() - timedelta(days=1), house, limit=10)
        assert conditions["POOR"] != today["POOR"]
    months = "SELECT count(DISTINCT date_trunc('month', changed_at)) FROM kernel_audit_rowversion"
    with as_system("history of the demonstration"), connection.cursor() as cursor:
        cursor.execute(f"{months} WHERE image ->> 'is_demo' = 'true'")
        assert cursor.fetchone()[0] >= 15


def test_the_condition_of_today_is_that_of_the_province(demo: Any) -> None:
    known = {item.code: item.condition.upper() for item in province().bridges}
    with as_system("history of the demonstration"):
        found = Asset.objects.filter(Q(type="bridge"), code__in=known)
        assert dict(found.values_list("code", "condition")) == known
        assert not found.filter(updated_at__gt=timezone.now()).exists()
