"""Devices that are asked: real Modbus and OPC UA servers, what is read and what goes wrong."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from asyncua import ua
from asyncua.crypto.cert_gen import setup_self_signed_certificate
from asyncua.server.server import Server
from asyncua.ua.status_codes import StatusCodes
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from pymodbus.datastore import (
    ModbusDeviceContext,
    ModbusSequentialDataBlock,
    ModbusServerContext,
)
from pymodbus.server import ModbusTcpServer

from sen.domains.telemetry import services
from sen.domains.telemetry.choices import Quality
from sen.domains.telemetry.models import Device, PullState
from sen.domains.telemetry.pulls import runner
from sen.domains.telemetry.pulls.base import PullError, Reading
from sen.domains.telemetry.pulls.modbus import blocks, decode, encode
from sen.domains.telemetry.pulls.networks import is_allowed, networks_of
from sen.domains.telemetry.pulls.plan import TYPES, ModbusPoint, PlanError, parse_plan
from sen.domains.telemetry.pulls.runner import Pulls, read_once, rows_of
from sen.domains.telemetry.pulls.states import Asked, to_be_asked
from sen.domains.telemetry.tests.flowing import make_sender
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Grant, Role, User
from sen.kernel.access.scope import system
from sen.kernel.errors import InvalidInputError
from sen.kernel.testing.processes import free_port

LOCAL = "127.0.0.0/8"
for _name in ("pymodbus", "asyncua"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


@pytest.fixture
def local(settings: Any) -> None:
    settings.SEN_PULL_NETWORKS = LOCAL


# --- numbers ---------------------------------------------------------------------------------

_LIMITS = {"int16": (-(2**15), 2**15 - 1), "uint16": (0, 2**16 - 1),
           "int32": (-(2**31), 2**31 - 1), "uint32": (0, 2**32 - 1)}  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(TYPES)), st.sampled_from(["big", "little"]),
       st.sampled_from(["big", "little"]), st.data())  # fmt: skip
def test_every_order_of_bytes_and_words_is_read_as_written(
    kind: str, byte_order: str, word_order: str, data: Any
) -> None:
    point = ModbusPoint(
        stream="A", address=0, type=kind, byte_order=byte_order, word_order=word_order
    )
    if kind in _LIMITS:
        value = data.draw(st.integers(*_LIMITS[kind]))
    else:
        value = data.draw(st.floats(width=32 if kind == "float32" else 64, allow_nan=False))
    registers = encode(value, point)
    assert len(registers) == point.count
    assert decode(registers, point) == value


def test_orders_are_those_of_the_makers() -> None:
    whole = struct.unpack(">4B", struct.pack(">f", 12.5))
    a, b, c, d = whole
    for byte_order, word_order, registers in (
        ("big", "big", [a << 8 | b, c << 8 | d]),
        ("big", "little", [c << 8 | d, a << 8 | b]),
        ("little", "big", [b << 8 | a, d << 8 | c]),
        ("little", "little", [d << 8 | c, b << 8 | a]),
    ):
        point = ModbusPoint(stream="A", address=0, type="float32", byte_order=byte_order,
                            word_order=word_order)  # fmt: skip
        assert decode(registers, point) == 12.5


def test_near_points_are_asked_for_together() -> None:
    def at(address: int, register: str = "holding") -> ModbusPoint:
        return ModbusPoint(stream=f"{register}{address}", address=address, register=register)

    made = [[p.address for p in b] for b in blocks([at(5), at(0), at(300), at(2, "input")])]
    assert made == [[0, 5], [300], [2]]


# --- plans -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "where"),
    [
        ({"address": "http://10.0.0.1", "points": [{"stream": "A", "address": 0}]}, "address"),
        ({"address": "10.0.0.1"}, "points"),
        ({"address": "10.0.0.1", "interval_s": 0, "points": []}, "interval_s"),
        ({"address": "10.0.0.1", "points": [{"stream": "A", "address": "x"}]}, "points.1.address"),
        (
            {
                "address": "10.0.0.1",
                "points": [{"stream": "A", "address": 65535, "type": "float32"}],
            },
            "points.1.address",
        ),
        (
            {"address": "10.0.0.1", "points": [{"stream": "A", "address": n} for n in range(2)]},
            "points.2.stream",
        ),
        (
            {
                "address": "10.0.0.1",
                "points": [{"stream": "A", "address": 0, "type": "float32", "bit": 1}],
            },
            "points.1.bit",
        ),
    ],
)
def test_a_wrong_plan_is_refused_where_it_is_wrong(plan: dict[str, Any], where: str) -> None:
    with pytest.raises(PlanError) as caught:
        parse_plan("MODBUS", plan)
    assert caught.value.where == where


def test_this_machine_and_its_neighbours_are_not_reached_unless_said() -> None:
    usual = networks_of("10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7")
    refused = ("127.0.0.1", "::1", "169.254.169.254", "fe80::1%eth0", "8.8.8.8", "0.0.0.0",
               "::ffff:127.0.0.1")  # fmt: skip
    assert [one for one in refused if is_allowed(one, usual)] == []
    assert all(is_allowed(one, usual) for one in ("10.1.2.3", "::ffff:192.168.1.1", "fd00::5"))
    plan = parse_plan("MODBUS", _modbus(1, [{"stream": "A", "address": 0}]))
    with pytest.raises(PullError, match="SEN_PULL_NETWORKS"):
        asyncio.run(read_once(plan, "MODBUS", ""))


# --- Modbus ----------------------------------------------------------------------------------


@asynccontextmanager
async def modbus_server(port: int, registers: list[int]) -> AsyncIterator[None]:
    block_of: Any = ModbusSequentialDataBlock
    block, bits = block_of(1, registers), block_of(1, [0, 1, 1])
    device = ModbusDeviceContext(di=bits, co=bits, hr=block, ir=block)
    server: Any = ModbusTcpServer(
        ModbusServerContext(devices={1: device}, single=False), address=("127.0.0.1", port)
    )
    await server.serve_forever(background=True)
    try:
        yield
    finally:
        await server.shutdown()


def _modbus(port: int, points: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"address": "127.0.0.1", "tcp_port": port, "timeout_s": 0.4, "points": points, **more}


@pytest.mark.usefixtures("local")
def test_registers_become_values_and_a_missing_one_spoils_no_other() -> None:
    port = free_port()
    float_point = ModbusPoint(stream="F", address=0, type="float32", word_order="little")
    registers = [*encode(12.5, float_point), 65_526, 0b100, 7]
    points = [
        {"stream": "F", "address": 0, "type": "float32", "word_order": "little"},
        {"stream": "I", "address": 2, "type": "int16", "scale": 0.1, "offset": 5},
        {"stream": "B", "address": 3, "bit": 2},
        {"stream": "U", "address": 4, "register": "input"},
        {"stream": "C", "address": 1, "register": "coil"},
        {"stream": "X", "address": 9},
    ]

    async def ask() -> tuple[list[Reading], list[Reading]]:
        async with modbus_server(port, registers):
            plan = parse_plan("MODBUS", _modbus(port, points))
            session = await runner._open(plan, "MODBUS", "")
            first = await session.read()
            second = await session.read()
            await session.close()
        return first, second

    first, second = asyncio.run(ask())
    assert [(one.stream, one.value) for one in first] == [
        ("F", 12.5), ("I", 4.0), ("B", 1), ("U", 7), ("C", 1), ("X", None),
    ]  # fmt: skip
    assert first[1].raw == -10
    assert "Mã lỗi Modbus 2: thiết bị không có địa chỉ này" in str(first[5].error)
    assert [one.value for one in second] == [one.value for one in first]


@pytest.mark.usefixtures("local")
def test_nobody_there_and_a_wrong_unit_are_told_apart() -> None:
    port = free_port()

    async def ask(unit: int) -> str:
        plan = parse_plan("MODBUS", _modbus(port, [{"stream": "A", "address": 0}], unit=unit))
        try:
            found = await read_once(plan, "MODBUS", "")
        except PullError as error:
            return str(error)
        return str(found[0].error)

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async def all_three() -> tuple[str, str, str]:
        nobody = await ask(1)
        async with modbus_server(port, [1]):
            wrong = await ask(9)
        async with await asyncio.start_server(hang, "127.0.0.1", port):
            return nobody, wrong, await ask(1)

    nobody, wrong, silent = asyncio.run(all_three())
    assert "Không nối được" in nobody
    assert "không trả lời trong 0.4 giây" in silent
    assert "unit" in wrong


# --- OPC UA ----------------------------------------------------------------------------------


@asynccontextmanager
async def opcua_server(
    port: int, certificate: Path | None = None, key: Path | None = None
) -> AsyncIterator[Server]:
    server = Server()
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}/sen/")
    if certificate is None or key is None:
        server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    else:
        await server.load_certificate(str(certificate))
        await server.load_private_key(str(key))
        server.set_security_policy([ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt])
    number = await server.register_namespace("urn:sen:test")
    for name, value in (("good", 4.5), ("bad", 7.0), ("unsure", 8.0)):
        await server.nodes.objects.add_variable(f"ns={number};s={name}", name, value)
    async with server:
        yield server


AT: Any = datetime(2026, 5, 1, 2, 3, 4, tzinfo=UTC)


@pytest.mark.usefixtures("local")
def test_nodes_keep_the_time_and_the_status_of_their_source() -> None:
    port = free_port()
    points = [
        {"stream": name.upper(), "node": f"ns=2;s={name}", "scale": 2}
        for name in ("good", "bad", "unsure", "none")
    ]
    codes: dict[str, Any] = {"good": StatusCodes.Good, "bad": StatusCodes.BadSensorFailure,
             "unsure": StatusCodes.UncertainLastUsableValue}  # fmt: skip

    async def ask() -> tuple[list[Reading], str]:
        async with opcua_server(port) as server:
            for name, code in codes.items():
                await server.get_node(f"ns=2;s={name}").write_value(
                    ua.DataValue(
                        ua.Variant(4.5, ua.VariantType.Double),
                        StatusCode=ua.StatusCode(code),
                        SourceTimestamp=AT,
                    )
                )
            given = {"endpoint": f"opc.tcp://127.0.0.1:{port}/sen/", "points": points}
            found = await read_once(parse_plan("OPCUA", given), "OPCUA", "")
        try:
            await read_once(parse_plan("OPCUA", {**given, "timeout_s": 0.3}), "OPCUA", "")
        except PullError as error:
            return found, str(error)
        return found, ""

    found, gone = asyncio.run(ask())
    assert [one.quality for one in found] == [
        Quality.GOOD, Quality.BAD, Quality.SUSPECT, Quality.BAD,
    ]  # fmt: skip
    assert [(one.value, one.at_us) for one in found[:1]] == [(9.0, int(AT.timestamp()) * 10**6)]
    assert "BadNodeIdUnknown" in str(found[3].error)
    assert "Không nối được" in gone
    rows = rows_of(found[:3], 1)
    assert rows.quality == {1: Quality.BAD, 2: Quality.SUSPECT}


@pytest.mark.usefixtures("local")
def test_an_encrypted_server_is_known_by_its_certificate(settings: Any, tmp_path: Path) -> None:
    settings.SEN_VAR = tmp_path
    port = free_port()
    given = {
        "endpoint": f"opc.tcp://127.0.0.1:{port}/sen/",
        "security": "Basic256Sha256",
        "points": [{"stream": "GOOD", "node": "ns=2;s=good"}],
    }

    async def ask() -> tuple[str, list[Reading]]:
        certificate, key = tmp_path / "server.der", tmp_path / "server.pem"
        await setup_self_signed_certificate(
            key, certificate, "urn:sen:server", "localhost",
            [ExtendedKeyUsageOID.SERVER_AUTH], {"commonName": "Server"},
        )  # fmt: skip
        async with opcua_server(port, certificate, key):
            said = ""
            try:
                await read_once(parse_plan("OPCUA", given), "OPCUA", "")
            except PullError as error:
                said = str(error)
            shown = hashlib.sha256(certificate.read_bytes()).hexdigest()
            plan = parse_plan("OPCUA", {**given, "certificate": shown})
            return said.replace(shown, "<shown>"), await read_once(plan, "OPCUA", "")

    said, found = asyncio.run(ask())
    assert "<shown>" in said
    assert [one.value for one in found] == [4.5]
    assert (tmp_path / "opcua" / "sen.pem").stat().st_mode & 0o77 == 0


# --- asking for ever -------------------------------------------------------------------------


class _Stream:
    """The stream's side of a publisher, away as long as the test says."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.is_away = False

    async def put(self, batch: Any) -> int:
        if self.is_away:
            raise ConnectionError
        self.taken.append(batch)
        return len(self.taken)


@pytest.mark.django_db
@pytest.mark.usefixtures("local")
def test_a_dead_device_is_asked_again_and_what_was_read_waits_for_the_broker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from sen.domains.telemetry.ingest.directory import Directory

    sender = make_sender("PULL", streams=1)
    view = Directory().read_code("PULL")
    port = free_port()
    plan = parse_plan("MODBUS", _modbus(port, [{"stream": "PULL-1", "address": 0}], interval_s=1))
    stream = _Stream()
    monkeypatch.setattr(runner, "wait_s", lambda _interval, _failures: 0.05)
    monkeypatch.setattr(runner, "AGAIN_S", 0.05)

    async def find(_code: str) -> Any:
        return view

    async def thread(work: Any, *_given: Any) -> Any:
        return [] if work is not runner._safely else None

    async def until(condition: Any) -> None:
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110  seen from outside
                await asyncio.sleep(0.02)

    async def run() -> list[str]:
        import msgspec

        pulls = Pulls(stream, find, thread)  # type: ignore[arg-type]
        text = msgspec.json.encode(plan).decode()
        asked = Asked(sender.device.pk, "PULL", "MODBUS", text, "")
        tasks = [asyncio.create_task(pulls._ask(asked)), asyncio.create_task(pulls._bring())]
        states = []
        try:
            await until(lambda: pulls._states.get(asked.id) and pulls._states[asked.id].error)
            states.append("away")
            async with modbus_server(port, [321]):
                await until(lambda: stream.taken)
                stream.is_away = True
                before = len(stream.taken)
                await until(lambda: pulls.rows > 3)
                stream.is_away = False
                await until(lambda: len(stream.taken) > before)
                states.append("read")
            await until(lambda: pulls._states[asked.id].failures > 1)
            states.append("away again")
            async with modbus_server(port, [322]):
                await until(lambda: 322.0 in stream.taken[-1].numbers())
                states.append("back")
        finally:
            for task in tasks:
                task.cancel()
        return states

    assert asyncio.run(run()) == ["away", "read", "away again", "back"]
    times = [at for batch in stream.taken for at in batch.times().tolist()]
    assert times == sorted(times)
    assert len(times) == len(set(times))


# --- connecting ------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_connection_is_checked_against_the_device_and_its_password_is_not_kept_in_clear() -> None:
    from django.db import connection

    sender = make_sender("OPC", streams=1)
    with as_system("set up a test"):
        sender.device.protocol = "OPCUA"
        sender.device.save()
        sender.device.refresh_from_db()
    plan = {"endpoint": "opc.tcp://10.0.0.5:4840/", "user": "sen",
            "points": [{"stream": "OPC-1", "node": "ns=2;i=5", "measure": "cm"}]}  # fmt: skip
    actor = system("test")
    with pytest.raises(InvalidInputError) as caught:
        services.connect_device(
            actor=actor,
            row=sender.device,
            plan={**plan, "points": [{"stream": "Z", "node": "i=1"}]},
        )
    assert list(caught.value.fields) == ["points.1.stream"]
    services.connect_device(actor=actor, row=sender.device, plan=plan, secret="rat-bi-mat")
    [asked] = [one for one in to_be_asked() if one.code == "OPC"]
    assert asked.secret == "rat-bi-mat"
    assert "rat-bi-mat" not in repr(asked)
    with as_system("look"), connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM telemetry_pullstate")
        assert "rat-bi-mat" not in cursor.fetchone()[0]
    services.connect_device(actor=actor, row=sender.device, plan={**plan, "interval_s": 5})
    with as_system("look"):
        assert PullState.objects.get(device=sender.device).secret == "rat-bi-mat"
    # Whoever leads the device to another server does not take the password along.
    services.connect_device(
        actor=actor, row=sender.device, plan={**plan, "endpoint": "opc.tcp://10.0.0.6:4840/"}
    )
    with as_system("look"):
        assert PullState.objects.get(device=sender.device).secret is None


@pytest.mark.django_db
@pytest.mark.usefixtures("local")
def test_the_page_reads_on_trial_keeps_and_never_shows_the_password(client: Client) -> None:
    sender = make_sender("PAGE", streams=2)
    with as_system("set up a test"):
        device = Device.objects.get(pk=sender.device.pk)
        device.protocol = "OPCUA"
        device.save()
        make, watch = (
            User.objects.create_user(
                name, password="x" * 20, kind="OFFICIAL", organisation=device.owner_org
            )
            for name in ("pull-maker", "pull-watcher")
        )
        for user, acts in ((make, ["telemetry.*.*"]), (watch, ["telemetry.*.view"])):
            role = Role.objects.create(
                code=f"r-{user.pk}", name_vi="r", name_en="r", permissions=acts,
                clearance=2, needs_mfa=False,
            )  # fmt: skip
            Grant.objects.create(user=user, role=role)
    url = f"/ql/telemetry/thiet-bi/{device.pk}/ket-noi/"
    client.force_login(watch)
    assert client.get(url).status_code == 404
    client.force_login(make)
    assert "opc.tcp://" in client.get(url).content.decode()
    port = free_port()
    form: dict[str, Any] = {
        "endpoint": f"opc.tcp://127.0.0.1:{port}/", "security": "None", "user": "sen",
        "secret": "rat-bi-mat", "timeout_s": "0,3",
        "p-stream": ["PAGE-1", "PAGE-2"], "p-node": ["ns=2;s=a", "sai"],
        "p-scale": ["1", "1"], "p-offset": ["0", "0"], "p-measure": ["", ""],
    }  # fmt: skip
    wrong = client.post(url, {**form, "act": "save"}).content.decode()
    assert "Điểm 2 (PAGE-2): mã nút phải có dạng" in wrong
    assert 'aria-invalid="true"' in wrong
    form["p-node"] = ["ns=2;s=a", "ns=2;s=b"]
    tried = client.post(url, {**form, "act": "try"}).content.decode()
    assert "Không nối được tới opc.tcp://127.0.0.1" in tried
    assert client.post(url, {**form, "act": "save"}).status_code == 302
    pages = [
        client.get(path).content.decode() for path in (url, f"/ql/telemetry/devices/{device.pk}/")
    ]
    assert all("rat-bi-mat" not in page for page in (wrong, tried, *pages))
    assert "Đã lưu mật khẩu" in pages[0]
    assert "ns=2;s=b" in pages[1]
    with as_system("look"):
        assert PullState.objects.get(device=device).secret == "rat-bi-mat"
