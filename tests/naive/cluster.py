"""Resampling of patients with all their lesions, written out: rows are copied, not weighted."""

from fractions import Fraction

from naive.philox import philox4x32_10
from naive.survival import aalen_johansen

Row = tuple[float, int, str, int]  # time, cause, patient, group


def incidence(rows: list[Row], group: int, at: float) -> float:
    own = [(time, cause) for time, cause, _, g in rows if g == group]
    return ([0.0] + [f for time, f in aalen_johansen(own) if time <= at])[-1]


def share(seed: int, replicate: int, purpose: int, first: int, place: int) -> Fraction:
    """A word over 2**32: four places, from a multiple of four after `first` on, share a call."""
    counter = (0, first + place - place % 4, replicate, purpose)
    return Fraction(philox4x32_10(counter, (seed % 2**32, seed // 2**32))[place % 4], 2**32)


def shuffle(strata: list[list[int]], seed: int, replicate: int) -> list[int]:
    """Groups of patients, stratum after stratum: 1 with a chance of places over patients left."""
    out: list[int] = []
    for groups in strata:
        end, places = len(out) + len(groups), sum(groups)
        while len(out) < end:
            taken = int(share(seed, replicate, 0x9E97, 0, len(out)) * (end - len(out)) < places)
            out.append(taken)
            places -= taken
    return out


def bootstrap(rows: list[Row], at: float, seed: int, replicates: int) -> list[tuple[float, float]]:
    """Incidence in groups 0 and 1 in each resample, patients in order of group, then label."""
    patients = sorted({(group, label) for _, _, label, group in rows})
    first = sum(group == 0 for group, _ in patients)
    out = []
    for replicate in range(replicates):
        drawn: list[Row] = []
        for i, (group, _) in enumerate(patients):
            low, size = (0, first) if group == 0 else (first, len(patients) - first)
            word = share(seed, replicate, 0xB0075, low, i - low)
            chosen = patients[low + int(word * size)]
            drawn += [row for row in rows if (row[3], row[2]) == chosen]
        out.append((incidence(drawn, 0, at), incidence(drawn, 1, at)))
    return out
