"""Modbus TCP: registers as numbers.

Source:
    Modbus Application Protocol V1.1b3, 6.1 to 6.4 (at most 125 registers or 2000 bits a request),
    7 (exception codes).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence
from typing import Any, Final

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException

from sen.domains.telemetry.pulls.base import PullError, Reading, scaled
from sen.domains.telemetry.pulls.plan import BIT_TABLES, ModbusPlan, ModbusPoint
from sen.lib.errors import InputError, gettext_noop

MOST: Final = 120
#: Unread registers between two points that cost less than a request of their own.
GAP: Final = 8
_CODES: Final = {
    "int16": "h",
    "uint16": "H",
    "int32": "i",
    "uint32": "I",
    "float32": "f",
    "float64": "d",
}
_EXCEPTIONS: Final = {
    1: gettext_noop("thiết bị không hỗ trợ cách đọc này; hãy chọn loại thanh ghi khác"),
    2: gettext_noop("thiết bị không có địa chỉ này; hãy đối chiếu bảng thanh ghi (tính từ 0)"),
    3: gettext_noop("thiết bị không nhận số lượng thanh ghi; hãy kiểm tra kiểu dữ liệu"),
    4: gettext_noop("thiết bị báo lỗi khi đọc; hãy kiểm tra số trạm (unit) và tình trạng thiết bị"),
    6: gettext_noop("thiết bị đang bận"),
    10: gettext_noop("cổng nối không tới được thiết bị phía sau; hãy kiểm tra số trạm (unit)"),
    11: gettext_noop("thiết bị phía sau cổng nối không trả lời; hãy kiểm tra số trạm (unit)"),
}


def decode(registers: Sequence[int], point: ModbusPoint) -> int | float:
    """The number in ``registers``, first register first.

    Shapes:
        registers: ``point.count`` of 16 bits.
    """
    words = [word.to_bytes(2, "big" if point.byte_order == "big" else "little")
             for word in registers]  # fmt: skip
    if point.word_order == "little":
        words.reverse()
    (value,) = struct.unpack(f">{_CODES[point.type]}", b"".join(words))
    if point.bit is not None:
        return (int(value) >> point.bit) & 1
    return value if isinstance(value, float) else int(value)


def encode(value: float, point: ModbusPoint) -> list[int]:
    """The registers of a number: the inverse of :func:`decode` without a bit."""
    raw = struct.pack(f">{_CODES[point.type]}", value)
    words = [raw[i : i + 2] for i in range(0, len(raw), 2)]
    if point.word_order == "little":
        words.reverse()
    return [int.from_bytes(w, "big" if point.byte_order == "big" else "little") for w in words]


def blocks(points: Sequence[ModbusPoint]) -> Iterator[list[ModbusPoint]]:
    """Points that are read by one request each."""
    block: list[ModbusPoint] = []
    end = 0
    for point in sorted(points, key=lambda p: (p.register, p.address)):
        if block and (
            point.register != block[0].register
            or point.address - end > GAP
            or point.address + point.count - block[0].address > MOST
        ):
            yield block
            block, end = [], 0
        block.append(point)
        end = max(end, point.address + point.count)
    if block:
        yield block


class ModbusSession:
    """Blocks first; a block that is refused is read point by point from then on."""

    def __init__(self, client: AsyncModbusTcpClient, plan: ModbusPlan) -> None:
        self._client = client
        self._plan = plan
        self._blocks = list(blocks(plan.points))

    async def read(self) -> list[Reading]:
        found: dict[str, Reading] = {}
        for block in list(self._blocks):
            answer = await self._ask(block)
            if isinstance(answer, InputError) and _is_of_one(answer) and len(block) > 1:
                # One address that is not there spoils the block: the others are read alone.
                place = self._blocks.index(block)
                self._blocks[place : place + 1] = [[point] for point in block]
                for point in block:
                    self._take([point], await self._ask([point]), found)
            else:
                self._take(block, answer, found)
        return [found[point.stream] for point in self._plan.points]

    async def _ask(self, block: list[ModbusPoint]) -> list[int] | InputError:
        first = block[0]
        count = max(p.address + p.count for p in block) - first.address
        ask = {
            "holding": self._client.read_holding_registers,
            "input": self._client.read_input_registers,
            "coil": self._client.read_coils,
            "discrete": self._client.read_discrete_inputs,
        }[first.register]
        try:
            answer: Any = await ask(first.address, count=count, device_id=self._plan.unit)
        except (ModbusException, OSError, TimeoutError) as error:
            raise PullError(
                gettext_noop(
                    "Thiết bị %(host)s không trả lời trong %(seconds)s giây; hãy kiểm tra đường"
                    " truyền, nguồn và số trạm %(unit)s."
                ),
                host=self._plan.host,
                seconds=self._plan.timeout_s,
                unit=self._plan.unit,
            ) from error
        if answer.isError():
            code = int(getattr(answer, "exception_code", 0))
            return PullError(
                gettext_noop("Mã lỗi Modbus %(code)s: %(meaning)s."),
                code=code,
                meaning=_EXCEPTIONS.get(code, "?"),
            )
        got = answer.bits if first.register in BIT_TABLES else answer.registers
        if len(got) < count:
            return PullError(gettext_noop("Thiết bị trả về ít thanh ghi hơn số được hỏi."))
        return [int(item) for item in got]

    def _take(
        self, block: list[ModbusPoint], answer: list[int] | InputError, found: dict[str, Reading]
    ) -> None:
        for point in block:
            if isinstance(answer, InputError):
                found[point.stream] = Reading(point.stream, error=answer)
                continue
            place = point.address - block[0].address
            found[point.stream] = _reading(point, answer[place : place + point.count])

    async def close(self) -> None:
        self._client.close()


def _is_of_one(error: InputError) -> bool:
    """Whether one address may be at fault, not the device: not there, or not so many."""
    return error.params.get("code") in (1, 2, 3)


def _reading(point: ModbusPoint, registers: list[int]) -> Reading:
    raw = bool(registers[0]) if point.register in BIT_TABLES else decode(registers, point)
    if isinstance(raw, float) and not math.isfinite(raw):
        fault = PullError(
            gettext_noop("Thanh ghi không chứa một số hữu hạn; hãy kiểm tra kiểu và thứ tự từ.")
        )
        return Reading(point.stream, raw=str(raw), error=fault)
    value = scaled(raw, point.scale, point.offset)
    if isinstance(raw, bool) and (point.scale, point.offset) == (1.0, 0.0):
        value = int(raw)
    return Reading(point.stream, raw=int(raw) if isinstance(raw, bool) else raw, value=value,
                   measure=point.measure)  # fmt: skip


async def open_session(plan: ModbusPlan, *, host: str, secret: str) -> ModbusSession:
    """Connect; Modbus knows no passwords.

    Raises:
        PullError: nobody listens there.
    """
    client = AsyncModbusTcpClient(
        host, port=plan.port, timeout=plan.timeout_s, retries=0, reconnect_delay=0
    )
    try:
        connected = await client.connect()
    except (ModbusException, OSError, TimeoutError):
        connected = False
    if not connected:
        client.close()
        raise PullError(
            gettext_noop(
                "Không nối được tới %(host)s cổng %(port)s; hãy kiểm tra địa chỉ, cổng"
                " và tường lửa."
            ),
            host=plan.host,
            port=plan.port,
        )
    return ModbusSession(client, plan)
