"""The projections of VN-2000 with their SRIDs, central meridians and provinces.

Source:
    EPSG dataset; central meridians by province: Thông tư 973/2001/TT-TCĐC (provinces as before the
    mergers of 2025, because that is what files carry); seven parameters: Quyết định
    05/2007/QĐ-BTNMT.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

GEOGRAPHIC_SRID: Final = 4756
"""VN-2000 in degrees."""

TOWGS84: Final = (
    "-191.90441429,-39.30318279,-111.45032835,0.00928836,-0.01975479,0.00427372,0.252906278"
)
"""The official parameters as PROJ reads ``+towgs84``: metres, arc seconds (position vector), ppm.

What PROJ chooses by itself for VN-2000 lies 0.81 m away from this.
"""

FALSE_EASTING_M: Final = 500_000.0
TM3_SCALE: Final = 0.9999
UTM_SCALE: Final = 0.9996


@dataclass(frozen=True, slots=True)
class Projection:
    """A transverse Mercator projection of VN-2000.

    Units:
        ``central_meridian_deg``: degrees east. False easting is 500,000 m, false northing 0.
    """

    central_meridian_deg: float
    scale: float = TM3_SCALE
    srid: int | None = None
    provinces: tuple[str, ...] = ()

    @property
    def meridian_text(self) -> str:
        """The central meridian as people write it: ``105°45′``."""
        minutes = round(self.central_meridian_deg * 60)
        return f"{minutes // 60}°{minutes % 60:02d}′"

    @property
    def name(self) -> str:
        """The name as people know it: ``VN-2000 TM-3, kinh tuyến trục 105°45′``."""
        if self.scale == UTM_SCALE:
            return f"VN-2000 UTM, múi {round((self.central_meridian_deg + 183) / 6)}N"
        return f"VN-2000 TM-3, kinh tuyến trục {self.meridian_text}"


def _table() -> dict[int, Projection]:
    """Build the table of projections by SRID."""
    rows: tuple[tuple[int, float, str], ...] = (
        (5896, 102.0, ""),
        (9205, 103.0, "Điện Biên, Lai Châu"),
        (9206, 104.0, "Sơn La"),
        (9207, 104.5, "Cà Mau, Kiên Giang"),
        (9208, 104.75, "An Giang, Lào Cai, Nghệ An, Phú Thọ, Yên Bái"),
        (
            5897,
            105.0,
            (
                "Bạc Liêu, Cần Thơ, Đồng Tháp, Hà Nam, Hà Nội, Hậu Giang, Ninh Bình, Thanh Hóa, "
                "Vĩnh Phúc"
            ),
        ),
        (
            9209,
            105.5,
            (
                "Bắc Ninh, Hà Giang, Hà Tĩnh, Hải Dương, Hưng Yên, Nam Định, Sóc Trăng, Tây Ninh, "
                "Thái Bình, Trà Vinh, Vĩnh Long"
            ),
        ),
        (
            9210,
            105.75,
            "Bến Tre, Bình Dương, Cao Bằng, Hải Phòng, Long An, Thành phố Hồ Chí Minh, Tiền Giang",
        ),
        (9211, 106.0, "Hòa Bình, Quảng Bình, Tuyên Quang"),
        (9212, 106.25, "Bình Phước, Quảng Trị"),
        (9213, 106.5, "Bắc Kạn, Thái Nguyên"),
        (9214, 107.0, "Bắc Giang, Thừa Thiên Huế"),
        (9215, 107.25, "Lạng Sơn"),
        (9216, 107.5, "Kon Tum"),
        (
            5899,
            107.75,
            "Bà Rịa - Vũng Tàu, Đà Nẵng, Đồng Nai, Lâm Đồng, Quảng Nam, Quảng Ninh",
        ),
        (5898, 108.0, "Quảng Ngãi"),
        (9217, 108.25, "Bình Định, Khánh Hòa, Ninh Thuận"),
        (9218, 108.5, "Bình Thuận, Đắk Lắk, Đắk Nông, Gia Lai, Phú Yên"),
    )
    table = {
        srid: Projection(meridian, TM3_SCALE, srid, tuple(names.split(", ")) if names else ())
        for srid, meridian, names in rows
    }
    table[3405] = Projection(105.0, UTM_SCALE, 3405)
    table[3406] = Projection(111.0, UTM_SCALE, 3406)
    return table


SRIDS: Final[Mapping[int, Projection]] = MappingProxyType(_table())
"""Every projection of VN-2000 that has an SRID."""


def tm3(central_meridian_deg: float) -> Projection:
    """Return the 3° projection of any central meridian, with its SRID where it has one.

    Units:
        ``central_meridian_deg``: degrees east.
    """
    for projection in SRIDS.values():
        known = projection.central_meridian_deg == central_meridian_deg
        if known and projection.scale == TM3_SCALE:
            return projection
    return Projection(central_meridian_deg)


def proj4(srid: int) -> str:
    """Return the PROJ text of an SRID of VN-2000 with the pinned parameters.

    Raises:
        KeyError: The SRID is none of VN-2000.
    """
    datum = f"+ellps=WGS84 +towgs84={TOWGS84}"
    if srid == GEOGRAPHIC_SRID:
        return f"+proj=longlat {datum} +no_defs"
    projection = SRIDS[srid]
    return (
        f"+proj=tmerc +lat_0=0 +lon_0={projection.central_meridian_deg:g} +k={projection.scale:g} "
        f"+x_0={FALSE_EASTING_M:g} +y_0=0 {datum} +units=m +no_defs"
    )
