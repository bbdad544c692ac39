"""Use cases on roads that run over other roads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from sen.domains.network.events import RouteEventsChanged
from sen.domains.network.models import Concurrency, Road
from sen.domains.network.selectors.lrs import END_SLACK_M, label, points_at
from sen.domains.network.services.calibration import count_lengths
from sen.domains.network.services.lines import apart_m
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InputCheck, InvalidInputError
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc

_FIELDS: Final = frozenset(
    {"from_m", "to_m", "borne_from_m", "borne_to_m", "valid_from", "valid_to", "note"}
)
#: Lines of the two roads may be drawn so far apart where they share a carriageway.
APART_M: Final = 60.0


@use_case("network.concurrency.add", act="network.declare_concurrency")
def declare_concurrency(*, actor: Actor, bearing: Road, borne: Road, **values: Any) -> Concurrency:
    """Declare that one road is led over another between two places.

    Raises:
        InvalidInputError: a label is not on its road, the places of both roads do not agree, or
            the stretch is declared already.
    """
    row = Concurrency(
        bearing=bearing,
        borne=borne,
        owner_org_id=bearing.owner_org_id,
        area_id=bearing.area_id,
        data_class=max(bearing.data_class, borne.data_class),
        is_demo=bearing.is_demo and borne.is_demo,
    )
    _fill(row, values)
    row.save()
    _tell(row)
    return row


@use_case("network.concurrency.change", act="network.update_concurrency")
def update_concurrency(
    *, actor: Actor, row: Concurrency, version: int | None, reason: str = "", **values: Any
) -> Concurrency:
    """Correct or end a declared concurrency.

    Raises:
        ConflictError: somebody changed it after the form was opened.
        InvalidInputError: as with a new one.
    """
    check_version(row, version)
    _fill(row, values)
    row.save()
    _tell(row)
    return row


@use_case("network.concurrency.delete", act="network.delete_concurrency")
def delete_concurrency(*, actor: Actor, row: Concurrency, version: int | None, reason: str) -> None:
    """Take out a declaration that was wrong from the start.

    Raises:
        ConflictError: somebody changed it meanwhile.
    """
    check_version(row, version)
    borne_id = row.borne_id
    _tell(row)
    row.delete()
    count_lengths([borne_id])


def concurrency_title(row: Concurrency) -> str:
    """``ĐT.844 Km0+000–Km4+200 đi trùng QL.30 Km12+000–Km16+150``."""
    return _("%(borne)s %(a)s–%(b)s đi trùng %(bearing)s %(c)s–%(d)s") % {
        "borne": row.borne.label,
        "a": label(float(row.borne_from_m)),
        "b": label(float(row.borne_to_m)),
        "bearing": row.bearing.label,
        "c": label(float(row.from_m)),
        "d": label(float(row.to_m)),
    }


def _fill(row: Concurrency, values: Mapping[str, Any]) -> None:
    if unknown := values.keys() - _FIELDS:
        raise TypeError(f"concurrency: unknown values {sorted(unknown)}")
    for name, value in values.items():
        setattr(row, name, nfc(value).strip() if isinstance(value, str) else value)
    check = InputCheck()
    check.need(row.bearing_id != row.borne_id, "borne", _("Hai tuyến phải khác nhau."))
    for name in ("from_m", "to_m", "borne_from_m", "borne_to_m"):
        check.need(getattr(row, name) is not None, name, _("Hãy ghi lý trình."))
    check.need(row.valid_from is not None, "valid_from", _("Hãy ghi ngày bắt đầu áp dụng."))
    check.done()
    check.need(row.to_m > row.from_m, "to_m", _("Lý trình cuối phải lớn hơn lý trình đầu."))
    check.need(row.borne_to_m != row.borne_from_m, "borne_to_m", _("Hai đầu phải khác lý trình."))
    check.need(
        row.valid_to is None or row.valid_to > row.valid_from,
        "valid_to",
        _("Ngày hết áp dụng phải sau ngày bắt đầu."),
    )
    check.done()
    with as_system("two roads are compared whoever may see them"):
        _check_places(row)
        _check_taken(row)
    row.title = concurrency_title(row)


def _check_places(row: Concurrency) -> None:
    """Both ends lie on both roads, and at the same spot."""
    names = ("from_m", "to_m", "borne_from_m", "borne_to_m")
    roads = (row.bearing_id, row.bearing_id, row.borne_id, row.borne_id)
    labels = [float(getattr(row, name)) for name in names]
    spots = points_at(places=list(zip(roads, labels, strict=True)))
    check = InputCheck()
    for name, measure, spot in zip(names, labels, spots, strict=True):
        check.need(
            spot is not None,
            name,
            _("%(place)s nằm ngoài tuyến (sai quá %(slack)g m).")
            % {"place": label(measure), "slack": END_SLACK_M},
        )
    check.done()
    for i, name in ((0, "borne_from_m"), (1, "borne_to_m")):
        one, two = spots[i], spots[i + 2]
        gap = 0.0 if one is None or two is None else apart_m(one, two)
        check.need(
            gap <= APART_M,
            name,
            _("%(one)s của tuyến mang và %(two)s của tuyến đi trùng cách nhau %(gap)s m.")
            % {"one": label(labels[i]), "two": label(labels[i + 2]), "gap": round(gap)},
        )
    check.done()


def _check_taken(row: Concurrency) -> None:
    low, high = sorted((row.borne_from_m, row.borne_to_m))
    mine = Concurrency.objects.filter(borne_id=row.borne_id).exclude(pk=row.pk)
    for other in mine:
        ends = sorted((other.borne_from_m, other.borne_to_m))
        meets = ends[0] < high and low < ends[1]
        same_time = (other.valid_to is None or row.valid_from < other.valid_to) and (
            row.valid_to is None or other.valid_from < row.valid_to
        )
        if meets and same_time:
            raise InvalidInputError(
                {"borne_from_m": _("Trùng với khai báo đã có: %(other)s.") % {"other": other}}
            )
    if Concurrency.objects.filter(
        borne_id=row.bearing_id,
        valid_to=None,
        borne_from_m__lt=row.to_m,
        borne_to_m__gt=row.from_m,
    ).exists():
        raise InvalidInputError(
            {"bearing": _("Đoạn này của tuyến mang lại đi trùng một tuyến khác.")},
            hint=_("Hãy chọn tuyến thực sự mang mặt đường."),
        )


def _tell(row: Concurrency) -> None:
    count_lengths([row.borne_id])
    for road_id in (row.bearing_id, row.borne_id):
        publish(RouteEventsChanged(road_id=road_id, kinds=()), key=road_id, on=row)
