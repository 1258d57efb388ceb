"""Biologically effective dose by the linear-quadratic model, and doses of equal effect."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Doses = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearTail:
    """Above `from_gy` a fraction, effect rises in a straight line (LQ-L).

    `slope` is the rise of BED by Gy there; None: that of the curve where the line begins, 1 + 2
    `from_gy` / (alpha/beta). Source: Guerrero and Li 2004, Phys Med Biol 49:4825; Astrahan 2008,
    Med Phys 35:4161.
    """

    from_gy: float
    slope: float | None = None

    def slope_at(self, alpha_beta_gy: float) -> float:
        """The rise of BED by Gy beyond `from_gy`."""
        return 1.0 + 2.0 * self.from_gy / alpha_beta_gy if self.slope is None else self.slope


def biologically_effective_dose(
    dose_per_fraction_gy: ArrayLike,
    *,
    fractions: ArrayLike,
    alpha_beta_gy: float,
    tail: LinearTail | None = None,
) -> Doses:
    """BED in Gy of `fractions` equal fractions: n d (1 + d / (alpha/beta)).

    Arrays go element by element; NaN gives NaN. With `tail`, what a fraction exceeds it by counts
    linearly: n (dT (1 + dT / (alpha/beta)) + slope (d - dT)). Source: Fowler 1989, Br J Radiol
    62:679; the quadratic term overestimates above some 8 to 10 Gy a fraction.
    """
    dose = _not_negative(dose_per_fraction_gy, "dose per fraction")
    count = _not_negative(fractions, "number of fractions")
    each = _fraction_effect(dose, _positive(alpha_beta_gy), tail)
    return np.asarray(count * each, dtype=np.float64)


def equivalent_dose_in_2_gy(bed_gy: ArrayLike, *, alpha_beta_gy: float) -> Doses:
    """EQD2 in Gy: the dose in fractions of 2 Gy with that BED, BED / (1 + 2 / (alpha/beta)).

    Source: Withers 1983, Cancer 51 (suppl):2085.
    """
    bed = _not_negative(bed_gy, "BED")
    return np.asarray(bed / (1.0 + 2.0 / _positive(alpha_beta_gy)), dtype=np.float64)


def isoeffective_fraction_dose(
    bed_gy: ArrayLike,
    *,
    fractions: ArrayLike,
    alpha_beta_gy: float,
    tail: LinearTail | None = None,
) -> Doses:
    """The dose per fraction in Gy that reaches a BED in that many fractions.

    The positive root of n d (1 + d / (alpha/beta)) = BED; with `tail`, on the line where the BED
    of one fraction lies beyond it. The total dose is this times `fractions`.
    """
    bed, count = _not_negative(bed_gy, "BED"), np.asarray(fractions, dtype=np.float64)
    if np.any(count <= 0):
        raise ValueError("the number of fractions must be above 0")
    ratio = _positive(alpha_beta_gy)
    each = bed / count
    # 2 x / (1 + sqrt(1 + 4 x / r)) is r / 2 (sqrt(1 + 4 x / r) - 1) without its cancellation
    quadratic = 2.0 * each / (1.0 + np.sqrt(1.0 + 4.0 * each / ratio))
    if tail is None:
        return np.asarray(quadratic, dtype=np.float64)
    edge = _fraction_effect(np.float64(tail.from_gy), ratio, None)
    linear = tail.from_gy + (each - edge) / tail.slope_at(ratio)
    return np.asarray(np.where(each > edge, linear, quadratic), dtype=np.float64)


def isoeffective_total_dose(
    bed_gy: ArrayLike,
    *,
    fractions: ArrayLike,
    alpha_beta_gy: float,
    tail: LinearTail | None = None,
) -> Doses:
    """The total dose in Gy that reaches a BED in that many equal fractions."""
    each = isoeffective_fraction_dose(
        bed_gy, fractions=fractions, alpha_beta_gy=alpha_beta_gy, tail=tail
    )
    return np.asarray(each * np.asarray(fractions, dtype=np.float64), dtype=np.float64)


def _fraction_effect(dose: ArrayLike, ratio: float, tail: LinearTail | None) -> Doses:
    given = np.asarray(dose, dtype=np.float64)
    bent = given if tail is None else np.minimum(given, tail.from_gy)
    effect = bent * (1.0 + bent / ratio)
    if tail is not None:
        effect = effect + tail.slope_at(ratio) * (given - bent)
    return np.asarray(effect, dtype=np.float64)


def _not_negative(values: ArrayLike, name: str) -> Doses:
    array = np.asarray(values, dtype=np.float64)
    if np.any(array < 0):
        raise ValueError(f"a {name} is negative")
    return array


def _positive(alpha_beta_gy: float) -> float:
    if not alpha_beta_gy > 0:
        raise ValueError("alpha/beta must be above 0 Gy")
    return float(alpha_beta_gy)
