"""The files of a version as they were sent, and as they travel until the version is accepted."""

import re
from collections.abc import Iterator, Mapping

from django.conf import settings
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext as _

from equipoise.protocol.parse import FORMS, TRIAL, decode_texts
from equipoise.store.models import ProtocolVersion
from equipoise.store.refusals import RefusedError
from equipoise.vocab.finding import Finding

SEALED = "sealed"  # the field in which texts that were looked at are sent again
_SALT = "equipoise.protocol"
_FILE = re.compile(r"[A-Za-z0-9_-]{1,80}\.toml")


def read_files(request: HttpRequest) -> tuple[dict[str, str], tuple[Finding, ...]]:
    """The texts of the version: what was sent over the newest version, or what was sent alone.

    RefusedError where nothing was sent or a file is none of a protocol; else what is no text.
    """
    sent = dict(_read_sent(request))
    if not sent:
        raise RefusedError(_("Choose the files that changed: trial.toml, or files of forms."))
    texts, problems = decode_texts(sent)
    is_whole = request.POST.get("is_whole") == "yes"
    newest = ProtocolVersion.objects.order_by("-number").values_list("texts", flat=True).first()
    return {**({} if is_whole else newest or {}), **texts}, problems


def _read_sent(request: HttpRequest) -> Iterator[tuple[str, bytes]]:
    for file in (*request.FILES.getlist("trial"), *request.FILES.getlist("forms")):
        assert isinstance(file, UploadedFile)
        name = file.name or ""
        if not _FILE.fullmatch(name):
            told = _("“%(name)s” is no file of a protocol: its files are called like trial.toml.")
            raise RefusedError(told % {"name": name[:80]})
        yield (name if name == TRIAL else f"{FORMS}/{name}"), file.read()


def seal_texts(texts: Mapping[str, str]) -> str:
    """The texts as one that nobody can change on its way through the browser."""
    return signing.dumps(dict(texts), salt=_SALT, compress=True)


def open_texts(sealed: str) -> dict[str, str]:
    """The texts that were sealed; RefusedError when they are forged, or older than a session."""
    try:
        texts = signing.loads(sealed, salt=_SALT, max_age=settings.SESSION_COOKIE_AGE)
    except signing.BadSignature as forged:
        raise RefusedError(_("This page is too old: choose the files again.")) from forged
    return {str(name): str(text) for name, text in texts.items()}
