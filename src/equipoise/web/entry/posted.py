"""What a browser sent of an entry, as texts; nothing is read into it that was not typed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from equipoise.capture.lifecycle import Confirmation
from equipoise.protocol.form_model import Form
from equipoise.vocab.finding import Finding
from equipoise.vocab.missing import WRITTEN

BOTH = "value-and-kind"  # a value, and beside it why there is none
_CONFIRMATIONS = 200  # more no page ever sends


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A form as it was sent: texts by item, kinds of missing beside a text, and what is asked.

    `seen` is the version that was on the screen; `deed` is `check` where nothing is to be saved.
    """

    texts: Mapping[str, str]
    kinds: Mapping[str, str]
    confirmations: tuple[Confirmation, ...]
    deed: str
    seen: int
    tells_missing: bool

    @property
    def comments(self) -> dict[tuple[str, str], str]:
        """The comments of the confirmations by code and item."""
        return {(each.code, each.item): each.comment for each in self.confirmations}


def read_posted(form: Form, *, post: QueryDict) -> Posted:
    """The entry that was sent; an item that was not sent is not among the texts."""
    texts: dict[str, str] = {}
    kinds: dict[str, str] = {}
    for item in form.entered_items:
        text, kind = _sent(item.name, post)
        if text is not None:
            texts[item.name] = text or kind
        if text and kind:
            kinds[item.name] = kind
    seen = post.get("seen", "0")
    return Posted(
        texts=texts,
        kinds=kinds,
        confirmations=tuple(_confirmations(post)),
        deed=post.get("deed", "check"),
        seen=int(seen) if seen.isdecimal() and len(seen) < 10 else -1,
        tells_missing=bool(post.get("tells_missing")),
    )


def tell_both(posted: Posted, *, form: Form) -> tuple[Finding, ...]:
    """A finding for each item with a value and a reason why there is none."""
    return tuple(
        Finding(
            where=f"{form.form}: {name}",
            code=BOTH,
            message=_("a value is given, and beside it why there is none."),
            mend=_("Clear one of the two."),
            found=posted.texts[name],
            item=name,
        )
        for name in posted.kinds
    )


def _sent(name: str, post: QueryDict) -> tuple[str | None, str]:
    """The text of an item (None where it was not sent) and the kind of missing beside it."""
    kind = post.get(f"missing.{name}", "")
    text = post.get(f"pick.{name}") or post.get(f"items.{name}")
    if text is None:
        return (None, "") if not kind else ("", kind)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    return lines, kind if kind in WRITTEN else ""


def _confirmations(post: QueryDict) -> Iterator[Confirmation]:
    for number in range(1, _CONFIRMATIONS):
        comment = post.get(f"confirm.{number}.comment", "").strip()
        if comment:
            code, item, found = (
                post.get(f"confirm.{number}.{part}", "") for part in ("code", "item", "found")
            )
            yield Confirmation(code=code, item=item, found=found, comment=comment)
