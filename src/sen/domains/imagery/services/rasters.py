"""Taking rasters in, describing them, and taking them out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from sen.connectors.rasters.converting import SUFFIXES, inspect
from sen.domains.imagery.choices import RasterState
from sen.domains.imagery.events import RasterRemoved
from sen.domains.imagery.models import Raster
from sen.domains.imagery.rules import FitError, world_file
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor, DataClass
from sen.kernel.errors import InputCheck, InvalidInputError
from sen.kernel.events import publish
from sen.kernel.files.services import release_file, store_file
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc

MOST_WORLD_FILE: Final = 2000


@use_case("imagery.raster.add")
def add_raster(
    *,
    actor: Actor,
    name: str,
    kind: str,
    source: str,
    owner_org: Organisation,
    area: Area,
    file_name: str,
    chunks: Iterable[bytes],
    world: bytes = b"",
    taken_on: date | None = None,
    licence: str = "",
    remark: str = "",
    data_class: int = DataClass.INTERNAL.value,
    is_demo: bool = False,
) -> Raster:
    """Keep a picture as it came, and note what it says of its place.

    Raises:
        InvalidInputError: something is missing, or the file is no picture that can be read.
    """
    check = InputCheck()
    _check_words(check, name, source, taken_on)
    check.need(kind in Raster.Kind.values, "kind", _("Hãy chọn loại ảnh."))
    check.done()
    file = store_file(actor=actor, name=file_name, chunks=chunks)
    if file.mime not in SUFFIXES:
        raise InvalidInputError(
            {"file": _("Ảnh phải là GeoTIFF (.tif), JPEG (.jpg) hoặc PNG (.png).")}
        )
    said = inspect(file.sha256, file.mime)
    if world:
        said["transform"] = list(_world(world))
        said["world"] = True
    placed = said["transform"] is not None
    row = Raster(
        name=nfc(name.strip()),
        kind=kind,
        taken_on=taken_on,
        source=nfc(source.strip()),
        licence=nfc(licence.strip()),
        remark=nfc(remark.strip()),
        owner_org=owner_org,
        area=area,
        data_class=data_class,
        original=file,
        file_name=nfc(file_name)[:200],
        said=said,
        state=RasterState.PLACE if placed else RasterState.POINTS,
        width_px=said["width"],
        height_px=said["height"],
        is_demo=is_demo,
    )
    row.save()
    return row


def _world(content: bytes) -> tuple[float, ...]:
    try:
        return world_file(content[:MOST_WORLD_FILE].decode("ascii"))
    except (FitError, UnicodeDecodeError) as error:
        raise InvalidInputError(
            {"world": _("Tệp toạ độ (world file) phải gồm sáu số, mỗi số một dòng.")}
        ) from error


def _check_words(check: InputCheck, name: str, source: str, taken_on: date | None) -> None:
    check.need(name.strip(), "name", _("Hãy ghi tên ảnh."))
    check.need(source.strip(), "source", _("Hãy ghi nguồn của ảnh: đơn vị chụp, lập hoặc lưu trữ."))
    check.need(
        taken_on is None or taken_on <= localdate(),
        "taken_on",
        _("Ngày chụp không thể ở tương lai."),
    )


@use_case("imagery.raster.change")
def update_raster(
    *,
    actor: Actor,
    row: Raster,
    version: int | None,
    reason: str = "",
    name: str,
    source: str,
    kind: str,
    taken_on: date | None = None,
    licence: str = "",
    remark: str = "",
    opacity: float = 1.0,
    layer_order: int = 100,
    owner_org: Organisation | None = None,
    area: Area | None = None,
    data_class: int | None = None,
    **_same: Any,
) -> Raster:
    """Correct what is said of a raster; its pixels stay.

    Raises:
        ConflictError: somebody changed it meanwhile.
        InvalidInputError: the name or the source lacks, the opacity is out of its bounds.
    """
    check_version(row, version)
    check = InputCheck()
    _check_words(check, name, source, taken_on)
    check.need(0 <= opacity <= 1, "opacity", _("Độ đậm từ 0 (trong suốt) đến 1."))
    check.done()
    row.name, row.source, row.kind = nfc(name.strip()), nfc(source.strip()), kind
    row.taken_on, row.licence, row.remark = taken_on, nfc(licence.strip()), nfc(remark.strip())
    row.opacity, row.layer_order = opacity, layer_order
    row.owner_org, row.area = owner_org or row.owner_org, area or row.area
    row.data_class = row.data_class if data_class is None else data_class
    row.save()
    return row


@use_case("imagery.raster.delete")
def delete_raster(
    *, actor: Actor, row: Raster, version: int | None, reason: str = "", **_kept: Any
) -> None:
    """Take a raster out of the register; its contents go when nothing else uses them.

    Raises:
        ConflictError: somebody changed it meanwhile.
    """
    check_version(row, version)
    files = [file for file in (row.original, row.cog) if file is not None]
    publish(RasterRemoved(raster_id=row.pk), key=row.pk, on=row)
    row.delete()
    for file in files:
        transaction.on_commit(lambda file=file: release_file(file))  # type: ignore[misc]
