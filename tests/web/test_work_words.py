"""Words and signs of work pages, and the order in which work is owed."""

import re
from datetime import date, timedelta

import pytest

from capture.small_trial import protocol
from equipoise.capture.lifecycle import FormState
from equipoise.capture.schedule import Cell, Owed, PlannedVisit, Window
from equipoise.vocab.ids import EntryId
from equipoise.web.lesions import words
from equipoise.web.shell.tags import in_words
from equipoise.web.work.grid import Row, Square
from equipoise.web.work.one_subject import next_visit
from equipoise.web.work.standing import Standing
from equipoise.web.work.status import Status
from equipoise.web.work.tags import owed_badge, owed_words, square, status_badge, status_words
from equipoise.web.work.visit_tasks import VisitTask, key_of, list_visit_tasks, new_address

TODAY = date(2026, 6, 1)
FORMS = {form.form: form for form in protocol().form}


def text_of(html: str) -> str:
    """What is read aloud: without marks, and without signs that are hidden."""
    seen = re.sub(r'<span[^>]*aria-hidden="true">[^<]*</span>', "", html)
    return " ".join(re.sub(r"<[^>]+>", " ", seen).split())


@pytest.mark.parametrize("owed", list(Owed))
def test_what_is_owed_has_a_sign_a_word_and_a_colour_of_its_own(owed: Owed) -> None:
    badge = owed_badge(owed.value)
    assert f"badge-{owed.value}" in badge
    assert text_of(badge) == owed_words(owed) != ""
    others = [owed_badge(each.value) for each in Owed if each is not owed]
    assert badge not in others


@pytest.mark.parametrize("status", list(Status))
def test_how_far_a_subject_has_come_is_said_alike_in_badge_and_choice(status: Status) -> None:
    assert text_of(status_badge(status.value)) == status_words(status.value)
    signs = {re.findall(r'aria-hidden="true">(.)<', status_badge(each.value))[0] for each in Status}
    assert len(signs) == len(Status)


def drawn(owed: Owed, *, state: str = "not_started", count: int = 0, address: str = "/a/") -> str:
    one = Square(title="ECOG <1>", owed=owed, state=FormState(state), count=count, address=address)
    return str(square(one, "Month 3, 2026-06-18"))


# owed | state | entries | what one sees of the square, as class names and times
SQUARES = """
due          | not_started | 0 | owed-due
overdue      | not_started | 0 | owed-overdue
overdue      | draft       | 1 | owed-overdue
started      | draft       | 1 | badge-draft
done         | complete    | 1 | badge-complete
done         | signed      | 3 | badge-signed ×3
offered      | not_started | 0 | owed-offered
not_expected | not_started | 0 | owed-not_expected
"""


@pytest.mark.parametrize("text", SQUARES.strip().splitlines())
def test_a_square_shows_the_state_where_there_is_an_entry_else_what_is_owed(text: str) -> None:
    owed, state, count, expected = (part.strip() for part in text.split("|"))
    html = drawn(Owed(owed), state=state, count=int(count))
    assert re.findall(r"(?:owed|badge)-\w+|×\d", html) == expected.split()
    assert f"ECOG &lt;1&gt;: {owed_words(Owed(owed))}. Month 3, 2026-06-18" in html


def test_a_square_without_a_page_is_no_link() -> None:
    assert '<a class="square" href="/a/">' in drawn(Owed.DUE)
    assert "<a " not in drawn(Owed.DUE, address="")


def test_a_row_tells_its_window_and_only_its_name_where_there_is_none() -> None:
    window = Window(opens_date=TODAY, planned_date=TODAY, closes_date=TODAY + timedelta(days=7))
    row = Row(code="M3", label="Month 3", window=window, owed=None, squares=())
    assert row.told == "Month 3, 2026-06-01 – 2026-06-08"
    assert Row(code="M3", label="Month 3", window=None, owed=None, squares=()).told == "Month 3"


@pytest.mark.parametrize(
    ("entry", "key"),
    [
        ("01-001/les_fu/M3.L01", "M3.L01"),
        ("01-001/dm", ""),
        ("01-001/ecog/M3", "M3"),
        ("01-001/cm/a/b", "a/b"),
    ],
)
def test_the_key_of_an_entry_is_what_follows_its_form(entry: str, key: str) -> None:
    assert key_of(entry) == key


@pytest.mark.parametrize("form", ["nosuch", "ecog", "les_fu", "cm", "dm"])
def test_a_page_that_the_site_does_not_have_is_no_address(form: str) -> None:
    """An address is empty or leads to the subject and the form; never half of one."""
    model = FORMS.get(form, FORMS["ecog"])
    address = new_address("01-001", model, visit="M3")
    assert address == "" or ("01-001" in address and model.form in address)
    if address and "visit" in model.key:
        assert "M3" in address


def planned(code: str, *cells: tuple[str, Owed], opens: int | None = 0) -> PlannedVisit:
    """A visit whose window opens so many days from today and lasts a fortnight."""
    (visit,) = [each for each in protocol().schedule.visit if each.code == code]
    start = TODAY + timedelta(days=opens or 0)
    window = Window(
        opens_date=start,
        planned_date=start + timedelta(days=7),
        closes_date=start + timedelta(days=14),
    )
    return PlannedVisit(
        visit=visit,
        window=None if opens is None else window,
        cells=tuple(
            Cell(form=form, owed=owed, state=FormState.NOT_STARTED, entries=())
            for form, owed in cells
        ),
    )


def standing(subject: str, *visits: PlannedVisit, drafts: tuple[str, ...] = ()) -> Standing:
    return Standing(
        subject=subject, site="01", fingerprint="f", today=TODAY, visits=visits,
        drafts=tuple((form, EntryId(f"{subject}/{form}")) for form in drafts),
    )  # fmt: skip


def tasks(*standings: Standing, forms: str = "ecog vs dm les_fu ae cm") -> list[VisitTask]:
    allowed = {("01", "f"): {name: FORMS[name] for name in forms.split()}}
    return list_visit_tasks(standings, allowed=allowed)


def test_the_longest_overdue_comes_first_then_what_is_due_soonest_then_drafts() -> None:
    found = tasks(
        standing("01-004", planned("M3", ("ecog", Owed.STARTED), opens=-5)),
        standing("01-003", planned("M3", ("ecog", Owed.DUE), opens=-10)),
        standing("01-002", planned("M3", ("ecog", Owed.OVERDUE), opens=-20)),
        standing("01-001", planned("M3", ("ecog", Owed.OVERDUE), opens=-40)),
        standing("01-005", planned("SCR", ("ecog", Owed.DUE), opens=None)),
    )
    assert [(each.subject, each.owed.value) for each in found] == [
        ("01-001", "overdue"),
        ("01-002", "overdue"),
        ("01-003", "due"),
        ("01-005", "due"),  # by no day, after what has one
        ("01-004", "started"),
    ]


# days from today until the window opens; it lasts 14 days | late by | days left
LATE = """
-14 |  0 | 0
-15 |  1 | 0
-10 | -4 | 4
0   | -14 | 14
"""


@pytest.mark.parametrize("text", LATE.strip().splitlines())
def test_days_late_count_from_the_last_day_of_the_window(text: str) -> None:
    opens, late, left = (int(part) for part in text.split("|"))
    (task,) = tasks(standing("01-001", planned("M3", ("ecog", Owed.DUE), opens=opens)))
    assert (task.late_days, task.days_left) == (late, left)


def test_a_visit_whose_day_is_not_known_is_late_by_nothing() -> None:
    (task,) = tasks(standing("01-001", planned("SCR", ("dm", Owed.DUE), opens=None)))
    assert (task.closes_date, task.late_days, task.days_left) == (None, None, 0)


def test_a_visit_is_one_row_for_each_urgency_with_the_forms_of_it() -> None:
    visit = planned("M3", ("ecog", Owed.OVERDUE), ("vs", Owed.OVERDUE), ("les_fu", Owed.STARTED))
    found = tasks(standing("01-001", visit))
    titles = [[FORMS[name].title for name in ("ecog", "vs")], [FORMS["les_fu"].title]]
    assert [[link.title for link in each.forms] for each in found] == titles


def test_forms_that_are_not_the_work_of_the_reader_are_not_listed() -> None:
    visit = planned("M3", ("ecog", Owed.DUE), ("vs", Owed.DUE))
    (task,) = tasks(standing("01-001", visit), forms="vs")
    assert [link.title for link in task.forms] == [FORMS["vs"].title]
    assert tasks(standing("01-001", visit), forms="dm") == []


def test_the_next_visit_is_the_first_whose_window_opens_after_today() -> None:
    ahead = ("ecog", Owed.AHEAD)
    visits = (
        planned("M3", ahead, opens=-3), planned("M9", ahead, opens=90),
        planned("M6", ahead, opens=30), planned("SCR", ahead, opens=None),
        planned("RAND", ahead, opens=0),
    )  # fmt: skip
    found = next_visit(visits, today=TODAY)
    assert found is not None
    assert found.visit.code == "M6"
    assert next_visit(visits[3:], today=TODAY) is None
    assert next_visit((), today=TODAY) is None


def test_no_visit_is_next_for_who_died_or_left() -> None:
    gone = ("ecog", Owed.NOT_EXPECTED), ("vs", Owed.NOT_EXPECTED)
    visits = planned("M6", *gone, opens=30), planned("M9", gone[0], opens=90)
    assert next_visit(visits, today=TODAY) is None
    still = planned("M12", gone[0], ("surv", Owed.AHEAD), opens=180)
    assert next_visit((*visits, still), today=TODAY) == still


@pytest.mark.parametrize(
    ("dose", "text"),
    [(None, "–"), (0.0, "0"), (30.0, "30"), (30.04, "30"), (30.25, "30.2"), (59.96, "60")],
)
def test_a_dose_has_at_most_one_decimal(dose: float | None, text: str) -> None:
    assert words.gy(dose) == text


@pytest.mark.parametrize(
    ("name", "given", "text"),
    [
        ("response", "PD", "PD, progressive disease"),
        ("response", "", "–"),
        ("response", "ICPD", "ICPD"),
        ("slugify_code", "NON-CR/NON-PD", "NON-CR-NON-PD"),
        ("slugify_code", "SD", "SD"),
        ("target_words", "non_target", "non-target"),
        ("lesion_of", "01-001/les_fu/M3.L01", "L01"),
    ],
)
def test_codes_are_told_in_words(name: str, given: str, text: str) -> None:
    assert getattr(words, name)(given) == text


@pytest.mark.parametrize(
    ("verdict", "said", "colour"),
    [
        ("pass", "as planned", "ok"),
        ("minor", "minor deviation", "due"),
        ("major", "major deviation", "error"),
        (None, "not judged", "not_started"),
        ("<b>", "&lt;b&gt;", "not_started"),
    ],
)
def test_a_verdict_on_a_dose_is_no_colour_alone(verdict: str, said: str, colour: str) -> None:
    badge = str(words.verdict_badge(verdict))
    assert text_of(badge) == said
    assert f"badge-{colour}" in badge


def test_names_of_the_program_are_words_on_a_page() -> None:
    assert in_words("sub_investigator") == "sub investigator"
    assert words.mm(365) == "36.5 mm"
    assert words.mm(None) == "–"
