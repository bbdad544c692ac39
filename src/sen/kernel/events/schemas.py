"""JSON Schemas of all event types, committed under ``docs/events``.

Whoever reads our events relies on them, so a published schema never changes: a different shape is
a new type that ends in ``.v2``, published beside the old one while anybody needs that.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any, Final

import msgspec
from django.conf import settings
from django.utils.translation import gettext as _

from sen.kernel.events.base import Event, event_types
from sen.kernel.live.messages import CONTROL
from sen.kernel.live.topics import topics

SUFFIX: Final = ".schema.json"


def folder() -> Path:
    """Where the committed schemas lie."""
    root: Path = settings.ROOT
    return root / "docs" / "events"


def house_types() -> list[type[Event]]:
    """Every event type of the house; those that tests and benchmarks declare are not."""
    own = [cls for cls in event_types if cls.__module__.startswith("sen.")]
    return [cls for cls in own if "tests" not in cls.__module__.split(".")]


def schema_of(cls: type[Event]) -> dict[str, Any]:
    """The schema of the ``data`` of one type, with what the envelope says of it."""
    (reference,), components = msgspec.json.schema_components([cls], ref_template="#/$defs/{name}")
    name = reference["$ref"].rpartition("/")[2]
    own = components.pop(name)
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:sen:event:{cls.type}",
        "title": cls.type,
        "description": inspect.cleandoc(cls.__doc__ or ""),
        **{key: value for key, value in own.items() if key not in {"title", "description"}},
    }
    if cls.live_topic:
        schema["x-live-topic"] = cls.live_topic
    if components:
        schema["$defs"] = components
    return schema


def text_of(cls: type[Event]) -> str:
    """The schema as the committed file has it."""
    return json.dumps(schema_of(cls), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def check(where: Path | None = None) -> list[str]:
    """What is wrong with the committed schemas, in words; nothing when all is well."""
    place = where or folder()
    problems: list[str] = []
    known = {cls.type: cls for cls in house_types()}
    for name, cls in sorted(known.items()):
        problems += _live_problems(cls)
        file = place / (name + SUFFIX)
        if not file.is_file():
            problems.append(
                _("%(file)s: chưa có lược đồ của sự kiện; hãy chạy lệnh ghi lược đồ rồi lưu tệp.")
                % {"file": file.name}
            )
        elif not _same(file.read_text(encoding="utf-8"), cls):
            problems.append(
                _(
                    "%(file)s: lược đồ khác với mã nguồn; sự kiện đã công bố không được đổi, "
                    "hãy khai báo kiểu mới với số phiên bản kế tiếp."
                )
                % {"file": file.name}
            )
    problems += [
        _("%(file)s: không còn kiểu sự kiện này trong mã nguồn.") % {"file": file.name}
        for file in sorted(place.glob("*" + SUFFIX))
        if file.name.removesuffix(SUFFIX) not in known
    ]
    return problems


def _live_problems(cls: type[Event]) -> list[str]:
    topic = cls.live_topic
    if not topic or topic.startswith(CONTROL) or topic in topics:
        return []
    return [
        _("%(type)s: chủ đề trực tiếp “%(topic)s” chưa được khai báo (declare_topic).")
        % {"type": cls.type, "topic": topic}
    ]


def write(where: Path | None = None) -> list[Path]:
    """Write the schemas of new types; returns the files.

    Raises:
        ValueError: the schema of a published type would change.
    """
    place = where or folder()
    place.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for cls in house_types():
        file = place / (cls.type + SUFFIX)
        if not file.is_file():
            file.write_text(text_of(cls), encoding="utf-8")
            written.append(file)
        elif not _same(file.read_text(encoding="utf-8"), cls):
            raise ValueError(
                f"{file.name}: a published schema would change; declare the next version"
            )
    return written


def _same(text: str, cls: type[Event]) -> bool:
    """Equal but for the words that people read."""
    committed, now = json.loads(text), json.loads(text_of(cls))
    committed.pop("description", None)
    now.pop("description", None)
    return bool(committed == now)
