"""Untreated times and their log-rank test, patient by patient; and pooling as Rubin words it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from naive.cox import Person
from naive.logrank import logrank


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    time: float
    event: int
    group: int
    treated: float
    follow_up: float


def without_treatment(patient: Patient, factor: float) -> tuple[float, int]:
    """Time and event had the patient not been treated, censored as early as it might have been."""
    untreated = (patient.time - patient.treated) + factor * patient.treated
    earliest = min(patient.follow_up, factor * patient.follow_up)
    if untreated > earliest:
        return earliest, 0
    return untreated, patient.event


def logrank_z(patients: Sequence[Patient], log_factor: float) -> float:
    people = []
    for patient in patients:
        time, event = without_treatment(patient, math.exp(log_factor))
        people.append(
            Person(time=time, event=event, group=patient.group, stratum=0, weight=1.0, x=())
        )
    observed, expected, variance = logrank(people, 2)
    if variance[1][1] <= 1e-12:
        return 0.0
    return (observed[1] - expected[1]) / math.sqrt(variance[1][1])


def pooled(estimates: Sequence[float], variances: Sequence[float]) -> tuple[float, float]:
    """The mean estimate and its total variance."""
    m = len(estimates)
    mean = sum(estimates) / m
    between = sum((estimate - mean) ** 2 for estimate in estimates) / (m - 1)
    return mean, sum(variances) / m + (1 + 1 / m) * between
