"""Subjects arrive at sites that open in turn, each at a rate of its own."""

from datetime import date

import numpy as np
import pytest

from equipoise.protocol.scenario_model import Accrual
from equipoise.simulate.arrival import draw_arrival
from equipoise.simulate.cohort import build_cohort
from simulate.rehearsed import many, trial

EPOCH = date(1970, 1, 1)


def test_subjects_of_a_trial_arrive_in_the_order_of_their_numbers() -> None:
    cohort = build_cohort(1, replicates=range(5), subjects=88)
    arrival = draw_arrival(cohort, accrual=trial().operations.accrual, subjects=88)
    assert (np.diff(arrival.randomised.reshape(5, 88), axis=1) >= 0).all()


def test_nobody_arrives_before_the_first_site_opens() -> None:
    cohort = build_cohort(1, replicates=range(5), subjects=88)
    accrual = trial().operations.accrual
    arrival = draw_arrival(cohort, accrual=accrual, subjects=88)
    assert arrival.randomised.min() >= (accrual.first_site_date - EPOCH).days


def test_a_site_enrols_nobody_before_it_opens() -> None:
    accrual = Accrual(sites=3, activation_months=6, rate_per_month=4)
    cohort = build_cohort(1, replicates=range(20), subjects=60)
    arrival = draw_arrival(cohort, accrual=accrual, subjects=60)
    months = (arrival.randomised - (accrual.first_site_date - EPOCH).days) / 30.4375
    for site in (1, 2, 3):
        assert months[arrival.site == site].min() >= 6 * (site - 1) - 0.04


def test_numbers_within_a_site_count_from_one_without_gaps() -> None:
    cohort = build_cohort(2, replicates=range(2), subjects=50)
    arrival = draw_arrival(cohort, accrual=trial().operations.accrual, subjects=50)
    for replicate in (0, 1):
        rows = slice(50 * replicate, 50 * (replicate + 1))
        for site in set(arrival.site[rows]):
            numbers = arrival.number[rows][arrival.site[rows] == site]
            assert numbers.tolist() == list(range(1, len(numbers) + 1))


def test_eighty_eight_subjects_take_about_forty_months() -> None:
    """D8.4: total about 2.2 a month, 88 subjects in about 40 months."""
    cohort = build_cohort(3, replicates=range(300), subjects=88)
    arrival = draw_arrival(cohort, accrual=trial().operations.accrual, subjects=88)
    months = np.ptp(arrival.randomised.reshape(300, 88), axis=1) / 30.4375
    assert np.median(months) == pytest.approx(40, abs=3)


def test_the_rates_of_the_sites_have_mean_and_shape_of_the_protocol() -> None:
    accrual = Accrual(sites=1, activation_months=0, rate_per_month=0.5, rate_shape=2)
    cohort = build_cohort(4, replicates=range(1500), subjects=40)
    arrival = draw_arrival(cohort, accrual=accrual, subjects=40)
    months = np.ptp(arrival.randomised.reshape(1500, 40), axis=1) / 30.4375
    assert np.mean(39 / months) == pytest.approx(0.5, rel=0.06)


def test_at_once_means_one_day_and_sites_in_turn() -> None:
    cohort = build_cohort(4, replicates=range(1), subjects=10)
    arrival = draw_arrival(cohort, accrual=Accrual(at_once=True), subjects=10)
    assert len(set(arrival.randomised)) == 1
    assert arrival.site.tolist() == [1, 2, 3, 4, 5] * 2
    assert arrival.number.tolist() == [1] * 5 + [2] * 5


def test_identities_name_site_and_number() -> None:
    subjects = many().frames["dm"]["subject"]
    assert subjects.str.contains(r"^0[1-5]-[0-9]{3}$").all()
    assert (many().frames["dm"]["site"] == subjects.str.head(2)).all()
