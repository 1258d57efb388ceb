"""Who a subject is outside the trial: kept apart from everything else."""

from django.db import models

from equipoise.store.models.subject import Subject


class Vault(models.Model):
    """Name and hospital number. The ledger knows only `digest`, salted so that nobody can guess."""

    subject = models.OneToOneField(
        Subject, on_delete=models.PROTECT, primary_key=True, db_column="subject"
    )
    name = models.TextField()
    hospital_number = models.TextField()
    salt = models.TextField()
    digest = models.CharField(max_length=64)

    class Meta:
        """The table by its trial word."""

        db_table = "vault"
