"""One entry of one form, as it stands."""

from django.db import models

from equipoise.store.models.protocol_version import ProtocolVersion
from equipoise.store.models.subject import Subject


class FormEntry(models.Model):
    """What is entered in one form for one subject; `values` are texts as they were written.

    A kind of missing is a text too (`@not_done`); an item that is not there is not yet known.
    `version` counts the saves: who saves says which version was read. `confirmations` are the
    soft findings that somebody looked at; `signature` is the number of the one that covers it.
    """

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, db_column="subject")
    form = models.TextField()
    key = models.TextField(default="")
    values = models.JSONField(default=dict)
    version = models.IntegerField()
    state = models.TextField()
    confirmations = models.JSONField(default=list)
    signature = models.IntegerField(null=True)
    protocol = models.ForeignKey(ProtocolVersion, on_delete=models.PROTECT, db_column="protocol")

    class Meta:
        """An entry stands once."""

        db_table = "form_entry"
        constraints = [
            models.UniqueConstraint(fields=["subject", "form", "key"], name="form_entry_once")
        ]
