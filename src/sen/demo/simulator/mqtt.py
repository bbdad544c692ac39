"""As much of MQTT 3.1.1 as a device needs to publish with QoS 1, at little cost.

Source:
    OASIS MQTT Version 3.1.1, 2 and 3.1 to 3.4.
"""

from __future__ import annotations

import asyncio
import struct
from typing import Final

_CONNECT: Final = 0x10
_PUBLISH_QOS1: Final = 0x32
_PUBACK: Final = 0x40
_DISCONNECT: Final = b"\xe0\x00"
_CLEAN_WITH_PASSWORD: Final = 0xC2
_REFUSED: Final = (4, 5)
_ANSWER_S: Final = 20.0


class DoorError(ConnectionError):
    """The door cannot be reached, or broke off."""


class KeyRefusedError(DoorError):
    """The door does not take this name and password."""


class Session:
    """One connection of one device. Not reentrant: a payload is acknowledged before the next."""

    def __init__(self, host: str, port: int, *, name: str, password: str, client: str) -> None:
        self._place = (host, port)
        self._words = (client, name, password)
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._number = 0

    async def publish(self, topic: str, payload: bytes) -> None:
        """Send and wait until the broker has it; connects where that is needed.

        Raises:
            DoorError: it could not be sent, or nobody knows whether it arrived: send it again.
        """
        try:
            async with asyncio.timeout(_ANSWER_S):
                if self._writer is None:
                    await self._connect()
                await self._publish(topic, payload)
        except KeyRefusedError:
            await self.close()
            raise
        except (OSError, EOFError, TimeoutError) as error:
            await self.close()
            raise DoorError(str(error) or type(error).__name__) from error

    async def close(self) -> None:
        """Say goodbye; a later :meth:`publish` connects again."""
        writer, self._writer, self._reader = self._writer, None, None
        if writer is None:
            return
        try:
            writer.write(_DISCONNECT)
            writer.close()
            await writer.wait_closed()
        except OSError:
            return

    async def _connect(self) -> None:
        self._reader, self._writer = await asyncio.open_connection(*self._place)
        head = _text("MQTT") + bytes((4, _CLEAN_WITH_PASSWORD)) + struct.pack("!H", 0)
        body = head + b"".join(_text(word) for word in self._words)
        self._writer.write(bytes((_CONNECT,)) + _length(len(body)) + body)
        _kind, answer = await self._packet()
        if answer[1] in _REFUSED:
            raise KeyRefusedError("key not valid or device not in use")
        if answer[1]:
            raise DoorError(f"the broker answers {answer[1]}")

    async def _publish(self, topic: str, payload: bytes) -> None:
        if self._writer is None:
            raise DoorError("not connected")
        self._number = self._number % 0xFFFF + 1
        number = struct.pack("!H", self._number)
        body = _text(topic) + number + payload
        self._writer.write(bytes((_PUBLISH_QOS1,)) + _length(len(body)) + body)
        await self._writer.drain()
        while True:
            kind, answer = await self._packet()
            if kind == _PUBACK and answer == number:
                return

    async def _packet(self) -> tuple[int, bytes]:
        if self._reader is None:
            raise DoorError("not connected")
        kind = (await self._reader.readexactly(1))[0] & 0xF0
        size = shift = 0
        while True:
            part = (await self._reader.readexactly(1))[0]
            size |= (part & 0x7F) << shift
            shift += 7
            if part < 0x80:
                return kind, await self._reader.readexactly(size)


def _text(word: str) -> bytes:
    encoded = word.encode()
    return struct.pack("!H", len(encoded)) + encoded


def _length(size: int) -> bytes:
    found = bytearray()
    while True:
        size, part = divmod(size, 128)
        found.append(part | (0x80 if size else 0))
        if not size:
            return bytes(found)
