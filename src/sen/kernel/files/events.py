"""What the store of files tells the domains."""

from __future__ import annotations

from dataclasses import dataclass

from sen.kernel.events.base import Event


@dataclass(frozen=True, kw_only=True)
class FileChecked(Event):
    """A content left its quarantine: ``state`` is CLEAN, or REJECTED with a reason."""

    type = "vn.dongthap.sen.files.file.checked.v1"
    file_id: int
    sha256: str
    state: str
    reason: str
