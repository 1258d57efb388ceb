"""A deviation that the program sees no more keeps its row, with the day."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column that is empty for what stands."""

    dependencies: ClassVar = [("store", "0004_lines_of_a_verb")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="deviation",
            name="gone_date",
            field=models.DateField(null=True),
        ),
    ]
