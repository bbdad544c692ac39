"""What the supervisor tells the other commands: ``var/run/state.json``."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

PROC = Path("/proc")


@dataclass
class ProcessState:
    """One process as last seen by the supervisor."""

    name: str
    title: str
    kind: str
    status: str = "waiting"  # waiting · starting · ready · unhealthy · done · failed · stopped
    pid: int = 0
    ticks: int = 0
    started_at: float = 0.0
    seconds: float = 0.0
    restarts: int = 0
    last_exit: str = ""


@dataclass
class State:
    """The platform as last seen by the supervisor."""

    pid: int
    ticks: int
    boot_id: str
    started_at: float
    address: str
    phase: str = "starting"  # starting · ready · stopping · stopped · failed
    message: str = ""
    failed: str = ""
    processes: list[ProcessState] = field(default_factory=list)

    def alive(self) -> bool:
        """Whether the supervisor that wrote this still runs."""
        return self.boot_id == boot_id() and start_ticks(self.pid) == self.ticks != 0


def boot_id() -> str:
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()


def stat_fields(pid: int) -> list[str]:
    """The fields of ``/proc/PID/stat`` after the name; empty when the process is gone."""
    try:
        text = (PROC / str(pid) / "stat").read_text()
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def start_ticks(pid: int) -> int:
    """When the process began, in clock ticks since boot: with the pid it names one process."""
    fields = stat_fields(pid)
    return int(fields[19]) if fields and fields[0] != "Z" else 0


def session_members(session: int) -> list[int]:
    """The living processes of a session."""
    found = []
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            fields = stat_fields(int(entry.name))
            if fields and fields[0] != "Z" and int(fields[3]) == session:
                found.append(int(entry.name))
    return found


def family(ancestor: int) -> set[int]:
    """A process and all its descendants, also those that began a session of their own."""
    parents = {
        int(entry.name): int(fields[1])
        for entry in PROC.iterdir()
        if entry.name.isdigit() and (fields := stat_fields(int(entry.name)))
    }
    found, size = {ancestor} & parents.keys(), -1
    while len(found) != size:
        size = len(found)
        found |= {pid for pid, parent in parents.items() if parent in found}
    return found


def memory_kib(pid: int) -> int:
    """Proportional memory of a process and its descendants."""
    return sum(own_memory_kib(member) for member in family(pid))


def own_memory_kib(pid: int) -> int:
    """Proportional memory of one process, 0 when it cannot be told."""
    for name, label in (("smaps_rollup", "Pss:"), ("status", "VmRSS:")):
        try:
            lines = (PROC / str(pid) / name).read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            if line.startswith(label):
                return int(line.split()[1])
    return 0


def write_state(path: Path, state: State) -> None:
    """Write whole or not at all."""
    partial = path.with_name(f".{path.name}")
    partial.write_text(json.dumps(asdict(state), ensure_ascii=False, indent=1), encoding="utf-8")
    partial.replace(path)


def read_state(path: Path) -> State | None:
    """What the last supervisor wrote, if anything."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        stored["processes"] = [ProcessState(**entry) for entry in stored["processes"]]
        return State(**stored)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def orphan_sessions(state: State) -> Iterator[int]:
    """Sessions left over by a supervisor that was killed.

    A session's number stays taken while it has members, so members without their leader are
    ours; a leader that began at another time is somebody else.
    """
    if state.alive() or state.boot_id != boot_id():
        return
    for process in state.processes:
        ours = process.pid and start_ticks(process.pid) in {0, process.ticks}
        if ours and session_members(process.pid):
            yield process.pid


def end_orphans(state: State, grace_s: float = 10.0) -> int:
    """End what a killed supervisor left over; how many sessions there were."""
    sessions = list(orphan_sessions(state))
    gentle = {
        p.pid: signal.SIGINT if p.name == "postgres" else signal.SIGTERM for p in state.processes
    }
    for session in sessions:
        _signal_group(session, gentle[session])
    deadline = time.monotonic() + grace_s
    while time.monotonic() < deadline and any(session_members(s) for s in sessions):
        time.sleep(0.05)
    for session in sessions:
        _signal_group(session, signal.SIGKILL)
    return len(sessions)


def _signal_group(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return
