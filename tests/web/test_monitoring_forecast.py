"""The forecast on the page of monitoring: pooled, the same for the same data, told in words."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from equipoise.capture.blinding import Telling
from equipoise.design.planned_openings import think_of_rates
from equipoise.protocol.parse import shipped_protocol
from equipoise.store.embedded import Server
from equipoise.store.models import Allocation, Approval, FormEntry, Site, Subject
from equipoise.web.monitoring.accrual import read_days
from equipoise.web.monitoring.fan import render_fan
from equipoise.web.monitoring.forecast import Forecast, forecast, plan_events
from equipoise.web.monitoring.outlook import build_outlook
from equipoise.web.monitoring.seen import EVENT, FOLLOWED, LEFT, FollowUp, Seen, read_seen
from report.svg_reading import named_of, outside_of, overlaps_of, texts_of
from web.golden_site import fill_site
from web.visitors import log_in

PAGE = "/monitoring/"
TODAY = date(2026, 6, 1)
PROTOCOL = shipped_protocol()


def seen_of(subjects: int = 30, *, every_days: int = 12, events: int = 8) -> Seen:
    """Subjects one after the other at two sites, some of whom had the event after 100 days."""
    days = [TODAY - timedelta(days=every_days * (place + 1)) for place in range(subjects)][::-1]
    follow_up = [
        FollowUp(days=100, status=EVENT)
        if place < events
        else FollowUp(days=(TODAY - day).days + 1, status=LEFT if place == events else FOLLOWED)
        for place, day in enumerate(days)
    ]
    return Seen(
        today=TODAY, sites=(tuple(days[::2]), tuple(days[1::2])), follow_up=tuple(follow_up)
    )


def told(seen: Seen, *, subjects: int = 88, events: int = 20, seed: int = 7) -> Forecast:
    thought = think_of_rates(PROTOCOL.operations.accrual)
    return forecast(seen, subjects=subjects, events=events, seed=seed, thought=thought)


def test_the_median_lies_where_the_pace_so_far_leads() -> None:
    found = told(seen_of())
    assert found.subjects is not None
    assert found.subjects.median is not None
    (low80, high80), (low95, high95) = found.subjects.intervals
    assert low80 is not None
    assert low95 is not None
    assert high80 is not None
    assert high95 is not None

    expected = TODAY + timedelta(days=58 * 12)  # 58 more, one in 12 days
    assert abs((found.subjects.median - expected).days) < 60
    assert low95 < low80 < found.subjects.median < high80 < high95


def test_the_same_line_of_the_ledger_gives_the_same_days() -> None:
    first = told(seen_of())
    forecast.cache_clear()

    assert told(seen_of()) == first
    assert told(seen_of(), seed=8) != first


def test_events_come_after_those_seen_so_far() -> None:
    found = told(seen_of())
    assert found.events is not None
    assert found.events.median is not None

    assert found.events.so_far == 8
    assert found.events.median > TODAY
    later = told(seen_of(), events=25).events
    assert later is not None
    assert later.median is not None
    assert later.median > found.events.median


def test_what_has_been_reached_is_reached_today() -> None:
    found = told(seen_of(), subjects=30, events=8)

    assert found.fan is None
    assert found.subjects is not None
    assert (found.subjects.median, found.subjects.so_far) == (TODAY, 30)
    assert found.events is not None
    assert found.events.median == TODAY


@pytest.mark.parametrize("seen", [
    seen_of(4),
    seen_of(6, every_days=5),
    replace(seen_of(), sites=()),
])  # fmt: skip
def test_with_too_little_data_nothing_is_forecast(seen: Seen) -> None:
    assert told(seen) == Forecast(subjects=None, events=None, fan=None)
    outlook = build_outlook(seen, protocol=PROTOCOL, seed=1)
    assert outlook.knows_too_little
    assert outlook.figure == ""


def test_too_few_events_or_subjects_are_no_forecast_of_events() -> None:
    assert told(seen_of(events=4)).events is None
    assert told(seen_of(), events=500).events is None
    assert told(replace(seen_of(), follow_up=())).events is None


def test_what_is_far_away_has_no_day() -> None:
    slow = seen_of(6, every_days=400)
    found = told(slow).subjects
    assert found is not None

    assert found.median is None
    assert found.intervals[1][1] is None


def test_the_events_planned_are_those_of_the_design() -> None:
    assert plan_events(PROTOCOL) == 51
    outlook = build_outlook(seen_of(), protocol=PROTOCOL, seed=7)
    assert [(row.so_far, row.planned) for row in outlook.rows] == [(30, 88), (8, 51)]
    assert not any(row.is_reached for row in outlook.rows)


def test_the_fan_grows_to_what_is_planned() -> None:
    fan = told(seen_of()).fan
    assert fan is not None

    assert (fan.middle[0], fan.middle[-1]) == (30, 88)
    assert list(fan.middle) == sorted(fan.middle)
    for narrow, wide in ((0, 1),):
        pairs = zip(fan.lower[wide], fan.lower[narrow], strict=True)
        assert all(below <= above for below, above in pairs)
        pairs = zip(fan.upper[narrow], fan.upper[wide], strict=True)
        assert all(below <= above for below, above in pairs)


def test_the_figure_can_be_read_and_is_read_aloud() -> None:
    fan = told(seen_of()).fan
    assert fan is not None
    svg = render_fan(seen_of(), fan=fan, planned=88)

    assert overlaps_of(svg) == []
    assert outside_of(svg) == []
    assert {"today", "planned", "Subjects", "Month"} <= set(texts_of(svg))
    assert all(named_of(svg))
    assert [words for words in texts_of(svg) if re.fullmatch(r"20\d\d-\d\d", words)]


@contextmanager
def spread() -> Iterator[None]:
    """The hand-written subjects, randomised a fortnight apart in the year before today."""
    fill_site()
    now = datetime.now(UTC)
    for place, subject in enumerate(Allocation.objects.order_by("subject").values_list("subject")):
        at = now - timedelta(days=14 * (place + 8))
        Allocation.objects.filter(subject=subject[0]).update(at=at)
    yield


def seen_at_site(hidden: Telling, *, today: date | None = None) -> Seen:
    subjects = Subject.objects.all()
    days = read_days(subjects, sites=list(Site.objects.all()))
    return read_seen(
        subjects, days=days, hidden=hidden, protocol=PROTOCOL,
        today=today or datetime.now(UTC).date(),
    )  # fmt: skip


def test_progression_death_and_leaving_are_read_from_complete_forms(site: Server) -> None:
    with spread():
        everything = seen_at_site(Telling())
        dead = FormEntry.objects.filter(form="dth").values_list("subject", flat=True)
        progressed = FormEntry.objects.filter(form="rs", values__overall="PD")
        had = {*dead, *progressed.values_list("subject", flat=True)}
        had &= set(Allocation.objects.values_list("subject", flat=True))

        assert everything.events == len(had) > 0
        assert len(everything.days) == len(everything.follow_up) == Allocation.objects.count()
        assert min(each.days for each in everything.follow_up) >= 1
        FormEntry.objects.filter(form__in=("dth", "rs")).update(state="draft")
        assert seen_at_site(Telling()).events == 0


def test_who_may_not_read_a_form_of_the_event_reads_no_follow_up(site: Server) -> None:
    with spread():
        kept = seen_at_site(Telling(forms=frozenset({"rs"})))

        assert kept.follow_up == ()
        assert len(kept.days) == Allocation.objects.count()


def test_the_page_forecasts_for_the_whole_trial_and_tells_no_arm(site: Server) -> None:
    with spread():
        arms = [arm.label for arm in PROTOCOL.arm] + [arm.short for arm in PROTOCOL.arm]
        for username in ("mo", "stan", "dana"):
            page = log_in(username).get(PAGE).content.decode()
            section = page.split('id="forecast"')[1].split("</section>")[0]
            words = re.sub(r"<[^>]+>", " ", section)
            assert "When the planned number will have come" in words, username
            assert 'id="accrual-forecast-title"' in section, username
            assert not any(arm in words for arm in arms), username


def test_a_site_is_told_no_forecast(site: Server) -> None:
    assert 'id="forecast"' not in log_in("cora").get(PAGE).content.decode()


def test_a_young_trial_is_told_that_too_little_is_known(site: Server) -> None:
    page = log_in("mo").get(PAGE).content.decode()

    assert "Too little is known to forecast" in page
    assert "accrual-forecast" not in page


def test_a_death_of_unknown_day_and_one_of_tomorrow(site: Server) -> None:
    with spread():
        today = datetime.now(UTC).date()
        before = seen_at_site(Telling()).events
        deaths = FormEntry.objects.filter(form="dth")
        deaths.update(values={"death_date": f"{today:%Y-%m}"})
        assert seen_at_site(Telling()).events == before  # it may have been on the first

        FormEntry.objects.filter(form="rs").update(state="draft")
        deaths.update(values={"death_date": (today + timedelta(days=1)).isoformat()})
        assert seen_at_site(Telling()).events == 0
        deaths.update(values={})
        assert seen_at_site(Telling()).events == 0


def test_who_left_is_followed_no_more_and_the_others_up_to_their_last_form(site: Server) -> None:
    with spread():
        FormEntry.objects.filter(form__in=("dth", "rs")).update(state="draft")
        left = FormEntry.objects.filter(form="eos").values_list("subject", flat=True)
        kept = set(Allocation.objects.values_list("subject", flat=True))
        states = [each.status for each in seen_at_site(Telling()).follow_up]

        assert states.count(LEFT) == len(kept & set(left))
        assert states.count(FOLLOWED) == len(states) - states.count(LEFT)


def test_a_row_is_reached_from_its_planned_number_on() -> None:
    (subjects, events) = build_outlook(seen_of(88), protocol=PROTOCOL, seed=3).rows

    assert subjects.is_reached
    assert not events.is_reached
    assert build_outlook(seen_of(88), protocol=PROTOCOL, seed=3).figure == ""


def test_the_forecast_comes_first_and_a_long_table_of_months_is_folded(site: Server) -> None:
    with spread():
        page = log_in("mo").get(PAGE).content.decode()
        heads = re.findall(r"<h2>([^<]+)</h2>", page)
        assert heads[:2] == ["Forecast", "Accrual"]
        assert re.search(r"\b1?\d months", page)  # from four months ago back, a fortnight each
        assert '<details class="folded" open>' in page

        Allocation.objects.filter(pk=Allocation.objects.values("pk")[:1]).update(
            at=datetime.now(UTC) - timedelta(days=900)
        )
        page = log_in("mo").get(PAGE).content.decode()
        assert re.search(r"3[01] months", page)
        assert '<details class="folded">' in page


def median_of(seen: Seen, *, subjects: int = 88) -> date:
    found = told(seen, subjects=subjects).subjects
    assert found is not None
    assert found.median is not None
    return found.median


def test_sites_that_will_open_bring_the_subjects_sooner() -> None:
    soon = replace(seen_of(), opening=(TODAY + timedelta(days=10),) * 2)
    late = replace(seen_of(), opening=(TODAY + timedelta(days=300),) * 2)

    assert median_of(soon) < median_of(late) < median_of(seen_of())
    twice = median_of(replace(seen_of(), opening=(TODAY,) * 2))  # twice as many sites as now
    half = (median_of(seen_of()) - TODAY).days / 2
    assert (twice - TODAY).days == pytest.approx(half, rel=0.1)


def test_a_site_without_subjects_slows_those_like_it() -> None:
    idle = replace(seen_of(), waiting=(TODAY - timedelta(days=360),), opening=(TODAY,))
    assert median_of(idle) > median_of(replace(seen_of(), opening=(TODAY,)))


def test_a_closed_site_counts_its_subjects_and_randomises_no_more() -> None:
    one, other = seen_of().sites
    closed = replace(seen_of(), sites=(one,), closed=(other,))

    found = told(closed).subjects
    assert found is not None
    assert found.so_far == 30
    assert median_of(closed) > median_of(seen_of())
    over = told(replace(seen_of(), sites=(), closed=(one, other))).subjects
    assert over is not None
    assert over.median is None


def test_with_one_site_or_none_those_to_open_are_as_the_protocol_plans() -> None:
    one, other = seen_of().sites
    opening = (TODAY,) * 5
    planned = TODAY + timedelta(days=58 / (5 * 0.5) * 30.4)  # half a subject a month and site

    none = median_of(replace(seen_of(), sites=(), closed=(one, other), opening=opening))
    assert abs((none - planned).days) < 120
    assert median_of(replace(seen_of(), sites=(one,), closed=(other,), opening=opening)) > TODAY


def test_planned_sites_that_are_not_on_the_list_are_counted_and_told(site: Server) -> None:
    with spread():
        today = datetime.now(UTC).date()
        seen = seen_at_site(Telling())
        assert (len(seen.sites), len(seen.waiting), len(seen.opening)) == (1, 1, 3)
        assert min(seen.opening) > today  # by plan they should be open: one after the other now
        page = log_in("mo").get(PAGE).content.decode()
        assert "3 more sites are counted, which are to open from" in page

        Approval.objects.filter(site="02").update(from_date=today + timedelta(days=20))
        Site.objects.filter(code="01").update(is_open=False)
        seen = seen_at_site(Telling())
        assert (seen.sites, len(seen.closed), seen.waiting) == ((), 1, ())
        assert seen.opening[0] == today + timedelta(days=20)
        assert len(seen.days) == Allocation.objects.count()
