"""A departure from the protocol."""

from django.db import models

from equipoise.store.models.subject import Subject


class Deviation(models.Model):
    """A deviation of a subject; `code` names the rule that saw it, empty where a person did.

    `gone_date` is the day from which the program sees it no more, as an entry was corrected.
    """

    number = models.IntegerField(primary_key=True)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, db_column="subject")
    category = models.TextField()
    severity = models.TextField()
    occurred_date = models.DateField(null=True)
    text = models.TextField()
    action = models.TextField(default="")
    code = models.TextField(default="")
    gone_date = models.DateField(null=True)

    class Meta:
        """Deviations of a subject are read together."""

        db_table = "deviation"
        indexes = [models.Index(fields=["subject"], name="deviation_of_subject")]
