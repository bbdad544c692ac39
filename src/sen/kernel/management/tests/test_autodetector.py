"""Additions go into the creation of their table, unless the table is not yet whole."""

from __future__ import annotations

from django.db import models
from django.db.migrations.operations import AddConstraint, AddField, AddIndex, CreateModel

from sen.kernel.management.autodetector import folded


def table(name: str, **fields: models.Field[object, object]) -> CreateModel:
    return CreateModel(name, [("id", models.BigAutoField(primary_key=True)), *fields.items()])


def test_indexes_and_constraints_are_made_with_their_table() -> None:
    index = models.Index(fields=["id"], name="road_id_again")
    once = models.UniqueConstraint(fields=["id"], name="road_once")
    to_road = models.ForeignKey("network.Road", models.CASCADE)
    made = folded(
        [
            table("Road"),
            table("Post", road=to_road),
            AddIndex("road", index),
            AddConstraint("road", once),
        ],
        "network",
    )
    road, post = made
    assert isinstance(road, CreateModel)
    assert isinstance(post, CreateModel)
    assert road.options == {"indexes": [index], "constraints": [once]}
    assert post.options == {}


def test_a_table_that_gets_columns_later_is_indexed_after_them() -> None:
    to_road = models.ForeignKey("network.Road", models.CASCADE)
    to_post = models.ForeignKey("network.Post", models.CASCADE)
    operations = [
        table("Road"),
        table("Post", road=to_road),
        AddField("road", "first_post", to_post),
        AddIndex("road", models.Index(fields=["first_post"], name="road_first_post")),
    ]
    assert folded(operations, "network") == operations
