"""Lines of a verb are found at once in a long ledger."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """An index; no row changes."""

    dependencies: ClassVar = [("store", "0003_access_log")]
    operations: ClassVar = [
        migrations.AddIndex(
            model_name="ledgerline",
            index=models.Index(fields=["verb", "number"], name="ledger_line_of_verb"),
        ),
    ]
