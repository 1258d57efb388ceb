"""Resampling of patients with all their lesions, written out: rows are copied, not weighted."""

from naive.philox import uniform
from naive.survival import aalen_johansen

Row = tuple[float, int, str, int]  # time, cause, patient, group


def incidence(rows: list[Row], group: int, at: float) -> float:
    own = [(time, cause) for time, cause, _, g in rows if g == group]
    return ([0.0] + [f for time, f in aalen_johansen(own) if time <= at])[-1]


def bootstrap(rows: list[Row], at: float, seed: int, replicates: int) -> list[tuple[float, float]]:
    """Incidence in groups 0 and 1 in each resample, patients in order of group, then label."""
    patients = sorted({(group, label) for _, _, label, group in rows})
    first = sum(group == 0 for group, _ in patients)
    out = []
    for replicate in range(replicates):
        drawn: list[Row] = []
        for i, (group, _) in enumerate(patients):
            low, size = (0, first) if group == 0 else (first, len(patients) - first)
            chosen = patients[low + int(uniform(seed, replicate, i, 0xB0075, 0) * size)]
            drawn += [row for row in rows if (row[3], row[2]) == chosen]
        out.append((incidence(drawn, 0, at), incidence(drawn, 1, at)))
    return out
