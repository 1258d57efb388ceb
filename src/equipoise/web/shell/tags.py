"""Words for templates: states as badges, and a number for a request that is done once."""

import secrets

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from equipoise.capture.lifecycle import FormState

register = template.Library()

_MARKS = {  # a sign beside the colour: no state is told by colour alone
    FormState.NOT_STARTED: "○",
    FormState.DRAFT: "◐",
    FormState.COMPLETE: "●",
    FormState.VERIFIED: "✓",
    FormState.SIGNED: "✎",
    FormState.FROZEN: "❄",
    FormState.LOCKED: "■",
}


@register.simple_tag
def state_badge(state: str, *, short: bool = False) -> SafeString:
    """The state of a form as a badge; `short` shows the sign, and the word to who cannot see."""
    kind = FormState(state)
    word = in_words(kind.value)
    return format_html(
        '<span class="badge badge-{}" title="{}"><span aria-hidden="true">{}</span>'
        ' <span class="{}">{}</span></span>',
        *(kind.value, word, _MARKS[kind], "unseen" if short else "", word),
    )


@register.simple_tag
def request_id() -> SafeString:
    """A hidden field: the form may be sent twice and is done once."""
    return format_html('<input type="hidden" name="request_id" value="{}">', secrets.token_hex(12))


@register.filter
def in_words(name: str) -> str:
    """A name of the program as words: sub_investigator is sub investigator."""
    return _(str(name).replace("_", " "))
