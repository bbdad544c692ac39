"""Keeps the processes of the table running: start in order, restart, stop in reverse order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

from sen.project.launcher.health import Health, check
from sen.project.launcher.house import House, owner_of, run_as
from sen.project.launcher.processes import Process
from sen.project.launcher.state import (
    ProcessState,
    State,
    boot_id,
    session_members,
    start_ticks,
    write_state,
)

FIRST_BACKOFF_S = 0.2
LONGEST_BACKOFF_S = 10.0
STEADY_S = 10.0  # a process that ran this long starts again without a longer pause
START_TIMEOUT_S = 90.0
LIVED_S = 2.0  # a service without a health check is ready once it has lived this long
GONE_TIMEOUT_S = 1.0
SILENT_LIMIT_S = 30.0  # a service that answers nothing for so long is started again
UPGRADE_SETTLE_S = 10.0
LOG_LIMIT_BYTES = 50 * 1024 * 1024


class StartError(Exception):
    """A process that the start cannot do without failed."""

    def __init__(self, process: Process, reason: str) -> None:
        super().__init__(f"{process.title}: {reason}")
        self.process = process


class Child:
    """One process and its restarts."""

    def __init__(self, supervisor: Supervisor, process: Process) -> None:
        self.supervisor = supervisor
        self.process = process
        self.state = ProcessState(process.name, process.title, process.kind)
        self.running: asyncio.subprocess.Process | None = None
        self.backoff_s = FIRST_BACKOFF_S
        self.health = Health.SILENT
        self.watched = self._watch_mark()

    @property
    def log(self) -> Path:
        return self.supervisor.house.logs / f"{self.process.name}.log"

    def _watch_mark(self) -> tuple[int, int]:
        if not self.process.watch:
            return (0, 0)
        try:
            stat = Path(self.process.watch).stat()
        except OSError:
            return (0, 0)
        return (stat.st_ino, stat.st_mtime_ns)

    def set(self, status: str) -> None:
        """Note the status where other commands see it."""
        if self.state.status != status:
            self.state.status = status
            self.state.seconds = time.time() - self.state.started_at
            self.supervisor.publish()

    async def start(self) -> asyncio.subprocess.Process:
        """Start the program in a session of its own, its output in its log."""
        process, house = self.process, self.supervisor.house
        account = owner_of(Path(process.owner_of)) if process.owner_of else None
        self.watched = self._watch_mark()
        with self.log.open("ab") as output:
            output.write(f"── {time.strftime('%Y-%m-%d %H:%M:%S')} khởi động\n".encode())
            output.flush()
            self.running = await asyncio.create_subprocess_exec(
                *process.argv,
                env=process.environment(self.supervisor.values),
                cwd="/" if account else house.root,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                **run_as(account),
            )
        self.state.pid = self.running.pid
        self.state.ticks = start_ticks(self.running.pid)
        self.state.started_at = time.time()
        self.set("starting")
        return self.running

    def kill(self) -> None:
        """Kill the program with all its workers."""
        if self.running is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.running.pid, signal.SIGKILL)

    async def clear_group(self) -> None:
        """Kill workers that outlived their parent, and wait until they are gone."""
        self.kill()
        group, self.running = self.running, None
        deadline = time.monotonic() + GONE_TIMEOUT_S
        # Not our children: nobody tells when they end.
        while group and session_members(group.pid) and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.005)

    async def run_task(self) -> None:
        """Run a task to its end.

        Raises:
            StartError: It ended with an error.
        """
        running = await self._start_or_fail()
        code = await running.wait()
        await self.clear_group()
        if code != 0:
            self.state.last_exit = describe_exit(code)
            self.set("failed")
            raise StartError(self.process, describe_exit(code))
        self.remember_done()
        self.set("done")

    async def _start_or_fail(self) -> asyncio.subprocess.Process:
        try:
            return await self.start()
        except OSError as error:
            self.set("failed")
            reason = f"{error.strerror}: {self.process.argv[0]}"
            raise StartError(self.process, reason) from error

    def remember_done(self) -> None:
        """Leave the mark of a task that is done for good."""
        if self.process.once:
            Path(self.process.once).touch()

    async def keep(self) -> None:
        """Run a service and start it again whenever it ends, until the platform stops."""
        while not self.supervisor.stopping.is_set():
            began = time.monotonic()
            try:
                running = await self.start()
            except OSError as error:
                self.state.last_exit = f"{error.strerror}: {self.process.argv[0]}"
                self.set("failed")
            else:
                if self.supervisor.stopping.is_set():
                    await self.end()
                watch = asyncio.create_task(self.watch(running))
                self.state.last_exit = describe_exit(await running.wait())
                watch.cancel()
                await self.clear_group()
            if self.supervisor.stopping.is_set():
                break
            steady = time.monotonic() - began > STEADY_S
            self.backoff_s = FIRST_BACKOFF_S if steady else self.backoff_s
            self.supervisor.note(
                f"{self.process.name}: {self.state.last_exit}, "
                f"khởi động lại sau {self.backoff_s:.1f} giây"
            )
            self.state.restarts += 1
            self.set("unhealthy")
            await self.supervisor.pause(self.backoff_s)
            self.backoff_s = min(self.backoff_s * 2, LONGEST_BACKOFF_S)
        self.set("stopped")

    async def watch(self, running: asyncio.subprocess.Process) -> None:
        """Follow the health of one run; kill it when it hangs or its program was replaced."""
        last_answer = time.monotonic()
        while running.returncode is None:
            health = await self.examine()
            if health is Health.READY:
                self.set("ready")
            elif self.state.status == "ready":
                self.set("unhealthy")
            if health is not Health.SILENT:
                last_answer = time.monotonic()
            elif time.monotonic() - last_answer > max(SILENT_LIMIT_S, self.grace_at_start()):
                self.supervisor.note(f"{self.process.name}: không trả lời, buộc khởi động lại")
                self.kill()
                return
            if self.was_replaced():
                self.supervisor.note(f"{self.process.name}: chương trình đã được nâng cấp")
                running.send_signal(self.process.stop_signal)
                return
            self.rotate_log()
            await asyncio.sleep(2.0 if self.state.status == "ready" else 0.1)

    def grace_at_start(self) -> float:
        """Seconds of silence allowed while a first start may still be recovering."""
        return START_TIMEOUT_S if self.state.status == "starting" else 0.0

    async def examine(self) -> Health:
        """The health check; living on is all that can be asked of a service without one."""
        if self.process.health:
            self.health = await check(self.process.health)
            return self.health
        lived = time.time() - self.state.started_at
        return Health.READY if lived > LIVED_S else Health.BUSY

    def was_replaced(self) -> bool:
        """Whether the program on the disk is another one, and its upgrade has settled."""
        if not self.process.watch:
            return False
        mark = self._watch_mark()
        settled = time.time() - mark[1] / 1e9 > UPGRADE_SETTLE_S
        return mark not in {self.watched, (0, 0)} and settled

    def rotate_log(self) -> None:
        """Keep one older log; the file is emptied in place because the process holds it open."""
        if self.log.stat().st_size > LOG_LIMIT_BYTES:
            self.log.with_suffix(".log.1").write_bytes(self.log.read_bytes())
            os.truncate(self.log, 0)

    async def end(self) -> None:
        """Stop in order: the signal of the table, then SIGKILL."""
        if self.running is not None and self.running.returncode is None:
            self.running.send_signal(self.process.stop_signal)
            try:
                await asyncio.wait_for(self.running.wait(), self.process.grace_s)
            except TimeoutError:
                self.supervisor.note(f"{self.process.name}: không dừng kịp, buộc dừng")
        await self.clear_group()


def describe_exit(code: int) -> str:
    """``mã 1`` or the name of the signal."""
    if code < 0:
        return f"bị dừng bởi {signal.Signals(-code).name}"
    return f"kết thúc với mã {code}"


class Supervisor:
    """Runs the table once, from start to stop."""

    def __init__(
        self,
        house: House,
        processes: Sequence[Process],
        values: Mapping[str, str],
        address: str,
    ) -> None:
        self.house = house
        self.values = values
        self.stopping = asyncio.Event()
        self.children = [Child(self, process) for process in processes]
        self.keepers: dict[str, asyncio.Task[None]] = {}
        self.state = State(
            pid=os.getpid(),
            ticks=start_ticks(os.getpid()),
            boot_id=boot_id(),
            started_at=time.time(),
            address=address,
            processes=[child.state for child in self.children],
        )

    def publish(self) -> None:
        """Tell the other commands."""
        write_state(self.house.state_file, self.state)

    def note(self, text: str) -> None:
        """A line in the supervisor's own log."""
        line = f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n"
        with (self.house.logs / "supervisor.log").open("a", encoding="utf-8") as log:
            log.write(line)

    async def pause(self, seconds: float) -> None:
        """Sleep, but not past the order to stop."""
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            return

    async def run(self) -> int:
        """Start everything, stay until told to stop, stop everything."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.stopping.set)
        self.publish()
        self.note("bắt đầu")
        failed = False
        try:
            await self._start_all()
        except StartError as failure:
            failed = True
            self.state.message, self.state.failed = str(failure), failure.process.name
            self.note(str(failure))
        if not failed and not self.stopping.is_set():
            self.state.phase = "ready"
            self.publish()
            self.note("sẵn sàng")
            await self.stopping.wait()
        await self._stop_all()
        self.state.phase = "failed" if failed else "stopped"
        self.publish()
        self.note("đã dừng")
        return 1 if failed else 0

    async def _start_all(self) -> None:
        for _, group in groupby(self.children, key=lambda child: child.process.order):
            starts = [asyncio.create_task(self._bring(child)) for child in group]
            stop = asyncio.create_task(self.stopping.wait())
            waiting: set[asyncio.Task[None]] = set(starts)
            while waiting and not stop.done():
                done, _ = await asyncio.wait({*waiting, stop}, return_when=asyncio.FIRST_COMPLETED)
                for task in done & waiting:
                    waiting.discard(task)
                    if error := task.exception():
                        stop.cancel()
                        for other in waiting:
                            other.cancel()
                        raise error
            stop.cancel()
            for task in waiting:
                task.cancel()
            if self.stopping.is_set():
                return

    async def _bring(self, child: Child) -> None:
        """Run a task to its end, or a service until it is first ready."""
        if child.process.is_task:
            await child.run_task()
            return
        keeper = asyncio.create_task(child.keep())
        self.keepers[child.process.name] = keeper
        if not child.process.awaited:
            return
        deadline = time.monotonic() + START_TIMEOUT_S
        while child.state.status != "ready":
            if keeper.done():
                await keeper
                return
            if child.state.restarts >= 3 or time.monotonic() > deadline:
                reason = f"{child.health.label} tại {child.process.health}"
                raise StartError(child.process, child.state.last_exit or reason)
            await asyncio.sleep(0.05)

    async def _stop_all(self) -> None:
        self.stopping.set()
        self.state.phase = "stopping"
        self.publish()
        groups = groupby(reversed(self.children), key=lambda child: child.process.order)
        for _, group in groups:
            await asyncio.gather(*(self._end(child) for child in group))

    async def _end(self, child: Child) -> None:
        await child.end()
        keeper = self.keepers.get(child.process.name)
        if keeper is not None:
            await keeper
