"""The secret seed of the randomisation, sealed."""

from django.db import models


class SealedSeed(models.Model):
    """The seed encrypted under a key that is nowhere beside it; the ledger knows its commitment."""

    commitment = models.CharField(max_length=64, primary_key=True)
    sealed = models.TextField()

    class Meta:
        """The table by its trial word."""

        db_table = "sealed_seed"
