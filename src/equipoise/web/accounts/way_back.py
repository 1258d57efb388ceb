"""The way back into an account: for who lost the telephone, or the site its key."""

from allauth.mfa.models import Authenticator
from django.db import transaction

from equipoise.store.access_log import Access, record_access
from equipoise.store.actions.change_account import find_account, unset_password
from equipoise.store.deed import Deed
from equipoise.web.accounts.password_link import build_password_link


def reset_log_in(username: str, *, deed: Deed) -> str:
    """The path of a link for a new password; second factor and old password are gone.

    The operator's deed: the ledger tells of the password, the access log of the second factor.
    """
    with transaction.atomic():  # all, or nothing
        unset_password(username, deed=deed)
        account = find_account(username)
        if Authenticator.objects.filter(user_id=account.pk).delete()[0]:
            record_access(Access.SECOND_FACTOR_OFF, username=username, address="", at=deed.at)
    return build_password_link(account)
