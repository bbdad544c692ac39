"""Handing finished works over: one act makes them assets and carries their data over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.assets import api as assets
from sen.domains.assets.choices import Condition
from sen.domains.assets.choices import Status as AssetStatus
from sen.domains.projects.choices import WorkAction, WorkStatus
from sen.domains.projects.events import WorkHandedOver
from sen.domains.projects.models import Project, Work
from sen.kernel.access.models import Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InputCheck, SenError
from sen.kernel.events import publish
from sen.kernel.usecase import use_case

#: What is told of an asset in the preview, in this order.
SHOWN: Final = (
    "code",
    "name",
    "owner_org",
    "status",
    "condition",
    "condition_at",
    "opened_year",
    "road",
    "chainage_m",
    "to_chainage_m",
    "side",
    "note",
)


@dataclass(slots=True)
class Handover:
    """What handing over does, or would do, with one work. ``values``: field, before, after."""

    work: Work
    creates: bool = False
    asset_id: int | None = None
    asset_code: str = ""
    values: list[tuple[str, Any, Any]] = field(default_factory=list)
    attributes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @property
    def becomes_asset(self) -> bool:
        return bool(self.work.asset_type)


class _UndoError(Exception):
    """Takes the savepoint of a preview back; never leaves this module."""


def preview_handover(
    *,
    actor: Actor,
    project: Project,
    works: Sequence[Work],
    receiver: Organisation | None,
    on: date | None = None,
) -> list[Handover]:
    """What handing over would write, found out by doing it and taking it back."""
    done: list[Handover] = []
    try:
        with transaction.atomic():
            done = [_one(actor, project, work, receiver, on) for work in works]
            raise _UndoError
    except _UndoError:
        pass
    for item in done:
        # Taken back: the instances must not remember ids that never were.
        item.work.refresh_from_db()
        item.asset_id = item.work.asset_id
    return done


@use_case("projects.work.change", act="projects.hand_over")
def hand_over_works(
    *,
    actor: Actor,
    project: Project,
    works: Sequence[Work],
    receiver: Organisation | None,
    on: date,
    reason: str = "",
) -> list[Work]:
    """Hand accepted works over to whom keeps them: assets are made or changed, all or none.

    Raises:
        InvalidInputError: by ``work_<id>``: what the register of assets refuses and why.
    """
    check = InputCheck()
    check.need(works, "works", _("Hãy chọn ít nhất một công trình đã nghiệm thu."))
    check.need(on <= timezone.localdate(), "on", _("Ngày bàn giao không được ở tương lai."))
    check.need(receiver, "receiver", _("Hãy chọn đơn vị tiếp nhận."))
    check.done()
    for work in works:
        for text in _one(actor, project, work, receiver, on).faults:
            check.add(f"work_{work.pk}", f"{work.code}: {text}")
    check.done()
    return list(works)


def _one(
    actor: Actor,
    project: Project,
    work: Work,
    receiver: Organisation | None,
    on: date | None,
) -> Handover:
    """Hand one work over inside a savepoint; what is refused is told and leaves nothing."""
    done = Handover(work)
    day = on or timezone.localdate()
    if work.project_id != project.pk:
        done.faults.append(_("Công trình không thuộc dự án này."))
    elif work.status != WorkStatus.ACCEPTED:
        done.faults.append(
            _("Chỉ bàn giao công trình đã nghiệm thu hoàn thành; công trình này: %(status)s.")
            % {"status": work.get_status_display()}
        )
    if done.faults:
        return done
    try:
        with transaction.atomic():
            if work.asset_type:
                _write_asset(done, actor, project, receiver, day)
            _close(done, day)
    except SenError as error:
        texts = [text for found in error.fields.values() for text in found]
        done.faults += texts or [str(error)]
    return done


def _write_asset(
    done: Handover,
    actor: Actor,
    project: Project,
    receiver: Organisation | None,
    day: date,
) -> None:
    work = done.work
    origin = _("Hình thành từ công trình %(work)s của dự án %(project)s, bàn giao %(on)s.") % {
        "work": work.code,
        "project": project.code,
        "on": f"{day:%d/%m/%Y}",
    }
    if work.action == WorkAction.REPAIR and work.asset_id is not None:
        asset = assets.assets(actor).get(pk=work.asset_id)
        before = {name: getattr(asset, name) for name in SHOWN}
        before_attributes = dict(asset.attributes)
        note = "\n".join(filter(None, [asset.note, origin]))
        asset = assets.update_asset(
            actor=actor,
            row=asset,
            version=None,
            reason=origin,
            condition=Condition.GOOD.value,
            condition_at=work.finished_at,
            note=note,
            attributes=dict(work.attributes),
        )
    else:
        done.creates = True
        before, before_attributes = dict.fromkeys(SHOWN), {}
        asset = assets.create_asset(
            actor=actor,
            type=work.asset_type,
            code=work.code,
            name=work.name,
            owner_org=receiver,
            data_class=work.data_class,
            status=AssetStatus.IN_USE.value,
            condition=Condition.GOOD.value,
            condition_at=work.finished_at,
            opened_year=day.year,
            note=origin,
            attributes=dict(work.attributes),
            **_place(work),
        )
    work.asset = asset
    done.asset_id, done.asset_code = asset.pk, asset.code
    done.values = [
        (name, before[name], getattr(asset, name))
        for name in SHOWN
        if before[name] != getattr(asset, name)
    ]
    done.attributes = {
        name: (before_attributes.get(name), asset.attributes.get(name))
        for name in {**before_attributes, **asset.attributes}
        if before_attributes.get(name) != asset.attributes.get(name)
    }


def _place(work: Work) -> dict[str, Any]:
    """The place of a work as the register of assets takes it."""
    found: dict[str, Any] = {"side": work.side}
    if work.road_id is not None and work.chainage_m is not None:
        found |= {"road": work.road_id, "chainage_m": float(work.chainage_m)}
        if work.to_chainage_m is not None:
            found["to_chainage_m"] = float(work.to_chainage_m)
        if not work.is_surveyed:
            return found
    return found | {"geom": work.geom}


def _close(done: Handover, day: date) -> None:
    work = done.work
    work.status, work.handed_over_at = WorkStatus.HANDED_OVER.value, day
    work.save()
    publish(
        WorkHandedOver(
            project_id=work.project_id,
            work_id=work.pk,
            code=work.code,
            asset_id=work.asset_id,
            created=done.creates,
        ),
        key=work.project_id,
        on=work,
    )
