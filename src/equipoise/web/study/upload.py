"""A new version of the protocol: its files read, what it changes shown, then accepted."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from equipoise.capture.roles import Verb
from equipoise.protocol.fingerprint import fingerprint
from equipoise.protocol.migration import plan_migration
from equipoise.protocol.model import Protocol
from equipoise.protocol.parse import parse_protocol
from equipoise.store.actions.upload_protocol import upload_protocol
from equipoise.store.models import ProtocolVersion
from equipoise.store.protocol_read import read_version
from equipoise.vocab.finding import Finding
from equipoise.web.shell.access import page
from equipoise.web.shell.visitor import Visitor
from equipoise.web.study.protocol_files import SEALED, open_texts, read_files, seal_texts
from equipoise.web.study.versions import tell_changes


@page(Verb.UPLOAD_PROTOCOL, post=Verb.UPLOAD_PROTOCOL)
def version_upload(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Files to be chosen; sent, they are read and told; sent again as they were told, accepted."""
    if request.method != "POST":
        return _draw(request)
    if SEALED in request.POST:
        return _accept(request, visitor)
    texts, problems = read_files(request)
    parsed = None if problems else parse_protocol(texts)
    if parsed is None or parsed.protocol is None:
        return _draw(request, problems=problems if parsed is None else parsed.problems)
    return _tell(request, visitor, protocol=parsed.protocol, sealed=seal_texts(texts))


def _draw(request: HttpRequest, *, problems: Sequence[Finding] = ()) -> HttpResponse:
    context = {"newest": _newest(), "problems": problems}
    status = 422 if problems else 200
    return render(request, "study/version_upload.html", context, status=status)


def _tell(
    request: HttpRequest, visitor: Visitor, *, protocol: Protocol, sealed: str
) -> HttpResponse:
    """What the version changes against the newest, and what becomes of what was entered."""
    newest, said = _newest(), fingerprint(protocol)
    before = read_version(newest.pk)
    context = {
        "protocol": protocol,
        "fingerprint": said,
        "newest": newest,
        "known": ProtocolVersion.objects.filter(pk=said).first(),
        "namesake": ProtocolVersion.objects.filter(version=protocol.identity.version).first(),
        "changes": tell_changes(before, new=protocol, visitor=visitor),
        "moves": plan_migration(before, new=protocol),
        "sealed": sealed,
    }
    return render(request, "study/version_look.html", context)


def _accept(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    done = upload_protocol(open_texts(request.POST[SEALED]), deed=visitor.deed(request))
    told = _("The version is kept as number %(number)s. It is in force where it is approved.")
    messages.success(request, told % {"number": done.answer["number"]})
    return redirect("versions")


def _newest() -> ProtocolVersion:
    return ProtocolVersion.objects.order_by("-number")[0]  # a trial is open, or nobody has a role
