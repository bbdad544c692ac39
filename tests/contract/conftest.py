"""The province in which not everything is for everybody."""

from __future__ import annotations

import pytest
from django.db.models import Q

from sen.kernel.access.context import as_system
from sen.kernel.web.register.resource import resources
from tests.conftest import Demo


@pytest.fixture(scope="module")
def classes_mixed() -> set[str]:
    """Databases of this file that have rows of every class already."""
    return set()


@pytest.fixture
def mixed(demo: Demo, classes_mixed: set[str]) -> Demo:
    """The province with rows of every data class in every register; the tests only read it."""
    if demo.name in classes_mixed:
        return demo
    with as_system("rows of every class for the test"):
        for resource in resources:
            rows = resource.model.base.filter(resource.where or Q())
            if rows.filter(data_class=3).exists():
                continue
            ids = list(rows.order_by("id").values_list("pk", flat=True)[:40])
            for number, row_id in enumerate(ids):
                rows.filter(pk=row_id).update(data_class=number % 4)
    classes_mixed.add(demo.name)
    return demo
