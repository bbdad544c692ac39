from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from sen.domains.assets import api as assets
from sen.domains.network import api as network
from sen.domains.network.data import PostInput
from sen.domains.projects import api
from sen.domains.projects.models import Project, Work
from sen.domains.projects.services import delete_acceptance, update_work
from sen.domains.projects.tests.conftest import LAT, METRE, WEST, Site, reread
from sen.kernel.access.context import acting_as, as_system
from sen.kernel.errors import ConflictError, InvalidInputError
from sen.kernel.events.relay import deliver_pending
from sen.kernel.testing.house import official

pytestmark = pytest.mark.django_db
Make = Callable[..., Project]
BRIDGE = {"length_m": 42, "width_m": 9, "structure": "prestressed_i_girder"}


def work_of(project: Project, site: Site, code: str = "CT1", **values: Any) -> Work:
    given: dict[str, Any] = {
        "name": f"Cầu {code}",
        "asset_type": "bridge",
        "attributes": BRIDGE,
        "road": site.road_id,
        "chainage_m": 2500,
        "status": "BUILDING",
    } | values
    with as_system("a work") as actor:
        return api.create_work(actor=actor, project=project, code=code, **given)


def accept(project: Project, work: Work, **values: Any) -> Any:
    given = {"code": f"NT-{work.code}", "kind": "COMPLETION", "held_at": date(2026, 3, 1)}
    with as_system("an acceptance") as actor:
        return api.record_acceptance(
            actor=actor, project=project, work=work, **(given | {"result": "ACCEPTED"} | values)
        )


def hand_over(project: Project, works: list[Work], site: Site) -> list[Work]:
    with as_system("handing over") as actor:
        return api.hand_over_works(
            actor=actor,
            project=reread(project),
            works=[reread(work) for work in works],
            receiver=site.other_org,
            on=date(2026, 4, 1),
        )


def test_a_work_gets_its_place_from_the_road_and_its_commune(site: Site, project: Make) -> None:
    row = project()
    point = work_of(row, site)
    assert point.shape == "POINT"
    assert point.area_id == site.commune.pk
    stretch = work_of(row, site, "CT2", asset_type="", attributes={}, to_chainage_m=4000)
    assert (stretch.shape, stretch.geom.geom_type) == ("LINE", "MultiLineString")  # type: ignore[union-attr]
    for values, field in (
        ({"chainage_m": 50_000}, "chainage_m"),
        ({"to_chainage_m": 100}, "to_chainage_m"),
        ({"road": None}, "road"),
        ({"asset_type": "castle"}, "asset_type"),
        ({"attributes": {"colour": "red"}}, "attributes__colour"),
        ({"action": "REPAIR"}, "asset_code"),
        ({"status": "ACCEPTED"}, "status"),
    ):
        with pytest.raises(InvalidInputError) as error:
            work_of(row, site, "CT3", **values)
        assert field in error.value.fields, values


def test_acceptance_makes_a_work_ready_and_a_refusal_does_not(site: Site, project: Make) -> None:
    row = project()
    work = work_of(row, site)
    accept(row, work, code="1", result="REJECTED", remarks="nứt mố")
    assert reread(work).status == "BUILDING"
    record = accept(row, work, code="2")
    assert (reread(work).status, reread(work).finished_at) == ("ACCEPTED", date(2026, 3, 1))
    with as_system("a mistake") as actor:
        delete_acceptance(actor=actor, row=reread(record), version=None, reason="ghi nhầm")
    assert reread(work).status == "BUILDING"


def test_one_act_makes_assets_of_finished_works_with_all_their_data(
    site: Site, project: Make
) -> None:
    row = project()
    works = [work_of(row, site), work_of(row, site, "CT2", chainage_m=5000)]
    for work in works:
        accept(row, work)
    with as_system("looking first") as actor:
        shown = api.preview_handover(
            actor=actor,
            project=row,
            works=[reread(work) for work in works],
            receiver=site.other_org,
        )
        assert [item.faults for item in shown] == [[], []]
        assert shown[0].attributes["length_m"] == (None, 42)
        assert assets.asset_by_code(actor, "CT1") is None
    done = hand_over(row, works, site)
    assert [work.status for work in done] == ["HANDED_OVER", "HANDED_OVER"]
    with as_system("what was made") as actor:
        found = assets.asset_by_code(actor, "CT1")
        assert found is not None
        asset = assets.assets(actor).get(pk=found.id)
        assert found.id == reread(works[0]).asset_id
    assert (asset.name, asset.status, asset.condition) == ("Cầu CT1", "IN_USE", "GOOD")
    assert (float(asset.chainage_m or 0), asset.road_id) == (2500.0, site.road_id)
    assert asset.attributes["length_m"] == 42
    assert (asset.owner_org_id, asset.opened_year) == (site.other_org.pk, 2026)
    assert "DA-1" in asset.note
    with as_system("afterwards") as actor, pytest.raises(ConflictError):
        update_work(actor=actor, row=reread(works[0]), version=None, name="Tên khác")


def test_one_refused_work_keeps_all_of_them_back_and_says_why(site: Site, project: Make) -> None:
    row = project()
    good = work_of(row, site)
    bad = work_of(row, site, "CT2", chainage_m=5000, attributes={"width_m": 9})
    unfinished = work_of(row, site, "CT3", chainage_m=7000)
    for work in (good, bad):
        accept(row, work)
    with pytest.raises(InvalidInputError) as error:
        hand_over(row, [good, bad, unfinished], site)
    assert set(error.value.fields) == {f"work_{bad.pk}", f"work_{unfinished.pk}"}
    assert "CT2" in error.value.fields[f"work_{bad.pk}"][0]
    assert reread(good).status == "ACCEPTED"
    with as_system("nothing was made") as actor:
        assert assets.asset_by_code(actor, "CT1") is None


def test_a_repair_changes_the_asset_that_is_there(site: Site, project: Make) -> None:
    with as_system("an old bridge") as actor:
        old = assets.create_asset(
            actor=actor,
            type="bridge",
            code="CAU-CU",
            name="Cầu cũ",
            owner_org=site.other_org,
            data_class=0,
            status="IN_USE",
            condition="BAD",
            road=site.road_id,
            chainage_m=3000,
            attributes={"length_m": 30, "load_limit_t": 8},
        )
    row = project()
    work = work_of(
        row,
        site,
        action="REPAIR",
        asset_code="CAU-CU",
        chainage_m=3000,
        attributes={"load_limit_t": 18},
    )
    assert work.asset_id == old.pk
    accept(row, work)
    hand_over(row, [work], site)
    with as_system("the bridge now") as actor:
        now = assets.assets(actor).get(pk=old.pk)
    assert (now.condition, now.attributes["load_limit_t"]) == ("GOOD", 18)
    assert now.attributes["length_m"] == 30


def test_who_may_not_write_assets_is_told_so_in_the_preview(site: Site, project: Make) -> None:
    row = project()
    work = work_of(row, site)
    accept(row, work)
    actor = official("projects.*.*", "network.*.view", "assets.asset.view")
    with acting_as(actor):
        shown = api.preview_handover(
            actor=actor, project=reread(row), works=[reread(work)], receiver=site.other_org
        )
    assert "assets.asset.add" in shown[0].faults[0]


def test_works_by_chainage_follow_a_road_that_is_calibrated_anew(site: Site, project: Make) -> None:
    work = work_of(project(), site)
    before = reread(work).geom.x
    with as_system("posts moved by 200 m") as actor:
        network.bulk_put_roads(
            actor=actor,
            rows=[],
            posts=[
                PostInput(
                    road="ĐT.868",
                    measure_m=km * 1000,
                    lon=WEST + (km * 950 + 200) * METRE,
                    lat=LAT,
                )
                for km in range(12)
            ],
        )
    deliver_pending()
    assert reread(work).geom.x != pytest.approx(before, abs=1e-6)
