"""What is read of a device that is asked: address, times and points. Pure: no Django.

A plan is kept as JSON with the device, without its password::

    {
      "address": "10.20.0.5", "tcp_port": 502, "unit": 1, "interval_s": 60, "timeout_s": 3,
      "points": [
        {"stream": "CAU-1-DV", "register": "holding", "address": 0, "type": "float32",
         "word_order": "little", "scale": 0.1}
      ]
    }
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from sen.domains.telemetry.choices import Protocol
from sen.lib.errors import InputError, gettext_noop

MOST_POINTS: Final = 500
SHORTEST_S: Final = 1.0
LONGEST_S: Final = 86_400.0
REGISTERS: Final = ("holding", "input", "coil", "discrete")
BIT_TABLES: Final = ("coil", "discrete")
#: Registers of 16 bits that a value takes.
TYPES: Final = {
    "int16": 1,
    "uint16": 1,
    "int32": 2,
    "uint32": 2,
    "float32": 2,
    "float64": 4,
}
ORDERS: Final = ("big", "little")
SECURITIES: Final = ("None", "Basic256Sha256", "Aes256Sha256RsaPss")
_NODE: Final = re.compile(r"(ns=\d{1,5};)?(i=\d{1,10}|s=.{1,400}|g=[0-9A-Fa-f-]{36}|b=.{1,400})")
_PRINT: Final = re.compile(r"[0-9a-f]{64}")
#: Where a document does not fit its schema, as msgspec tells it.
_PLACE: Final = re.compile(r"at `\$(?:\.points\[(\d+)\])?\.(\w+)`")
_WANTED: Final = {
    "int": gettext_noop("số nguyên"),
    "float": gettext_noop("một số"),
    "str": gettext_noop("chữ"),
    "array": gettext_noop("một danh sách"),
}


class PlanError(InputError):
    """A plan that cannot be read; ``where`` is a field, or ``points.<number>.<field>``."""

    def __init__(self, template: str, /, **params: object) -> None:
        super().__init__(template, **params)
        self.where = ""

    def at(self, where: str) -> PlanError:
        self.where = where
        return self


class Point(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One value of a device, bound to a stream: ``scale × read + offset``, in ``measure``."""

    stream: str
    scale: float = 1.0
    offset: float = 0.0
    measure: str = ""


class ModbusPoint(Point, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``address`` counts from 0 as it is sent; ``bit`` counts from the least significant one."""

    address: int
    register: str = "holding"
    type: str = "uint16"
    byte_order: str = "big"
    word_order: str = "big"
    bit: int | None = None

    @property
    def count(self) -> int:
        """How many registers or bits it takes."""
        return 1 if self.register in BIT_TABLES else TYPES[self.type]


class OpcuaPoint(Point, frozen=True, forbid_unknown_fields=True, kw_only=True):
    node: str


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When a device is read.

    Units:
        ``interval_s`` and ``timeout_s`` seconds.
    """

    interval_s: float = 60.0
    timeout_s: float = 3.0

    @property
    def host(self) -> str:
        raise NotImplementedError

    @property
    def port(self) -> int:
        raise NotImplementedError


class ModbusPlan(Plan, frozen=True, forbid_unknown_fields=True, kw_only=True):
    address: str
    tcp_port: int = 502
    unit: int = 1
    points: list[ModbusPoint] = []

    @property
    def host(self) -> str:
        return self.address

    @property
    def port(self) -> int:
        return self.tcp_port


class OpcuaPlan(Plan, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``certificate`` is the SHA-256 of the server's certificate, against which it is checked."""

    endpoint: str
    security: str = "None"
    certificate: str = ""
    user: str = ""
    points: list[OpcuaPoint] = []

    @property
    def host(self) -> str:
        return urlsplit(self.endpoint).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.endpoint).port or 4840


AnyPlan = ModbusPlan | OpcuaPlan
PLANS: Final[dict[str, type[ModbusPlan | OpcuaPlan]]] = {
    Protocol.MODBUS: ModbusPlan,
    Protocol.OPCUA: OpcuaPlan,
}


def parse_plan(protocol: str, given: Mapping[str, Any]) -> AnyPlan:
    """A plan as stored or filled in.

    Raises:
        PlanError: it cannot be read; it says where and how to mend it.
    """
    kind = PLANS.get(protocol)
    if kind is None:
        raise PlanError(
            gettext_noop("Giao thức %(protocol)s không có kết nối để đọc."), protocol=protocol
        ).at("protocol")
    try:
        plan = msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        raise _misfit(str(error)) from error
    _check_times(plan)
    if isinstance(plan, ModbusPlan):
        _check_modbus(plan)
    else:
        _check_opcua(plan)
    _check_points(plan.points)
    return plan


def _misfit(text: str) -> PlanError:
    """What the schema says of a document, in words."""
    found = _PLACE.search(text)
    wanted = next((words for name, words in _WANTED.items() if f"Expected `{name}" in text), "")
    if found is None or not wanted:
        return PlanError(gettext_noop("Kết nối không đúng cấu trúc: %(error)s."), error=text).at(
            "points"
        )
    row, name = found.group(1), found.group(2)
    if row is None:
        return PlanError(
            gettext_noop("“%(field)s” phải là %(wanted)s."), field=name, wanted=wanted
        ).at(name)
    number = int(row) + 1
    return PlanError(
        gettext_noop("Điểm %(row)s: “%(field)s” phải là %(wanted)s."),
        row=number,
        field=name,
        wanted=wanted,
    ).at(f"points.{number}.{name}")


def _check_times(plan: Plan) -> None:
    if not SHORTEST_S <= plan.interval_s <= LONGEST_S:
        raise PlanError(gettext_noop("Chu kỳ đọc phải từ 1 giây đến một ngày.")).at("interval_s")
    if not 0.1 <= plan.timeout_s <= 60:
        raise PlanError(gettext_noop("Thời gian chờ phải từ 0,1 đến 60 giây.")).at("timeout_s")


def _check_modbus(plan: ModbusPlan) -> None:
    if not plan.address or re.search(r"[\s/@]", plan.address):
        raise PlanError(
            gettext_noop("Ghi địa chỉ IP hoặc tên máy của thiết bị, không kèm giao thức và cổng.")
        ).at("address")
    if not 1 <= plan.tcp_port <= 65_535:
        raise PlanError(gettext_noop("Cổng phải từ 1 đến 65535; Modbus TCP thường dùng 502.")).at(
            "tcp_port"
        )
    if not 0 <= plan.unit <= 255:
        raise PlanError(gettext_noop("Số trạm Modbus (unit) phải từ 0 đến 255.")).at("unit")


def _check_opcua(plan: OpcuaPlan) -> None:
    try:
        found = urlsplit(plan.endpoint)
        fits = found.scheme == "opc.tcp" and found.hostname and (found.port or 4840) > 0
    except ValueError:
        fits = False
    if not fits or "@" in plan.endpoint:
        raise PlanError(
            gettext_noop("Điểm cuối OPC UA phải có dạng opc.tcp://địa-chỉ:4840/đường-dẫn.")
        ).at("endpoint")
    if plan.security not in SECURITIES:
        raise PlanError(
            gettext_noop("Chọn chính sách bảo mật: %(wanted)s."), wanted=", ".join(SECURITIES)
        ).at("security")
    if plan.certificate and not _PRINT.fullmatch(plan.certificate):
        raise PlanError(gettext_noop("Dấu vân tay chứng thư là 64 chữ số thập lục (SHA-256).")).at(
            "certificate"
        )


def _check_points(points: Sequence[Point]) -> None:
    if not points:
        raise PlanError(gettext_noop("Hãy khai ít nhất một điểm đọc.")).at("points")
    if len(points) > MOST_POINTS:
        raise PlanError(
            gettext_noop("Một thiết bị có nhiều nhất %(most)s điểm đọc; hãy tách thiết bị."),
            most=MOST_POINTS,
        ).at("points")
    seen: dict[str, int] = {}
    for number, point in enumerate(points, start=1):
        fault = _fault_of(point)
        if fault is None and point.stream in seen:
            fault = "stream", gettext_noop("kênh đo này đã có ở một dòng khác")
        if fault is not None:
            raise PlanError(
                gettext_noop("Điểm %(row)s (%(stream)s): %(fault)s."),
                row=number,
                stream=point.stream or "?",
                fault=fault[1],
            ).at(f"points.{number}.{fault[0]}")
        seen[point.stream] = number


def _fault_of(point: Point) -> tuple[str, str] | None:
    if not point.stream:
        return "stream", gettext_noop("thiếu mã kênh đo")
    if not math.isfinite(point.scale) or point.scale == 0:
        return "scale", gettext_noop("hệ số nhân phải là một số khác 0")
    if not math.isfinite(point.offset):
        return "offset", gettext_noop("số cộng thêm phải là một số hữu hạn")
    if isinstance(point, OpcuaPoint):
        if not _NODE.fullmatch(point.node):
            return "node", gettext_noop("mã nút phải có dạng ns=2;s=Tên hoặc ns=2;i=1001")
        return None
    return _modbus_fault(point) if isinstance(point, ModbusPoint) else None


def _modbus_fault(point: ModbusPoint) -> tuple[str, str] | None:
    if point.register not in REGISTERS:
        return "register", gettext_noop("loại thanh ghi phải là holding, input, coil hoặc discrete")
    if point.type not in TYPES:
        return "type", gettext_noop(
            "kiểu phải là int16, uint16, int32, uint32, float32 hoặc float64"
        )
    if not 0 <= point.address <= 65_536 - point.count:
        return "address", gettext_noop("địa chỉ tính từ 0 và không quá 65535")
    if point.byte_order not in ORDERS or point.word_order not in ORDERS:
        return "word_order", gettext_noop("thứ tự byte và từ phải là big hoặc little")
    if point.bit is not None and (
        point.type not in ("int16", "uint16") or not 0 <= point.bit <= 15
    ):
        return "bit", gettext_noop("bit từ 0 đến 15, chỉ dùng với kiểu 16 bit")
    return None
