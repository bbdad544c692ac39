"""Batches of observations as they lie in the stream ``SEN_OBS``. No Django.

Columns instead of rows: a batch of a thousand observations is five byte strings that numpy reads
in place. Every door writes them, the writer and the rules read them, each with its own offset.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

STREAM: Final = "SEN_OBS"
SUBJECTS: Final = "obs.>"
SUBJECT: Final = "obs.batch"
#: Tells doors up to which sequence number of the stream everything is stored (core NATS).
COMMITTED: Final = "telemetry.committed"
#: Units: bytes; a message above it is cut before it is sent.
MAX_BYTES: Final = 1_000_000
#: Observations whose columns alone fill a message (4 + 8 + 8 + 1 bytes each).
_ROW_BYTES: Final = 21
#: Units: bytes of JSON that one observation may have beside its number.
MOST_EXTRA: Final = 65_536
_HEAD_BYTES: Final = 256

Ints = NDArray[np.int32]
Times = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.uint8]


class BatchError(ValueError):
    """A message that is no batch; the reason says why."""


class Batch(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Observations of one sender, as columns of equal length (little endian).

    ``values`` holds NaN where the result is no number. ``extra[i]`` is what observation ``i`` has
    beyond a number: ``result`` (text, JSON, several values), ``resultTime``, ``validTime``,
    ``parameters``, ``featureOfInterest``. ``device`` is 0 when no device sent it.

    Units:
        ``received_us`` and ``times_us`` microseconds since 1970 (UTC).
    Shapes:
        streams int32[n], times_us int64[n], values float64[n], quality uint8[n].
    """

    device: int
    received_us: int
    streams: bytes
    times_us: bytes
    values: bytes
    quality: bytes
    extra: dict[int, Any] = {}

    def __len__(self) -> int:
        return len(self.quality)

    @classmethod
    def of(
        cls,
        *,
        device: int,
        received_us: int,
        streams: Any,
        times_us: Any,
        values: Any,
        quality: Any = None,
        extra: dict[int, Any] | None = None,
    ) -> Batch:
        """A batch from sequences or arrays; without ``quality`` all are good."""
        flags = np.zeros(len(streams), np.uint8) if quality is None else quality
        return cls(
            device,
            received_us,
            np.asarray(streams, "<i4").tobytes(),
            np.asarray(times_us, "<i8").tobytes(),
            np.asarray(values, "<f8").tobytes(),
            np.asarray(flags, np.uint8).tobytes(),
            extra or {},
        )

    def stream_ids(self) -> Ints:
        return np.frombuffer(self.streams, "<i4")

    def times(self) -> Times:
        return np.frombuffer(self.times_us, "<i8")

    def numbers(self) -> Floats:
        return np.frombuffer(self.values, "<f8")

    def flags(self) -> Flags:
        return np.frombuffer(self.quality, np.uint8)


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Batch)


def encode(batch: Batch) -> bytes:
    return _encoder.encode(batch)


def decode(payload: bytes) -> Batch:
    """The batch of a message.

    Raises:
        BatchError: it is none, its columns differ in length, or an extra belongs to no row.
    """
    try:
        batch = _decoder.decode(payload)
    except msgspec.MsgspecError as error:
        raise BatchError(f"no batch: {error}") from error
    count = len(batch)
    if (len(batch.streams), len(batch.times_us), len(batch.values)) != (
        4 * count,
        8 * count,
        8 * count,
    ):
        raise BatchError("columns of different lengths")
    if batch.extra and not all(0 <= number < count for number in batch.extra):
        raise BatchError("extra of a row that is not there")
    return batch


def plain(value: Any) -> Any:
    """``value`` as every reader of the stream and the store can hold it: JSON without NUL.

    Raises:
        BatchError: it is none, is too large, or holds a whole number beyond 64 bits.
    """
    try:
        text = msgspec.json.encode(value)
        found = msgspec.json.decode(text)
        _encoder.encode(found)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise BatchError(f"not JSON that can be kept: {error}") from error
    if len(text) > MOST_EXTRA:
        raise BatchError(f"{len(text)} bytes, {MOST_EXTRA} are allowed")
    return without_nul(found) if b"u0000" in text else found


def without_nul(value: Any) -> Any:
    """JSON without the character that PostgreSQL cannot store."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [without_nul(item) for item in value]
    if isinstance(value, dict):
        return {without_nul(name): without_nul(item) for name, item in value.items()}
    return value


def messages(batch: Batch, limit: int = MAX_BYTES) -> Iterator[bytes]:
    """The batch as messages of at most ``limit`` bytes each.

    Raises:
        BatchError: one observation alone is larger.
    """
    if not batch.extra and len(batch) * _ROW_BYTES + _HEAD_BYTES <= limit:
        yield encode(batch)
        return
    payload = encode(batch)
    if len(payload) <= limit:
        yield payload
    elif len(batch) == 1:
        raise BatchError(f"one observation of {len(payload)} bytes, {limit} are allowed")
    else:
        middle = len(batch) // 2
        yield from messages(cut(batch, 0, middle), limit)
        yield from messages(cut(batch, middle, len(batch)), limit)


def cut(batch: Batch, begin: int, end: int) -> Batch:
    """Observations ``begin`` to ``end`` (not included) as a batch of their own."""
    return Batch(
        batch.device,
        batch.received_us,
        batch.streams[4 * begin : 4 * end],
        batch.times_us[8 * begin : 8 * end],
        batch.values[8 * begin : 8 * end],
        batch.quality[begin:end],
        {n - begin: more for n, more in batch.extra.items() if begin <= n < end},
    )
