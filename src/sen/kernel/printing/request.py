"""What somebody wants printed, read from an address or a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from sen.kernel.errors import InputCheck
from sen.kernel.printing.frame import HOME_SRIDS, nearest_srid
from sen.kernel.printing.paper import ORIENTATIONS, SCALES, SIZES_MM

MIN_SCALE: Final = 200
MAX_SCALE: Final = 2_000_000
GRIDS: Final = ("vn2000", "wgs84", "ca-hai", "khong")
LONGEST: Final = 160
_KEPT: Final = frozenset(
    {"kho", "huong", "tyle", "tam", "phude", "tieude", "lop", "anh", "luoi", "he", "nguoilap"}
    | {"odau", "bang", "doctheo", "vua", "trang", "csrfmiddlewaretoken"}
)


@dataclass(frozen=True, slots=True)
class PrintRequest:
    """One order for a printed map.

    ``fit`` is a box of degrees that must fit, in place of a scale. ``table`` names the layer
    whose rows follow as a table; ``narrowed`` is the query (``ids-of=…``) that narrows that layer.
    ``along`` is ``layer/id`` of a line for a series of sheets.
    """

    size: str
    orientation: str
    lon: float
    lat: float
    scale: int
    srid: int
    layers: tuple[str, ...]
    pictures: tuple[str, ...]
    title: str
    subtitle: str = ""
    grid: str = "vn2000"
    maker: str = ""
    stamp: bool = True
    table: str = ""
    narrowed: str = ""
    along: str = ""
    fit: tuple[float, float, float, float] | None = None
    origin: str = ""

    def plain(self) -> dict[str, Any]:
        """The order as a job keeps it."""
        return asdict(self)

    @classmethod
    def from_plain(cls, said: Mapping[str, Any]) -> PrintRequest:
        fit = said.get("fit")
        return cls(
            **{
                **said,
                "layers": tuple(said["layers"]),
                "pictures": tuple(said["pictures"]),
                "fit": tuple(fit) if fit else None,
            }
        )


def read_request(said: Any, *, origin: str, maker: str, home: tuple[float, float]) -> PrintRequest:
    """An order from the parameters of an address.

    Raises:
        InvalidInputError: something is missing or out of its bounds; every fault is named.
    """
    check = InputCheck()
    size, orientation = said.get("kho", "A4"), said.get("huong", "ngang")
    check.need(
        size in SIZES_MM, "kho", _("Khổ giấy phải là một trong: %(sizes)s.")
        % {"sizes": ", ".join(SIZES_MM)},
    )  # fmt: skip
    check.need(orientation in ORIENTATIONS, "huong", _("Hướng giấy là ngang hoặc doc."))
    place = _numbers(said.get("tam", ""), 2) or list(home)
    inside = -180 <= place[0] <= 180 and -80 <= place[1] <= 80
    check.need(inside, "tam", _("Tâm bản đồ là kinh độ, vĩ độ bằng độ, ví dụ 105.632,10.456."))
    scale, fit = _scale(check, said)
    grid = said.get("luoi", "vn2000")
    check.need(grid in GRIDS, "luoi", _("Lưới tọa độ phải là một trong: %(all)s.")
               % {"all": ", ".join(GRIDS)})  # fmt: skip
    srid = _srid(check, said.get("he", ""), place[0])
    title = " ".join(said.get("tieude", "").split())
    subtitle = " ".join(said.get("phude", "").split())
    for name, text in (("tieude", title), ("phude", subtitle)):
        check.need(len(text) <= LONGEST, name, _("Dài nhất %(n)s ký tự.") % {"n": LONGEST})
    check.done()
    return PrintRequest(
        size=size,
        orientation=orientation,
        lon=place[0],
        lat=place[1],
        scale=scale,
        srid=srid,
        layers=_names(said, "lop"),
        pictures=_names(said, "anh"),
        title=title or _("Bản đồ hạ tầng giao thông"),
        subtitle=subtitle,
        grid=grid,
        maker=" ".join(said.get("nguoilap", maker).split())[:LONGEST],
        stamp=said.get("odau", "1") == "1",
        table=said.get("bang", ""),
        narrowed=_narrowed(said),
        along=said.get("doctheo", ""),
        fit=fit,
        origin=origin,
    )


def _scale(check: InputCheck, said: Any) -> tuple[int, tuple[float, float, float, float] | None]:
    text = said.get("tyle", "").strip().removeprefix("1:").replace(".", "").replace(" ", "")
    if text in ("", "vua"):
        box = _numbers(said.get("vua", ""), 4)
        good = box is not None and box[0] < box[2] and box[1] < box[3]
        if box is not None and good:
            return SCALES[-1], (box[0], box[1], box[2], box[3])
        check.need(
            text == "",
            "tyle",
            _("Muốn in vừa khung phải có phạm vi: tây, nam, đông, bắc bằng độ."),
        )
        return 50_000, None
    ok = text.isdigit() and MIN_SCALE <= int(text) <= MAX_SCALE
    check.need(
        ok,
        "tyle",
        _("Tỷ lệ là mẫu số từ %(min)s đến %(max)s, ví dụ 10000 cho 1:10.000.")
        % {"min": MIN_SCALE, "max": MAX_SCALE},
    )
    return (int(text) if ok else SCALES[-1]), None


def _srid(check: InputCheck, text: str, lon: float) -> int:
    if not text:
        return nearest_srid(lon)
    ok = text.isdigit() and int(text) in HOME_SRIDS
    check.need(ok, "he", _("Hệ tọa độ phải là một trong: %(all)s.")
               % {"all": ", ".join(map(str, HOME_SRIDS))})  # fmt: skip
    return int(text) if ok else HOME_SRIDS[0]


def _names(said: Any, name: str) -> tuple[str, ...]:
    """A list, either as one comma-separated parameter or as repeated ones."""
    values = said.getlist(name) if hasattr(said, "getlist") else [said.get(name, "")]
    return tuple(dict.fromkeys(part for value in values for part in value.split(",") if part))


def _narrowed(said: Any) -> str:
    """What narrows a register: the parameters that are not the order's own."""
    if not said.get("ids-of"):
        return ""
    query = said.copy()
    for name in _KEPT:
        query.pop(name, None)
    return str(query.urlencode())


def _numbers(text: str, count: int) -> list[float] | None:
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError:
        return None
    return found if len(found) == count else None
