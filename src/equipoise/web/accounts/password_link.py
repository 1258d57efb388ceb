"""A link with which the owner of an account sets his password, once within three days."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.urls import reverse

from equipoise.store.models import Account


def build_password_link(account: Account) -> str:
    """The path of the link; it stops working when the password, or the address, changes."""
    place = {
        "uidb36": user_pk_to_url_str(account),
        "key": default_token_generator.make_token(account),
    }
    return reverse("account_reset_password_from_key", kwargs=place)
