"""A line of the ledger: who did what, when, and every value that it changed."""

from django.db import models


class LedgerLine(models.Model):
    """One deed. Lines are numbered from 1 without gaps, and nobody changes or removes one.

    `content` is canonical JSON kept as text: the digest is taken of it as it stands.
    """

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.TextField()
    role = models.TextField()
    site = models.TextField()
    verb = models.TextField()
    subject = models.TextField()
    request_id = models.TextField(null=True, unique=True)  # null where nobody gave one
    reason = models.TextField()
    content = models.TextField()
    protocol = models.TextField()
    previous = models.CharField(max_length=64, unique=True)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        """Lines of a subject are read together, as are those of a verb: both are filters."""

        db_table = "ledger_line"
        indexes = [
            models.Index(fields=["subject", "number"], name="ledger_line_of_subject"),
            models.Index(fields=["verb", "number"], name="ledger_line_of_verb"),
        ]
