"""Checks of assets find what is wrong on the demonstration and on made-up faults."""

from __future__ import annotations

import pytest

from sen.kernel.access.context import as_system
from sen.kernel.quality.checks import checks_of
from sen.kernel.quality.counting import count_faults
from sen.kernel.web.register.resource import resources


@pytest.mark.django_db
def test_every_type_is_judged_in_all_five_ways() -> None:
    for resource in resources:
        if resource.domain == "assets" and resource.slug not in ("all", "inspections"):
            assert len({check.dimension for check in checks_of(resource)}) == 5, resource.key
            with as_system("counts"):
                count_faults(resource)
