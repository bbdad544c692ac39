"""``./sen simulate``: the stations of the demonstration measure and send."""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db import DatabaseError
from django.utils import timezone

from sen.kernel.stopping import stop_event, stop_in_loop

if TYPE_CHECKING:
    from sen.demo.simulator.events import Event
    from sen.demo.simulator.playing import Station

HELP = "Mô phỏng các trạm quan trắc của tỉnh minh họa, gửi qua cửa MQTT"
#: Steps of history, unless told otherwise; moments of it in one payload.
HISTORY_STEP_S: Final = 600.0
TOGETHER: Final = 144
LONGEST_D: Final = 400
_EVENTS: Final = """\
kịch bản (--event, dùng được nhiều lần): LOẠI[:TRẠM][+BẮT ĐẦU SAU][/KÉO DÀI]
  overload     đoàn xe quá tải qua cầu           settlement   lún mố kéo dài nhiều tuần
  crack        vết nứt mở rộng đột ngột          scour        lũ gây xói trụ
  broken       cảm biến độ võng hỏng             outage       mất mạng, gửi bù sau
ví dụ: ./sen simulate --event overload+30s
       ./sen simulate --history 60d --event settlement:QT-CAU-017+20d
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EVENTS
    parser.add_argument("--event", action="append", default=[], metavar="KỊCH BẢN")
    parser.add_argument(
        "--station", action="append", default=[], metavar="MÃ", help="chỉ những trạm này"
    )
    parser.add_argument("--seed", type=int, default=0, help="mầm ngẫu nhiên (mặc định 0)")
    parser.add_argument("--every", metavar="KHOẢNG", help="khoảng giữa hai bản tin, như 10s")
    parser.add_argument("--history", metavar="KHOẢNG", help="gửi quá khứ, như 30d, rồi dừng")
    parser.add_argument(
        "--speed", type=float, help="với --history: nhanh gấp bao nhiêu lần thời gian thật"
    )
    parser.add_argument("--list", action="store_true", help="liệt kê các trạm")
    parser.add_argument("--host", default=os.environ.get("SEN_HOST", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=int(os.environ.get("SEN_MQTT_PORT") or 1883))
    parser.add_argument("--background", action="store_true", help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> int:
    from sen.demo.simulator.events import ScriptError
    from sen.demo.simulator.running import NoPlatformError, RefusedError
    from sen.demo.simulator.stations import NoDemoError

    try:
        return _run(options)
    except NoDemoError as error:
        if options.background:
            print(error)  # somebody removed the demonstration: nothing to do until the next start
            stop_event().wait()
            return 0
        return _fail(str(error))
    except (ScriptError, NoPlatformError, RefusedError) as error:
        return _fail(str(error))
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0]
        return _fail(f"Không đọc được cơ sở dữ liệu ({reason}). Hãy chạy ./sen up trước.")


def _fail(text: str) -> int:
    print(f"✗ {text}", flush=True)
    return 1


def _run(options: argparse.Namespace) -> int:
    from sen.demo.simulator import stations as ground
    from sen.demo.simulator.events import check_times, read_event, seconds_of

    events = [read_event(text) for text in options.event]
    span_s = seconds_of(options.history) if options.history else 0.0
    _check(options, span_s)
    check_times(events, span_s=span_s)
    every_s = seconds_of(options.every) if options.every else None
    step_s = every_s or (HISTORY_STEP_S if span_s else None)
    found = ground.find_stations(seed=options.seed, step_s=step_s)
    if options.list:
        _list(found)
        return 0
    begin_s = time.time() - span_s
    ground.stage(found, events, begin_s=begin_s)
    codes = [*options.station, *(e.station for s in found for e in s.events)]
    chosen = ground.choose(found, codes)
    return asyncio.run(_play(options, chosen, begin_s=begin_s, span_s=span_s))


def _check(options: argparse.Namespace, span_s: float) -> None:
    from sen.demo.simulator.events import ScriptError

    if options.speed is not None and not span_s:
        raise ScriptError("--speed chỉ dùng cùng --history: hiện tại không chạy nhanh hơn được.")
    if options.speed is not None and options.speed <= 0:
        raise ScriptError("--speed phải lớn hơn 0.")
    if span_s > LONGEST_D * 86_400:
        raise ScriptError(f"--history dài nhất {LONGEST_D}d.")


def _list(stations: list[Station]) -> None:
    for station in stations:
        tails = " ".join(channel.tail for channel in station.channels)
        print(f"{station.code:24} {tails:24} {station.name}")


def say(text: str) -> None:
    print(f"{timezone.localtime():%H:%M:%S}  {text}", flush=True)


async def _play(
    options: argparse.Namespace, stations: list[Station], *, begin_s: float, span_s: float
) -> int:
    from sen.demo.simulator import running
    from sen.demo.simulator.playing import messages
    from sen.demo.simulator.stations import bring_keys, folder

    stop = stop_in_loop()
    host = "127.0.0.1" if options.host in ("0.0.0.0", "::") else options.host  # noqa: S104  compared
    if not options.background:
        await running.check_door(host, options.port)
    keys = await asyncio.to_thread(bring_keys, stations)
    stations = [station for station in stations if station.device in keys]
    player = running.Player(
        host=host, port=options.port, keys=keys, stop=stop, is_patient=options.background
    )
    script = messages(
        stations,
        begin_s=begin_s,
        end_s=begin_s + span_s if span_s else float("inf"),
        seed=options.seed,
        together=TOGETHER if span_s else 1,
    )
    holding = running.Holding(folder())
    _announce(stations, span_s)
    every_s = 300.0 if options.background else running.TELL_S
    teller = asyncio.create_task(running.tell(player, say, every_s=every_s))
    try:
        if span_s or options.background:
            speed = options.speed if span_s else 1.0
            seen = holding.elsewhere if options.background else frozenset
            await running.play(player, script, stop=stop, speed=speed, elsewhere=seen)
        else:
            with holding.of(stations):
                await running.play(player, script, stop=stop, speed=1.0, elsewhere=frozenset)
    finally:
        teller.cancel()
        await player.close()
    if player.fault is not None:
        raise player.fault
    say(f"{running.progress(player.tally)}. Đã dừng.")
    return 0


def _announce(stations: list[Station], span_s: float) -> None:
    """What is going to happen, and when."""
    if span_s:
        say(f"Gửi số liệu quá khứ của {len(stations)} trạm; nhấn Ctrl-C để dừng.")
    else:
        say(f"Gửi số liệu của {len(stations)} trạm theo thời gian thật; nhấn Ctrl-C để dừng.")
    for station in stations:
        for event in station.events:
            say(f"Kịch bản: {event.kind.title} tại {station.name}, {_between(event)}.")


def _between(event: Event) -> str:
    first, last = (
        timezone.localtime(datetime.fromtimestamp(at, tz=timezone.get_default_timezone()))
        for at in (event.begin_s, event.begin_s + event.lasts_s)
    )
    return f"từ {first:%H:%M:%S %d/%m/%Y} đến {last:%H:%M:%S %d/%m/%Y}"
