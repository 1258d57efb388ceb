"""A question about an entry."""

from django.db import models

from equipoise.store.models.subject import Subject


class Query(models.Model):
    """A query on an item of an entry (on the whole entry where `item` is empty).

    `code` names the edit check that asked; it is empty where a person did. What was said before
    stands in the ledger.
    """

    number = models.IntegerField(primary_key=True)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, db_column="subject")
    form = models.TextField()
    key = models.TextField(default="")
    item = models.TextField(default="")
    code = models.TextField(default="")
    text = models.TextField()
    found = models.TextField(default="")
    severity = models.TextField(default="")
    answer = models.TextField(default="")
    state = models.TextField()
    opened_by = models.TextField()
    opened_at = models.DateTimeField()
    closed_by = models.TextField(default="")

    class Meta:
        """Queries of an entry are read together."""

        db_table = "query"
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "form", "key", "item", "code"],
                condition=~models.Q(code=""),
                name="query_of_finding_once",
            )
        ]
        indexes = [models.Index(fields=["subject", "form", "key"], name="query_of_entry")]
