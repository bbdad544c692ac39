"""Creating, changing, deleting; who may; and that observations come by the door."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from email import message_from_bytes
from typing import Any

import pytest
from django.utils import timezone

from sen.domains.telemetry.models import Datastream, Device, Thing
from sen.domains.telemetry.sta.answers import RefusedError
from sen.domains.telemetry.sta.patches import patched
from sen.domains.telemetry.sta.tests.conftest import STATION, Api
from sen.kernel.access.accounts.devices import issue_device_credential, revoke_device_credential
from sen.kernel.access.accounts.tokens import create_api_token
from sen.kernel.access.actors import actor_for
from sen.kernel.access.context import as_system
from sen.kernel.access.models import User
from sen.kernel.testing.accounts import MakeAccount


def streams_of(api: Api) -> tuple[int, int]:
    """A station with its stream."""
    thing = api.post("Things", STATION)["@iot.id"]
    return thing, api.get(f"Things({thing})/Datastreams")["value"][0]["@iot.id"]


def test_entities_are_changed_in_part_as_a_whole_and_by_patch(api: Api) -> None:
    thing, stream = streams_of(api)
    reply = api.call("PATCH", f"Things({thing})", {"description": "mới"})
    assert (reply.status, reply.json["description"]) == (200, "mới")
    assert reply.json["properties"]["cấp"] == 2
    put = {"name": "Tên khác", "description": "khác"}
    assert "cấp" not in api.call("PUT", f"Things({thing})", put).json["properties"]
    operations = [
        {"op": "test", "path": "/name", "value": "Tên khác"},
        {"op": "add", "path": "/properties/a~1b", "value": [1]},
        {"op": "copy", "from": "/properties/a~1b", "path": "/properties/c"},
        {"op": "replace", "path": "/properties/c/0", "value": 7},
    ]
    kind = "application/json-patch+json"
    reply = api.call("PATCH", f"Things({thing})", operations, content_type=kind)
    assert (reply.json["properties"]["a/b"], reply.json["properties"]["c"]) == ([1], [7])
    failing = [{"op": "test", "path": "/name", "value": "sai"}]
    assert api.call("PATCH", f"Things({thing})", failing, content_type=kind).status == 400
    unit = {"name": "Mét", "symbol": "m", "definition": ""}
    api.call("PATCH", f"Datastreams({stream})", {"unitOfMeasurement": unit})
    assert api.get(f"Datastreams({stream})")["unitOfMeasurement"]["symbol"] == "m"
    moved = {
        "name": "Chỗ mới",
        "encodingType": "application/geo+json",
        "location": {"type": "Point", "coordinates": [106, 10.5]},
    }
    api.post(f"Things({thing})/Locations", moved)
    assert len(api.get(f"Things({thing})/HistoricalLocations")["value"]) == 2
    assert api.names(f"Things({thing})/Locations") == ["Chỗ mới"]
    assert api.call("DELETE", f"Things({thing})").status == 200
    assert api.call("GET", f"Things({thing})").status == 404
    assert api.get("Datastreams")["value"] == []
    assert api.call("GET", f"Datastreams({stream})/Observations").status == 404


def test_patches_follow_the_standard() -> None:
    document = {"a": [1, 2], "b": {"c": 1}}
    move = [{"op": "move", "from": "/b/c", "path": "/a/-"}, {"op": "remove", "path": "/a/0"}]
    assert patched(document, move) == {"a": [2, 1], "b": {}}
    assert document == {"a": [1, 2], "b": {"c": 1}}
    for wrong in ({"op": "add"}, {"op": "x", "path": "/a"}, {"op": "remove", "path": "/z"}):
        with pytest.raises(RefusedError):
            patched(document, [wrong])


def test_observations_come_by_the_door_once(api: Api) -> None:
    _thing, stream = streams_of(api)
    link = {"Datastream": {"@iot.id": stream}}
    at = "2026-04-01T07:00:00.5+07:00"
    made = api.post("Observations", {"phenomenonTime": at, "result": 3, **link})
    assert made["@iot.id"] == f"{stream}-1775001600500000"
    assert api.post("Observations", {"phenomenonTime": at, "result": 4, **link}) == made
    assert api.get(made["@iot.selfLink"])["result"] == 3
    more = {
        "phenomenonTime": "2026-04-02T00:00:00Z/2026-04-02T01:00:00Z",
        "result": 99.5,
        "resultTime": "2026-04-02T02:00:00Z",
        "validTime": "2026-04-02T00:00:00Z/2026-04-03T00:00:00Z",
        "parameters": {"máy": "A"},
        "FeatureOfInterest": {
            "name": "Dòng chảy",
            "encodingType": "application/geo+json",
            "feature": {"type": "Point", "coordinates": [105.9, 10.2]},
        },
    }
    found = api.get(api.post(f"Datastreams({stream})/Observations", more)["@iot.selfLink"])
    assert found["phenomenonTime"] == "2026-04-02T00:00:00.000000Z/2026-04-02T01:00:00Z"
    assert (found["resultTime"], found["parameters"]) == ("2026-04-02T02:00:00Z", {"máy": "A"})
    feature = api.get(f"{found['@iot.selfLink']}/FeatureOfInterest")
    assert feature["name"] == "Dòng chảy"
    assert len(api.get(f"FeaturesOfInterest({feature['@iot.id']})/Observations")["value"]) == 1
    change = api.call("PATCH", found["@iot.selfLink"], {"result": 1.25})
    assert (change.json["result"], change.json["parameters"]) == (1.25, {"máy": "A"})
    latest = api.get(f"Datastreams({stream})", expand="Observations($top=1)")
    assert latest["Observations"][0]["result"] == 1.25
    assert api.call("DELETE", found["@iot.selfLink"]).status == 200
    latest = api.get(f"Datastreams({stream})", expand="Observations($top=1)")
    assert latest["Observations"][0]["result"] == 3
    for wrong in (
        {"result": "chữ", **link},
        {"result": 1, "phenomenonTime": "hôm qua", **link},
        {"result": 1, "phenomenonTime": "2999-01-01T00:00:00Z", **link},
        {"result": 1},
        {"result": [1, 2], **link},
    ):
        assert api.call("POST", "Observations", wrong).status == 400, wrong


def test_requests_that_wait_together_travel_together(api: Api) -> None:
    _thing, stream = streams_of(api)
    before = len(api.door.batches)

    async def all_at_once() -> list[Any]:
        bodies = [
            {
                "phenomenonTime": f"2026-05-01T00:00:{second:02d}Z",
                "result": second,
                "Datastream": {"@iot.id": stream},
            }
            for second in range(40)
        ]
        work = (
            api.asked("POST", "Observations", body, None, "application/json", {}) for body in bodies
        )
        return await asyncio.gather(*work)

    replies = api.run(all_at_once())
    assert {reply.status for reply in replies} == {201}
    assert len(api.door.batches) - before < 10
    text = "phenomenonTime ge 2026-05-01T00:00:00Z"
    assert api.get("Observations", filter=text, count="true")["@iot.count"] == 40


def test_data_arrays_in_and_out(api: Api) -> None:
    _thing, stream = streams_of(api)
    rows = [[f"2026-06-01T00:{minute:02d}:00Z", minute / 2] for minute in range(30)]
    part = {
        "Datastream": {"@iot.id": stream},
        "components": ["phenomenonTime", "result"],
        "dataArray@iot.count": 31,
        "dataArray": [*rows, ["2026-06-01T01:00:00Z", "sai"]],
    }
    links = api.post("CreateObservations", [part])
    assert links[-1] == "error"
    assert api.get(links[3])["result"] == 1.5
    page = api.get(
        f"Datastreams({stream})/Observations",
        resultFormat="dataArray",
        filter="phenomenonTime ge 2026-06-01T00:00:00Z",
        orderby="phenomenonTime asc",
        select="result,phenomenonTime",
        top=20,
    )
    [array] = page["value"]
    assert array["components"] == ["result", "phenomenonTime"]
    assert (array["dataArray@iot.count"], array["dataArray"][2]) == (
        20,
        [1, "2026-06-01T00:02:00.000000Z"],
    )
    rest = api.get(page["@iot.nextLink"])
    assert rest["value"][0]["dataArray@iot.count"] == 10


def test_a_plain_page_is_what_the_general_statement_says(api: Api) -> None:
    """Pages of whole observations are read as columns; with all properties named, as rows."""
    _thing, stream = streams_of(api)
    with as_system("set up a test"):
        Datastream.objects.filter(pk=stream).update(valid_max=500.0)
    api.app.callers.forget()
    values = [0.1, -3.0, 1e-7, 1e20, 501.5, 12.0, None]
    for minute, value in enumerate(values):
        link = {"@iot.id": stream}
        at = f"2026-07-01T00:00:{minute:02d}.{minute}25Z"
        api.post("Observations", {"phenomenonTime": at, "result": value, "Datastream": link})
    names = "id,@iot.selfLink,phenomenonTime,result,resultTime,resultQuality"
    links = "Datastream,MultiDatastream,FeatureOfInterest"
    page = f"Datastreams({stream})/Observations"
    span = "phenomenonTime ge 2026-07-01T00:00:00Z"
    for order in ("phenomenonTime asc", "phenomenonTime desc"):
        asked = {"filter": span, "orderby": order, "count": "true"}
        plain = api.get(page, top=4, **asked)
        rest = api.get(plain["@iot.nextLink"])
        named = api.get(page, select=f"{names},{links}", **asked)["value"]
        for row in named:
            if row["resultQuality"] == {"code": 0}:
                del row["resultQuality"]
        assert plain["value"] + rest["value"] == named
        assert (plain["@iot.count"], len(named)) == (7, 7)
    assert sum("resultQuality" in row for row in named) == 2
    assert api.get(page, filter="phenomenonTime gt 2027-01-01T00:00:00Z")["value"] == []
    noted = {"phenomenonTime": "2026-07-02T00:00:00Z", "result": 2, "parameters": {"by": "tay"}}
    api.post("Observations", {**noted, "Datastream": {"@iot.id": stream}})
    assert api.get(page, top=2)["value"][0]["parameters"] == {"by": "tay"}


def test_streams_of_several_quantities(api: Api) -> None:
    thing, _stream = streams_of(api)
    sensor = api.post("Sensors", {"name": "Trạm khí tượng", "metadata": "x"})["@iot.id"]
    quantity = [
        api.post("ObservedProperties", {"name": name, "definition": "http://example.org"})
        for name in ("Gió", "Hướng")
    ]
    unit = {"name": "a", "symbol": "m/s", "definition": "b"}
    measurement = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
    multi = {
        "name": "Gió hai thành phần",
        "description": "",
        "multiObservationDataTypes": [measurement, measurement],
        "unitOfMeasurements": [unit, {**unit, "symbol": "deg"}],
        "Thing": {"@iot.id": thing},
        "Sensor": {"@iot.id": sensor},
        "ObservedProperties": [{"@iot.id": item["@iot.id"]} for item in quantity],
    }
    key = api.post("MultiDatastreams", multi)["@iot.id"]
    link = {"MultiDatastream": {"@iot.id": key}}
    api.post("Observations", {"result": [4.5, 270], **link})
    assert api.call("POST", "Observations", {"result": [4.5], **link}).status == 400
    found = api.get(f"MultiDatastreams({key})", expand="ObservedProperties,Observations")
    assert [u["symbol"] for u in found["unitOfMeasurements"]] == ["m/s", "deg"]
    assert found["multiObservationDataTypes"] == [measurement, measurement]
    assert found["Observations"][0]["result"] == [4.5, 270]
    assert {item["name"] for item in found["ObservedProperties"]} == {"Gió", "Hướng"}
    assert api.names("Datastreams") == ["Độ võng"]
    assert api.names("MultiDatastreams") == ["Gió hai thành phần"]


def test_a_batch_is_answered_in_order_and_a_group_as_one(api: Api) -> None:
    requests = [
        {
            "id": "1",
            "atomicityGroup": "g",
            "method": "post",
            "url": "Sensors",
            "body": {"name": "S"},
        },
        {
            "id": "2",
            "atomicityGroup": "g",
            "method": "patch",
            "url": "$1",
            "body": {"description": "d"},
        },
        {"id": "3", "method": "get", "url": "Sensors?$filter=description eq 'd'"},
        {"id": "4", "method": "get", "url": "Sensors(999)"},
        {
            "id": "5",
            "atomicityGroup": "h",
            "method": "post",
            "url": "Sensors",
            "body": {"name": "T"},
        },
        {"id": "6", "atomicityGroup": "h", "method": "delete", "url": "Sensors(999)"},
    ]
    responses = api.call("POST", "$batch", {"requests": requests}).json["responses"]
    assert [item["status"] for item in responses] == [201, 200, 200, 404, 404, 404]
    assert [item["id"] for item in responses] == ["1", "2", "3", "4", "5", "6"]
    assert responses[2]["body"]["value"][0]["name"] == "S"
    assert api.names("Sensors") == ["S"]


def test_who_may_see_and_write_what(api: Api, make_account: MakeAccount) -> None:
    thing, stream = streams_of(api)
    body = {"result": 1, "Datastream": {"@iot.id": stream}}
    with as_system("set up a test"):
        Thing.objects.filter(pk=thing).update(data_class=0)
        reader = make_account("telemetry.*.view", organisation=api.house.roads)
        _row, reading = create_api_token(
            actor=actor_for(reader),
            user=reader,
            name="đọc",
            scopes=["telemetry.*.view"],
            expires_at=timezone.now() + timedelta(days=1),
        )
        account = make_account(kind=User.Kind.DEVICE, organisation=api.house.roads)
        device = Device.objects.create(
            code="TB-1",
            name="Máy",
            account=account,
            owner_org=api.house.roads,
            area=api.house.east,
        )
        device.things.add(thing)
        credential, key = issue_device_credential(actor=actor_for(reader), device=account)
    # The public sees the public thing, not its internal stream and nothing of what it observed.
    assert api.get(f"Things({thing})", expand="Datastreams", token="")["Datastreams"] == []
    assert api.get("Observations", token="")["value"] == []
    assert api.call("GET", f"Datastreams({stream})/Observations", token="").status == 404
    seen = api.get("Observations", top=1, expand="Datastream")["value"][0]
    assert seen["Datastream"]["phenomenonTime"]
    assert api.call("GET", f"Observations('{seen['@iot.id']}')", token="").status == 404
    # The place of a public thing is public, and leads to none of its observations.
    places = api.get("FeaturesOfInterest", expand="Observations", token="")["value"]
    assert [place["Observations"] for place in places] == [[]]
    hidden = api.get("Things", filter="Datastreams/any()", token="", count="true")
    assert hidden["@iot.count"] == 0
    assert api.call("POST", "Observations", body, token="").status == 404
    # A reader sees and does not write.
    assert len(api.get("Observations", token=reading)["value"]) == 5
    assert api.call("POST", "Observations", body, token=reading).status == 403
    assert api.call("DELETE", f"Things({thing})", token=reading).status == 403
    # The device writes to its own thing, and to no other, until its key ends.
    api.post("Observations", body, token=key)
    assert api.door.batches[-1].device == device.pk
    with as_system("set up a test"):
        other = Datastream.objects.get(pk=stream)
        other.pk, other.code = None, "KD-X"
        other.thing = Thing.objects.create(
            code="TR-X", name="Trạm khác", owner_org=api.house.roads, area=api.house.east
        )
        other.save()
    foreign = {"result": 1, "Datastream": {"@iot.id": other.pk}}
    assert api.call("POST", "Observations", foreign, token=key).status in (403, 404)
    with as_system("set up a test"):
        revoke_device_credential(actor=actor_for(reader), device=account, key_id=credential.key_id)
    api.app.callers.forget()
    assert api.call("POST", "Observations", body, token=key).status == 401


def test_conformance_and_landing(api: Api) -> None:
    page = api.get("")
    assert {item["name"] for item in page["value"]} >= {"Things", "MultiDatastreams"}
    for item in page["value"]:
        assert "value" in api.get(item["url"])
    assert page["serverSettings"]["conformance"]
    assert api.call("GET", "Things", token="sen_t_khong_co").status == 401
    assert api.call("OPTIONS", "Things").status == 204
    assert api.call("DELETE", "Things").status == 405


def test_a_result_follows_the_schema_of_its_stream(api: Api) -> None:
    _thing, stream = streams_of(api)
    api.call("PATCH", f"Datastreams({stream})", {"properties": {"result_schema": "toll-passage-1"}})
    found = api.get(f"Datastreams({stream})")
    assert found["observationType"].endswith("OM_ComplexObservation")
    assert found["properties"]["result_schema"] == "toll-passage-1"
    passage = {"transaction": "T1", "plate": "66C-1", "direction": "IN", "vehicle_class": 2}
    made = api.post(f"Datastreams({stream})/Observations", {"result": passage})
    assert api.get(made["@iot.selfLink"])["result"] == passage
    wrong = {"result": {**passage, "vehicle_class": 9}}
    refused = api.call("POST", f"Datastreams({stream})/Observations", wrong)
    assert refused.status == 400
    assert "vehicle_class" in refused.json["detail"]
    assert "66C-1" not in refused.body.decode()
    # What names a vehicle is not for the public.
    assert api.call("GET", made["@iot.selfLink"], token="").status == 404


def test_the_history_of_places_is_corrected_and_forgotten(api: Api) -> None:
    thing, _stream = streams_of(api)
    place = {
        "name": "Chỗ mới",
        "encodingType": "application/geo+json",
        "location": {"type": "Point", "coordinates": [106, 10.5]},
    }
    api.post(f"Things({thing})/Locations", place)
    newest, oldest = api.get(
        f"Things({thing})/HistoricalLocations", orderby="time desc", select="@iot.id"
    )["value"]
    link = f"HistoricalLocations({newest['@iot.id']})"
    # What is said to be older than the first no longer says where the station is.
    reply = api.call("PATCH", link, {"time": "2020-01-01T00:00:00Z"})
    assert (reply.status, reply.json["time"]) == (200, "2020-01-01T00:00:00.000000Z")
    assert api.names(f"Things({thing})/Locations") == ["Giữa nhịp"]
    assert api.call("PATCH", link, {"time": "hôm qua"}).status == 422
    assert api.call("PATCH", link, {"Locations": []}).status == 422
    assert api.call("DELETE", f"HistoricalLocations({oldest['@iot.id']})").status == 200
    assert api.names(f"Things({thing})/Locations") == ["Chỗ mới"]
    assert api.call("DELETE", link, token="").status in (401, 403, 404)


def _part(number: int, method: str, url: str, body: Any = None) -> str:
    text = "" if body is None else json.dumps(body)
    return (
        "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"
        f"Content-ID: {number}\r\n\r\n{method} {url} HTTP/1.1\r\n"
        f"Content-Type: application/json\r\n\r\n{text}\r\n"
    )


def _multipart(boundary: str, *parts: str) -> str:
    return "".join(f"--{boundary}\r\n{part}" for part in parts) + f"--{boundary}--\r\n"


def test_a_batch_of_parts_is_answered_in_parts(api: Api) -> None:
    thing, _stream = streams_of(api)
    place = {
        "name": "Nơi mới",
        "encodingType": "application/geo+json",
        "location": {"type": "Point", "coordinates": [106, 10.5]},
    }
    changes = _multipart(
        "c1",
        _part(1, "POST", "/sta/v1.1/Locations", place),
        _part(2, "PATCH", "$1", {"description": "sửa ngay trong nhóm"}),
    )
    broken = _multipart(
        "c2",
        _part(3, "POST", "Locations", {**place, "name": "Không được ghi"}),
        _part(4, "DELETE", "Things(999999)"),
    )
    body = _multipart(
        "b",
        _part(5, "GET", f"http://localhost/sta/v1.1/Things({thing})?$select=name"),
        f"Content-Type: multipart/mixed; boundary=c1\r\n\r\n{changes}",
        f"Content-Type: multipart/mixed; boundary=c2\r\n\r\n{broken}",
    )
    kind = "multipart/mixed; boundary=b"
    reply = api.call("POST", "$batch", body.encode(), content_type=kind)
    assert reply.status == 200
    head = f"Content-Type: {reply.headers['content-type']}\r\n\r\n".encode()
    parts: Any = message_from_bytes(head + reply.body).get_payload()
    read, changed, failed = parts
    assert "200 OK" in str(read.get_payload())
    assert STATION["name"] in read.get_payload(decode=True).decode()
    assert [part["Content-ID"] for part in changed.get_payload()] == ["1", "2"]
    assert "201 Created" in changed.get_payload()[0].get_payload()
    assert "404 Not Found" in failed.get_payload()
    found = api.get("Locations", filter="startswith(name,'N') or startswith(name,'K')")["value"]
    assert [(one["name"], one["description"]) for one in found] == [
        ("Nơi mới", "sửa ngay trong nhóm")
    ]
    for wrong in (b"", b"--b\r\n\r\nabc\r\n--b--", body.encode()[:200]):
        assert api.call("POST", "$batch", wrong, content_type=kind).status == 400


def test_an_observation_without_a_feature_has_the_place_of_its_thing(api: Api) -> None:
    thing, stream = streams_of(api)
    link = {"Datastream": {"@iot.id": stream}}
    first = api.post("Observations", {"result": 1, **link})["@iot.selfLink"]
    place = api.get(f"Things({thing})", expand="Locations")["Locations"][0]
    feature = api.get(f"{first}/FeatureOfInterest")
    assert (feature["@iot.id"], feature["name"]) == (-place["@iot.id"], place["name"])
    assert feature["feature"] == place["location"]
    assert api.get(feature["@iot.selfLink"]) == feature
    moved = {
        "name": "Nơi mới",
        "encodingType": "application/geo+json",
        "location": {"type": "Point", "coordinates": [105.8, 10.4]},
    }
    api.post(f"Things({thing})/Locations", moved)
    array = {**link, "components": ["result"], "dataArray": [[2]]}
    later = api.call("POST", "CreateObservations", [array]).json[0]
    # Before and after the move: each has the place of its own time, by an expansion as well.
    assert api.get(f"{first}/FeatureOfInterest")["@iot.id"] == feature["@iot.id"]
    found = api.get(later, expand="FeatureOfInterest")["FeatureOfInterest"]
    assert (found["name"], found["feature"]["coordinates"]) == ("Nơi mới", [105.8, 10.4])
    below = api.get(f"FeaturesOfInterest({found['@iot.id']})/Observations")["value"]
    assert [one["result"] for one in below] == [2]
    # What was observed before the thing was anywhere is about its first place.
    early = api.get(f"FeaturesOfInterest({feature['@iot.id']})/Observations", orderby="result")
    assert [one["result"] for one in early["value"]] == [1, *(10.5 + n for n in range(5))]
    chosen = api.post(
        "Observations",
        {"result": 3, "FeatureOfInterest": {"@iot.id": feature["@iot.id"]}, **link},
    )["@iot.selfLink"]
    assert api.get(f"{chosen}/FeatureOfInterest")["@iot.id"] == feature["@iot.id"]
    named = api.get(
        f"Datastreams({stream})/Observations", filter="FeatureOfInterest/name eq 'Nơi mới'"
    )
    assert [one["result"] for one in named["value"]] == [2]
    assert api.call("DELETE", feature["@iot.selfLink"]).status == 404
