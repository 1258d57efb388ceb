"""Words for templates of lesions: sizes, doses, responses, verdicts."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from equipoise.report.story.sentences import response_words
from equipoise.report.story.words import write_mm

register = template.Library()


@register.filter
def mm(tenths: int | None) -> str:
    """Tenths of a millimetre as a size."""
    return write_mm(tenths)


@register.filter
def gy(dose: float | None) -> str:
    """A dose with at most one decimal; a dash where there is none."""
    return "–" if dose is None else f"{dose:.1f}".removesuffix(".0")


@register.filter
def response(code: str) -> str:
    """A response code with its words; a dash where nothing is said yet."""
    return _(response_words(code)) if code else "–"


@register.filter
def slugify_code(code: str) -> str:
    """A response code as the name of a class: NON-CR/NON-PD is NON-CR-NON-PD."""
    return code.replace("/", "-")


@register.filter
def target_words(role: str) -> str:
    """Target or non-target, as people say it."""
    return _(role.replace("_", "-"))


@register.filter
def lesion_of(entry: str) -> str:
    """The lesion that an entry is about, from the end of its key."""
    return entry.rpartition(".")[2]


@register.simple_tag
def verdict_badge(verdict: str | None) -> SafeString:
    """A verdict on a dose as a badge: sign, word, colour."""
    told = {
        "pass": ("ok", "✓", _("as planned")),
        "minor": ("due", "!", _("minor deviation")),
        "major": ("error", "✕", _("major deviation")),
    }.get(verdict or "", ("not_started", "○", verdict or _("not judged")))
    return format_html(
        '<span class="badge badge-{}"><span aria-hidden="true">{}</span> {}</span>', *told
    )
