"""Versions of the protocol, and where they are in force."""

from django.db import models

from equipoise.store.models.site import Site


class ProtocolVersion(models.Model):
    """A version of the protocol: `texts` are its files, by name."""

    fingerprint = models.CharField(max_length=64, primary_key=True)
    number = models.IntegerField(unique=True)
    version = models.TextField()
    texts = models.JSONField()

    class Meta:
        """The table by its trial word."""

        db_table = "protocol_version"


class Approval(models.Model):
    """A version in force at a site from a date on, as its ethics committee approved it."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, db_column="site")
    protocol = models.ForeignKey(ProtocolVersion, on_delete=models.PROTECT, db_column="protocol")
    from_date = models.DateField()

    class Meta:
        """A version is approved once at a site."""

        db_table = "approval"
        constraints = [models.UniqueConstraint(fields=["site", "protocol"], name="approval_once")]
