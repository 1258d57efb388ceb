"""An electronic signature: name, time, meaning, and the digests of what was signed."""

from django.db import models

from equipoise.store.models.account import Account
from equipoise.store.models.subject import Subject


class Signature(models.Model):
    """A signature on entries of a subject; `covers` holds the digest of each as it was signed.

    `about` is what else was looked at: for eligibility strata, protocol version and day.
    `is_valid` turns false when one of them changes; `digest` binds meaning, words and `covers`.
    """

    number = models.IntegerField(primary_key=True)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, db_column="subject")
    meaning = models.TextField()
    signer = models.ForeignKey(
        Account, on_delete=models.PROTECT, to_field="username", db_column="signer"
    )
    printed_name = models.TextField()
    at = models.DateTimeField()
    covers = models.JSONField()
    about = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    is_valid = models.BooleanField()

    class Meta:
        """Signatures of a subject are read together."""

        db_table = "signature"
        indexes = [models.Index(fields=["subject", "meaning"], name="signature_of_subject")]
