"""Folding never changes what is admitted; ``covers`` never promises too much."""

from __future__ import annotations

import json
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from sen.kernel.access.context import sets_for
from sen.kernel.access.scope import (
    ANY,
    AccessRule,
    Actor,
    ActorKind,
    Clause,
    DataClass,
    Entitlement,
    Scope,
    fold,
    is_pattern,
    is_permission,
    matches,
)

IDS = (1, 2, 3, 4)
ids = st.one_of(st.just(ANY), st.frozensets(st.sampled_from(IDS), max_size=4))
clauses = st.builds(
    Clause,
    max_class=st.integers(-1, 3),
    orgs=ids,
    areas=ids,
    subject=st.sampled_from([None, 7, 8]),
)
#: Every row there can be, with ids that no clause names and rows without owner, place or subject.
ROWS = tuple(product((0, 1, 2, 3), (None, *IDS, 5), (None, *IDS, 5), (None, 7, 8, 9)))


def admitted(found: tuple[Clause, ...] | list[Clause]) -> frozenset[int]:
    return frozenset(
        number for number, row in enumerate(ROWS) if any(clause.admits(*row) for clause in found)
    )


@given(st.lists(clauses, max_size=7))
def test_folding_keeps_exactly_the_admitted_rows(given_clauses: list[Clause]) -> None:
    folded = fold(given_clauses)
    assert admitted(folded) == admitted(given_clauses)
    assert len(folded) <= len(given_clauses)


@given(st.lists(clauses, max_size=6), st.randoms(use_true_random=False))
def test_the_digest_depends_on_the_rows_and_not_on_the_order(
    given_clauses: list[Clause], shuffler: object
) -> None:
    rule = AccessRule("guarded.thing", subject_field="subject_id")
    folded = fold(given_clauses)
    again = fold(folded)
    assert again == folded
    assert Scope(rule, again).digest == Scope(rule, folded).digest


@given(clauses, clauses)
def test_a_clause_that_covers_another_admits_all_its_rows(a: Clause, b: Clause) -> None:
    if a.covers(b):
        assert admitted([b]) <= admitted([a])


@given(clauses, clauses)
def test_different_rows_have_different_digests(a: Clause, b: Clause) -> None:
    rule = AccessRule("guarded.thing", subject_field="subject_id")
    if admitted([a]) != admitted([b]):
        assert Scope(rule, fold([a])).digest != Scope(rule, fold([b])).digest


@given(st.text("abz*._1A, |", max_size=12), st.sampled_from(["a.b.view", "a.z.view", "z.b.a"]))
def test_a_pattern_grants_only_what_it_says(pattern: str, permission: str) -> None:
    if matches(pattern, permission):
        assert is_pattern(pattern)
        assert pattern.count(".") == 2


def test_patterns_and_permissions_are_three_names() -> None:
    assert is_permission("assets.asset.change")
    assert is_pattern("assets.*.view")
    for wrong in ("assets.*.view", "assets.asset", "a.b.c.d", "A.b.c", "", "a..c", "a.b.c\n"):
        assert not is_permission(wrong)
    for wrong in ("assets.a*.view", "*", "*.*", "a.b.c.*", "a,b.c.d", "a.b.c\n"):
        assert not is_pattern(wrong)


def test_clearance_and_masks_follow_the_clause_and_not_the_row() -> None:
    rule = AccessRule("guarded.thing", masks={"phone": DataClass.RESTRICTED})
    cleared = Scope(rule, (Clause(0), Clause(2, frozenset({1}))))
    mine = {"data_class": 0, "owner_org_id": 1, "area_id": 9}
    other = {"data_class": 0, "owner_org_id": 2, "area_id": 9}
    assert (cleared.clearance(mine), cleared.clearance(other)) == (2, 0)
    assert cleared.masked(mine) == frozenset()
    assert cleared.masked(other) == {"phone"}
    assert Scope(rule, ()).clearance(mine) == -1


def test_many_grants_of_one_role_are_one_set() -> None:
    entitlements = tuple(
        Entitlement("r", frozenset({"a.b.view"}), 1, orgs=frozenset({n})) for n in range(1, 100)
    )
    values = sets_for(Actor(ActorKind.OFFICIAL, entitlements=entitlements))
    assert json.loads(values["sen.patterns"]) == {"a.b": 1}
    assert values["sen.orgs"] == "[1:99]={" + ",".join(["1"] * 99) + "}"


def test_ids_that_lie_far_apart_are_steps() -> None:
    orgs = frozenset({7, 8, 9, 5000, 90_000})
    entitlement = Entitlement("r", frozenset({"a.b.view"}), 1, orgs=orgs)
    values = sets_for(Actor(ActorKind.OFFICIAL, entitlements=(entitlement,)))
    assert values["sen.orgs"] == ""
    assert values["sen.org_steps"] == "{7,10,5000,5001,90000,90001}"
    assert values["sen.org_sets"] == "{0,1,0,1,0,1,0}"


def test_a_row_about_the_actor_is_theirs_to_see_and_not_to_change() -> None:
    rule = AccessRule("guarded.thing", subject_field="subject_id", public=False)
    citizen = Actor(ActorKind.CITIZEN, id=7)
    row = {"data_class": 2, "owner_org_id": 1, "area_id": 1, "subject_id": 7}
    assert citizen.scope(rule).allows(row)
    assert not citizen.scope(rule, "change").allows(row)
    assert not citizen.scope(rule).allows(row | {"data_class": 3})
    assert not citizen.scope(rule).allows(row | {"subject_id": 8})
    limited = Actor(ActorKind.CITIZEN, id=7, limits=frozenset({"other.thing.view"}))
    assert not limited.scope(rule).allows(row)
