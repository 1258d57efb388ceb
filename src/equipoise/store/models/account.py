"""People, and the roles that they have at sites."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from equipoise.store.models.site import Site


class AccountManager(BaseUserManager["Account"]):
    """Finds people by their user name, as Django's log-in asks for."""


class Account(AbstractBaseUser):
    """A person who may log in. Of the password the ledger tells only that it changed."""

    username = models.TextField(unique=True)
    name = models.TextField()
    email = models.EmailField(default="", blank=True)
    is_active = models.BooleanField(default=True)
    passwords_set = models.IntegerField(default=0)
    last_login = None  # a log-in writes no trial table

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = AccountManager()

    class Meta:
        """An address belongs to one person."""

        db_table = "account"
        constraints = [
            models.UniqueConstraint(
                fields=["email"], condition=~Q(email=""), name="account_email_once"
            )
        ]

    def __str__(self) -> str:
        """The name as it is printed beside a signature."""
        return self.name


class Grant(models.Model):
    """A role that an account has at a site; at every site where `site` is null."""

    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, to_field="username", db_column="account"
    )
    role = models.TextField()
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, db_column="site")
    is_active = models.BooleanField(default=True)

    class Meta:
        """A role is granted once; revoked it stays, inactive."""

        db_table = "role_grant"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "role", "site"], nulls_distinct=False, name="role_grant_once"
            )
        ]
