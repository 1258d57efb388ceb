"""The links at the head of every page, by what the roles of the visitor allow."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from equipoise.capture.roles import Verb
from equipoise.web.shell.visitor import Visitor


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A link: the name of its address, its words, and the verb that the page needs."""

    name: str
    words: str | Promise
    verb: Verb


# In the order of the day; a group of pages adds its first page here.
NAVIGATION: tuple[Entry, ...] = (
    Entry(name="work", words=_("Work list"), verb=Verb.READ_FORMS),
    Entry(name="subjects", words=_("Subjects"), verb=Verb.READ_FORMS),
    Entry(name="queries", words=_("Queries"), verb=Verb.READ_FORMS),
    Entry(name="deviations", words=_("Deviations"), verb=Verb.RECORD_DEVIATION),
    Entry(name="sequence", words=_("Sequence"), verb=Verb.READ_SEQUENCE),
    Entry(name="balance", words=_("Balance"), verb=Verb.READ_BALANCE),
    Entry(name="monitoring", words=_("Monitoring"), verb=Verb.READ_MONITORING),
    Entry(name="ledger", words=_("Ledger"), verb=Verb.READ_LEDGER),
    Entry(name="versions", words=_("Protocol"), verb=Verb.READ_PROTOCOL),
    Entry(name="sites", words=_("Sites"), verb=Verb.READ_ACCOUNTS),
    Entry(name="people", words=_("Accounts"), verb=Verb.READ_ACCOUNTS),
    Entry(name="access_log", words=_("Log-ins"), verb=Verb.READ_ACCOUNTS),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An entry as a template draws it."""

    address: str
    words: str


def links_for(visitor: Visitor) -> tuple[Link, ...]:
    """The links that the visitor may follow."""
    return tuple(
        Link(address=reverse(entry.name), words=str(entry.words))
        for entry in NAVIGATION
        if visitor.may(entry.verb)
    )
