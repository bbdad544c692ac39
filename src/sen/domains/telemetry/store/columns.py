"""Columns of many batches as one block, and as bytes of PostgreSQL's binary COPY."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from sen.domains.telemetry.wire import Batch, Flags, Floats, Ints, Times, without_nul

#: Units: microseconds. PostgreSQL counts from 2000, days of the house begin at 17:00 UTC.
PG_EPOCH_US: Final = 946_684_800_000_000
DAY_US: Final = 86_400_000_000
LOCAL_US: Final = 7 * 3_600_000_000
#: 2020-01-01 in the house; what is older lies in one partition.
OLD_US: Final = 1_577_836_800_000_000 - LOCAL_US

_HEADER: Final = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
_TRAILER: Final = struct.pack(">h", -1)
_ROW: Final = np.dtype(
    [
        ("fields", ">i2"),
        ("l1", ">i4"),
        ("stream", ">i4"),
        ("l2", ">i4"),
        ("at", ">i8"),
        ("l3", ">i4"),
        ("value", ">f8"),
        ("l4", ">i4"),
        ("quality", ">i2"),
        ("l5", ">i4"),
        ("received", ">i8"),
        ("l6", ">i4"),
    ]
)
_START: Final = struct.Struct(">hiiiq")
_END: Final = struct.Struct(">ihiq")
_NULL: Final = struct.pack(">i", -1)
_FLOAT: Final = struct.Struct(">id")


@dataclass(slots=True)
class Block:
    """Observations as columns, sorted by stream and time, one per stream and time.

    ``extra`` is by row number of the block.
    """

    streams: Ints
    times: Times
    values: Floats
    quality: Flags
    received: Times
    extra: dict[int, Any]

    def __len__(self) -> int:
        return len(self.streams)

    def where(self, chosen: NDArray[np.bool_]) -> Block:
        """The rows that are chosen."""
        if chosen.all():
            return self
        extra = {}
        if self.extra:
            numbers = np.cumsum(chosen) - 1
            extra = {int(numbers[n]): more for n, more in self.extra.items() if chosen[n]}
        return Block(
            self.streams[chosen],
            self.times[chosen],
            self.values[chosen],
            self.quality[chosen],
            self.received[chosen],
            extra,
        )


def gather(batches: Sequence[Batch], *, received: Sequence[Times] | None = None) -> Block:
    """All batches as one block; of several observations with one key the first is kept.

    ``received`` gives each row its own time instead of that of its batch.
    """
    streams = np.concatenate([batch.stream_ids() for batch in batches])
    times = np.concatenate([batch.times() for batch in batches])
    order = np.lexsort((times, streams))  # stable: the first to come stays first
    streams, times = streams[order], times[order]
    first = np.ones(len(order), bool)
    first[1:] = (streams[1:] != streams[:-1]) | (times[1:] != times[:-1])
    chosen = order[first]
    values = np.concatenate([batch.numbers() for batch in batches])[chosen]
    quality = np.concatenate([batch.flags() for batch in batches])[chosen]
    counts = [len(batch) for batch in batches]
    if received is None:
        came = np.repeat(np.array([b.received_us for b in batches], np.int64), counts)[chosen]
    else:
        came = np.concatenate(received)[chosen]
    extra: dict[int, Any] = {}
    if any(batch.extra for batch in batches):
        place = np.full(len(order), -1, np.int64)
        place[chosen] = np.arange(len(chosen))
        begin = 0
        for batch, count in zip(batches, counts, strict=True):
            for number, more in batch.extra.items():
                if (row := int(place[begin + number])) >= 0:
                    extra[row] = more
            begin += count
    return Block(streams[first], times[first], values, quality, came, extra)


def join(blocks: Sequence[Block]) -> Block:
    """Blocks as one, sorted again; of several observations with one key the first is kept."""
    return gather(
        [
            Batch.of(
                device=0,
                received_us=0,
                streams=block.streams,
                times_us=block.times,
                values=block.values,
                quality=block.quality,
                extra=block.extra,
            )
            for block in blocks
        ],
        received=[block.received for block in blocks],
    )


def days_of(times: Times) -> Times:
    """The day of the house of each time, counted from 1970; -1 before 2020."""
    days: Times = (times + LOCAL_US) // DAY_US
    return np.where(times < OLD_US, -1, days)


def copy_bytes(block: Block) -> bytes:
    """The block for ``COPY … (datastream_id, at, result, quality, received_at, extra)``."""
    plain = ~np.isnan(block.values)
    for number in block.extra:
        plain[number] = False
    if plain.all():
        return b"".join((_HEADER, _plain_rows(block), _TRAILER))
    rest = np.nonzero(~plain)[0]
    bare = Block(block.streams, block.times, block.values, block.quality, block.received, {})
    rows = _plain_rows(bare.where(plain)) if plain.any() else b""
    return b"".join((_HEADER, rows, *(_one_row(block, int(n)) for n in rest), _TRAILER))


def _plain_rows(block: Block) -> bytes:
    rows = np.empty(len(block), _ROW)
    rows["fields"] = 6
    rows["l1"], rows["stream"] = 4, block.streams
    rows["l2"], rows["at"] = 8, block.times - PG_EPOCH_US
    rows["l3"], rows["value"] = 8, block.values
    rows["l4"], rows["quality"] = 2, block.quality
    rows["l5"], rows["received"] = 8, block.received - PG_EPOCH_US
    rows["l6"] = -1
    return rows.tobytes()


def _one_row(block: Block, number: int) -> bytes:
    value = float(block.values[number])
    more = block.extra.get(number)
    parts = [
        _START.pack(6, 4, int(block.streams[number]), 8, int(block.times[number]) - PG_EPOCH_US),
        _NULL if np.isnan(value) else _FLOAT.pack(8, value),
        _END.pack(2, int(block.quality[number]), 8, int(block.received[number]) - PG_EPOCH_US),
    ]
    if more is None:
        parts.append(_NULL)
    else:
        written = msgspec.json.encode(more)
        if b"u0000" in written:
            written = msgspec.json.encode(without_nul(more))
        text = b"\x01" + written
        parts += (struct.pack(">i", len(text)), text)
    return b"".join(parts)
