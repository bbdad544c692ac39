from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sen.kernel.quality.checks import checks
from sen.kernel.testing.guarded.models import Thing
from sen.kernel.testing.house import House, build_house
from sen.kernel.web.register.resource import Column, Filter, Resource, resources


class Things(Resource[Thing]):
    model = Thing
    slug = "things"
    title = "Vật"
    columns = (Column("code"), Column("name"))
    filters = (Filter("area"),)


@pytest.fixture
def resource() -> Iterator[Resource[Thing]]:
    found = Things()
    resources._entries[found.key] = found
    yield found
    resources.remove(found.key)
    for key in [key for key in checks.names() if key.startswith(f"{found.key}.")]:
        checks.remove(key)


@pytest.fixture
def house(db: Any) -> House:
    return build_house()
