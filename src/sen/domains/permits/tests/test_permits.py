"""Permits from their application to the end of their site."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from sen.domains.assets import api as assets
from sen.domains.norms import api as norms
from sen.domains.permits import services
from sen.domains.permits.events import PermitExpiring, RouteObstructed
from sen.domains.permits.kinds import kind_of
from sen.domains.permits.models import Permit, PermitAct
from sen.domains.permits.selectors import legs_of, permits_at_asset, permits_on_road
from sen.domains.permits.services.filing import deadline_of
from sen.domains.permits.tests.conftest import Site, day, reread
from sen.kernel.access.context import acting_as, as_system
from sen.kernel.errors import ConflictError, InvalidInputError, PermissionDeniedError
from sen.kernel.events.models import OutboxEvent
from sen.kernel.events.relay import deliver_pending
from sen.kernel.jobs.testing import run_queued
from sen.kernel.testing.house import official

Receive = Callable[[dict[str, Any]], Permit]


def told(event: type) -> int:
    return OutboxEvent.objects.filter(type=event.type).count()  # type: ignore[attr-defined]


def issue(row: Permit, **values: Any) -> Permit:
    given = {"valid_from": day(0), "valid_to": day(30)} | values
    with as_system("decide") as actor:
        return services.issue_permit(actor=actor, row=reread(row), version=None, **given)


def test_an_application_gets_a_code_a_place_and_a_deadline_in_working_days(
    site: Site, receive: Receive
) -> None:
    row = receive(site.works(received_at=date(2026, 11, 20)))
    assert row.code == "GP-B1-2026-0001"
    assert row.is_line
    assert row.geom is not None
    assert row.geom.geom_type == "MultiLineString"
    assert row.area.name == "Sa Đéc"
    # Five working days from a Friday; 24 November is a holiday since 2026.
    assert row.due_at == date(2026, 11, 30)
    with as_system("ask the rule"):
        funeral = deadline_of(kind_of("ROAD_USE"), date(2026, 11, 26), {"purpose": "funeral"})
    assert funeral == date(2026, 11, 27)


def test_what_is_wrong_is_told_for_every_field(site: Site, receive: Receive) -> None:
    with pytest.raises(InvalidInputError) as error:
        receive(site.works(name="", to_m=500, attributes={"depth_m": 900}))
    assert {"name", "to_m", "attributes__depth_m", "attributes__work_type"} <= set(
        error.value.fields
    )
    with pytest.raises(InvalidInputError) as error:
        receive(site.works(to_m=99_000))
    assert "nằm ngoài tuyến" in " ".join(error.value.fields["from_m"])
    with pytest.raises(InvalidInputError) as error:
        receive(site.oversize(route="QL.99 Km1 - Km2; QL.30 Km1+0 - Km90+0"))
    assert len(error.value.fields["route"]) == 2


def test_a_permit_for_a_vehicle_names_the_bridge_that_does_not_bear_it(
    site: Site, receive: Receive
) -> None:
    row = receive(site.oversize())
    with as_system("read the route"):
        assert [(leg.from_m, leg.to_m) for leg in legs_of(row)] == [(0.0, 10_000.0)]
    with pytest.raises(InvalidInputError) as error:
        issue(row)
    assert "Cầu Cái Sao (QL.30 Km5+000)" in error.value.fields["measures"][0]
    done = issue(row, measures="Gia cường mố, chạy giữa cầu 5 km/h")
    assert (done.status, done.obstacles) == ("ISSUED", 1)
    assert done.number.endswith(f"/{day(0).year}/GP-SXD")
    light = receive(site.oversize(route="QL.30 Km6+000 - Km10+000"))
    assert issue(light).obstacles == 0
    assert issue(receive(site.oversize(route="QL.30 Km6+000 - Km10+000"))).number.startswith("3/")


def test_a_lowered_limit_is_found_on_the_routes_of_permits_in_force(
    site: Site, receive: Receive
) -> None:
    light = site.oversize()
    light["attributes"] |= {"gross_t": 25, "height_m": 4.0}
    row = issue(receive(light))
    assert row.obstacles == 0
    with as_system("a sign is put up") as actor:
        asset = assets.assets(actor).get(pk=site.bridge.pk)
        assets.update_asset(actor=actor, row=asset, version=None, attributes={"load_limit_t": 18})
    deliver_pending()
    run_queued()
    assert reread(row).obstacles == 1
    assert told(RouteObstructed) == 1


def test_dates_are_held_by_the_rules(site: Site, receive: Receive) -> None:
    row = receive(site.oversize(route="QL.30 Km6+000 - Km10+000"))
    with pytest.raises(InvalidInputError) as error:
        issue(row, valid_to=day(400))
    with as_system("ask the rule"):
        longest = norms.ruling("permit.longest-days", on=day(0), permit="oversize").value
    assert str(longest) in error.value.fields["valid_to"][0]


def test_a_site_is_inspected_mended_and_handed_back(site: Site, receive: Receive) -> None:
    row = issue(receive(site.works()))
    with as_system("inspect") as actor:
        with pytest.raises(InvalidInputError):
            services.inspect_site(actor=actor, row=row, result="TO_MEND", note="Thiếu rào chắn")
        services.inspect_site(
            actor=actor, row=row, result="TO_MEND", note="Thiếu rào chắn", mend_by=day(3)
        )
        with pytest.raises(ConflictError):
            services.hand_back_site(actor=actor, row=row, version=None, note="Đã hoàn trả")
        services.inspect_site(actor=actor, row=row, result="GOOD", note="Đã bổ sung")
        done = services.hand_back_site(actor=actor, row=row, version=None, note="Đã hoàn trả")
        assert done.status == "CLOSED"
        kinds = list(PermitAct.objects.filter(permit=row).order_by("id").values_list("kind"))
    assert [kind for (kind,) in kinds] == ["ISSUED", "INSPECTED", "INSPECTED", "HANDED_BACK"]


def test_ends_are_told_once_and_run_out(site: Site, receive: Receive) -> None:
    row = issue(receive(site.works()), valid_to=day(10))
    with as_system("the night") as actor:
        assert services.remind_permits(actor=actor) == 1
        assert services.remind_permits(actor=actor) == 0
        assert told(PermitExpiring) == 1
        assert services.expire_permits(actor=actor, today=day(10)) == 0
        assert services.expire_permits(actor=actor, today=day(11)) == 1
        extended = services.extend_permit(
            actor=actor, row=reread(row), version=None, valid_to=day(40), reason="Mưa lũ"
        )
        assert (extended.status, extended.valid_to) == ("ISSUED", day(40))
        assert services.remind_permits(actor=actor, today=day(30)) == 1
        revoked = services.revoke_permit(
            actor=actor, row=reread(row), version=None, reason="Vi phạm nhiều lần"
        )
        with pytest.raises(ConflictError):
            services.extend_permit(
                actor=actor, row=revoked, version=None, valid_to=day(60), reason="x"
            )


def test_a_decided_permit_changes_by_acts_alone(site: Site, receive: Receive) -> None:
    row = issue(receive(site.works()))
    with as_system("try") as actor:
        with pytest.raises(ConflictError):
            services.update_permit(actor=actor, row=row, version=None, name="Khác")
        with pytest.raises(ConflictError):
            services.delete_permit(actor=actor, row=row, version=None, reason="nhầm")


def test_roads_and_works_know_their_permits(site: Site, receive: Receive) -> None:
    works = issue(receive(site.works(from_m=4000, to_m=6000)))
    route = issue(receive(site.oversize()), measures="Gia cường")
    receive(site.works())
    with as_system("ask") as actor:
        on_road = set(permits_on_road(actor, site.road_id, day(0)))
        at_bridge = set(permits_at_asset(actor, site.bridge, day(0)))
        assert on_road == at_bridge == {works, route}
        assert not permits_on_road(actor, site.road_id, day(31)).exists()


def test_who_receives_does_not_decide(site: Site, receive: Receive) -> None:
    row = receive(site.works())
    clerk = official("permits.permit.view", "permits.permit.add", "permits.permit.change")
    with acting_as(clerk), pytest.raises(PermissionDeniedError):
        services.issue_permit(
            actor=clerk, row=row, version=None, valid_from=day(0), valid_to=day(9)
        )
