from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import jsonschema
import pytest

from sen.kernel.events import PII, Event, schemas
from sen.kernel.events.base import event_types, to_data
from sen.kernel.live.topics import declare_topic, topics


@dataclass(frozen=True, kw_only=True)
class Span:
    length_m: float


@dataclass(frozen=True, kw_only=True)
class BridgeBuilt(Event):
    """A bridge was built."""

    type = "vn.dongthap.sen.testing.bridge.built.v1"
    live_topic = "testing"
    bridge_id: int
    on_date: date
    spans: tuple[Span, ...] = ()
    builder: Annotated[str, PII] = ""


@pytest.fixture
def only_bridges(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(schemas, "house_types", lambda: [BridgeBuilt])
    declare_topic("testing", resource="testing.bridge")
    yield
    topics.remove("testing")


def test_the_schema_accepts_what_is_published_and_refuses_the_rest() -> None:
    schema = schemas.schema_of(BridgeBuilt)
    jsonschema.Draft202012Validator.check_schema(schema)
    event = BridgeBuilt(bridge_id=1, on_date=date(2026, 1, 2), spans=(Span(length_m=33.0),))
    data = json.loads(json.dumps(to_data(event)))
    jsonschema.validate(data, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**data, "bridge_id": "một"}, schema)
    assert schema["properties"]["builder"]["x-personal-data"] is True
    assert schema["x-live-topic"] == "testing"
    assert schema["description"] == "A bridge was built."


@pytest.mark.usefixtures("only_bridges")
def test_a_published_schema_cannot_change(tmp_path: Path) -> None:
    [problem] = schemas.check(tmp_path)
    assert "chưa có lược đồ" in problem
    [file] = schemas.write(tmp_path)
    assert schemas.check(tmp_path) == []
    assert schemas.write(tmp_path) == []

    changed = json.loads(file.read_text())
    changed["description"] = "Other words."
    file.write_text(json.dumps(changed))
    assert schemas.check(tmp_path) == []

    del changed["properties"]["bridge_id"]
    file.write_text(json.dumps(changed))
    [problem] = schemas.check(tmp_path)
    assert "phiên bản kế tiếp" in problem
    with pytest.raises(ValueError, match="next version"):
        schemas.write(tmp_path)

    file.rename(tmp_path / "vn.dongthap.sen.testing.bridge.lost.v1.schema.json")
    assert any("không còn kiểu sự kiện" in problem for problem in schemas.check(tmp_path))


@pytest.mark.usefixtures("only_bridges")
def test_a_live_topic_must_be_declared(tmp_path: Path) -> None:
    schemas.write(tmp_path)
    topics.remove("testing")
    [problem] = schemas.check(tmp_path)
    assert "“testing” chưa được khai báo" in problem


def test_events_of_tests_are_not_of_the_house() -> None:
    assert BridgeBuilt.type in event_types.names()
    assert BridgeBuilt not in schemas.house_types()
