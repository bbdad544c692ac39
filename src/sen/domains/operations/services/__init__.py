"""Use cases of the operations centre."""

from __future__ import annotations

from sen.domains.operations.services.displays import create_display, revoke_display
from sen.domains.operations.services.notes import add_note, remove_note
from sen.domains.operations.services.shifts import hand_over, start_shift, write_entry

__all__ = [
    "add_note",
    "create_display",
    "hand_over",
    "remove_note",
    "revoke_display",
    "start_shift",
    "write_entry",
]
