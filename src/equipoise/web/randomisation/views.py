"""Eligibility signed, the subject randomised, its arm shown, a stratum corrected, the balance."""

from datetime import UTC, datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from equipoise.capture.roles import Verb
from equipoise.capture.signature import SAYS, Meaning
from equipoise.store.actions.correct_stratum import correct_stratum
from equipoise.store.actions.randomise import randomise
from equipoise.store.actions.sign_eligibility import sign_eligibility
from equipoise.store.eligibility import require_signed
from equipoise.store.protocol_read import read_protocol_at, read_version
from equipoise.store.read_allocations import read_allocations
from equipoise.store.read_balance import read_balance
from equipoise.store.read_randomisation import (
    EligibilityRead,
    newest_strata,
    read_eligibility,
    read_true_strata,
)
from equipoise.store.refusals import ClosedError, RefusedError
from equipoise.store.site_day import site_of
from equipoise.web.randomisation.sequence import find_seed
from equipoise.web.shell.access import page
from equipoise.web.shell.reauthenticate import FIELD, PasswordWrongError, require_password
from equipoise.web.shell.sight import may_see_arms
from equipoise.web.shell.visitor import Visitor


@page(Verb.READ_FORMS, post=Verb.SIGN_ELIGIBILITY)
def eligibility(request: HttpRequest, visitor: Visitor, *, subject: str) -> HttpResponse:
    """Every criterion with the values that decide, the strata, and the signature."""
    told = request.POST if request.method == "POST" else request.GET
    now = datetime.now(UTC)
    factors = (f.name for f in read_protocol_at(site_of(subject), now=now).stratum)
    chosen = {name: told.get(f"stratum.{name}", "") for name in factors}
    read = read_eligibility(subject, now=now, chosen=chosen)
    wrong = ""
    if request.method == "POST":
        try:
            require_password(request, visitor=visitor)
        except PasswordWrongError as refused:
            wrong = str(refused)
        else:
            strata = _require_levels(read)
            deed = visitor.deed(request)
            sign_eligibility(subject, strata=strata, password=request.POST[FIELD], deed=deed)
            messages.success(request, _("Eligibility is signed."))
            return redirect("eligibility", subject=subject)
    context = {
        "subject": subject,
        "read": read,
        "sentence": SAYS[Meaning.ELIGIBILITY],
        "may_sign": visitor.may(Verb.SIGN_ELIGIBILITY) and not read.is_randomised,
        "may_randomise": visitor.may(Verb.RANDOMISE) and not read.is_randomised,
        "password_wrong": wrong,
    }
    return render(request, "randomisation/eligibility.html", context, status=403 if wrong else 200)


def _require_levels(read: EligibilityRead) -> dict[str, str]:
    """The level of each factor; RefusedError names those that are not known."""
    unknown = [row.stratum.label for row in read.strata if not row.value]
    if unknown:
        raise RefusedError(_("Choose a level of %(factors)s.") % {"factors": ", ".join(unknown)})
    return {row.stratum.name: row.value for row in read.strata}


@page(Verb.RANDOMISE, post=Verb.RANDOMISE)
def randomise_page(request: HttpRequest, visitor: Visitor, *, subject: str) -> HttpResponse:
    """The frozen strata to be confirmed; then the arm, once."""
    if request.method == "POST":
        return _randomise(request, visitor, subject)
    now = datetime.now(UTC)
    read = read_eligibility(subject, now=now)
    if read.is_randomised:
        return redirect("randomised", subject=subject)
    closed = ""
    try:
        find_seed()
    except ClosedError as refused:
        closed = str(refused)
    strata = read.signature.about["strata"] if read.signature else {}
    frozen = [
        (
            factor.label,
            {v.value: v.label for v in factor.level}.get(strata.get(factor.name, ""), ""),
        )
        for factor in read_protocol_at(site_of(subject), now=now).stratum
    ]
    context = {"subject": subject, "read": read, "closed": closed, "strata": frozen}
    return render(request, "randomisation/randomise.html", context)


def _randomise(request: HttpRequest, visitor: Visitor, subject: str) -> HttpResponse:
    """The deed; a retry with the same request id leads to the same arm, another is refused."""
    if request.POST.get("confirmed") != "yes":
        raise RefusedError(_("Mark that the subject and the strata are right, then randomise."))
    strata = newest_strata(subject) or require_signed(subject).about["strata"]
    randomise(subject, strata=strata, seed=find_seed(), deed=visitor.deed(request))
    return redirect("randomised", subject=subject)


@page(Verb.READ_FORMS)
def randomised(request: HttpRequest, visitor: Visitor, *, subject: str) -> HttpResponse:
    """The subject is randomised: its arm for who may know it, number and day for the others."""
    found = read_true_strata(subject)
    if found is None:
        raise Http404
    allocation, strata = found
    arm = ""
    if may_see_arms(visitor):
        arms = read_allocations(visitor.deed(request), site=site_of(subject))
        code = dict(arms.select("subject", "arm").iter_rows())[subject]
        labels = {each.code: each.label for each in read_version(allocation.protocol_id).arm}
        arm = f"{code}: {labels.get(code, '')}"
    context = {
        "subject": subject,
        "arm": arm,
        "allocation": allocation,
        "strata": strata,
        "is_corrected": allocation.stratum != allocation.true_stratum,
        "may_correct": visitor.may(Verb.CORRECT_STRATUM),
    }
    return render(request, "randomisation/randomised.html", context)


@page(Verb.CORRECT_STRATUM, post=Verb.CORRECT_STRATUM)
def stratum(request: HttpRequest, visitor: Visitor, *, subject: str) -> HttpResponse:
    """A stratum that was entered wrongly, corrected on record with a reason; the arm stays."""
    found = read_true_strata(subject)
    if found is None:
        raise Http404
    if request.method == "POST":
        names = (row.stratum.name for row in found[1])
        strata = {name: request.POST.get(f"stratum.{name}", "") for name in names}
        correct_stratum(subject, strata=strata, deed=visitor.deed(request))
        messages.success(request, _("The true stratum is on record; the arm stays."))
        return redirect("randomised", subject=subject)
    context = {"subject": subject, "strata": found[1]}
    return render(request, "randomisation/stratum.html", context)


@page(Verb.READ_BALANCE)
def balance(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Subjects by arm: in all, by level of each factor, by stratum; what could be guessed."""
    measured = read_balance(visitor.deed(request))
    return render(request, "randomisation/balance.html", {"balance": measured})
