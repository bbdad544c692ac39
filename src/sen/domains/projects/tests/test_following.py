"""Works on roads that are re-aligned, split, joined, turned and renumbered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from sen.domains.network import api as network
from sen.domains.network.data import RoadInput
from sen.domains.projects.models import Project, Work
from sen.domains.projects.tests.conftest import LAT, METRE, WEST, Site, reread
from sen.domains.projects.tests.test_handover import accept, hand_over, work_of
from sen.kernel.access.context import as_system
from sen.kernel.audit.history import versions
from sen.kernel.web.register.resource import resources

pytestmark = pytest.mark.django_db
Make = Callable[..., Project]
BARE: dict[str, Any] = {"asset_type": "", "attributes": {}}


def operate(what: Callable[..., Any], site: Site, **values: Any) -> Any:
    given = {"valid_from": timezone.localdate()} | values
    with as_system("operate on a road") as actor:
        road = network.roads(actor).get(pk=site.road_id)
        return what(actor=actor, road=road, version=road.version, **given)


def bypass(low: float, high: float) -> list[tuple[float, float]]:
    """A new line to the north between two labels."""
    return [
        (WEST + low * METRE, LAT),
        (WEST + (low + high) / 2 * METRE, LAT + 0.004),
        (WEST + high * METRE, LAT),
    ]


def place(work: Work) -> tuple[Any, ...]:
    row = reread(work)
    ends = (row.chainage_m, row.to_chainage_m)
    return (row.road_id, *(None if end is None else float(end) for end in ends))


def questions() -> dict[int, Any]:
    with as_system("what must be decided") as actor:
        rows = resources["network.decisions"].rows(actor).filter(subject="projects.work")
        return {row.subject_id: row for row in rows}


def decide(work: Work, choice: str) -> None:
    row = questions()[work.pk]
    with as_system("decide") as actor:
        network.decide(actor=actor, row=row, version=row.version, choice=choice)


def test_a_realigned_road_takes_along_what_lies_outside_and_asks_about_the_rest(
    site: Site, project: Make
) -> None:
    row = project()
    before = work_of(row, site, "CT1", **BARE, chainage_m=1000, to_chainage_m=4000)
    behind = work_of(row, site, "CT2", **BARE, chainage_m=8000, side="LEFT")
    moving = work_of(row, site, "CT3", **BARE, chainage_m=5000)
    staying = work_of(row, site, "CT4", **BARE, chainage_m=4100, to_chainage_m=5900)
    leaving = work_of(row, site, "CT5", **BARE, chainage_m=2000, to_chainage_m=9000)
    shapes = {work.pk: reread(work).geom for work in (behind, staying, leaving)}

    done = operate(network.realign_road, site, line=bypass(4000, 6000), shift=True)

    assert {"title": "Công trình của dự án", "count": 1} in done.detail["followed"]
    assert set(questions()) == {moving.pk, staying.pk, leaving.pk}
    assert place(before) == (site.road_id, 1000, 4000)
    assert place(behind)[1] > 8000
    assert reread(behind).geom.equals(shapes[behind.pk])
    with as_system("history") as actor:
        assert len(versions(reread(behind), actor)) == 2

    for work, choice in ((moving, "MOVE"), (staying, "STAY"), (leaving, "OFF")):
        decide(work, choice)
    assert reread(moving).geom.y > LAT + 0.003
    _road, start, end = place(staying)
    assert start > 4000
    assert end < place(behind)[1]
    assert reread(staying).geom.equals(shapes[staying.pk])
    assert place(leaving) == (None, None, None)
    assert reread(leaving).geom.equals(shapes[leaving.pk])


def test_a_split_hands_works_behind_the_cut_over_and_asks_about_those_across_it(
    site: Site, project: Make
) -> None:
    row = project(road=site.road_id)
    until = work_of(row, site, "CT1", **BARE, chainage_m=3000, to_chainage_m=5000)
    behind = work_of(row, site, "CT2", **BARE, chainage_m=5000, to_chainage_m=7500)
    across = work_of(row, site, "CT3", **BARE, chainage_m=4000, to_chainage_m=6500)
    done = work_of(row, site, "CT4", chainage_m=9000)
    accept(row, done)
    hand_over(row, [done], site)

    operate(network.split_road, site, at_m=5000, code="ĐT.868B", number="ĐT.868B", restart=True)

    with as_system("the new road") as actor:
        other = network.road_ids_by_code(actor, {"ĐT.868B"})["ĐT.868B"]
    assert place(until) == (site.road_id, 3000, 5000)
    assert place(behind) == (other, 0, 2500)
    assert place(done) == (other, 4000, None)
    question = questions().pop(across.pk)
    assert list(questions()) == [across.pk]
    assert "ĐT.868B" in question.choices["LAST"]
    shape = reread(across).geom
    decide(across, "LAST")
    assert place(across) == (other, 0, 1500)
    assert reread(across).geom.equals(shape)
    assert reread(row).road_id == site.road_id


def test_turned_joined_and_renumbered_roads_keep_their_works(site: Site, project: Make) -> None:
    end = WEST + 12_000 * METRE
    with as_system("the road that goes on") as actor:
        other = network.bulk_put_roads(
            actor=actor,
            rows=[
                RoadInput(
                    code="ĐT.869",
                    number="ĐT.869",
                    name="Đường tỉnh 869",
                    owner_org="SXD",
                    area="82",
                    line=[(end, LAT), (end + 2000 * METRE, LAT)],
                )
            ],
        ).ids["ĐT.869"]
    row = project(road=other)
    stretch = work_of(
        row, site, "CT1", **BARE, road=other, chainage_m=500, to_chainage_m=900, side="LEFT"
    )
    spot = reread(stretch).geom
    with as_system("the other road") as actor:
        joined = network.roads(actor).get(pk=other)
    operate(network.join_roads, site, other=joined)
    assert place(stretch) == (
        site.road_id,
        pytest.approx(12_500, abs=0.2),
        pytest.approx(12_900, abs=0.2),
    )
    assert reread(row).road_id == site.road_id
    _road, start, last = place(stretch)

    operate(network.reverse_road, site)
    assert place(stretch) == (
        site.road_id,
        pytest.approx(14_000 - last, abs=1),
        pytest.approx(14_000 - start, abs=1),
    )
    assert reread(stretch).side == "RIGHT"

    before = place(stretch)
    operate(network.renumber_road, site, number="ĐT.870")
    assert place(stretch) == before
    with as_system("its road") as actor:
        assert network.roads(actor).get(pk=site.road_id).number == "ĐT.870"
    assert reread(stretch).geom.equals(spot)
    assert questions() == {}
