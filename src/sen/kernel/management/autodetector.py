"""Migrations that put the indexes and constraints of a new table into its creation.

Added one by one, each makes Django render the table's model and all models around it anew: that
was nine tenths of the time of a first start.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.migrations import Migration
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.operations import AddConstraint, AddField, AddIndex, CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.optimizer import MigrationOptimizer

Addition = AddIndex | AddConstraint


def folded(operations: Sequence[Operation], app_label: str) -> list[Operation]:
    """The same operations with each addition inside the creation of its table.

    A table that gets columns later keeps its additions where they are: they may need these.
    """
    late = {item.model_name_lower for item in operations if isinstance(item, AddField)}
    made = {item.name_lower for item in operations if isinstance(item, CreateModel)} - late
    moved: dict[str, list[Operation]] = {name: [] for name in made}
    kept: list[Operation] = []
    for item in operations:
        if isinstance(item, Addition) and item.model_name_lower in made:
            moved[item.model_name_lower].append(item)
        else:
            kept.append(item)
    ordered: list[Operation] = []
    for item in kept:
        ordered.append(item)
        if isinstance(item, CreateModel):
            ordered.extend(moved.get(item.name_lower, ()))
    return list(MigrationOptimizer().optimize(ordered, app_label))


class Autodetector(MigrationAutodetector):
    """Django's, with additions folded in."""

    migrations: dict[str, list[Migration]]  # django-stubs knows neither this nor the method

    def _optimize_migrations(self) -> None:
        super()._optimize_migrations()  # type: ignore[misc]
        for app_label, migrations in self.migrations.items():
            for migration in migrations:
                vars(migration)["operations"] = folded(migration.operations, app_label)
