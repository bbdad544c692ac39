"""The service as a client sees it, over the real store."""

from __future__ import annotations

from typing import Any

from sen.domains.telemetry.sta.tests.conftest import BASE, STATION, Api


def test_deep_insert_reads_back_with_everything_expanded(api: Api) -> None:
    made = api.post("Things", STATION)
    key = made["@iot.id"]
    thing = api.get(
        f"Things({key})",
        expand="Locations,HistoricalLocations/Locations,"
        "Datastreams($expand=Sensor,ObservedProperty,Observations($orderby=phenomenonTime asc;"
        "$top=2;$count=true))",
    )
    assert thing["@iot.selfLink"] == made["@iot.selfLink"] == f"{BASE}Things({key})"
    assert thing["name"] == STATION["name"]
    assert thing["properties"]["cấp"] == 2
    [place] = thing["Locations"]
    assert place["location"] == {"type": "Point", "coordinates": [105.9, 10.28]}
    [history] = thing["HistoricalLocations"]
    assert history["Locations"][0]["@iot.id"] == place["@iot.id"]
    [stream] = thing["Datastreams"]
    assert stream["unitOfMeasurement"]["symbol"] == "mm"
    assert stream["observationType"].endswith("OM_Measurement")
    assert stream["Sensor"]["metadata"] == "https://example.org/may.pdf"
    assert stream["phenomenonTime"] == "2026-03-01T00:00:00.000000Z/2026-03-01T04:00:00.000000Z"
    assert stream["Observations@iot.count"] == 5
    assert [o["result"] for o in stream["Observations"]] == [10.5, 11.5]
    rest = api.get(stream["Observations@iot.nextLink"])
    assert [o["result"] for o in rest["value"]] == [12.5, 13.5]
    rest = api.get(rest["@iot.nextLink"])
    assert [o["result"] for o in rest["value"]] == [14.5]
    assert "@iot.nextLink" not in rest
    _addresses(api, key, stream["@iot.id"])
    _pages(api, stream["@iot.id"])


def _addresses(api: Api, thing: int, stream: int) -> None:
    at = f"Things({thing})/Datastreams({stream})/Observations"
    assert len(api.get(at)["value"]) == 5
    newest = api.get(at, top=1)["value"][0]
    assert newest["result"] == 14.5
    assert api.get(f"Observations('{newest['@iot.id']}')") == newest
    assert api.get(f"{newest['@iot.selfLink']}/Datastream/Thing")["@iot.id"] == thing
    assert api.get(f"Things({thing})/name") == {"name": STATION["name"]}
    plain = api.call("GET", f"Things({thing})/name/$value")
    assert plain.body.decode() == STATION["name"]
    links = api.get(f"Things({thing})/Datastreams/$ref")["value"]
    assert links == [{"@iot.selfLink": f"{BASE}Datastreams({stream})"}]
    for missing in ("Things(999)", "Nothings", f"Things({thing})/Nothing", "Things(999)/Locations"):
        assert api.call("GET", missing).status == 404, missing


def _pages(api: Api, stream: int) -> None:
    """Pages follow each other without gap or repetition whatever the order."""
    for order in ("phenomenonTime asc", "result desc", "resultTime asc,result asc", "id desc"):
        seen: list[float] = []
        page = api.get(f"Datastreams({stream})/Observations", top=2, orderby=order, count="true")
        assert page["@iot.count"] == 5
        seen += [o["result"] for o in page["value"]]
        while "@iot.nextLink" in page:
            page = api.get(page["@iot.nextLink"])
            seen += [o["result"] for o in page["value"]]
        expected = [10.5, 11.5, 12.5, 13.5, 14.5]
        assert seen == (expected[::-1] if order.endswith("desc") else expected), order


def test_filters_reach_over_entities_and_kinds(api: Api) -> None:
    api.post("Things", STATION)
    other: dict[str, Any] = {"name": "Trạm mưa 'A'", "description": "x", "properties": {"cấp": 1}}
    api.post("Things", other)
    holding = {
        "name eq 'Cầu Mỹ Thuận, nhịp chính'": 1,
        "substringof('Trạm mưa',name)": 1,
        "startswith(name,'Trạm') and endswith(name,'''A''')": 1,
        "properties/cấp ge 1": 2,
        "properties/cấp eq 2 or properties/tags/nguy eq true": 1,
        "properties/owner eq null": 1,
        "not (properties/cấp eq 2)": 1,
        "Datastreams/name eq 'Độ võng'": 1,
        "Datastreams/Observations/result gt 14": 1,
        "Datastreams/Observations/result gt 15": 0,
        "Datastreams/any(d:d/Sensor/name eq 'Máy đo võng')": 1,
        "Datastreams/any()": 1,
        "Datastreams/all(d:d/unitOfMeasurement/symbol eq 'mm')": 2,
        "st_within(Locations/location,geography'POLYGON((105 10,106 10,106 11,105 11,105 10))')": 1,
        "geo.distance(Locations/location,geography'POINT(105.9 10.28)') lt 0.001": 1,
        "geo.intersects(Locations/location,geography'POINT(0 0)')": 0,
        "HistoricalLocations/time gt now() sub duration'PT1H'": 1,
        "@iot.id in (0,1) or length(concat(name,description)) gt 3": 2,
        "Party/authId eq 'T-SXD'": 2,
    }
    for text, number in holding.items():
        found = api.get("Things", filter=text, count="true")
        assert (found["@iot.count"], len(found["value"])) == (number, number), text
    times = {
        "phenomenonTime ge 2026-03-01T03:00:00Z": 2,
        "phenomenonTime lt '2026-03-01T03:00:00+07:00'": 0,
        "during(phenomenonTime,2026-03-01T01:00:00Z/2026-03-01T03:00:00Z)": 2,
        "overlaps(phenomenonTime,2026-03-01T01:00:00Z/PT2H)": 2,
        "before(phenomenonTime,2026-03-01T01:00:00Z/P1D)": 1,
        "after(phenomenonTime,2026-03-01T01:00:00Z)": 3,
        "meets(phenomenonTime,2026-03-01T01:00:00Z/2026-03-01T02:00:00Z)": 2,
        "starts(phenomenonTime,2026-03-01T01:00:00Z/P1D)": 1,
        "finishes(phenomenonTime,2026-02-28T00:00:00Z/2026-03-01T02:00:00Z)": 1,
        "date(phenomenonTime) eq 2026-03-01": 5,
        "hour(phenomenonTime) mod 2 eq 1": 2,
        "result add 1 gt 14 and round(result) ne 14": 1,
        "result eq null": 0,
        "Datastream/Thing/properties/owner eq 'Sở Xây dựng'": 5,
    }
    for text, number in times.items():
        assert api.get("Observations", filter=text, count="true")["@iot.count"] == number, text


def test_faults_say_where_they_are(api: Api) -> None:
    cases = {
        ("Things", "filter", "name eq"): (7, None),
        ("Things", "filter", "nome eq 'a'"): (0, "$filter"),
        ("Things", "filter", "name gt 5"): (5, "$filter"),
        ("Things", "filter", "year(name) eq 5"): (5, "$filter"),
        ("Things", "orderby", "name,"): (5, "$orderby"),
        ("Things", "top", "-1"): (0, "$top"),
        ("Things", "expand", "Datastreams($filter=x eq)"): (4, "$filter"),
        ("Things", "expand", "Nothing"): (None, "$expand"),
        ("Things", "select", "nothing"): (None, "$select"),
        ("Things", "nonsense", "1"): (None, "$nonsense"),
        ("Things", "skiptoken", "abc"): (None, "$skiptoken"),
    }
    for (address, option, text), (position, name) in cases.items():
        reply = api.call("GET", address, **{option: text})
        assert reply.status == 400, text
        where = reply.json["where"]
        assert where.get("position") == position, (text, where)
        assert name in (None, where["option"]), (text, where)
    division = api.call("GET", "Observations", filter="1 div 0 eq 1")
    assert division.status in (200, 400)
    wrong = api.call("GET", "Locations", filter="st_within(location,geography'POINT(1)')")
    assert wrong.status == 400
