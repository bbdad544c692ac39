"""Many observations of a stream in one message: the data array.

Source:
    OGC 18-088, 12.2 (create observations with dataArray).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sen.domains.telemetry.sta.answers import RefusedError
from sen.domains.telemetry.sta.observations import Draft, Stream, draft_of
from sen.lib.errors import gettext_noop


@dataclass(frozen=True, slots=True)
class Part:
    """The observations of one stream."""

    stream: int
    components: tuple[str, ...]
    rows: list[Any]


def parts_of(body: Any) -> list[Part]:
    """The parts of a message.

    Raises:
        RefusedError: it is no data array.
    """
    given = [body] if isinstance(body, dict) else body
    if not isinstance(given, list):
        raise _wrong("dataArray")
    return [_part(item) for item in given]


def _part(item: Any) -> Part:
    if not isinstance(item, dict):
        raise _wrong("dataArray")
    link = item.get("Datastream") or item.get("MultiDatastream")
    key = link.get("@iot.id") if isinstance(link, dict) else None
    if not str(key).isdigit() or len(str(key)) > 9:
        raise _wrong("Datastream")
    names, rows = item.get("components"), item.get("dataArray")
    if not isinstance(names, list) or "result" not in names:
        raise _wrong("components")
    if not isinstance(rows, list):
        raise _wrong("dataArray")
    return Part(int(str(key)), tuple(map(str, names)), rows)


def _wrong(name: str) -> RefusedError:
    return RefusedError(
        400,
        "array",
        gettext_noop("Thành phần “%(name)s” của dataArray thiếu hoặc không đúng dạng."),
        {"name": name},
    )


def drafts_of(stream: Stream, part: Part, drafts: list[Draft], links: list[str], base: str) -> None:
    """Read the rows; the link of one that cannot be read is ``error``, as the standard wants."""
    names = part.components
    width = len(names)
    prefix, feature = f"{base}Observations('", "FeatureOfInterest/id" in names
    for row in part.rows:
        if not isinstance(row, list) or len(row) != width:
            links.append("error")
            continue
        body = dict(zip(names, row, strict=True))
        if feature:
            body["FeatureOfInterest"] = {"@iot.id": body["FeatureOfInterest/id"]}
        try:
            draft = draft_of(stream, body)
        except RefusedError:
            links.append("error")
            continue
        drafts.append(draft)
        links.append(f"{prefix}{stream.id}-{draft.at_us}')")
