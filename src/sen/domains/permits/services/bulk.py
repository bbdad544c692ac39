"""Many permits at once: imports, other systems, the demonstration."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.gis.geos import Point
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.network import api as network
from sen.domains.parties import api as parties
from sen.domains.permits.choices import Act, Status
from sen.domains.permits.data import PermitInput
from sen.domains.permits.kinds import permit_kinds
from sen.domains.permits.models import Permit, PermitAct
from sen.domains.permits.selectors import check_route, legs_of, vehicle_of
from sen.domains.permits.services.filing import fill_permit
from sen.domains.permits.services.placing import keep_route
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError, NotFoundError
from sen.kernel.usecase import use_case

_DECIDED = {
    Status.ISSUED.value: Act.ISSUED,
    Status.EXPIRED.value: Act.ISSUED,
    Status.REVOKED.value: Act.REVOKED,
    Status.CLOSED.value: Act.HANDED_BACK,
    Status.REFUSED.value: Act.REFUSED,
}


@dataclass(slots=True)
class BulkPermits:
    """What a bulk write did; faults are (row, field, text)."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    ids: dict[str, int] = field(default_factory=dict)
    faults: list[tuple[int, str, str]] = field(default_factory=list)


@use_case("permits.permit.import", act="permits.bulk_put_permits", check_result=False)
def bulk_put_permits(
    *, actor: Actor, rows: Sequence[PermitInput], is_demo: bool = False
) -> BulkPermits:
    """Enter or update permits by their codes; a row with faults is not written."""
    done = BulkPermits()
    with as_system("codes are known whoever may see their permits"):
        codes = [row.code for row in rows]
        hidden = dict(Permit.objects.filter(code__in=codes).values_list("code", "pk"))
    own = Permit.objects.visible_to(actor, "change" if actor.id else "view")
    known = {row.code: row for row in own.filter(code__in=hidden)}
    for given in rows:
        if given.code in hidden and given.code not in known:
            done.faults.append((given.row, "code", _("Mã này của giấy phép ngoài phạm vi bạn.")))
            continue
        try:
            _put(actor, given, known.get(given.code), done, is_demo)
        except InvalidInputError as error:
            done.faults += [
                (given.row, name.removeprefix("attributes__"), " ".join(texts))
                for name, texts in error.fields.items()
            ]
    return done


def _put(
    actor: Actor, given: PermitInput, old: Permit | None, done: BulkPermits, is_demo: bool
) -> None:
    if given.kind not in permit_kinds:
        raise InvalidInputError({"kind": _("Không có loại giấy phép này.")})
    row = old or Permit(kind=given.kind, check_code=secrets.token_hex(8), is_demo=is_demo)
    before = None if old is None else _image(old)
    row.received_at = given.received_at or row.received_at or timezone.localdate()
    legs = fill_permit(actor=actor, row=row, values=_values(actor, given, row))
    _decide(row, given)
    if before is not None and before == _image(row) and not given.route:
        done.unchanged += 1
        done.ids[row.code] = row.pk
        return
    row.save()
    keep_route(row, legs)
    if row.type.is_route and row.status == Status.ISSUED:
        found = check_route(
            legs=legs_of(row), vehicle=vehicle_of(row), on=row.issued_at or row.received_at
        )
        if len(found.obstacles) != row.obstacles:
            row.obstacles = len(found.obstacles)
            row.save()
    if old is None:
        _note(actor, row)
    done.created += old is None
    done.updated += old is not None
    done.ids[row.code] = row.pk


def _image(row: Permit) -> tuple[Any, ...]:
    skipped = {"search", "version", "updated_at", "created_at", "geom"}
    fields = [f.attname for f in row._meta.concrete_fields if f.name not in skipped]
    values = [getattr(row, name) for name in fields]
    return (*(tuple(sorted(v.items())) if isinstance(v, dict) else v for v in values),)


def _values(actor: Actor, given: PermitInput, row: Permit) -> dict[str, Any]:
    """What is given, as the service takes it; what is empty keeps what is there."""
    values: dict[str, Any] = {"attributes": dict(given.attributes)}
    texts = ("code", "name", "side", "conditions", "valid_from", "valid_to", "fee_vnd")
    values |= {n: getattr(given, n) for n in texts if getattr(given, n) not in ("", None)}
    if given.holder:
        values["holder"] = _holder(actor, given.holder)
    if given.owner_org or row.owner_org_id is None:
        values["owner_org"] = _organisation(actor, given.owner_org)
    if given.area:
        values["area"] = _area(given.area)
    if given.road:
        values["road"] = _road(actor, given)
    for name in ("from_m", "to_m", "route"):
        if getattr(given, name) not in ("", None):
            values[name] = getattr(given, name)
    if given.position is not None and given.from_m is None:
        values["geom"] = Point(*given.position, srid=4326)
    return values


def _holder(actor: Actor, code: str) -> int:
    try:
        return parties.party_by_code(actor=actor, code=code).id
    except NotFoundError as error:
        raise InvalidInputError(
            {"holder": _("Không có tổ chức, cá nhân mã “%(code)s”.") % {"code": code}}
        ) from error


def _organisation(actor: Actor, code: str) -> Organisation:
    found = Organisation.objects.filter(code=code).first() or (
        Organisation.objects.filter(name__iexact=code).first() if code else None
    )
    if found is None:
        raise InvalidInputError(
            {"owner_org": _("Không có cơ quan cấp phép “%(code)s”.") % {"code": code}}
        )
    return found


def _area(code: str) -> Area:
    found = Area.objects.filter(code=code).first() or Area.objects.filter(name__iexact=code).first()
    if found is None:
        raise InvalidInputError({"area": _("Không có địa bàn “%(code)s”.") % {"code": code}})
    return found


def _road(actor: Actor, given: PermitInput) -> int:
    roads = network.find_roads(actor, given.road)
    fitting = [
        road
        for road in roads
        if given.from_m is None
        or road.start_m is None
        or float(road.start_m) - 1 <= given.from_m <= float(road.end_m or 0) + 1
    ]
    if not roads:
        raise InvalidInputError({"road": _("Không có tuyến “%(road)s”.") % {"road": given.road}})
    return int((fitting or roads)[0].pk)


def _decide(row: Permit, given: PermitInput) -> None:
    """State, number and dates of a permit that was decided elsewhere."""
    if given.status:
        if given.status not in Status.__members__:
            raise InvalidInputError({"status": _("Không có trạng thái này.")})
        row.status = given.status
    if row.status not in (Status.RECEIVED, Status.REFUSED):
        row.number = given.number or row.number
        row.issued_at = given.issued_at or row.issued_at or row.valid_from
        if not row.number or row.valid_from is None or row.valid_to is None:
            raise InvalidInputError(
                {"number": _("Giấy phép đã cấp cần có số, ngày hiệu lực và ngày hết hạn.")}
            )


def _note(actor: Actor, row: Permit) -> None:
    act = _DECIDED.get(row.status)
    if act is None:
        return
    with as_system("an act follows from what its doer was allowed to do"):
        steps = [act] if act in (Act.ISSUED, Act.REFUSED) else [Act.ISSUED, act]
        for place, step in enumerate(steps, 1):
            PermitAct.objects.create(
                code=f"{row.code}/{place:02d}",
                permit=row,
                kind=step.value,
                done_at=row.issued_at or row.received_at,
                number=row.number if step is Act.ISSUED else "",
                person=row.signer or actor.name,
                owner_org_id=row.owner_org_id,
                area_id=row.area_id,
                data_class=row.data_class,
                is_demo=row.is_demo,
            )
