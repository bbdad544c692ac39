"""Sources of other offices: registered, fetched on schedule, compared, read in after approval."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from zoneinfo import ZoneInfo

from croniter import croniter
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.kernel import outbound
from sen.kernel.access.actors import actor_for
from sen.kernel.access.scope import Actor
from sen.kernel.audit.services import record
from sen.kernel.errors import ConflictError, InvalidInputError, PermissionDeniedError, SenError
from sen.kernel.imports import drafts, fetching
from sen.kernel.imports.engine import run
from sen.kernel.imports.importer import Importer, importers
from sen.kernel.imports.models import CRON, Harvest, ImportProfile, Source
from sen.kernel.imports.plan import Plan, Request, make_plan
from sen.kernel.imports.progress import Say

VIEW: Final = "kernel.sources.view"
CHANGE: Final = "kernel.sources.change"
#: Differences kept one by one.
LISTED: Final = 1000
#: Hexadecimal digits by which a cell is compared with its former self.
DIGITS: Final = 8
#: Automatic import stops where more than this share of the rows is new or changed.
SAFE_SHARE: Final = 0.10


@dataclass(slots=True)
class Differences:
    """What a fetching brought against the last one that was read in."""

    added: list[str] = field(default_factory=list)
    changed: dict[str, list[str]] = field(default_factory=dict)
    vanished: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.vanished)

    def as_list(self) -> list[dict[str, Any]]:
        """For the report, what vanished first: it asks for a decision."""
        rows: list[dict[str, Any]] = [{"key": k, "what": "vanished"} for k in self.vanished]
        rows += [{"key": k, "what": "changed", "columns": c} for k, c in self.changed.items()]
        rows += [{"key": key, "what": "added"} for key in self.added]
        return rows[:LISTED]


@transaction.atomic
def save_source(*, actor: Actor, source: Source | None = None, **given: Any) -> Source:
    """Register a source or change one.

    Raises:
        InvalidInputError: by field what is missing or wrong.
        PermissionDeniedError: the actor may not, or may not import the kind.
    """
    if actor.id is None or not actor.may(CHANGE):
        raise PermissionDeniedError(CHANGE)
    importer = importers.get(str(given.get("kind", "")))
    wrong = _faults(given, importer)
    if importer is None or wrong:
        raise InvalidInputError(wrong)
    if not actor.may(importer.permission):
        raise PermissionDeniedError(importer.permission)
    source = source or Source(owner_id=actor.id)
    for name, value in given.items():
        setattr(source, name, value)
    source.url = outbound.check_url(source.url)
    taken = Source.objects.filter(name=source.name).exclude(pk=source.pk)
    if taken.exists():
        raise InvalidInputError({"name": _("Đã có nguồn mang tên này.")})
    source.next_at = _next_time(source)
    source.save()
    record(act=CHANGE, on=source, detail={"url": source.url, "layer": source.layer})
    return source


def _faults(given: Mapping[str, Any], importer: Importer | None) -> dict[str, str]:
    missing = {
        "kind": _("Hãy chọn loại dữ liệu."),
        "name": _("Hãy đặt tên nguồn."),
        "url": _("Hãy ghi địa chỉ dịch vụ."),
        "layer": _("Hãy ghi tên lớp."),
        "key_column": _("Hãy ghi cột mã, để so sánh với lần trước."),
    }
    wrong = {name: text for name, text in missing.items() if not str(given.get(name) or "").strip()}
    if importer is None:
        wrong["kind"] = missing["kind"]
    choices = (
        ("protocol", Source.Protocol.values, _("Hãy chọn giao thức.")),
        ("schedule", Source.Schedule.values, _("Hãy chọn lịch lấy.")),
        ("apply_rule", Source.Apply.values, _("Hãy chọn cách nhập.")),
    )
    wrong |= {name: text for name, values, text in choices if given.get(name) not in values}
    return wrong


def _next_time(source: Source) -> datetime | None:
    line = CRON.get(Source.Schedule(source.schedule))
    if line is None or not source.is_active:
        return None
    zone = ZoneInfo(settings.TIME_ZONE)
    found: datetime = croniter(line, timezone.now().astimezone(zone)).get_next(datetime)
    return found


def take_due(now: datetime) -> list[Source]:
    """The sources whose time has come; their next time is set."""
    due = list(Source.objects.select_for_update().filter(is_active=True, next_at__lte=now))
    for source in due:
        source.next_at = _next_time(source)
        source.save(update_fields=["next_at"])
    return due


def harvest(*, actor: Actor, source: Source, say: Say | None = None) -> Harvest:
    """Fetch a source, compare it with what was read in last, and follow its rule.

    A server that does not answer is no error of ours: the harvest says so.

    Raises:
        PermissionDeniedError: the actor may not import the kind.
    """
    importer = _importer(actor, source)
    with TemporaryDirectory(prefix="sen-harvest-") as folder:
        try:
            file = fetching.fetch(source, Path(folder) / "layer")
            plan = make_plan(importer, _request(source, file, dry_run=True))
            digests = _digests(source, plan)
        except SenError as error:
            return _keep(source, Harvest.State.FAILED, error=str(error)[:500])
        before = _last_applied(source)
        found = compare(before.digests if before else {}, digests)
        if before is not None and not found:
            return _keep(source, Harvest.State.SAME, rows=len(plan.table.rows))
        made = _keep(
            source,
            Harvest.State.WAITING,
            rows=len(plan.table.rows),
            added=len(found.added),
            changed=len(found.changed),
            vanished=len(found.vanished),
            differences=found.as_list(),
            digests=digests,
            stored_as=_store(file),
        )
    if _may_go_on(source, before, found, len(plan.table.rows)):
        return apply_harvest(actor=actor, harvest=made, say=say)
    return made


def _may_go_on(source: Source, before: Harvest | None, found: Differences, rows: int) -> bool:
    if source.apply_rule == Source.Apply.ALWAYS:
        return True
    if source.apply_rule != Source.Apply.SAFE or before is None or found.vanished:
        return False
    return len(found.added) + len(found.changed) <= SAFE_SHARE * max(rows, 1)


def apply_harvest(*, actor: Actor, harvest: Harvest, say: Say | None = None) -> Harvest:
    """Read a waiting harvest in. Rows that vanished at the source stay with us, listed.

    Raises:
        ConflictError: it does not wait any more, or its file is gone.
        PermissionDeniedError: the actor may not import the kind.
    """
    source = harvest.source
    importer = _importer(actor, source)
    with transaction.atomic():
        harvest = Harvest.objects.select_for_update().get(pk=harvest.pk)
        file = _place() / harvest.stored_as
        if harvest.state != Harvest.State.WAITING or not file.is_file():
            raise ConflictError(_("Lần lấy này không còn chờ duyệt."), hint=_("Hãy tải lại trang."))
        harvest.run = run(
            importer=importer, actor=actor, request=_request(source, file, dry_run=False), say=say
        )
        refused = harvest.run.fault_count > 0
        harvest.state = Harvest.State.REFUSED if refused else Harvest.State.APPLIED
        harvest.decided_by_name = (actor.name or actor.username)[:120]
        harvest.save()
        if not refused:
            older = Harvest.objects.filter(source=source).exclude(pk=harvest.pk)
            older.exclude(state=Harvest.State.WAITING).update(digests={})
    file.unlink(missing_ok=True)
    return harvest


@transaction.atomic
def reject_harvest(*, actor: Actor, harvest: Harvest) -> Harvest:
    """Leave a waiting harvest out.

    Raises:
        ConflictError: it does not wait any more.
        PermissionDeniedError: the actor may not import the kind.
    """
    importer = _importer(actor, harvest.source)
    harvest = Harvest.objects.select_for_update().get(pk=harvest.pk)
    if harvest.state != Harvest.State.WAITING:
        raise ConflictError(_("Lần lấy này không còn chờ duyệt."), hint=_("Hãy tải lại trang."))
    (_place() / harvest.stored_as).unlink(missing_ok=True)
    harvest.state = Harvest.State.REJECTED
    harvest.decided_by_name = (actor.name or actor.username)[:120]
    harvest.digests = {}
    harvest.save()
    record(act=importer.permission, on=harvest, detail={"rejected": True})
    return harvest


def _importer(actor: Actor, source: Source) -> Importer:
    importer = importers.get(source.kind)
    if importer is None:
        raise ConflictError(_("Loại dữ liệu của nguồn không còn trong hệ thống."))
    if not actor.may(importer.permission):
        raise PermissionDeniedError(importer.permission)
    return importer


def owner_of(source: Source) -> Actor:
    """In whose name a source is fetched by the clock: that of whoever registered it."""
    return actor_for(source.owner)


def _request(source: Source, file: Path, *, dry_run: bool) -> Request:
    profile: ImportProfile | None = source.profile
    chosen = dict(profile.settings) if profile is not None else {}
    chosen["options"] = {**chosen.get("options", {}), **source.options}
    if source.srid:
        chosen |= {"srid": source.srid}
    return drafts.request_from(chosen, file=file, name=source.name, dry_run=dry_run)


def _place() -> Path:
    """Harvests wait for approval longer than uploaded files wait for their confirmation."""
    place = drafts.folder() / "harvests"
    place.mkdir(exist_ok=True, mode=0o700)
    return place


def _store(file: Path) -> str:
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    target = _place() / f"{digest}{file.suffix}"
    target.write_bytes(file.read_bytes())
    return target.name


def _last_applied(source: Source) -> Harvest | None:
    applied = Harvest.objects.filter(source=source, state=Harvest.State.APPLIED)
    return applied.order_by("-id").first()


def _keep(source: Source, state: Harvest.State, **values: Any) -> Harvest:
    with transaction.atomic():
        return Harvest.objects.create(source=source, state=state, **values)


def _digests(source: Source, plan: Plan) -> dict[str, Any]:
    """A short digest of every cell, by key: what is needed to name what changed.

    Raises:
        InvalidInputError: there is no key column, or a key is empty or stands twice.
    """
    table = plan.table
    if source.key_column not in table.columns:
        raise InvalidInputError(
            {
                "key_column": _("Lớp không có cột “%(column)s”; các cột: %(known)s.")
                % {"column": source.key_column, "known": ", ".join(table.columns)}
            }
        )
    at = table.columns.index(source.key_column)
    rows: dict[str, str] = {}
    shapes = table.shapes or [None] * len(table.rows)
    for cells, shape in zip(table.rows, shapes, strict=True):
        key = str(cells[at] or "").strip()
        if not key or key in rows:
            raise InvalidInputError(
                {"key_column": _("Cột mã có giá trị trống hoặc trùng: “%(key)s”.") % {"key": key}}
            )
        rows[key] = "".join(_short(repr(cell).encode()) for cell in cells) + _short(shape or b"")
    return {"columns": table.columns, "rows": rows}


def _short(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:DIGITS]


def compare(before: Mapping[str, Any], now: Mapping[str, Any]) -> Differences:
    """Keys that are new, changed (with the columns that differ) and gone."""
    old, new = before.get("rows", {}), now["rows"]
    found = Differences()
    names = [*now["columns"], GEOMETRY]
    same_columns = before.get("columns") == now["columns"]
    found.added = [key for key in new if key not in old]
    found.changed = {
        key: _columns_of(names, old[key], digest) if same_columns else []
        for key, digest in new.items()
        if key in old and old[key] != digest
    }
    found.vanished = [key for key in old if key not in new]
    return found


def _columns_of(names: Sequence[str], was: str, now: str) -> list[str]:
    """The columns whose part of the two digests differs."""
    return [
        name
        for place, name in enumerate(names)
        if was[place * DIGITS :][:DIGITS] != now[place * DIGITS :][:DIGITS]
    ]


#: How the report names the geometry among the columns.
GEOMETRY: Final = "geometry"
