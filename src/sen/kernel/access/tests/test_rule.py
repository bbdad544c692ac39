"""One rule in four forms: 100,000 random pairs of actor and row, decided alike by all of them."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from django.db import connection

from sen.kernel.access.context import acting_as, as_system
from sen.kernel.access.models import Area, Organisation, ScopedModel, Tree, User
from sen.kernel.access.scope import ANONYMOUS, ANY, Actor, ActorKind, Entitlement, Scope, system
from sen.kernel.access.services import put_node
from sen.kernel.testing.guarded.models import Sealed, Thing

pytestmark = pytest.mark.django_db

ACTORS, ROWS = 200, 500
PATTERNS = (
    "guarded.thing.view",
    "guarded.*.view",
    "*.thing.view",
    "*.*.view",
    "guarded.sealed.*",
    "*.*.*",
    "guarded.thing.*",
    "guarded.thing.change",
    "*.sealed.change",
    "other.thing.view",
    "guarded.thin.view",
    # grants nothing in any form
    "guarded.thing",
    "guarded.thing.view.x",
    "guarded.thing.view.*",
    "*",
    "",
    "guarded.t*.view",
    "guarded,thing.view",
)


@dataclass(frozen=True)
class World:
    dice: Random
    orgs: list[Organisation]
    areas: list[Area]
    users: list[User]

    def subtree(self, nodes: list[Any]) -> frozenset[int]:
        root = self.dice.choice(nodes)
        return frozenset(node.pk for node in nodes if node.path.startswith(root.path))

    def axis(self, nodes: list[Any]) -> frozenset[int] | None:
        kind = self.dice.random()
        if kind < 0.25:
            return ANY
        if kind < 0.35:
            return frozenset()
        if kind < 0.75:
            return self.subtree(nodes)
        if kind < 0.85:
            return self.subtree(nodes) | self.subtree(nodes)
        return frozenset(n.pk for n in nodes if self.dice.random() < 0.5) | {10**6}

    def entitlement(self) -> Entitlement:
        patterns = self.dice.sample(PATTERNS, self.dice.randint(1, 4))
        return Entitlement(
            role="r",
            permissions=frozenset(patterns),
            clearance=self.dice.choice((-1, 0, 1, 1, 2, 2, 3)),
            orgs=self.axis(self.orgs),
            areas=self.axis(self.areas),
        )

    def actor(self) -> Actor:
        kind = self.dice.random()
        if kind < 0.03:
            return ANONYMOUS
        if kind < 0.05:
            return system("property test")
        user = self.dice.choice([None, *self.users])
        limits = None
        if self.dice.random() < 0.2:
            limits = frozenset(self.dice.sample(PATTERNS, 3))
        return Actor(
            kind=self.dice.choice([k for k in ActorKind if k is not ActorKind.SYSTEM]),
            id=user.pk if user else None,
            username="x",
            entitlements=tuple(self.entitlement() for _ in range(self.dice.randint(0, 6))),
            limits=limits,
        )


def grow(model: type[Any], kind: str, count: int, dice: Random) -> list[Any]:
    nodes: list[Any] = []
    for number in range(count):
        parent: Tree | None = dice.choice(nodes) if nodes and dice.random() < 0.9 else None
        nodes.append(put_node(model, code=f"{kind}{number}", name="x", kind="X", parent=parent))
    return nodes


@pytest.fixture
def world() -> World:
    dice = Random(597)
    made = World(
        dice,
        grow(Organisation, "O", 24, dice),
        grow(Area, "A", 16, dice),
        [User.objects.create_user(f"u{n}", full_name="x", kind="CITIZEN") for n in range(6)],
    )
    with as_system("property test"):
        Thing.objects.bulk_create(
            Thing(
                code=f"T{number}",
                name="x",
                owner_org=dice.choice(made.orgs),
                area=dice.choice(made.areas),
                data_class=dice.randint(0, 3),
                subject=dice.choice([None, None, *made.users]),
            )
            for number in range(ROWS)
        )
        Sealed.objects.bulk_create(
            Sealed(
                code=f"S{number}",
                owner_org=dice.choice(made.orgs),
                area=dice.choice(made.areas),
                data_class=dice.randint(0, 3),
            )
            for number in range(ROWS)
        )
    return made


def ids_by_sql(model: type[ScopedModel], condition: str = "true", params: Any = ()) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT t.id FROM {model._meta.db_table} t WHERE {condition}", list(params))
        return {key for (key,) in cursor.fetchall()}


def ids_by_python(scope: Scope, rows: list[Any]) -> set[int]:
    return {row.pk for row in rows if scope.allows(row)}


@pytest.mark.parametrize("model", [Thing, Sealed])
def test_all_forms_of_the_rule_admit_the_same_rows(world: World, model: type[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("sen_app",)
    with as_system("property test"):
        rows = list(model.objects.all())
    decided = admitted = 0
    for _number in range(ACTORS):
        actor = world.actor()
        scope = actor.scope(model.access)
        change = actor.scope(model.access, "change")
        expected = ids_by_python(scope, rows)
        with acting_as(actor):
            by_policy = ids_by_sql(model)
        with as_system("the policy must not help the other forms"):
            by_sql = ids_by_sql(model, *scope.sql("t"))
            by_filter = set(model.objects.visible_to(actor).values_list("pk", flat=True))
            changeable = set(model.objects.visible_to(actor, "change").values_list("pk", flat=True))
        assert by_policy == expected, actor
        assert by_sql == expected, actor
        assert by_filter == expected, actor
        assert changeable == ids_by_python(change, rows) & expected, actor
        decided += len(rows)
        admitted += len(expected)
    assert decided == ACTORS * ROWS == 100_000
    assert 0.1 < admitted / decided < 0.8, "the cases must not be trivial"


def test_masks_are_alike_in_sql_and_python(world: World) -> None:
    with as_system("property test"):
        rows = list(Thing.objects.all())
        for _number in range(60):
            scope = world.actor().scope(Thing.access)
            for field, needed in Thing.access.masks.items():
                unmasked = ids_by_sql(Thing, *scope.sql("t", at_least=needed))
                assert unmasked == {r.pk for r in rows if field not in scope.masked(r)}
