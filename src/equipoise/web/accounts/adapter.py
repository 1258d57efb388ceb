"""Where allauth asks the house: passwords go through the store, and the door keeps a log."""

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base.constants import AuthProcess
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from equipoise.store.access_log import Access
from equipoise.store.actions.change_account import set_password
from equipoise.store.deed import Deed
from equipoise.store.models import Account
from equipoise.store.refusals import RefusedError
from equipoise.web.shell.access_record import record
from equipoise.web.shell.client_address import client_address
from equipoise.web.shell.refusals import render_refusal, render_stop
from equipoise.web.shell.session_end import ENDED

_FACTOR_EVENTS = {
    "mfa/email/totp_activated": Access.SECOND_FACTOR_ON,
    "mfa/email/totp_deactivated": Access.SECOND_FACTOR_OFF,
    "mfa/email/recovery_codes_generated": Access.RECOVERY_CODES,
}


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by the administrator, and every password is a deed in the ledger."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Nobody signs up by himself."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that the limits of tries count by."""
        return client_address(request)

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """The new password, as the owner's deed; a page that says why where he may not."""
        deed = Deed(actor=user.get_username(), at=datetime.now(UTC))
        try:
            set_password(user.get_username(), password=password, deed=deed)
        except RefusedError as refusal:
            answer = render_refusal(context.request, refusal=refusal)
            raise ImmediateHttpResponse(answer) from refusal
        user.refresh_from_db()

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Notes a wrong name or password."""
        name = str(credentials.get("username", "")).lower()
        record(Access.FAILED_LOG_IN, username=name, request=request)

    def post_login(self, request: HttpRequest, user: Any, **told: Any) -> HttpResponse:
        """Notes who came in."""
        record(Access.LOG_IN, username=user.get_username(), request=request)
        request.session.pop(ENDED, None)
        response: HttpResponse = super().post_login(request, user, **told)
        return response

    def logout(self, request: HttpRequest) -> None:
        """Notes who left."""
        record(Access.LOG_OUT, username=request.user.get_username(), request=request)
        super().logout(request)

    def send_notification_mail(self, template: str, user: Any, **more: Any) -> None:
        """Tells the owner of a change of his account; notes one of the second factor."""
        event = _FACTOR_EVENTS.get(template)
        if event is not None:
            record(event, username=user.get_username(), request=context.request)
        super().send_notification_mail(template, user, **more)

    def add_message(self, *told: Any, **more: Any) -> None:
        """Says nothing of a log-in or log-out: the page shows it."""
        template = more.get("message_template") or (told[2] if len(told) > 2 else None)
        if template not in {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}:
            super().add_message(*told, **more)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Second factors: their secrets are encrypted under the key of the site."""

    def encrypt(self, text: str) -> str:
        """The secret as the database keeps it."""
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret in clear; ValidationError where another key than the site's sealed it."""
        try:
            return _box().decrypt(encrypted_text.encode()).decode()
        except InvalidToken as refused:
            told = _(
                "No code can be accepted: your second factor was set up under another key of the "
                "site. Ask who runs the site to reset your log-in."
            )
            raise ValidationError(told) from refused

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        """The user name, as an app on a telephone shows it."""
        return user.get_username()


def _box() -> Fernet:
    key = hashlib.sha256(b"equipoise second factor" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


class SignOnAdapter(DefaultSocialAccountAdapter):
    """Single sign-on opens an account that the administrator made; it never makes one."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002
        """Nobody signs up by himself."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Finds the account by the address that the server of the house has verified.

        Nobody ties an identity to an account by hand: that would lend the account to another.
        """
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            told = [_("An account is opened by its own address only; none can be added to it.")]
            raise ImmediateHttpResponse(render_stop(request, status=403, lines=told))
        if sociallogin.is_existing:
            return
        verified = [a.email for a in sociallogin.email_addresses if a.verified and a.email]
        account = Account.objects.filter(email__in=verified, is_active=True).first()
        if account is None:
            told = [_("No account here has this address: ask the administrator to add you.")]
            raise ImmediateHttpResponse(render_stop(request, status=403, lines=told))
        sociallogin.connect(request, account)
