"""Records from the field: taken once, never over what somebody else wrote."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from sen.domains.assets import api as assets
from sen.domains.inventory.models import Record
from sen.domains.inventory.selectors import conflict_of, differences, progress, teams_of
from sen.domains.inventory.services import (
    accept_records,
    close_campaign,
    reject_record,
    resolve_visit,
)
from sen.domains.inventory.tests.conftest import Field
from sen.domains.inventory.web.rounds import round_json
from sen.kernel.access.context import acting_as, as_system
from sen.kernel.audit.history import versions
from sen.kernel.errors import ConflictError, InvalidInputError, PermissionDeniedError
from sen.kernel.files.services import attachments


def photo() -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(buffer, "JPEG")
    return SimpleUploadedFile("anh.jpg", buffer.getvalue(), "image/jpeg")


def test_a_record_with_a_photo_is_accepted_into_the_asset(ground: Field) -> None:
    with as_system("the desk"):
        given = ground.said(ground.visit(), condition="POOR", attributes__grade=4)
    record = ground.send(0, given, photos=(photo(),), note="Nền lún", lon=105.6, lat=10.4)
    with as_system("the desk") as actor:
        assert ground.visit().state == "RECORDED"
        asset = assets.assets(actor).get(pk=record.asset_id or 0)
        assert asset.condition == "GOOD", "nothing is written before somebody accepts it"
        found = accept_records(actor=actor, campaign=ground.campaign, records=[record])
        assert (found.accepted, found.refused) == (1, [])
        asset = assets.assets(actor).get(pk=record.asset_id or 0)
        assert (asset.condition, asset.attributes["grade"]) == ("POOR", 4)
        assert [item.file.is_image for item in attachments(
            actor=actor, row=asset, register="assets.bus-stations")] == [True]  # fmt: skip
        assert any("KK" in version.reason for version in versions(asset, actor))
        assert [line.accepted for line in progress(actor, ground.campaign)] == [1]


def test_two_people_at_one_asset_are_a_conflict_that_a_person_decides(ground: Field) -> None:
    with as_system("the desk"):
        visit = ground.visit()
        one, two = ground.said(visit, condition="POOR"), ground.said(visit, condition="BAD")
    first, second = ground.send(0, one), ground.send(1, two)
    with as_system("the desk") as actor:
        first.refresh_from_db()
        assert (first.state, first.conflict) == ("CONFLICT", "TWO_RECORDS")
        assert (second.state, second.conflict) == ("CONFLICT", "TWO_RECORDS")
        assert accept_records(
            actor=actor, campaign=ground.campaign, records=[first, second]
        ).accepted == 0  # fmt: skip
        with pytest.raises(ConflictError):
            close_campaign(actor=actor, row=ground.campaign, version=None)
        asset, records, rows = conflict_of(actor, ground.visit())
        assert [(row.name, row.differs) for row in rows] == [("condition", True)]
        decide = {
            "actor": actor,
            "visit": ground.visit(),
            "asset_version": asset.version,
            "outcome": "FOUND",
        }
        with pytest.raises(InvalidInputError):
            resolve_visit(**decide, picks={}, reason="xem ảnh")
        resolve_visit(**decide, picks={"condition": str(second.key)}, reason="xem ảnh")
        asset.refresh_from_db()
        assert asset.condition == "BAD"
        states = {row.key: row.state for row in Record.objects.all()}
        assert states[second.key] == "ACCEPTED"
        assert len(records) == 2
        assert ground.visit().state == "ACCEPTED"


def test_an_asset_that_changed_since_is_never_overwritten(ground: Field) -> None:
    with as_system("the desk") as actor:
        given = ground.said(ground.visit(), condition="POOR")
        asset = assets.assets(actor).get(pk=ground.visit().asset_id)
        assets.update_asset(actor=actor, row=asset, version=None, condition="FAIR")
    record = ground.send(0, given)
    assert (record.state, record.conflict) == ("CONFLICT", "ASSET_CHANGED")
    with as_system("the desk") as actor:
        later = ground.said(ground.visit(1), condition="POOR")
    record = ground.send(0, later)
    with as_system("the desk") as actor:
        asset = assets.assets(actor).get(pk=record.asset_id or 0)
        assets.update_asset(actor=actor, row=asset, version=None, condition="BAD")
        found = accept_records(actor=actor, campaign=ground.campaign, records=[record])
        assert (found.accepted, found.conflicts) == (0, 1)
        asset.refresh_from_db()
        assert asset.condition == "BAD"


def test_ones_own_second_record_replaces_the_first(ground: Field) -> None:
    with as_system("the desk"):
        one = ground.said(ground.visit(), condition="POOR")
        two = ground.said(ground.visit(), condition="FAIR")
    first, second = ground.send(0, one), ground.send(0, two)
    with as_system("the desk"):
        first.refresh_from_db()
        assert (first.state, second.state) == ("REPLACED", "PENDING")
        assert ground.visit().state == "RECORDED"


def test_what_is_gone_is_closed_and_what_is_new_is_entered(ground: Field) -> None:
    with as_system("the desk"):
        gone = ground.said(ground.visit())
        new = ground.said(None)
    lost = ground.send(0, gone, outcome="NOT_FOUND")
    with pytest.raises(InvalidInputError, match="vị trí"):
        ground.send(0, new, outcome="NEW", asset_type="bus_station", values={"name": "Bến mới"})
    made = ground.send(
        0,
        new,
        outcome="NEW",
        asset_type="bus_station",
        values={"name": "Bến mới", "condition": "GOOD", "attributes__grade": 5},
        lon=105.65,
        lat=10.41,
        accuracy_m=6.0,
    )
    with as_system("the desk") as actor:
        found = accept_records(actor=actor, campaign=ground.campaign, records=[lost, made])
        assert (found.accepted, found.refused) == (2, [])
        assert assets.assets(actor).get(pk=lost.asset_id or 0).status == "REMOVED"
        made.refresh_from_db()
        assert made.asset is not None
        assert (made.asset.name, made.asset.area.code) == ("Bến mới", "29905")
        fields = {line[7] for line in differences(actor, ground.campaign)}
        assert {"name", "condition", "attributes__grade"} <= fields


def test_only_who_was_sent_records_and_only_in_a_running_campaign(ground: Field) -> None:
    with as_system("the desk"):
        given = ground.said(ground.visit())
    ground.people.append(ground.actor)
    with pytest.raises(PermissionDeniedError):
        ground.send(2, given)
    lan = ground.people[0]
    with acting_as(lan):
        team = teams_of(lan.username)[0]
        said = round_json(lan, team)
    assert [item["code"] for item in said["items"]] == ["BX-0", "BX-1"]
    assert said["items"][0]["values"]["attributes__grade"] == 3
    record = ground.send(0, given)
    with as_system("the desk") as actor:
        with pytest.raises(InvalidInputError):
            reject_record(actor=actor, row=record, version=None, reason="")
        reject_record(actor=actor, row=record, version=None, reason="sai chỗ")
        assert ground.visit().state == "TODO", "its asset is to be visited again"
        close_campaign(actor=actor, row=ground.campaign, version=None)
    with pytest.raises(InvalidInputError, match="không còn nhận"):
        ground.send(0, given)
