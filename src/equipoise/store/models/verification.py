"""Source verification: the entry was held against the patient's record."""

from django.db import models

from equipoise.store.models.subject import Subject


class Verification(models.Model):
    """An entry verified, bound to its digest; `is_valid` turns false when a value changes."""

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, db_column="subject")
    form = models.TextField()
    key = models.TextField(default="")
    by = models.TextField()
    at = models.DateTimeField()
    digest = models.CharField(max_length=64)
    is_valid = models.BooleanField()

    class Meta:
        """An entry is verified as it stands, once."""

        db_table = "verification"
        constraints = [
            models.UniqueConstraint(fields=["subject", "form", "key"], name="verification_once")
        ]
