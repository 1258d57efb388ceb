"""A person in the trial, known by a number only."""

from django.db import models

from equipoise.store.models.site import Site


class Subject(models.Model):
    """A subject of a site, from screening on."""

    number = models.TextField(primary_key=True)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, db_column="site")
    screened_date = models.DateField()

    class Meta:
        """The table by its trial word."""

        db_table = "subject"
