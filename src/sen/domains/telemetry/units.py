"""Units in which devices send, brought to the unit of the stream.

Source:
    The Unified Code for Units of Measure (UCUM) 2.2: codes and factors.
"""

from __future__ import annotations

from typing import Final

from sen.lib.errors import InputError, gettext_noop

#: Code → (dimension, factor, offset): value in the base unit = value × factor + offset.
_UNITS: Final[dict[str, tuple[str, float, float]]] = {
    "um": ("length", 1e-6, 0.0),
    "mm": ("length", 1e-3, 0.0),
    "cm": ("length", 1e-2, 0.0),
    "m": ("length", 1.0, 0.0),
    "km": ("length", 1e3, 0.0),
    "[in_i]": ("length", 0.0254, 0.0),
    "[ft_i]": ("length", 0.3048, 0.0),
    "Cel": ("temperature", 1.0, 273.15),
    "K": ("temperature", 1.0, 0.0),
    "[degF]": ("temperature", 5 / 9, 459.67 * 5 / 9),
    "m/s": ("speed", 1.0, 0.0),
    "km/h": ("speed", 1 / 3.6, 0.0),
    "[kn_i]": ("speed", 1852 / 3600, 0.0),
    "Pa": ("pressure", 1.0, 0.0),
    "hPa": ("pressure", 1e2, 0.0),
    "kPa": ("pressure", 1e3, 0.0),
    "MPa": ("pressure", 1e6, 0.0),
    "bar": ("pressure", 1e5, 0.0),
    "mbar": ("pressure", 1e2, 0.0),
    "[psi]": ("pressure", 6894.757293168, 0.0),
    "kg": ("mass", 1.0, 0.0),
    "t": ("mass", 1e3, 0.0),
    "N": ("force", 1.0, 0.0),
    "kN": ("force", 1e3, 0.0),
    "deg": ("angle", 0.017453292519943295, 0.0),
    "rad": ("angle", 1.0, 0.0),
    "mrad": ("angle", 1e-3, 0.0),
    "%": ("ratio", 1e-2, 0.0),
    "1": ("ratio", 1.0, 0.0),
    "Hz": ("frequency", 1.0, 0.0),
    "mHz": ("frequency", 1e-3, 0.0),
    "m/s2": ("acceleration", 1.0, 0.0),
    "[g]": ("acceleration", 9.80665, 0.0),
    "mV": ("voltage", 1e-3, 0.0),
    "V": ("voltage", 1.0, 0.0),
    "s": ("time", 1.0, 0.0),
    "min": ("time", 60.0, 0.0),
    "h": ("time", 3600.0, 0.0),
    "mm/h": ("rain", 1.0, 0.0),
    "u[strain]": ("strain", 1e-6, 0.0),
    "m[strain]": ("strain", 1e-3, 0.0),
}


class UnitError(InputError):
    """Two units between which there is no way."""


def factors(given: str, wanted: str) -> tuple[float, float]:
    """(scale, offset) that bring a value in ``given`` to ``wanted``: value × scale + offset.

    Raises:
        UnitError: one of them is unknown, or they measure different things.
    """
    if given == wanted or not given or not wanted:
        return 1.0, 0.0
    if given not in _UNITS or wanted not in _UNITS:
        unknown = given if given not in _UNITS else wanted
        raise UnitError(
            gettext_noop("Không biết đơn vị “%(unit)s”; dùng mã UCUM như mm, Cel, kPa."),
            unit=unknown,
        )
    (kind, factor, shift), (other, divisor, back) = _UNITS[given], _UNITS[wanted]
    if kind != other:
        raise UnitError(
            gettext_noop("Không đổi được từ “%(given)s” sang “%(wanted)s”."),
            given=given,
            wanted=wanted,
        )
    return factor / divisor, (shift - back) / divisor
