"""What somebody sees in a list opens, also where what it refers to is not for them."""

from __future__ import annotations

import pytest

from sen.kernel.access.context import acting_as
from sen.kernel.web.register.listing import read_rows
from sen.kernel.web.register.resource import resources
from tests.conftest import Demo
from tests.contract.test_visibility import actor_named, signed_in


@pytest.mark.parametrize("username", ["xa.caolanh", "kysu"])
def test_the_newest_row_of_every_register_opens(demo: Demo, username: str) -> None:
    client, actor = signed_in(username), actor_named(username)
    opened = 0
    for resource in resources:
        if not resource.may(actor, "view"):
            continue
        with acting_as(actor):
            listed = read_rows(resource, actor, resource.rows(actor).order_by("-id"))
            newest = next(listed, None)
        if newest is not None:
            address = f"/ql/{resource.path}/{newest.id}/"
            assert client.get(address).status_code in (200, 302), address
            opened += 1
    assert opened > 20
