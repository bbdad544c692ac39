"""``./sen doctor``: is the house in order? Each check is a function that yields findings."""

from __future__ import annotations
