"""The board and the page of a data set, over the rows that one may see."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client

from sen.kernel.access.context import as_system
from sen.kernel.access.models import User
from sen.kernel.access.scope import DataClass
from sen.kernel.quality.checks import expected
from sen.kernel.testing.accounts import MakeAccount
from sen.kernel.testing.guarded.models import Thing
from sen.kernel.testing.house import House
from sen.kernel.web.register.resource import Resource

BOARD = "/ql/chat-luong/"
PAGE = "/ql/chat-luong/guarded/things/"


@pytest.fixture
def checked(resource: Resource[Thing], house: House) -> None:
    cache.clear()
    expected(resource.key, "length", "length_m", "Có chiều dài")
    house.thing("P-1", length_m=1)
    house.thing("P-2")
    house.thing("P-3", data_class=DataClass.SECRET)


def test_figures_are_of_what_one_may_see(
    checked: None, make_account: MakeAccount, sign_in: Callable[[User], Client]
) -> None:
    for clearance, share in ((DataClass.INTERNAL, "50"), (DataClass.SECRET, "33,3")):
        client = sign_in(make_account("guarded.thing.view", clearance=clearance))
        board = client.get(BOARD).content.decode()
        assert PAGE in board
        assert f">{share}<" in board
        page = client.get(PAGE).content.decode()
        assert f">{share}<" in page
        assert "/ql/guarded/things/?fault=length-known" in page
        listed = client.get("/ql/guarded/things/?fault=length-known").content.decode()
        assert "P-1" not in listed
        assert "P-2" in listed
        assert ("P-3" in listed) == (clearance == DataClass.SECRET)
        assert 'name="fault" value="length-known"' in listed, "kept while filtering on"


def test_pages_are_for_those_who_signed_in(checked: None, client: Client) -> None:
    for url in (BOARD, PAGE):
        assert client.get(url).status_code == 302


def test_the_record_says_what_is_missing_to_those_who_may_mend_it(
    checked: None, make_account: MakeAccount, sign_in: Callable[[User], Client]
) -> None:
    reader = sign_in(make_account("guarded.thing.view"))
    writer = sign_in(make_account("guarded.thing.view", "guarded.thing.change"))
    with as_system("looks up a row"):
        row = Thing.objects.unscoped("finds the row of a test").get(code="P-2")
    page = f"/ql/guarded/things/{row.pk}/"
    assert "Có chiều dài" not in reader.get(page).content.decode()
    assert "Có chiều dài" in writer.get(page).content.decode()
