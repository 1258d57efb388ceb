"""Every template keeps the policy of content: no inline script, no inline style, no handler."""

import re
from pathlib import Path

import pytest
from django.template import engines

import equipoise.web

WEB = Path(equipoise.web.__file__).parent
TEMPLATES = sorted(WEB.glob("*/templates/**/*.html"))
BREACHES = {
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)", re.I),
    "an inline style": re.compile(r"<style\b|\sstyle\s*=", re.I),
    "an inline handler": re.compile(r"\son[a-z]+\s*=\s*[\"']", re.I),
    "a javascript: address": re.compile(r"javascript:", re.I),
    "an evaluated htmx attribute": re.compile(r"hx-(on|vals=[\"']js)|hx-vars", re.I),
    "something from another host": re.compile(r"(src|href)=[\"'](https?:)?//", re.I),
}
NAMES = [path.relative_to(WEB).as_posix() for path in TEMPLATES]


def breaches(text: str) -> list[str]:
    return [what for what, pattern in BREACHES.items() if pattern.search(text)]


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_a_template_keeps_the_policy(path: Path) -> None:
    assert breaches(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_a_template_switches_no_escaping_off(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "autoescape off" not in text
    # the help of a field is written in the program, never by a user
    assert re.findall(r"[\w.]+\|safe\b", text) in ([], ["field.help_text|safe"])


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_a_form_that_is_sent_carries_a_token(path: Path) -> None:
    for form in re.findall(r"<form\b.*?</form>", path.read_text("utf-8"), re.S | re.I):
        if 'method="post"' in form:
            assert "{% csrf_token %}" in form


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_a_template_can_be_read(path: Path) -> None:
    name = path.relative_to(next(p for p in path.parents if p.name == "templates")).as_posix()
    assert engines["django"].get_template(name) is not None


@pytest.mark.parametrize(
    "text",
    [
        "<script>go()</script>",
        '<p style="color:red">',
        "<style>p{}</style>",
        '<a onclick="go()">',
        '<a href="javascript:go()">',
        '<div hx-on:click="go()">',
        '<script src="https://cdn.example/x.js"></script>',
    ],
)
def test_a_breach_is_seen(text: str) -> None:
    assert breaches(text) != []
