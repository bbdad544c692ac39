"""The course of a project: stages, steps, moves and kinds of decisions, read from ``course.toml``.

Pure: no rows, no clock.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Text:
    """A text in both languages."""

    vi: str
    en: str

    def said(self, language: str | None) -> str:
        return self.en if language == "en" else self.vi


@dataclass(frozen=True, slots=True)
class Stage:
    code: str
    name: Text


@dataclass(frozen=True, slots=True)
class Step:
    """One step; ``position`` counts from 0 over all stages."""

    code: str
    stage: str
    name: Text
    position: int


@dataclass(frozen=True, slots=True)
class Move:
    """A move from one step to another: what it needs, for which projects, and by which law."""

    from_step: str
    to_step: str
    needs: tuple[str, ...]
    kinds: frozenset[str]
    law: str
    article: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class DecisionKind:
    """A kind of decision; some set the total investment or the end of the time given."""

    code: str
    name: Text
    sets_total: bool
    sets_finish: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """When a project counts as slow or late, and when a warranty is called to mind.

    Units:
        ``slow_points``, ``late_points``: percentage points. ``remind_days``: days.
    """

    slow_points: int
    late_points: int
    remind_days: int


@dataclass(frozen=True)
class Course:
    """Everything that ``course.toml`` says."""

    stages: tuple[Stage, ...]
    steps: tuple[Step, ...]
    moves: tuple[Move, ...]
    decisions: tuple[DecisionKind, ...]
    limits: Limits

    @cached_property
    def by_step(self) -> dict[str, Step]:
        return {step.code: step for step in self.steps}

    @cached_property
    def by_stage(self) -> dict[str, Stage]:
        return {stage.code: stage for stage in self.stages}

    @cached_property
    def by_decision(self) -> dict[str, DecisionKind]:
        return {kind.code: kind for kind in self.decisions}

    @property
    def first(self) -> Step:
        return self.steps[0]

    @property
    def last(self) -> Step:
        return self.steps[-1]

    def moves_from(self, step: str, kind: str) -> tuple[Move, ...]:
        """The moves that are open to a project of a kind at a step, whatever they need."""
        return tuple(
            move
            for move in self.moves
            if move.from_step == step and (not move.kinds or kind in move.kinds)
        )

    def move(self, from_step: str, to_step: str, kind: str) -> Move | None:
        """The move between two steps; None: it is forbidden."""
        found = self.moves_from(from_step, kind)
        return next((move for move in found if move.to_step == to_step), None)

    def steps_of(self, stage: str) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.stage == stage)

    def from_step_on(self, code: str) -> frozenset[str]:
        """The codes of a step and of all behind it."""
        at = self.by_step[code].position
        return frozenset(step.code for step in self.steps if step.position >= at)


def missing(move: Move, facts: Collection[str]) -> tuple[str, ...]:
    """What a move needs and is not on record."""
    return tuple(need for need in move.needs if need not in facts)


def read_course(text: str) -> Course:
    """A course from TOML.

    Raises:
        ValueError: a stage or a step is named that is not declared.
    """
    said = tomllib.loads(text)
    stages = tuple(Stage(item["code"], Text(**item["name"])) for item in said["stage"])
    steps = tuple(
        Step(item["code"], item["stage"], Text(**item["name"]), place)
        for place, item in enumerate(said["step"])
    )
    course = Course(
        stages,
        steps,
        tuple(_move(item) for item in said["move"]),
        tuple(
            DecisionKind(
                item["code"],
                Text(**item["name"]),
                item.get("sets_total", False),
                item.get("sets_finish", False),
            )
            for item in said["decision"]
        ),
        Limits(**said["limits"]),
    )
    unknown = {step.stage for step in steps} - course.by_stage.keys()
    for move in course.moves:
        unknown |= {move.from_step, move.to_step} - course.by_step.keys()
    if unknown:
        raise ValueError(f"course.toml names {sorted(unknown)}, which it does not declare")
    return course


def _move(item: dict[str, Any]) -> Move:
    return Move(
        item["from"],
        item["to"],
        tuple(item.get("needs", ())),
        frozenset(item.get("kinds", ())),
        item["law"],
        item.get("article", ""),
        item.get("verified", False),
    )


COURSE: Final = read_course(Path(__file__).with_name("course.toml").read_text(encoding="utf-8"))
