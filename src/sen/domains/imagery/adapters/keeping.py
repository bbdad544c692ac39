"""Tiles that are kept as files."""

from __future__ import annotations

import os
import threading
from pathlib import Path


def keep_tile(path: Path, body: bytes) -> None:
    """Keep a tile; a full disk is no reason to fail a request."""
    part = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part.write_bytes(body)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
