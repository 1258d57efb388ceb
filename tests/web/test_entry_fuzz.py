"""Every form of the trial under hostile posts: no 500, nothing typed is lost, the ledger holds.

Thousands of drawn posts go to each form in tests/long/test_entry_fuzz_long.py.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest
from django.http import HttpResponse
from django.test import Client

from equipoise.protocol.form_model import Form
from equipoise.store.models import FormEntry
from equipoise.store.verify import verify_trial
from equipoise.vocab.missing import Missing
from store.people import screen
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
from web.visitors import log_in

UNKNOWN = Missing.UNKNOWN.value


def hostile_at(form: Form, turn: int) -> dict[str, str]:
    """Another hostile text in every item at every turn."""
    texts = {}
    for place, item in enumerate(form.entered_items):
        wicked = hostile_texts(item)
        texts[item.name] = wicked[(turn * 7 + place) % len(wicked)]
    return texts


def sound_key(form: Form) -> dict[str, str]:
    return {name: text for name, text in examples(form, PROTOCOL).items() if name in form.key}


def hostile_posts(form: Form, turns: Iterator[int]) -> Iterator[Fields]:
    """A draft without the version seen, a completion of it, and one sound but for some items."""
    key = sound_key(form)
    yield fields_of(hostile_at(form, next(turns)) | key, deed="save_form", more=())
    seen = ("seen", SEEN[next(turns) % len(SEEN)])
    yield fields_of(hostile_at(form, next(turns)), deed="complete_form", more=[seen])
    texts, wicked = examples(form, PROTOCOL), hostile_at(form, next(turns))
    odd = [name for name in wicked if name not in key][next(turns) % 3 :: 3]
    texts |= {name: wicked[name] for name in odd}
    yield fields_of(texts, deed="complete_form", more=[("seen", "1")])


def test_hostile_texts_in_every_item_of_every_form_are_kept_or_shown_again(site: object) -> None:
    subject, turns = screen("01"), count()
    for form in FORMS:
        client, at = log_in(who_enters(form)), ""
        for fields in hostile_posts(form, turns):
            post = Post(subject=subject, form=form, key=at, fields=fields)
            require_nothing_lost(send_post(client, post), post=post)
            at = ".".join(sound_key(form).values())
    assert FormEntry.objects.count() == len(FORMS)
    assert verify_trial().findings == ()


ODD = {
    "twice": ([("items.consent_version", "1.0"), ("items.consent_version", "2.0")], 302),
    "value and kind": ([("items.consent_version", "1"), ("missing.consent_version", UNKNOWN)], 422),
    "kind alone": ([("missing.consent_version", UNKNOWN)], 302),
    "a kind that is none": ([("missing.consent_version", "@forgotten")], 302),
    "nothing": ([], 302),
    "a null": ([("items.consent_version", "1\0"), ("items.consent_date", "2026-03-01")], 422),
    "a null in a name": ([("items.consent\0", "1"), ("items.consent_date", "2026-03-01")], 422),
    "an item of another form": ([("items.weight_kg", "71")], 302),
    "a megabyte": ([("items.consent_version", "x" * 1_000_000)], 302),
    "four thousand fields": ([(f"items.x{n}", "1") for n in range(4000)], 302),
    "confirmed thrice": ([(f"confirm.{n}.comment", "so it is") for n in range(1, 4)], 302),
    "a version of somebody else": ([("items.consent_version", "1"), ("seen", "7")], 409),
}  # fmt: skip


def test_a_post_that_no_page_sends_is_answered_in_words_and_loses_nothing(site: object) -> None:
    client, form = log_in("cho"), PROTOCOL.form_named("icf")
    for name, (fields, status) in ODD.items():
        subject = screen("01")
        post = Post(subject=subject, form=form, key="", fields=(*fields, ("deed", "save_form")))
        answer = send_post(client, post)
        assert answer.status_code == status, name
        require_nothing_lost(answer, post=post)
        saved = FormEntry.objects.filter(subject_id=subject).count()
        assert saved == (1 if status == 302 else 0), name


def test_the_last_of_a_field_sent_twice_counts(site: object) -> None:
    fields, _ = ODD["twice"]
    form = PROTOCOL.form_named("icf")
    sent = (*fields, ("deed", "save_form"))
    post = Post(subject=screen("01"), form=form, key="", fields=sent)
    assert post.typed == {"consent_version": "2.0"}
    require_nothing_lost(send_post(log_in("cho"), post), post=post)
    missed = replace(post, fields=(*sent, ("items.consent_date", "lost")))
    other: HttpResponse = Client().get("/accounts/login/")  # type: ignore[assignment]
    with pytest.raises(AssertionError):  # the check finds what is neither stored nor shown
        require_nothing_lost(other, post=missed)
