"""The arm of a subject: a table of its own that no form knows."""

from django.db import models

from equipoise.store.models.protocol_version import ProtocolVersion
from equipoise.store.models.subject import Subject


class Allocation(models.Model):
    """One allocation a subject, numbered in the order of the trial.

    `stratum` is what the scheme was told, `true_stratum` what it should have been told: a stratum
    entered wrongly is corrected on record, and the subject keeps its arm.
    """

    subject = models.OneToOneField(
        Subject, on_delete=models.PROTECT, primary_key=True, db_column="subject"
    )
    number = models.IntegerField(unique=True)
    arm = models.TextField()
    stratum = models.JSONField()
    true_stratum = models.JSONField()
    at = models.DateTimeField()
    protocol = models.ForeignKey(ProtocolVersion, on_delete=models.PROTECT, db_column="protocol")

    class Meta:
        """The table by its trial word."""

        db_table = "allocation"
