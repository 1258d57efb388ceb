"""Log-in with what was typed before, profile, choice of role, access log."""

from typing import Any

from allauth.account.views import LoginView
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from equipoise.capture.roles import Verb
from equipoise.store.access_log import read_access
from equipoise.store.models import Account
from equipoise.store.refusals import RefusedError
from equipoise.web.shell.access import ANYONE, page
from equipoise.web.shell.frame import grant_in_words
from equipoise.web.shell.kept import FIELD, find_kept, open_kept, stash_kept, tell_typed
from equipoise.web.shell.refusals import render_stop
from equipoise.web.shell.session_end import ENDED
from equipoise.web.shell.visitor import CHOSEN, Visitor, spell


class LogInView(LoginView):
    """The log-in of allauth, which carries what was typed before a session ended."""

    def dispatch(self, request: HttpRequest, *args: Any, **more: Any) -> HttpResponseBase:
        """As in allauth; who is logged in already (in another window) goes straight on."""
        if request.method == "POST" and request.user.is_authenticated:
            stash_kept(request)
        answer: HttpResponseBase = super().dispatch(request, *args, **more)
        return answer

    def form_valid(self, form: Any) -> HttpResponse:
        """With the right password what was typed goes into the session, to be sent again."""
        stash_kept(self.request)
        answer: HttpResponse = super().form_valid(form)
        return answer

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        """What the page carries on, and whose session ended."""
        carried = self.request.POST.get(FIELD, "")
        return {
            **super().get_context_data(**more),
            FIELD: carried if carried and open_kept(carried) else "",
            "ended": self.request.session.get(ENDED, ""),
            "idle_minutes": settings.SESSION_IDLE_SECONDS // 60,
        }


log_in = LogInView.as_view()


@page(ANYONE)
def resume(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What was typed before the session ended, to be sent by its author with one click."""
    kept = find_kept(request)
    if kept is None:
        return redirect("home")
    if kept.owner and kept.owner != visitor.username:
        del request.session[FIELD]
        told = [_("Another person typed this before the session ended. It was not sent.")]
        return render_stop(request, status=403, lines=told)
    return render(
        request, "shell/send_again.html", {"kept": kept, "typed": tell_typed(kept.fields)}
    )


@page(ANYONE)
def profile(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """One's account: roles, second factor, last log-ins."""
    account = Account.objects.get(username=visitor.username)
    context = {
        "account": account,
        "has_second_factor": is_mfa_enabled(account),
        "grants": [grant_in_words(grant) for grant in visitor.held],
        "lines": read_access(username=visitor.username, limit=10),
    }
    return render(request, "accounts/profile.html", context)


@page(ANYONE, post=ANYONE)
def choose_role(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Works under one role of several, or under all of them again."""
    if request.method == "POST":
        chosen = request.POST.get("role", "")
        if chosen and chosen not in {spell(grant) for grant in visitor.held}:
            raise RefusedError(_("This role is not yours: choose one of the list."))
        request.session[CHOSEN] = chosen
    back = request.POST.get("next", "")
    is_here = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return redirect(back if is_here else "home")


@page(Verb.READ_ACCOUNTS)
def access_log(request: HttpRequest, visitor: Visitor) -> HttpResponse:  # noqa: ARG001
    """The newest log-ins, failures and log-outs, of one account where it is asked for."""
    username = request.GET.get("username", "").strip()
    context = {"lines": read_access(username=username), "username": username}
    return render(request, "accounts/access_log.html", context)
