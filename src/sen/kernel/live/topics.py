"""The topics to which screens may listen, and the access rule of each.

A domain declares a topic beside its events (``events.py``)::

    declare_topic("alarms", resource="alarms.alarm", hz=2)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from django.apps import apps

from sen.kernel.access.scope import AccessRule
from sen.kernel.live.messages import CONTROL, TOPIC
from sen.kernel.registry import Store


@dataclass(frozen=True, slots=True)
class Topic:
    """A stream of newest values. ``resource`` names the guarded model whose rule holds."""

    name: str
    resource: str
    rule: AccessRule | None = None
    hz: float = 1.0

    def access_rule(self) -> AccessRule:
        """The rule by which each message is judged.

        Raises:
            LookupError: no guarded model has the resource.
        """
        if self.rule is not None:
            return self.rule
        rule = _rules().get(self.resource)
        if rule is None:
            raise LookupError(f"live topic {self.name!r}: no model guards {self.resource!r}")
        return rule


topics: Final[Store[Topic]] = Store("live topic")


def declare_topic(
    name: str, *, resource: str = "", rule: AccessRule | None = None, hz: float = 1.0
) -> Topic:
    """Register a topic; ``hz`` (at most 2) limits how often one screen is refreshed.

    Raises:
        ValueError: the name is malformed or taken, or neither resource nor rule is given.
    """
    if not TOPIC.fullmatch(name) or (name + ".").startswith(CONTROL):
        raise ValueError(f"live topic {name!r}: expected lower-case words joined by dots")
    if not resource and rule is None:
        raise ValueError(f"live topic {name!r}: give resource= or rule=")
    return topics.add(
        name, Topic(name, resource or (rule.resource if rule else ""), rule, min(hz, 2.0))
    )


@cache
def _rules() -> Mapping[str, AccessRule]:
    rules = (getattr(model, "access", None) for model in apps.get_models())
    return {rule.resource: rule for rule in rules if isinstance(rule, AccessRule)}
