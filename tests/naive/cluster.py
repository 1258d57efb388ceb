"""Resampling of patients with all their lesions, written out: rows are copied, not weighted."""

from fractions import Fraction

from naive.philox import philox4x32_10
from naive.survival import aalen_johansen

Row = tuple[float, int, str, int]  # time, cause, patient, group


def incidence(rows: list[Row], group: int, at: float) -> float:
    own = [(time, cause) for time, cause, _, g in rows if g == group]
    return ([0.0] + [f for time, f in aalen_johansen(own) if time <= at])[-1]


def weighted_incidence(rows: list[tuple[float, int, float]], at: float) -> float:
    """Aalen and Johansen's sum with a weight for each row: time, cause, weight."""
    free, found = 1.0, 0.0
    for now in sorted({time for time, cause, _ in rows if cause > 0 and time <= at}):
        at_risk = sum(weight for time, _, weight in rows if time >= now)
        died = [sum(w for t, c, w in rows if (t, c) == (now, cause)) for cause in (1, 2)]
        found += free * died[0] / at_risk
        free *= 1 - sum(died) / at_risk
    return found


def word(seed: int, replicate: int, number: int) -> int:
    """32 random bits: four words share a call."""
    counter = (0, number // 4, replicate, 0xB0075)
    return philox4x32_10(counter, (seed % 2**32, seed // 2**32))[number % 4]


def shuffle(strata: list[list[int]], seed: int, replicate: int) -> list[int]:
    """Groups of patients, stratum after stratum: 1 with a chance of places over patients left."""
    out: list[int] = []
    for groups in strata:
        end, places = len(out) + len(groups), sum(groups)
        while len(out) < end:
            lot = Fraction(word(seed, replicate, len(out) // 2) >> 16 * (len(out) % 2) & 0xFFFF)
            taken = int(lot / 2**16 * (end - len(out)) < places)
            out.append(taken)
            places -= taken
    return out


def draw(size: int, seed: int, replicate: int, first: int) -> list[int]:
    """As many places of `size` as there are; up to 1,024 a word, of `first` on, tells two."""
    out: list[int] = []
    while len(out) < size:
        share = Fraction(word(seed, replicate, first), 2**32) * size
        out.append(int(share))
        if size <= 1024 and len(out) < size:
            out.append(int(share % 1 * size))
        first += 1
    return out


def bootstrap(rows: list[Row], at: float, seed: int, replicates: int) -> list[tuple[float, float]]:
    """Incidence in groups 0 and 1 in each resample, patients of a group in order of labels."""
    patients = [sorted({label for _, _, label, g in rows if g == group}) for group in (0, 1)]
    words = [(len(own) + 1) // 2 if len(own) <= 1024 else len(own) for own in patients]
    out = []
    for replicate in range(replicates):
        drawn: list[Row] = []
        for group, own in enumerate(patients):
            for i in draw(len(own), seed, replicate, sum(words[:group])):
                drawn += [row for row in rows if (row[3], row[2]) == (group, own[i])]
        out.append((incidence(drawn, 0, at), incidence(drawn, 1, at)))
    return out
