"""Domain events: ``publish`` in a service, ``@on`` in ``handlers.py`` of another domain."""

from __future__ import annotations

from sen.kernel.events.base import PII, Event
from sen.kernel.events.envelope import Origin
from sen.kernel.events.handlers import on
from sen.kernel.events.publishing import Audience, publish, publish_many

__all__ = ["PII", "Audience", "Event", "Origin", "on", "publish", "publish_many"]
