"""What a signature covers: any change of a covered value shows, and nothing else does."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.capture.entry import FormEntry, Value
from equipoise.capture.signature import (
    SAYS,
    Meaning,
    changed_since,
    digests_of,
    entry_digest,
    signed_digest,
)
from equipoise.vocab.ids import FormName, SubjectId
from equipoise.vocab.missing import Missing


def holding(values: Mapping[str, Value | Missing], *, key: str = "M3") -> FormEntry:
    return FormEntry(subject=SubjectId("01-001"), form=FormName("ecog"), key=(key,), values=values)


def entry(key: str = "M3", **values: Value | Missing) -> FormEntry:
    return holding(values, key=key)


def test_the_digest_is_that_of_the_canonical_text() -> None:
    # printf '["01-001","ecog",["M3"],{"ecog":["number","1.0"]}]' | sha256sum
    assert entry_digest(entry(ecog=1)) == (
        "a5606b47cbdd24bdc04c53e624c49e87ec1c0d07f2fb040a56ecabec2c38a992"
    )


VALUES: list[Value | Missing] = [
    1,
    0,
    True,
    False,
    "1",
    "1.0",
    "true",
    "",
    "@unknown",
    "2025-01-02",
    date(2025, 1, 2),
    1.5,
    -1,
    Missing.UNKNOWN,
    Missing.NOT_DONE,
    Missing.NOT_APPLICABLE,
]


def test_no_two_values_have_one_digest() -> None:
    assert len({entry_digest(entry(ecog=value)) for value in VALUES}) == len(VALUES)


def test_the_order_of_items_and_the_version_of_the_protocol_do_not_count() -> None:
    one, other = replace(entry(a=1, b="x"), protocol="v1"), entry(b="x", a=1)
    assert entry_digest(one) == entry_digest(replace(other, protocol="v2"))


def test_an_item_not_yet_known_says_nothing() -> None:
    assert entry_digest(entry(a=1)) == entry_digest(entry(a=1, b=Missing.NOT_YET))


def test_a_whole_number_is_the_same_however_it_is_held() -> None:
    assert entry_digest(entry(a=1)) == entry_digest(entry(a=1.0))


@given(
    st.dictionaries(st.sampled_from("abc"), st.sampled_from(VALUES)),
    st.sampled_from("abc"),
    st.sampled_from(VALUES),
)
def test_a_change_of_a_covered_value_shows(
    values: dict[str, Value | Missing], item: str, value: Value | Missing
) -> None:
    before, after = holding(values), holding({**values, item: value})
    changed = item not in values or (type(values[item]), values[item]) != (type(value), value)
    covered = digests_of([before, entry("M6")])
    assert changed_since(covered, entries=[after, entry("M6")]) == (
        [before.entry] if changed else []
    )


def test_an_entry_that_is_gone_was_changed_and_one_that_came_later_was_not_signed() -> None:
    covered = digests_of([entry("M3"), entry("M6")])
    assert changed_since(covered, entries=[entry("M6"), entry("M9")]) == ["01-001/ecog/M3"]


def test_a_signature_is_bound_to_its_meaning_and_to_what_it_covers() -> None:
    covered, other = digests_of([entry(ecog=1)]), digests_of([entry(ecog=2)])
    digests = {signed_digest(c, meaning=m) for c in (covered, other, {}) for m in Meaning}
    assert len(digests) == 6


def test_every_meaning_is_said_in_a_sentence_of_the_signer() -> None:
    assert set(SAYS) == set(Meaning)
    assert all(words.startswith("I have ") and words.endswith(".") for words in SAYS.values())


def test_an_entry_that_stands_twice_is_a_bug() -> None:
    with pytest.raises(ValueError, match="stands twice"):
        digests_of([entry(), entry()])
