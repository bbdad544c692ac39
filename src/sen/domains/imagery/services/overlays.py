"""Layers of other offices' services in the register."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _

from sen.connectors.mapservices import Described, Offer, describe
from sen.domains.imagery.models import Overlay
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor, DataClass
from sen.kernel.errors import InputCheck, InvalidInputError
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc

MOST_ZOOM: Final = 22


@use_case("imagery.overlay.add")
def create_overlay(
    *,
    actor: Actor,
    name: str,
    protocol: str,
    url: str,
    owner_org: Organisation,
    area: Area,
    layer: str = "",
    style: str = "",
    attribution: str = "",
    licence: str = "",
    opacity: float = 1.0,
    layer_order: int = 50,
    minzoom: int = 5,
    maxzoom: int = 19,
    data_class: int = DataClass.INTERNAL.value,
    is_demo: bool = False,
    found: Described | None = None,
) -> Overlay:
    """Register a layer; the service is asked what it is (``found``: it has been asked already).

    Raises:
        InvalidInputError: the service cannot be asked, does not have the layer, or not in a
            system that the map can show.
    """
    check = InputCheck()
    check.need(name.strip(), "name", _("Hãy ghi tên lớp."))
    check.need(protocol in Overlay.Kind.values, "protocol", _("Hãy chọn giao thức."))
    check.done()
    told = found or describe(protocol, url)
    row = Overlay(
        name=nfc(name.strip()),
        protocol=protocol,
        url=url.strip(),
        owner_org=owner_org,
        area=area,
        data_class=data_class,
        is_demo=is_demo,
    )
    _apply(row, told, layer, style)
    row.attribution = nfc((attribution or row.attribution or told.attribution).strip())[:300]
    row.licence = nfc((licence or told.licence).strip())[:200]
    _looks(row, opacity, layer_order, minzoom, maxzoom)
    row.save()
    return row


@use_case("imagery.overlay.change")
def update_overlay(
    *,
    actor: Actor,
    row: Overlay,
    version: int | None,
    reason: str = "",
    name: str,
    url: str,
    layer: str = "",
    style: str = "",
    attribution: str = "",
    licence: str = "",
    opacity: float = 1.0,
    layer_order: int = 50,
    minzoom: int = 5,
    maxzoom: int = 19,
    owner_org: Organisation | None = None,
    area: Area | None = None,
    data_class: int | None = None,
    **_same: Any,
) -> Overlay:
    """Change a layer; another address, layer or style is asked of the service again.

    Raises:
        ConflictError: somebody changed it meanwhile.
        InvalidInputError: as on registering.
    """
    check_version(row, version)
    if not name.strip():
        raise InvalidInputError({"name": _("Hãy ghi tên lớp.")})
    moved = (url.strip(), layer, style) != (row.url, row.layer, row.style)
    row.name, row.url = nfc(name.strip()), url.strip()
    if moved:
        _apply(row, describe(row.protocol, row.url), layer, style)
    row.attribution, row.licence = nfc(attribution.strip())[:300], nfc(licence.strip())[:200]
    _looks(row, opacity, layer_order, minzoom, maxzoom)
    row.owner_org, row.area = owner_org or row.owner_org, area or row.area
    row.data_class = row.data_class if data_class is None else data_class
    row.save()
    return row


@use_case("imagery.overlay.delete")
def delete_overlay(
    *, actor: Actor, row: Overlay, version: int | None, reason: str = "", **_kept: Any
) -> None:
    """Take a layer out of the register.

    Raises:
        ConflictError: somebody changed it meanwhile.
    """
    check_version(row, version)
    row.delete()


def _apply(row: Overlay, told: Described, layer: str, style: str) -> None:
    """Note what the service says of the layer."""
    offer = _offer(told, layer)
    if offer.trouble:
        raise InvalidInputError({"layer": offer.trouble})
    if style and style not in offer.styles:
        raise InvalidInputError(
            {"style": _("Dịch vụ không có kiểu vẽ này; có: %(known)s.")
             % {"known": ", ".join(offer.styles[:10]) or "–"}}
        )  # fmt: skip
    row.layer, row.style = offer.name, style
    row.crs, row.wms_version, row.image_format = offer.crs, offer.version, offer.image_format
    row.matrix_set, row.template = offer.matrix_set, offer.template
    row.info_format, row.legend = offer.info_format, offer.legend
    row.bounds = list(offer.bounds) if offer.bounds else None
    row.attribution = offer.attribution


def _offer(told: Described, layer: str) -> Offer:
    for offer in told.offers:
        if offer.name == layer or (not layer and len(told.offers) == 1):
            return offer
    some = ", ".join(offer.name for offer in told.offers[:12])
    raise InvalidInputError(
        {"layer": _("Dịch vụ không có lớp “%(layer)s”; có: %(some)s.")
         % {"layer": layer, "some": some or "–"}}
    )  # fmt: skip


def _looks(row: Overlay, opacity: float, order: int, minzoom: int, maxzoom: int) -> None:
    check = InputCheck()
    check.need(0 <= opacity <= 1, "opacity", _("Độ đậm từ 0 (trong suốt) đến 1."))
    check.need(
        0 <= minzoom <= maxzoom <= MOST_ZOOM,
        "maxzoom",
        _("Mức phóng từ 0 đến 22, mức nhỏ nhất không quá mức lớn nhất."),
    )
    check.done()
    row.opacity, row.layer_order, row.minzoom, row.maxzoom = opacity, order, minzoom, maxzoom
