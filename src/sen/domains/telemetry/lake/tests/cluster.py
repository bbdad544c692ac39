"""A standalone cluster of Apache Spark on loopback: a master and two workers, each a process."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sen.kernel.testing.processes import free_port

START_S = 60.0


@contextmanager
def spark_cluster(folder: Path) -> Iterator[str]:
    """The address of a running master with two workers of one core each."""
    import pyspark

    home = Path(pyspark.__file__).parent
    port, page = free_port(), free_port()
    master = f"spark://127.0.0.1:{port}"
    common = ["--host", "127.0.0.1"]
    with ExitStack() as running:
        running.enter_context(
            _started(
                home,
                folder,
                "org.apache.spark.deploy.master.Master",
                *common,
                *("--port", str(port), "--webui-port", str(page)),
            )
        )
        for number in range(2):
            work = folder / f"worker-{number}"
            running.enter_context(
                _started(
                    home,
                    folder,
                    "org.apache.spark.deploy.worker.Worker",
                    *common,
                    *("--cores", "1", "--memory", "1g", "--webui-port", str(free_port())),
                    *("--work-dir", str(work), master),
                )
            )
        _wait(page)
        yield master


@contextmanager
def _started(home: Path, folder: Path, *words: str) -> Iterator[None]:
    environment = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(folder / "spill"),
        "SPARK_DAEMON_MEMORY": "256m",
    }
    with (folder / "spark.log").open("ab") as log:
        process = subprocess.Popen(
            [str(home / "bin" / "spark-class"), *words],
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(page: int) -> None:
    """Until both workers have made themselves known.

    Raises:
        TimeoutError: they have not.
    """
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{page}/json/", timeout=2) as answer:
                if answer.read().count(b'"ALIVE"') >= 3:  # the master and both workers
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        time.sleep(0.3)
    raise TimeoutError("the workers of the Spark cluster did not come up")


def missing() -> str:
    """Why no cluster can be started here; empty when one can."""
    try:
        import pyspark  # noqa: F401
    except ImportError:
        return "PySpark is not installed (requirements/spark.lock)"
    return "" if shutil.which("java") else "no Java: install openjdk-17-jre-headless"
