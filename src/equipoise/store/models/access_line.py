"""A line of the access log: who came in, who did not, and who left."""

from django.db import models


class AccessLine(models.Model):
    """A log-in, a failed one, an end of a session, or a change of the second factor.

    `username` is empty where what was typed is no account: people type passwords into it.
    """

    at = models.DateTimeField()
    event = models.TextField()
    username = models.TextField()
    address = models.TextField()

    class Meta:
        """Lines of an account are read together."""

        db_table = "access_line"
        indexes = [models.Index(fields=["username", "-at"], name="access_line_of_account")]
