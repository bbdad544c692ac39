"""Alarms that late observations raised say so."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("alarms", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="alarm",
            name="is_late",
            field=models.BooleanField(
                db_default=False, default=False, editable=False, verbose_name="báo muộn"
            ),
        ),
    ]
