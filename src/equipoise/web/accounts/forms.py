"""Forms of the door."""

from typing import Any

from allauth.account.forms import ResetPasswordForm
from django.http import HttpRequest

from equipoise.store.access_log import Access
from equipoise.store.models import Account
from equipoise.web.shell.access_record import record


class ResetLinkForm(ResetPasswordForm):
    """Sends a link to the address that the account has now, to no address that it had before."""

    def clean_email(self) -> str:
        """The address; whether an account has it is told to nobody."""
        email: str = self.cleaned_data["email"]
        self.users = list(Account.objects.filter(email__iexact=email, is_active=True))
        return email

    def save(self, request: HttpRequest, **more: Any) -> str:
        """The mail sent, and noted."""
        for account in self.users:
            record(Access.RESET_LINK, username=account.username, request=request)
        sent: str = super().save(request, **more)
        return sent
