"""Many assets at once: imports and the demonstration province. All of them or none."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.contrib.gis.geos import GEOSGeometry, LineString
from django.db.models import Q
from django.utils.translation import gettext as _

from sen.domains.assets.catalogue import AssetType, asset_types
from sen.domains.assets.choices import LocatedBy
from sen.domains.assets.data import AssetInput, LonLat
from sen.domains.assets.events import AssetsImported
from sen.domains.assets.models import Asset
from sen.domains.assets.rules import check_attributes
from sen.domains.assets.selectors import RoadRef, roads_by_code, roads_by_id
from sen.domains.assets.services.assets import refresh_keys, stands_at, take_place
from sen.domains.assets.services.checks import (
    Snapshot,
    changed_fields,
    particular_events,
    shared_faults,
)
from sen.domains.assets.services.placing import Wanted, place_all, point_text
from sen.domains.assets.services.writing import CHUNK, packed, put_packed
from sen.domains.network import api as network
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor, DataClass
from sen.kernel.attributes.labels import fault_text
from sen.kernel.audit.services import record
from sen.kernel.errors import InvalidInputError
from sen.kernel.events import Event, publish, publish_many
from sen.kernel.usecase import use_case
from sen.lib.bulk import BulkReport
from sen.lib.text import nfc, slugify

#: Without a code an asset of the same type this near on the same road is the same one.
SAME_PLACE_M: Final = 10.0
EVENT_IDS: Final = 1000


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
    kept = _checked(actor, rows, is_demo=is_demo)
    if kept.wrong:
        wrong = {d.where: [text for _name, text in d.faults] for d in kept.wrong}
        count = len(wrong)
        raise InvalidInputError(
            wrong, _("%(count)s dòng có lỗi; chưa ghi dòng nào.") % {"count": count}
        )
    return _put(kept, dry_run=dry_run)


@use_case("assets.asset.import", act="assets.import_assets", audit=False)
def import_assets(*, actor: Actor, rows: Sequence[AssetInput]) -> tuple[BulkReport, list[Draft]]:
    """As :func:`bulk_put_assets`, but the faulty rows come back instead of an error."""
    kept = _checked(actor, rows)
    return _put(kept, dry_run=bool(kept.wrong)), kept.wrong


@dataclass(slots=True)
class _Known:
    """What the rows refer to, looked up once for all of them, and codes of rows already read."""

    roads: dict[str, RoadRef]
    areas: dict[str, int]
    orgs: dict[str, int]
    places: _Places
    codes: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, actor: Actor, rows: Sequence[AssetInput]) -> _Known:
        roads = _roads(actor, {row.road for row in rows if row.road})
        return cls(
            roads,
            _ids(Area, {row.area for row in rows if row.area}),
            _ids(Organisation, {row.owner_org for row in rows if row.owner_org}),
            _by_place(actor, rows, roads),
        )


@dataclass(slots=True)
class _Kept:
    """What is left of checked rows: enough to write them and to tell of it.

    The instances go as soon as a part of the rows is checked; those of a whole file would need
    ten times the memory of the file.
    """

    wrong: list[Draft] = field(default_factory=list)
    parts: list[bytes] = field(default_factory=list)
    #: Type and code of new assets, type and id of changed ones, ids by code of all that exist.
    made: list[tuple[str, str]] = field(default_factory=list)
    changed: list[tuple[str, int]] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)
    told: list[tuple[Event, Asset]] = field(default_factory=list)
    unchanged: int = 0

    def take(self, drafts: Sequence[Draft]) -> None:
        written: list[Asset] = []
        for draft in drafts:
            row = draft.asset
            if draft.faults or row is None:
                self.wrong.append(draft)
            elif draft.before is None:
                self.made.append((row.type, row.code))
                written.append(row)
            else:
                self.ids[row.code] = row.pk
                if _is_changed(draft):
                    self.changed.append((row.type, row.pk))
                    self.told += _particular(draft)
                    written.append(row)
                else:
                    self.unchanged += 1
        if written and not self.wrong:
            self.parts.append(packed(written))


def _checked(actor: Actor, rows: Sequence[AssetInput], *, is_demo: bool = False) -> _Kept:
    known, kept = _Known.of(actor, rows), _Kept()
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        drafts = [Draft(given, number) for number, given in enumerate(part, start + 1)]
        _look_up(drafts, known)
        _match(actor, drafts, known)
        for draft in drafts:
            _fill(draft, is_demo)
        _place(actor, drafts)
        _authorise(actor, drafts, known)
        kept.take(drafts)
    return kept


def _put(kept: _Kept, *, dry_run: bool) -> BulkReport:
    if not dry_run:
        kept.ids |= put_packed(kept.parts)
        _tell(kept)
        detail = {"created": len(kept.made), "updated": len(kept.changed)}
        record(act="assets.bulk_put_assets", resource="assets.asset", detail=detail)
    return BulkReport(len(kept.made), len(kept.changed), kept.unchanged, kept.ids)


def _look_up(drafts: Sequence[Draft], known: _Known) -> None:
    """Resolve types and the codes of roads and places."""
    for draft in drafts:
        given = draft.given
        draft.kind = asset_types.get(given.type)
        draft.road = known.roads.get(given.road)
        draft.area_id = known.areas.get(given.area)
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


def _match(actor: Actor, drafts: Sequence[Draft], known: _Known) -> None:
    """Find the asset that each row means: by its code, else by type and place on the road."""
    codes = [d.given.code for d in drafts if d.given.code]
    with as_system("a code is taken whoever may see its asset"):
        taken = {row.code: row for row in Asset.objects.filter(code__in=codes)}
    scope = actor.scope(Asset.access, "view")
    for draft in drafts:
        given = draft.given
        if given.code in known.codes:
            draft.fault("code", _("mã “%(code)s” đã có ở dòng trên") % {"code": given.code})
        if given.code:
            known.codes.add(given.code)
            found = taken.get(given.code)
        else:
            found = known.places.nearest(draft)
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


def _by_place(actor: Actor, given: Sequence[AssetInput], roads: Mapping[str, RoadRef]) -> _Places:
    asked = {
        (row.type, roads[row.road].id)
        for row in given
        if not row.code and row.road in roads and row.chainage_m is not None
    }
    if not asked:
        return _Places([])
    rows = Asset.objects.visible_to(actor).filter(
        type__in={kind for kind, _road in asked}, road_id__in={road for _kind, road in asked}
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
    if draft.before is None or given.road or given.chainage_m is not None:
        return True
    if given.position is not None:
        return not _stands_there(draft, given.position)
    return given.line is not None


def _stands_there(draft: Draft, at: LonLat) -> bool:
    """Whether an asset stands where its row says, so that road and commune hold as found then."""
    row, side = draft.asset, draft.given.side
    if row is None or draft.kind is None or row.located_by != LocatedBy.SURVEY:
        return False
    is_placed = row.road_id is not None or not draft.kind.along_road
    return is_placed and side in ("", row.side) and stands_at(row, at)


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


def _shape(given: AssetInput) -> GEOSGeometry | str | None:
    if given.line is not None and len(given.line) > 1:
        return LineString(*given.line, srid=4326)
    return None if given.position is None else point_text(given.position)


def _authorise(actor: Actor, drafts: Sequence[Draft], known: _Known) -> None:
    """Owners by code; then every row must lie where the actor may write, before and after."""
    scopes = {act: actor.scope(Asset.access, act) for act in ("add", "change")}
    for draft in drafts:
        row, code = draft.asset, draft.given.owner_org
        if row is None:
            continue
        is_new = draft.before is None
        if not is_new and not scopes["change"].allows(row):
            draft.fault("", _("bạn không có quyền sửa tài sản này"))
        if code and code not in known.orgs:
            draft.fault("owner_org", _("không có đơn vị mang mã “%(code)s”") % {"code": code})
        elif code:
            row.owner_org_id = known.orgs[code]
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


def _particular(draft: Draft) -> list[tuple[Event, Asset]]:
    if draft.asset is None or draft.before is None or draft.now is None:
        return []
    asset = draft.asset
    return [(told, asset) for told in particular_events(asset, draft.before, draft.now)]


def _tell(kept: _Kept) -> None:
    created: dict[str, list[int]] = defaultdict(list)
    updated: dict[str, list[int]] = defaultdict(list)
    for kind, code in kept.made:
        created[kind].append(kept.ids[code])
    for kind, row_id in kept.changed:
        updated[kind].append(row_id)
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
    for told, asset in kept.told:
        publish(told, key=asset.pk, on=asset)
