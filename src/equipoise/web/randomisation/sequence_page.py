"""What is fixed about the randomisation; the sequence fixed; every allocation proved by replay."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from equipoise.capture.roles import Verb
from equipoise.protocol.model import Protocol
from equipoise.protocol.randomisation_model import KEPT_FROM_SITES, SETTINGS
from equipoise.randomise.sealed_seed import KeyRefusedError, draw_seed, seal_seed
from equipoise.store.actions.fix_sequence import fix_sequence
from equipoise.store.models import Allocation
from equipoise.store.protocol_read import read_leading
from equipoise.store.read_sequence import prove_sequence, read_fixed
from equipoise.store.refusals import ClosedError, RefusedError
from equipoise.web.randomisation.sequence import find_seed
from equipoise.web.shell.access import page
from equipoise.web.shell.visitor import Visitor
from equipoise.web.work.reader import arms_for


@page(Verb.READ_PROTOCOL, post=Verb.FIX_SEQUENCE)
def sequence(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The commitment and the scheme, without what helps to predict an arm; fixed once."""
    if request.method == "POST":
        _fix(request, visitor)
        return redirect("sequence")
    protocol = read_leading(now=datetime.now(UTC))
    context = {
        "fixed": read_fixed(),
        "count": Allocation.objects.count(),
        "protocol": protocol,
        "settings": list(_settings_of(protocol, visitor)),
        "has_key": bool(settings.RANDOMISATION_KEY),
        "may_fix": visitor.may(Verb.FIX_SEQUENCE),
        "may_prove": visitor.may(Verb.READ_SEQUENCE),
    }
    return render(request, "randomisation/sequence.html", context)


def _settings_of(protocol: Protocol, visitor: Visitor) -> Iterator[tuple[str, str]]:
    """The settings of the scheme; those kept from sites for who may see the sequence."""
    said = protocol.randomisation
    for name in SETTINGS[said.scheme]:
        if name in KEPT_FROM_SITES and not visitor.may(Verb.READ_SEQUENCE):
            continue
        value = getattr(said, name)
        if value is not None:
            yield name, ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _fix(request: HttpRequest, visitor: Visitor) -> None:
    """A seed drawn from the chance of the machine, sealed under the key of the site."""
    if not settings.RANDOMISATION_KEY:
        raise ClosedError(
            _("The site was started without the key of the randomisation, and nothing can be "
              "sealed without it. Ask the administrator to start it with the key.")
        )  # fmt: skip
    if request.POST.get("confirmed") != "yes":
        raise RefusedError(_("Mark that the plan is right, then fix the sequence."))
    seed = draw_seed(os.urandom(64))
    try:
        sealed = seal_seed(seed, key=settings.RANDOMISATION_KEY, chance=os.urandom(28))
    except KeyRefusedError as refused:
        raise ClosedError(str(refused)) from refused
    fix_sequence(seed, sealed=sealed, deed=visitor.deed(request))
    messages.success(request, _("The sequence is fixed. Its digest stands in the ledger."))


@page(Verb.READ_SEQUENCE, post=Verb.READ_SEQUENCE)
def sequence_prove(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Every allocation so far, replayed from the seed; the look at arms is recorded."""
    if request.method != "POST":
        return redirect("sequence")
    proof = prove_sequence(find_seed())
    arms_for(visitor)
    context = {"proof": proof, "fixed": read_fixed()}
    return render(request, "randomisation/sequence_prove.html", context)
