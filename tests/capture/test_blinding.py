"""What tells the arm by being there: forms, entries at visits of some arms, questions about it."""

import pytest

from equipoise.capture.blinding import Telling, find_telling
from equipoise.protocol.parse import shipped_protocol
from equipoise.vocab.role import Role

PROTOCOL = shipped_protocol()
TELLING = find_telling(PROTOCOL)

# form | key | check that asks | the entry tells the arm | the query does
PLACES = """
rt_rx  | L01    |                                  | yes | yes
ae     | 1      |                                  | yes | yes
ecog   | W6     |                                  | yes | yes
vs     | W6     |                                  | yes | yes
les_fu | W6.L01 |                                  | yes | yes
ecog   | M3     |                                  | no  | no
les_fu | M3.W6  |                                  | no  | no
cm     | W6     |                                  | no  | no
ecog   |        |                                  | no  | no
les_bl | L01    |                                  | no  | no
les_bl | L01    | index-lesion-without-prescription | no  | yes
dth    |        | fatal-event-missing              | no  | yes
les_bl | L01    | earlier-irradiation-not-marked   | no  | no
dm     |        | index-lesion-without-prescription | no  | no
"""


@pytest.mark.parametrize("row", PLACES.strip().splitlines())
def test_an_entry_tells_the_arm_by_its_form_or_visit_and_a_query_also_by_its_check(
    row: str,
) -> None:
    form, key, code, entry, query = (cell.strip() for cell in row.split("|"))
    keys = tuple(key.split(".")) if key else ()
    assert TELLING.has_entry(form, key=keys) == (entry == "yes")
    assert TELLING.has_query(form, key=keys, code=code) == (query == "yes")


def test_the_visits_that_tell_are_those_that_the_protocol_gives_to_some_arms_only() -> None:
    assert {visit for *_, visit in TELLING.visits} == {
        visit.code for visit in PROTOCOL.schedule.visit if visit.arm
    }
    assert {form for form, *_ in TELLING.visits} == {
        form.form for form in PROTOCOL.form if "visit" in form.key
    }


def test_nothing_is_taken_from_the_blinded_reader_that_he_is_to_answer() -> None:
    own = {form.form for form in PROTOCOL.form if Role.BLINDED_READER in form.entered_by}
    assert own
    assert not own & (TELLING.forms | {form for form, _ in TELLING.checks})


def test_what_tells_under_either_of_two_versions_tells() -> None:
    then = Telling(forms=frozenset({"a"}), questions=frozenset({"q"}))
    now = Telling(
        visits=frozenset({("b", 1, "V2")}), checks=frozenset({("c", "odd")}), forms=frozenset({"d"})
    )
    both = then | now
    assert both.forms == {"a", "d"}
    assert both.has_entry("b", key=("L1", "V2"))
    assert not both.has_entry("b", key=("V2", "L1"))
    assert both.has_query("b", key=(), code="q")
    assert both.has_query("c", key=(), code="odd")
    assert not Telling().has_query("c", key=("V2",), code="odd")
