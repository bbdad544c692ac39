"""A register of a domain that knows nothing of change-sets, and three people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from sen.kernel.access.actors import actor_for, forget_actors
from sen.kernel.access.models import Area, Organisation, User
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError
from sen.kernel.testing.accounts import MakeAccount
from sen.kernel.testing.guarded.models import Thing
from sen.kernel.testing.house import House, build_house
from sen.kernel.usecase import check_version, use_case
from sen.kernel.web.register.resource import Column, FormField, Resource, resources


@use_case("guarded.thing.add")
def create_thing(
    *, actor: Actor, code: str, name: str, owner_org: Organisation, area: Area, **values: Any
) -> Thing:
    """A thing; names that begin with X are refused."""
    return _filled(Thing(code=code, owner_org=owner_org, area=area), name=name, **values)


@use_case("guarded.thing.change")
def update_thing(
    *, actor: Actor, row: Thing, version: int | None, reason: str = "", **values: Any
) -> Thing:
    """Another name, length or day."""
    check_version(row, version)
    return _filled(row, **values)


@use_case("guarded.thing.delete")
def delete_thing(*, actor: Actor, row: Thing, version: int | None, reason: str = "") -> None:
    """The thing goes."""
    check_version(row, version)
    row.delete()


def _filled(row: Thing, **values: Any) -> Thing:
    for name, value in values.items():
        setattr(row, name, value)
    if row.name.startswith("X"):
        raise InvalidInputError({"name": "Tên không được bắt đầu bằng X."})
    row.save()
    return row


class Things(Resource[Thing]):
    model = Thing
    slug = "things"
    title = "Vật"
    columns = (Column("code"), Column("name", link=True), Column("length_m"))
    form = (
        "code",
        "name",
        FormField("length_m", required=False),
        FormField("opened_on", required=False),
        "phone",
        "owner_org",
        "area",
    )
    create = staticmethod(create_thing)
    update = staticmethod(update_thing)
    delete = staticmethod(delete_thing)


@pytest.fixture
def things() -> Iterator[Resource[Thing]]:
    made = Things()
    resources._entries[made.key] = made
    yield made
    resources.remove(made.key)


@dataclass(frozen=True, slots=True)
class People:
    """Who drafts, who checks, who approves, and somebody of another commune."""

    author: Actor
    checker: Actor
    approver: Actor
    stranger: Actor
    users: dict[str, User]


@pytest.fixture
def house(db: Any) -> House:
    forget_actors()
    return build_house()


@pytest.fixture
def people(house: House, make_account: MakeAccount) -> People:
    see = ("guarded.thing.view", "stewardship.*.view")
    users = {
        "author": make_account(
            *see,
            "stewardship.changeset.add",
            "stewardship.task.change",
            organisation=house.division,
            area=house.east,
        ),
        "checker": make_account(
            *see, "stewardship.changeset.check", "guarded.thing.*", organisation=house.roads
        ),
        "approver": make_account(
            *see,
            "stewardship.changeset.approve",
            "stewardship.task.oversee",
            organisation=house.roads,
        ),
        "stranger": make_account(
            *see, "stewardship.changeset.add", organisation=house.police, area=house.west
        ),
    }
    actors = {name: actor_for(user) for name, user in users.items()}
    return People(**actors, users=users)
