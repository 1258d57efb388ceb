"""When and where subjects are randomised: sites open in turn, each at its own rate (D8.4)."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy.special import gammaincinv

from equipoise.protocol.scenario_model import Accrual
from equipoise.simulate.cohort import DAYS_PER_MONTH, Cohort, Floats, Ints, draw_uniform
from equipoise.simulate.purpose import Purpose

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Per subject: site (from 1), number within the site, day of randomisation since 1970."""

    site: Ints
    number: Ints
    randomised: Ints


def draw_arrival(cohort: Cohort, *, accrual: Accrual, subjects: int) -> Arrival:
    """The arrivals, each trial's in the order of its subjects."""
    first = (accrual.first_site_date - _EPOCH).days
    if accrual.at_once:
        site = 1 + cohort.subject % accrual.sites
        randomised = np.full(cohort.size, first, dtype=np.int64)
    else:
        rates = _draw_site_rates(cohort, accrual=accrual, subjects=subjects)
        opened = np.array([place * accrual.activation_months for place in range(accrual.sites)])
        uniform = draw_uniform(cohort, purpose=Purpose.ARRIVAL, count=2)
        reached = np.cumsum(-np.log(uniform[:, 0]).reshape(-1, subjects), axis=1)
        months = _invert_intensity(reached, rates=rates, opened=opened).ravel()
        site = 1 + _choose_site(months, rates=rates, opened=opened, uniform=uniform[:, 1])
        randomised = first + np.floor(months * DAYS_PER_MONTH).astype(np.int64)
    number = _number_within_site(site, subjects=subjects)
    return Arrival(site=site, number=number, randomised=randomised)


def _draw_site_rates(cohort: Cohort, *, accrual: Accrual, subjects: int) -> Floats:
    """Rates per month, shape (trials, sites): gamma distributed with the mean of the protocol."""
    trials = cohort.replicate[::subjects]
    sites = Cohort(
        seed=cohort.seed,
        replicate=np.repeat(trials, accrual.sites),
        subject=np.tile(np.arange(accrual.sites, dtype=np.int64), trials.size),
    )
    uniform = draw_uniform(sites, purpose=Purpose.SITE_RATE, count=1)
    shape = accrual.rate_shape
    rates = gammaincinv(shape, uniform) * accrual.rate_per_month / shape
    return np.asarray(rates, dtype=np.float64).reshape(trials.size, accrual.sites)


def _invert_intensity(reached: Floats, *, rates: Floats, opened: Floats) -> Floats:
    """Months at which the summed intensity of the open sites reaches `reached` (trials, n)."""
    total = np.cumsum(rates, axis=1)
    gained = total[:, :-1] * np.diff(opened)
    at_opening = np.concatenate([np.zeros((len(rates), 1)), np.cumsum(gained, axis=1)], axis=1)
    segment = (reached[:, :, None] >= at_opening[:, None, :]).sum(axis=2) - 1
    row = np.arange(len(rates))[:, None]
    months = opened[segment] + (reached - at_opening[row, segment]) / total[row, segment]
    return np.asarray(months, dtype=np.float64)


def _choose_site(months: Floats, *, rates: Floats, opened: Floats, uniform: Floats) -> Ints:
    """The site of each arrival, in the ratio of the rates of the sites open then."""
    each = np.repeat(rates, months.size // len(rates), axis=0)
    reached = np.cumsum(np.where(months[:, None] >= opened[None, :], each, 0.0), axis=1)
    place = (uniform[:, None] * reached[:, -1:] >= reached).sum(axis=1)
    return np.asarray(np.minimum(place, rates.shape[1] - 1), dtype=np.int64)


def _number_within_site(site: Ints, *, subjects: int) -> Ints:
    by_trial = site.reshape(-1, subjects)
    number = np.zeros_like(by_trial)
    for each in np.unique(site):
        here = by_trial == each
        number += np.where(here, np.cumsum(here, axis=1), 0)
    return number.ravel()
