"""The number at which somebody on duty is called."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("operations", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="shift",
            name="phone",
            field=models.CharField(
                blank=True, default="", max_length=20, verbose_name="điện thoại trực"
            ),
        ),
    ]
