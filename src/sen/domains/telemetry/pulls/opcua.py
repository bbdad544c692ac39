"""OPC UA: nodes read all at once, with the time and the status that the server gives each value.

Source:
    OPC 10000-4, 7.11 (DataValue: SourceTimestamp), 7.39 (severity of status codes).
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import math
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from asyncua import ua
from asyncua.client.client import Client
from asyncua.crypto import security_policies
from asyncua.crypto.cert_gen import setup_self_signed_certificate
from asyncua.ua.uaerrors import UaError
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.conf import settings

from sen.domains.telemetry.choices import Quality
from sen.domains.telemetry.pulls.base import PullError, Reading, scaled
from sen.domains.telemetry.pulls.plan import OpcuaPlan, OpcuaPoint
from sen.lib.errors import gettext_noop

# The library tells every lost connection with its whole stack; ours is told once, in words.
logging.getLogger("asyncua").setLevel(logging.CRITICAL)

APP_URI: Final = "urn:sen:telemetry:pulls"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
#: Errors of the library, of its transport and of a server that answers nonsense.
_FAULTS: Final = (UaError, OSError, TimeoutError, ValueError, asyncio.IncompleteReadError)
_SECURITIES: Final[dict[str, Any]] = {
    "Basic256Sha256": security_policies.SecurityPolicyBasic256Sha256,
    "Aes256Sha256RsaPss": security_policies.SecurityPolicyAes256Sha256RsaPss,
}


class OpcuaSession:
    def __init__(self, client: Client, plan: OpcuaPlan) -> None:
        self._client = client
        self._plan = plan
        self._nodes = [client.get_node(point.node) for point in plan.points]

    async def read(self) -> list[Reading]:
        try:
            async with asyncio.timeout(self._plan.timeout_s):
                values = await self._client.read_attributes(self._nodes)
        except _FAULTS as error:
            raise PullError(
                gettext_noop("Máy chủ OPC UA không trả lời khi đọc: %(error)s."),
                error=_said(error),
            ) from error
        return [
            _reading(point, value) for point, value in zip(self._plan.points, values, strict=True)
        ]

    async def close(self) -> None:
        try:
            async with asyncio.timeout(2):
                await self._client.disconnect()
        except Exception as error:  # noqa: BLE001  a dead server is left as it is
            logging.getLogger(__name__).debug("opcua: not closed properly: %r", error)


def _reading(point: OpcuaPoint, given: ua.DataValue) -> Reading:
    raw = None if given.Value is None else given.Value.Value
    quality = quality_of(given.StatusCode)
    at = given.SourceTimestamp
    at_us = None if at is None else _micros(at)
    no_number = isinstance(raw, float) and not math.isfinite(raw)
    if raw is None or no_number or not isinstance(raw, bool | int | float | str):
        name = given.StatusCode.name if given.StatusCode is not None else "?"
        fault = PullError(
            gettext_noop("Nút không cho giá trị dùng được (trạng thái %(status)s)."), status=name
        )
        shown = None if raw is None else str(raw)[:200]
        return Reading(point.stream, raw=shown, at_us=at_us, quality=quality, error=fault)
    return Reading(
        point.stream, raw, scaled(raw, point.scale, point.offset), at_us, quality,
        measure=point.measure,
    )  # fmt: skip


def _micros(at: datetime) -> int:
    """Microseconds since 1970; the library gives UTC without saying so."""
    since: timedelta = at.replace(tzinfo=UTC) - _EPOCH
    return since // _MICROSECOND


def quality_of(status: ua.StatusCode | None) -> Quality:
    if status is None or status.is_good():
        return Quality.GOOD
    return Quality.SUSPECT if status.is_uncertain() else Quality.BAD


async def open_session(plan: OpcuaPlan, *, host: str, secret: str) -> OpcuaSession:
    """Connect, in confidence where the plan says so.

    Raises:
        PullError: nobody listens there, or the server or its certificate is not as planned.
    """
    shown = f"[{host}]" if ":" in host else host
    path = plan.endpoint.partition("://")[2].partition("/")[2]
    client = Client(f"opc.tcp://{shown}:{plan.port}/{path}", timeout=plan.timeout_s)
    client.application_uri = APP_URI
    if plan.user:
        client.set_user(plan.user)
        client.set_password(secret)
    try:
        async with asyncio.timeout(2 * plan.timeout_s + 1):
            if plan.security != "None":
                await _secure(client, plan)
            await client.connect()
    except _FAULTS as error:
        client.disconnect_socket()
        raise PullError(
            gettext_noop(
                "Không nối được tới %(endpoint)s: %(error)s. Hãy kiểm tra địa chỉ, tài khoản và"
                " chính sách bảo mật."
            ),
            endpoint=plan.endpoint,
            error=_said(error),
        ) from error
    return OpcuaSession(client, plan)


async def _secure(client: Client, plan: OpcuaPlan) -> None:
    """Sign and encrypt, with the very server whose certificate the plan names.

    Raises:
        PullError: it shows another certificate.
    """
    policy = _SECURITIES[plan.security]
    mode = ua.MessageSecurityMode.SignAndEncrypt
    endpoints = await client.connect_and_get_server_endpoints()
    shown = Client.find_endpoint(endpoints, mode, policy.URI).ServerCertificate or b""
    found = hashlib.sha256(shown).hexdigest()
    if found != plan.certificate:
        raise PullError(
            gettext_noop(
                "Máy chủ đưa chứng thư có dấu vân tay %(found)s, không phải chứng thư đã khai."
                " Đối chiếu với máy chủ rồi ghi dấu vân tay này vào kết nối."
            ),
            found=found,
        )
    certificate, key = await _own_certificate()
    await client.set_security(policy, certificate, key, server_certificate=shown, mode=mode)


async def _own_certificate() -> tuple[str, str]:
    """The certificate by which servers know the platform; made at the first use."""
    folder = Path(settings.SEN_VAR) / "opcua"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    certificate, key = folder / "sen.der", folder / "sen.pem"
    await setup_self_signed_certificate(
        key, certificate, APP_URI, socket.gethostname(),
        [ExtendedKeyUsageOID.CLIENT_AUTH], {"commonName": "Sen"},
    )  # fmt: skip
    key.chmod(0o600)
    return str(certificate), str(key)


def _said(error: BaseException) -> str:
    return " ".join((str(error) or type(error).__name__).split()).rstrip(".")[:200]
