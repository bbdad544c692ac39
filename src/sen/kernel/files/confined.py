"""Running what reads foreign files in a process of its own, with limits.

A hostile file may crash a reader, fill the memory or never end: then that process dies, and the
file is the one that could not be read. This module is also what the process starts with: it puts
on the limits before the reader is loaded.
"""

from __future__ import annotations

import json
import os
import resource
import runpy
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, Final

MEMORY_BYTES: Final = 2 * 1024**3
WRITTEN_BYTES: Final = 256 * 1024**2
#: A busy machine gives a process a part of its time only; the process may still use no more.
WAITING: Final = 5


class ConfinedError(RuntimeError):
    """The process died, took too long, or said something unreadable."""


def run_confined(
    module: str,
    arguments: Sequence[str],
    *,
    timeout_s: int = 60,
    given: object = None,
    written_bytes: int = WRITTEN_BYTES,
) -> Any:
    """Run ``python -m module arguments…`` and return the JSON that it writes.

    ``timeout_s`` is time of the processor; ``WAITING`` times as long is waited for an answer.
    ``given`` is handed over as JSON on the standard input; ``written_bytes`` is the largest file
    that it may write.

    Raises:
        ConfinedError: it gave no answer within its limits.
    """
    environment = {
        name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ
    }
    command = [
        sys.executable,
        "-m",
        __name__,
        str(timeout_s),
        str(written_bytes),
        module,
        *arguments,
    ]
    try:
        done = subprocess.run(  # noqa: S603  our own module in our own interpreter
            command,
            input=json.dumps(given).encode(),
            capture_output=True,
            timeout=WAITING * timeout_s,
            check=True,
            env=environment | {"OMP_THREAD_LIMIT": "1"},
        )
        return json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise ConfinedError(f"{module}: no answer within {WAITING * timeout_s} s") from error
    except subprocess.CalledProcessError as error:
        last = error.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise ConfinedError(f"{module}: ended with {error.returncode}: {last[:300]}") from error
    except ValueError as error:
        raise ConfinedError(f"{module}: unreadable answer") from error


def main() -> None:
    """Put on the limits, then become the module that was asked for."""
    seconds, written_bytes, module = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (written_bytes, written_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)
    sys.argv = sys.argv[3:]
    runpy.run_module(module, run_name="__main__")


if __name__ == "__main__":
    main()
