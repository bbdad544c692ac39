"""From which address a request comes, through the proxies that this installation trusts."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str:
    """The last address in ``X-Forwarded-For`` that no trusted proxy wrote, else the peer's."""
    peer = str(request.META.get("REMOTE_ADDR", ""))
    if not _is_trusted(peer):
        return peer if _is_address(peer) else ""
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    for part in reversed(forwarded):
        hop = part.strip()
        if not _is_address(hop):
            break
        if not _is_trusted(hop):
            return hop
    return peer


def client_port(request: HttpRequest) -> str:
    """Source port, which the log of services has to keep beside the address."""
    behind_proxy = _is_trusted(str(request.META.get("REMOTE_ADDR", "")))
    names = ("HTTP_X_REAL_PORT",) if behind_proxy else ("REMOTE_PORT",)
    port = next((str(request.META[name]) for name in names if name in request.META), "")
    return port if port.isdigit() else ""


def user_agent(request: HttpRequest) -> str:
    return str(request.META.get("HTTP_USER_AGENT", ""))[:200]


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_trusted(text: str) -> bool:
    return _is_address(text) and any(
        ip_address(text) in ip_network(network, strict=False)
        for network in settings.SEN_TRUSTED_PROXIES
    )
