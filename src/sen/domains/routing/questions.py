"""Questions for a way as people and programs ask them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from sen.domains.routing.choices import VehicleKind
from sen.domains.routing.data import Leg, Vehicle
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InputCheck, InvalidInputError, SenError
from sen.kernel.geo.goto import Place, goto
from sen.kernel.numbers import number_text
from sen.lib.errors import InputError

#: Bounds of what a form may ask for: tonnes, metres.
WEIGHT_T: Final = (0.1, 500.0)
HEIGHT_M: Final = (0.5, 20.0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question as it stands in an address."""

    start: Place
    end: Place
    vehicle: Vehicle


def read_wanted(actor: Actor, query: Any) -> Wanted:
    """The question of an address: two places as people type them, and what the vehicle is.

    Raises:
        InvalidInputError: a place is not found, or a figure makes no sense.
    """
    check = InputCheck()
    start = _place(actor, query.get("from", ""), "from", check)
    end = _place(actor, query.get("to", ""), "to", check)
    weight = _figure(query.get("weight_t", ""), "weight_t", WEIGHT_T, check)
    height = _figure(query.get("height_m", ""), "height_m", HEIGHT_M, check)
    kind = str(query.get("vehicle", ""))
    known = ", ".join(VehicleKind)
    check.need(
        not kind or kind in frozenset(VehicleKind),
        "vehicle",
        _("Loại xe phải là một trong: %(known)s.") % {"known": known},
    )
    check.done()
    if start is None or end is None:  # the check named it
        raise InvalidInputError({"from": _("Hãy ghi điểm đi và điểm đến.")})
    return Wanted(start, end, Vehicle(weight_t=weight, height_m=height, kind=kind))


def _place(actor: Actor, text: str, name: str, check: InputCheck) -> Place | None:
    if not text.strip():
        check.add(name, _("Hãy ghi lý trình, tên công trình, tên xã hoặc tọa độ."))
        return None
    try:
        found = goto(text, actor)
    except InputError as error:
        check.add(name, InvalidInputError.of(name, error).message)
        return None
    except SenError as error:
        check.add(name, error.message)
        return None
    if not found:
        check.add(name, _("Không tìm thấy “%(text)s”.") % {"text": text})
        return None
    return found[0]


def _figure(text: str, name: str, bounds: tuple[float, float], check: InputCheck) -> float | None:
    cleaned = text.strip().replace(",", ".")
    if not cleaned:
        return None
    try:
        figure = float(cleaned)
    except ValueError:
        figure = -1.0
    if not bounds[0] <= figure <= bounds[1]:
        low, high = map(number_text, bounds)
        check.add(name, _("Ghi một số từ %(low)s đến %(high)s.") % {"low": low, "high": high})
        return None
    return figure


def leg_text(leg: Leg) -> str:
    """One line of the way: ``Rẽ trái vào ĐT.848, Km3+200 → Km7+950``."""
    turns = {
        "start": _("Đi theo %(road)s"),
        "left": _("Rẽ trái vào %(road)s"),
        "right": _("Rẽ phải vào %(road)s"),
        "straight": _("Đi thẳng vào %(road)s"),
    }
    return turns[leg.turn] % {"road": leg.road}
