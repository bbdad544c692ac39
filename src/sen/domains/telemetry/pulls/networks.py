"""Which addresses may be reached: a person who edits a connection must not walk through the house.

A name is looked up once, every address of it is judged, and the judged address itself is used: a
name that is answered otherwise a moment later leads nowhere else.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from functools import lru_cache

from sen.domains.telemetry.pulls.base import PullError
from sen.lib.errors import gettext_noop

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@lru_cache(maxsize=8)
def networks_of(text: str) -> tuple[Network, ...]:
    """Raises: ValueError: one of them is no network."""
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


def is_allowed(address: str, allowed: Iterable[Network]) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found.version == net.version and found in net for net in allowed)


async def allowed_address(host: str, port: int, text: str, *, timeout_s: float) -> str:
    """The address behind ``host``.

    Raises:
        PullError: the name leads nowhere, or to an address that may not be reached.
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(timeout_s):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError) as error:
        raise PullError(
            gettext_noop("Không tìm được máy “%(host)s”; hãy kiểm tra tên hoặc ghi địa chỉ IP."),
            host=host,
        ) from error
    addresses = [str(item[4][0]) for item in found]
    allowed = networks_of(text)
    for address in addresses:
        if not is_allowed(address, allowed):
            raise PullError(
                gettext_noop(
                    "Địa chỉ %(address)s không nằm trong các mạng được phép đọc. Quản trị hệ thống"
                    " thêm mạng của thiết bị vào SEN_PULL_NETWORKS rồi khởi động lại."
                ),
                address=address,
            )
    return addresses[0]
