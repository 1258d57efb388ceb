"""How a row that comes or leaves changes what its cluster moves an incidence by."""

from dataclasses import dataclass

import numpy as np

from equipoise.numerics.competing.incidences import Floats, Incidences


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """A cluster moves the incidence at each of m times by run b + a - away l.

    Here b is its weight at risk; (b, a, l) are sums over its rows of `enter`, from the time on
    that a row comes, and `leave`, from that on at which it has left, both (n, 3); `run` and `away`
    are (m,). The row's own event of the cause moves it by `jump` (n,), and `hazard` (m,), the
    cause's, of that is expected.
    """

    run: Floats
    away: Floats
    enter: Floats
    leave: Floats
    jump: Floats
    hazard: Floats


def find_moves(curves: Incidences, *, cause: int) -> Moves:
    """Between coming and leaving all at risk move alike, but for their weight.

    An event of the cause gains 1 / at risk of those free before; any event loses its share of what
    is to come, `away`. The sums gained and lost are those of one who stays at risk.
    """
    hazard = curves.events / curves.at_risk
    own, every = hazard[cause - 1], hazard.sum(axis=0)
    some = every < 1 - 1e-12
    gain = np.concatenate([[1.0], curves.survival[:-1]]) / curves.at_risk
    loss = np.where(some, 1 / np.where(some, 1 - every, 1.0), 0.0) / curves.at_risk
    away = curves.incidence[cause - 1] - curves.incidence[cause - 1][-1]
    gained = np.concatenate([[0.0], np.cumsum(-(own * gain + every * loss * away))])
    lost = np.concatenate([[0.0], np.cumsum(-every * loss)])
    has, fails, at = curves.cause == cause, curves.cause > 0, curves.last
    left_gained = gained[at + 1] + has * gain[at] + fails * (loss * away)[at]
    return Moves(
        run=gained[1:] - away * lost[1:],
        away=away,
        enter=_weigh(curves.weight, 1.0, -gained[curves.first], -lost[curves.first]),
        leave=_weigh(curves.weight, -1.0, left_gained, lost[at + 1] + fails * loss[at]),
        jump=curves.weight * has * gain[at],
        hazard=own,
    )


def _weigh(weight: Floats, b: float, a: Floats, lo: Floats) -> Floats:
    out = np.empty((weight.size, 3))
    out[:, 0], out[:, 1], out[:, 2] = b * weight, weight * a, weight * lo
    return out
