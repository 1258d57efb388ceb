"""An electronic signature: name, time, meaning, and the digest of what was signed."""

from django.db import models

from equipoise.store.models.account import Account
from equipoise.store.models.subject import Subject


class Signature(models.Model):
    """A signature on an entry, or on the casebook of a subject where `form` is empty.

    `covers` is the digest of the values as they were signed; `is_valid` turns false when one of
    them changes.
    """

    number = models.IntegerField(primary_key=True)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, db_column="subject")
    form = models.TextField(default="")
    key = models.TextField(default="")
    signer = models.ForeignKey(
        Account, on_delete=models.PROTECT, to_field="username", db_column="signer"
    )
    printed_name = models.TextField()
    meaning = models.TextField()
    at = models.DateTimeField()
    covers = models.CharField(max_length=64)
    is_valid = models.BooleanField()

    class Meta:
        """Signatures of a subject are read together."""

        db_table = "signature"
        indexes = [models.Index(fields=["subject", "form", "key"], name="signature_of_entry")]
