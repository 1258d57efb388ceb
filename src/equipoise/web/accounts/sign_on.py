"""Single sign-on of the house: of allauth's pages those that open an account."""

from allauth.socialaccount import views as outcome
from allauth.socialaccount.providers.openid_connect import views as door
from django.http import HttpRequest, HttpResponseBase
from django.urls import path
from django.utils.translation import gettext as _

from equipoise.web.shell.refusals import render_stop


def log_in(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """On to the house's server; a page that says so where it does not answer."""
    try:
        answer: HttpResponseBase = door.login(request, provider_id=provider_id)
    except OSError:  # every fault of the connection, as requests tells it
        told = [
            _("The single sign-on of the house does not answer."),
            _("Log in with your password, or try again later."),
        ]
        return render_stop(request, status=503, lines=told)
    return answer


# allauth's page of connections is left out: it would tie another person's identity to an account,
# outside the ledger
urlpatterns = [
    path("login/cancelled/", outcome.login_cancelled, name="socialaccount_login_cancelled"),
    path("login/error/", outcome.login_error, name="socialaccount_login_error"),
    path("signup/", outcome.signup, name="socialaccount_signup"),
    path("oidc/<str:provider_id>/login/", log_in, name="openid_connect_login"),
    path("oidc/<str:provider_id>/login/callback/", door.callback, name="openid_connect_callback"),
]
