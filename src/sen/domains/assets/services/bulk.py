"""Many assets at once: imports and the demonstration province. All of them or none."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.contrib.gis.geos import GEOSGeometry, LineString, Point
from django.db.models import Q
from django.utils.translation import gettext as _

from sen.domains.assets.catalogue import AssetType, asset_types
from sen.domains.assets.data import AssetInput
from sen.domains.assets.events import AssetsImported
from sen.domains.assets.models import Asset
from sen.domains.assets.rules import check_attributes
from sen.domains.assets.selectors import RoadRef, roads_by_code, roads_by_id
from sen.domains.assets.services.assets import refresh_keys, take_place
from sen.domains.assets.services.checks import (
    Snapshot,
    changed_fields,
    particular_events,
    shared_faults,
)
from sen.domains.assets.services.placing import Wanted, place_all
from sen.domains.assets.services.writing import put_rows
from sen.domains.network import api as network
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor, DataClass
from sen.kernel.attributes.labels import fault_text
from sen.kernel.audit.services import record
from sen.kernel.errors import InvalidInputError
from sen.kernel.events import publish, publish_many
from sen.kernel.usecase import use_case
from sen.lib.bulk import BulkReport
from sen.lib.text import nfc, slugify

#: Without a code an asset of the same type this near on the same road is the same one.
SAME_PLACE_M: Final = 10.0
EVENT_IDS: Final = 1000
#: So many codes are asked for in one statement.
CODES: Final = 5000


@dataclass(slots=True)
class Draft:
    """One row on its way: what was given, the asset it becomes, what is wrong with it."""

    given: AssetInput
    number: int
    kind: AssetType | None = None
    asset: Asset | None = None
    before: Snapshot | None = None
    now: Snapshot | None = None
    road: RoadRef | None = None
    area_id: int | None = None
    #: Field and what is wrong with it.
    faults: list[tuple[str, str]] = field(default_factory=list)

    def fault(self, name: str, message: str) -> None:
        self.faults.append((name, message))

    @property
    def where(self) -> str:
        name = self.given.code or self.given.name
        text = _("Dòng %(row)s") % {"row": self.given.row or self.number}
        return f"{text} ({name})" if name else text


@use_case("assets.asset.import", act="assets.bulk_put_assets", audit=False)
def bulk_put_assets(
    *, actor: Actor, rows: Sequence[AssetInput], dry_run: bool = False, is_demo: bool = False
) -> BulkReport:
    """Enter new assets and change those that are there, found by code or by place.

    ``dry_run`` checks everything and writes nothing.

    Raises:
        InvalidInputError: every faulty row with all that is wrong with it; nothing was written.
    """
    drafts = _draft_all(actor, rows, is_demo=is_demo)
    if wrong := {d.where: [text for _name, text in d.faults] for d in drafts if d.faults}:
        count = len(wrong)
        raise InvalidInputError(
            wrong, _("%(count)s dòng có lỗi; chưa ghi dòng nào.") % {"count": count}
        )
    return _put(drafts, dry_run=dry_run)


@use_case("assets.asset.import", act="assets.import_assets", audit=False)
def import_assets(*, actor: Actor, rows: Sequence[AssetInput]) -> tuple[BulkReport, list[Draft]]:
    """As :func:`bulk_put_assets`, but the faulty rows come back instead of an error."""
    drafts = _draft_all(actor, rows)
    wrong = [draft for draft in drafts if draft.faults]
    return _put(drafts, dry_run=bool(wrong)), wrong


def _draft_all(actor: Actor, rows: Sequence[AssetInput], *, is_demo: bool = False) -> list[Draft]:
    drafts = [Draft(given, number) for number, given in enumerate(rows, 1)]
    _look_up(actor, drafts)
    _match(actor, drafts)
    for draft in drafts:
        _fill(draft, is_demo)
    _place(actor, drafts)
    _authorise(actor, drafts)
    return drafts


def _put(drafts: Sequence[Draft], *, dry_run: bool) -> BulkReport:
    good = [d for d in drafts if not d.faults]
    made = [d for d in good if d.before is None]
    changed = [d for d in good if d.before is not None and _is_changed(d)]
    if not dry_run:
        put_rows([d.asset for d in (*made, *changed) if d.asset is not None])
        _tell(made, changed)
        detail = {"created": len(made), "updated": len(changed)}
        record(act="assets.bulk_put_assets", resource="assets.asset", detail=detail)
    ids = {d.asset.code: d.asset.pk for d in good if d.asset is not None}
    return BulkReport(len(made), len(changed), len(good) - len(made) - len(changed), ids)


def _look_up(actor: Actor, drafts: Sequence[Draft]) -> None:
    """Resolve types and the codes of roads and places."""
    roads = _roads(actor, {d.given.road for d in drafts if d.given.road})
    areas = _ids(Area, {d.given.area for d in drafts if d.given.area})
    for draft in drafts:
        given = draft.given
        draft.kind = asset_types.get(given.type)
        draft.road = roads.get(given.road)
        draft.area_id = areas.get(given.area)
        if draft.kind is None:
            draft.fault("type", _("không có loại tài sản “%(type)s”") % {"type": given.type})
        if given.road and draft.road is None:
            draft.fault("road", _("không có tuyến mang mã “%(road)s”") % {"road": given.road})
        if given.area and draft.area_id is None:
            draft.fault("area", _("không có xã, phường mang mã “%(area)s”") % {"area": given.area})


def _roads(actor: Actor, texts: set[str]) -> dict[str, RoadRef]:
    """Roads by code, else by number as people write it where it means one road alone."""
    found = roads_by_code(actor, texts)
    for text in texts - found.keys():
        meant = network.find_roads(actor, text, limit=2)
        if len(meant) == 1:
            found[text] = roads_by_id(actor, [meant[0].pk])[meant[0].pk]
    return found


def _ids(model: type[Area | Organisation], codes: Iterable[str]) -> dict[str, int]:
    """Ids by code, or by the name where only one bears it."""
    asked = set(codes)
    rows = model._default_manager.filter(Q(code__in=asked) | Q(name__in=asked))
    named: dict[str, list[int]] = defaultdict(list)
    by_code: dict[str, int] = {}
    for code, name, row_id in rows.values_list("code", "name", "id"):
        by_code[code] = row_id
        named[name].append(row_id)
    return {name: ids[0] for name, ids in named.items() if len(ids) == 1} | by_code


def _match(actor: Actor, drafts: Sequence[Draft]) -> None:
    """Find the asset that each row means: by its code, else by type and place on the road."""
    codes = [d.given.code for d in drafts if d.given.code]
    with as_system("a code is taken whoever may see its asset"):
        taken = {
            row.code: row
            for start in range(0, len(codes), CODES)
            for row in Asset.objects.filter(code__in=codes[start : start + CODES])
        }
    scope = actor.scope(Asset.access, "view")
    by_place = _by_place(actor, drafts)
    seen: set[str] = set()
    for draft in drafts:
        given = draft.given
        if given.code in seen:
            draft.fault("code", _("mã “%(code)s” đã có ở dòng trên") % {"code": given.code})
        if given.code:
            seen.add(given.code)
            found = taken.get(given.code)
        else:
            found = by_place.nearest(draft)
        if found is None:
            continue
        if not scope.allows(found):
            draft.fault("code", _("mã “%(code)s” đã được dùng") % {"code": given.code})
        elif found.type != given.type:
            draft.fault("code", _("mã “%(code)s” thuộc loại tài sản khác") % {"code": given.code})
        else:
            draft.asset, draft.before = found, Snapshot.of(found)


class _Places:
    """Assets by type and road in the order of their chainage."""

    def __init__(self, rows: Iterable[Asset]) -> None:
        self.rows: dict[tuple[str, int | None], list[tuple[float, Asset]]] = defaultdict(list)
        for row in rows:
            self.rows[row.type, row.road_id].append((float(row.chainage_m or 0), row))

    def nearest(self, draft: Draft) -> Asset | None:
        at = draft.given.chainage_m
        if draft.road is None or at is None:
            return None
        rows = self.rows.get((draft.given.type, draft.road.id), [])
        start = bisect_left(rows, at - SAME_PLACE_M, key=lambda item: item[0])
        near: list[tuple[float, Asset]] = []
        for measure, row in rows[start:]:
            if measure > at + SAME_PLACE_M:
                break
            if not draft.given.side or draft.given.side == row.side:
                near.append((abs(measure - at), row))
        if not near:
            return None
        return min(near, key=lambda item: item[0])[1]


def _by_place(actor: Actor, drafts: Sequence[Draft]) -> _Places:
    asked = [d for d in drafts if not d.given.code and d.road and d.given.chainage_m is not None]
    if not asked:
        return _Places([])
    rows = Asset.objects.visible_to(actor).filter(
        type__in={d.given.type for d in asked}, road_id__in={d.road.id for d in asked if d.road}
    )
    return _Places(rows.exclude(chainage_m=None).order_by("chainage_m", "id"))


def _fill(draft: Draft, is_demo: bool) -> None:
    """Write what a row says into its asset; what it leaves open stays as it is."""
    given, kind = draft.given, draft.kind
    if kind is None:
        return
    row = draft.asset or Asset(type=kind.code, attributes={}, is_demo=is_demo)
    is_new = draft.before is None
    values: dict[str, Any] = {
        "name": given.name,
        "status": given.status,
        "condition": given.condition,
        "condition_at": given.condition_at,
        "opened_year": given.opened_year,
        "data_class": given.data_class,
        "note": given.note,
    }
    values = {k: v for k, v in values.items() if v not in (None, "")}
    if is_new:
        row.code = nfc(given.code).strip() or _made_code(draft)
        row.data_class = int(DataClass.PUBLIC)
        values = {"code": row.code, "name": "", **values}
    draft.faults += shared_faults(values | {"side": given.side}).items()
    for name, value in values.items():
        setattr(row, name, nfc(value).strip() if isinstance(value, str) else value)
    clean, wrong = check_attributes(kind, {**row.attributes, **given.attributes})
    for name, fault in wrong.items():
        item = kind.by_name.get(name)
        label = item.label.vi if item else name
        draft.fault(f"attributes__{name}", f"{label}: {fault_text(fault)}")
    row.attributes = clean
    draft.asset = row


def _made_code(draft: Draft) -> str:
    """A code for an asset that has none: type, road and metre."""
    given = draft.given
    if draft.road is None or given.chainage_m is None:
        return ""
    stem = slugify(given.type).upper()
    return f"{stem}-{draft.road.code}-{round(given.chainage_m):06d}{given.side[:1]}"[:60]


def _place(actor: Actor, drafts: Sequence[Draft]) -> None:
    filled = [d for d in drafts if d.asset is not None and not d.faults]
    asked = [d for d in filled if _names_place(d)]
    placed_all = place_all(actor=actor, wanted=[_wanted(d) for d in asked])
    for draft, placed in zip(asked, placed_all, strict=True):
        draft.faults += placed.faults.items()
        if draft.asset is not None and not placed.faults:
            take_place(draft.asset, placed)
    kept = [d.asset for d in filled if d.asset is not None and not _names_place(d)]
    roads = roads_by_id(actor, [row.road_id for row in kept if row.road_id])
    for row in kept:
        refresh_keys(row, roads.get(row.road_id or 0))


def _names_place(draft: Draft) -> bool:
    given = draft.given
    named = (given.chainage_m, given.position, given.line)
    return draft.before is None or bool(given.road) or any(v is not None for v in named)


def _wanted(draft: Draft) -> Wanted:
    given, row, kind = draft.given, draft.asset, draft.kind
    if row is None or kind is None:
        raise ValueError("a row without a type has no place")
    return Wanted(
        kind=kind,
        road=draft.road,
        chainage_m=given.chainage_m if draft.road else None,
        to_chainage_m=given.to_chainage_m if draft.road else None,
        side=given.side or row.side,
        shape=_shape(given),
        at=given.position,
        area_id=draft.area_id,
    )


def _shape(given: AssetInput) -> GEOSGeometry | None:
    if given.line is not None and len(given.line) > 1:
        return LineString(*given.line, srid=4326)
    if given.position is not None:
        return Point(*given.position, srid=4326)
    return None


def _authorise(actor: Actor, drafts: Sequence[Draft]) -> None:
    """Owners by code; then every row must lie where the actor may write, before and after."""
    orgs = _ids(Organisation, {d.given.owner_org for d in drafts if d.given.owner_org})
    scopes = {act: actor.scope(Asset.access, act) for act in ("add", "change")}
    for draft in drafts:
        row, code = draft.asset, draft.given.owner_org
        if row is None:
            continue
        is_new = draft.before is None
        if not is_new and not scopes["change"].allows(row):
            draft.fault("", _("bạn không có quyền sửa tài sản này"))
        if code and code not in orgs:
            draft.fault("owner_org", _("không có đơn vị mang mã “%(code)s”") % {"code": code})
        elif code:
            row.owner_org_id = orgs[code]
        elif is_new and actor.organisation_id:
            row.owner_org_id = actor.organisation_id
        elif is_new:
            draft.fault("owner_org", _("hãy ghi mã đơn vị quản lý"))
        if draft.area_id is not None:
            row.area_id = draft.area_id
        if not draft.faults and not scopes["add" if is_new else "change"].allows(row):
            draft.fault("", _("bạn không có quyền ghi vào đơn vị hoặc địa bàn này"))


def _is_changed(draft: Draft) -> bool:
    if draft.before is None or draft.asset is None:
        return True
    draft.now = Snapshot.of(draft.asset)
    return bool(changed_fields(draft.before, draft.now))


def _tell(made: Sequence[Draft], changed: Sequence[Draft]) -> None:
    created: dict[str, list[int]] = defaultdict(list)
    updated: dict[str, list[int]] = defaultdict(list)
    for drafts, ids in ((made, created), (changed, updated)):
        for draft in drafts:
            if draft.asset is not None:
                ids[draft.asset.type].append(draft.asset.pk)
    events: list[tuple[AssetsImported, str]] = []
    for kind in sorted({*created, *updated}):
        longest = max(len(created[kind]), len(updated[kind]))
        for start in range(0, longest, EVENT_IDS):
            part = slice(start, start + EVENT_IDS)
            event = AssetsImported(
                asset_type=kind,
                created=tuple(created[kind][part]),
                changed=tuple(updated[kind][part]),
            )
            events.append((event, kind))
    publish_many(events)
    for draft in changed:
        if draft.asset is not None and draft.before is not None and draft.now is not None:
            for told in particular_events(draft.asset, draft.before, draft.now):
                publish(told, key=draft.asset.pk, on=draft.asset)
