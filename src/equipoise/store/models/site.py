"""A hospital that takes part."""

from django.db import models


class Site(models.Model):
    """A site; `screened` counts the subjects that ever got a number there."""

    code = models.TextField(primary_key=True)
    name = models.TextField()
    country = models.TextField(default="")
    time_zone = models.TextField(default="UTC")
    is_open = models.BooleanField(default=True)
    screened = models.IntegerField(default=0)

    class Meta:
        """The table by its trial word."""

        db_table = "site"
