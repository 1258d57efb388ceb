"""Addresses of a test: pages behind the decorator that do what a test asks of them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import include, path
from django.utils import timezone

from equipoise.capture import lifecycle
from equipoise.capture.roles import Verb
from equipoise.store import refusals
from equipoise.web.shell.access import ANYONE, page
from equipoise.web.shell.reauthenticate import PasswordWrongError, require_password
from equipoise.web.shell.visitor import Visitor

SENT: list[tuple[str, dict[str, list[str]]]] = []  # by whom, and what
REFUSALS = {
    "stale": refusals.StaleVersionError("Someone saved this form since you opened it: compare."),
    "taken": refusals.TakenError("there is a site 01: give this one another code"),
    "reason": refusals.ReasonMissingError("say why: the form is complete"),
    "unknown": refusals.UnknownError("there is no subject 99"),
    "role": refusals.NotAllowedError("kim has no role that may lock"),
    "state": lifecycle.WrongStateError("the form is frozen: ask the data manager to unfreeze it"),
}


@page(Verb.READ_FORMS, post=Verb.SAVE_FORM)
def note(request: HttpRequest, visitor: Visitor, subject: str) -> HttpResponse:
    """Keeps what is sent."""
    if request.method == "POST":
        SENT.append((visitor.username, {n: list(v) for n, v in request.POST.lists()}))
        return redirect("home")
    return HttpResponse(f"note of {subject}")


@page(Verb.READ_FORMS)
def entry(request: HttpRequest, visitor: Visitor, subject: str, form: str) -> HttpResponse:
    """A form of a subject."""
    return HttpResponse(f"{form} of {subject}")


@page(ANYONE, post=ANYONE)
def refuse(request: HttpRequest, visitor: Visitor, kind: str) -> HttpResponse:
    """Refuses as an action would."""
    raise REFUSALS[kind]


@page(ANYONE)
def clock(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Which time zone the page is shown in."""
    return HttpResponse(timezone.get_current_timezone_name())


@page(ANYONE)
def broken(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """A bug."""
    raise ValueError("a bug with the name of Kim Minjun in it")


@page(ANYONE, post=Verb.SIGN)
def sign(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Asks for the password again."""
    context = {}
    if request.method == "POST":
        try:
            require_password(request, visitor=visitor)
        except PasswordWrongError as wrong:
            context["password_wrong"] = str(wrong)
        else:
            return HttpResponse("signed")
    return render(request, "shell/password_again.html", context)


urlpatterns = [
    path("", include("equipoise.web.urls")),
    path("note/<str:subject>/", note),
    path("entry/<str:subject>/<str:form>/", entry),
    path("refuse/<str:kind>/", refuse),
    path("clock/", clock),
    path("broken/", broken),
    path("sign/", sign),
]
handler404 = "equipoise.web.shell.errors.not_found"
handler500 = "equipoise.web.shell.errors.server_error"
