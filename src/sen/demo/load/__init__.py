"""Puts the demonstration province into the database, and takes it out again.

Every row carries ``is_demo``. Loading goes through the same services as imports do, in one
transaction: an interrupted load leaves nothing.
"""

from __future__ import annotations
