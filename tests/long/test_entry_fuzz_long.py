"""Thousands of posts of drawn values to every form: no 500, nothing typed is lost, a clean ledger.

`EQUIPOISE_FUZZ=1000 pytest tests/long/test_entry_fuzz_long.py` sends a thousand to each form.
"""

import os
import sys
from collections import Counter
from dataclasses import replace

from django.http import HttpResponse
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from equipoise.protocol.form_model import Form, Item
from equipoise.store.embedded import Server
from equipoise.store.models import FormEntry
from equipoise.store.verify import verify_trial
from equipoise.vocab.missing import WRITTEN
from store.people import screen
from web.entry_texts import confirm_all
from web.form_texts import examples
from web.hostile_posts import (
    SEEN,
    Fields,
    Post,
    fields_of,
    hostile_texts,
    require_nothing_lost,
    send_post,
)
from web.test_entry_every_form import FORMS, PROTOCOL, who_enters
from web.visitors import log_in, open_site

POSTS = int(os.environ.get("EQUIPOISE_FUZZ", "80"))  # of each form, confirmations beside
DEEDS = ("save_form", "complete_form", "complete_form", "change_form", "change_form", "check", "x")
NOW = "the version that stands"
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
DATES = st.dates().map(str) | st.datetimes().map(str)
NUMBERS = st.integers().map(str) | st.floats().map(str) | st.decimals().map(str)


def texts_of(item: Item) -> st.SearchStrategy[str]:
    """Near to what is asked, or anything."""
    return st.one_of(st.sampled_from(hostile_texts(item)), DATES, NUMBERS, ANY, st.just(""))


@st.composite
def posts(draw: st.DrawFn, form: Form, subject: str) -> Post:
    """A post to a new entry of the form, or to the one that is there: sound but for some items."""
    texts = examples(form, PROTOCOL)
    key = {name: texts[name] for name in form.key}
    most = draw(st.sampled_from([0, 1, 3, 100]))
    items = st.lists(st.sampled_from(form.entered_items), max_size=most, unique_by=lambda i: i.name)
    texts |= {item.name: draw(texts_of(item)) for item in draw(items)}
    texts |= key if draw(st.integers(0, 4)) else {}
    more = [("seen", draw(st.sampled_from([NOW] * 20 + list(SEEN)))), ("reason", draw(ANY))]
    more += draw(st.lists(odd_fields(form), max_size=2))
    at = draw(st.sampled_from(["", ".".join(key.values())]))
    fields = fields_of(texts, deed=draw(st.sampled_from(DEEDS)), more=more)
    return Post(subject=subject, form=form, key=at, fields=fields)


@st.composite
def odd_fields(draw: st.DrawFn, form: Form) -> tuple[str, str]:
    """A field sent twice, a reason beside a value, a confirmation of nothing."""
    name = draw(st.sampled_from(form.entered_items)).name
    prefix = draw(st.sampled_from(["items", "missing", "missing", "pick", "confirm.1"]))
    part = draw(st.sampled_from(["code", "item", "comment"])) if prefix == "confirm.1" else name
    return f"{prefix}.{part}", draw(st.sampled_from(["", *WRITTEN, "a\0b"]) | ANY)


def at_version(post: Post) -> Post:
    """The post with the version that stands, where it names that."""
    texts = examples(post.form, PROTOCOL)
    key = ".".join(texts[name] for name in post.form.key)
    rows = FormEntry.objects.filter(subject_id=post.subject, form=post.form.form, key=key)
    stands = str(next((row.version for row in rows), 0))
    return replace(post, fields=_with(post.fields, NOW, stands))


def _with(fields: Fields, old: str, new: str) -> Fields:
    return tuple((name, new if text == old else text) for name, text in fields)


def send_and_confirm(client: Client, post: Post, counted: Counter[str]) -> HttpResponse:
    """The last answer: what may be confirmed is confirmed, as a person would."""
    answer = send_post(client, post)
    require_nothing_lost(answer, post=post)
    confirmed = tuple(confirm_all(answer).items()) if answer.status_code == 422 else ()
    if confirmed:
        counted["422"] += 1
        post = replace(post, fields=(*post.fields, *confirmed))
        answer = send_post(client, post)
        require_nothing_lost(answer, post=post)
    counted[str(answer.status_code)] += 1
    return answer


def test_nothing_that_is_sent_to_any_form_breaks_it_or_is_lost(trial: Server) -> None:
    open_site()
    subject, counted = screen("01"), Counter[str]()

    def fuzz(form: Form) -> None:
        client = log_in(who_enters(form))

        @settings(max_examples=POSTS, suppress_health_check=list(HealthCheck), database=None)
        @given(post=posts(form, subject))
        def send(post: Post) -> None:
            send_and_confirm(client, at_version(post), counted)

        send()

    for form in FORMS:
        fuzz(form)
    verified = verify_trial()
    states = Counter(FormEntry.objects.values_list("state", flat=True))
    told = (
        f"{counted.total()} posts to {len(FORMS)} forms: {dict(counted)}; "
        f"{verified.lines} lines of the ledger verified; entries: {dict(states)}\n"
    )
    sys.stdout.write(told)
    assert verified.findings == ()
    assert set(counted) <= {"200", "302", "409", "422"}
    assert counted["302"] > counted.total() // 10
