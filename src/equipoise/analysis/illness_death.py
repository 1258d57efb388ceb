"""Who is free of the event, alive with it, or dead: the share in a state, and the time in it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from equipoise.analysis.incidence_differences import with_contrast
from equipoise.analysis.milestone import gather_parts
from equipoise.analysis.result import ArmResult, Curve, Estimate, Result, build_estimate
from equipoise.analysis.sample import Question, Sample, take_options
from equipoise.analysis.second import rows_of_second, select_with_second
from equipoise.analysis.survival import describe_survival, start_at_zero, with_estimates
from equipoise.numerics.competing.state_comparison import (
    compare_occupation_at,
    compare_time_in_state,
)
from equipoise.numerics.competing.transitions import (
    TimeInStates,
    Transitions,
    build_illness_death,
    estimate_occupation_at,
    estimate_time_in_states,
    estimate_transitions,
)
from equipoise.protocol.methods.competing import IllnessDeathOptions

STATES = ("free", "progressed", "dead")
_IN_WORDS = {"free": "free of the event", "progressed": "alive with the event", "dead": "dead"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Course:
    """How each row goes: until when it is seen, whether it died then, and when it progressed."""

    end: NDArray[np.float64]
    died: NDArray[np.int64]
    subject: NDArray[np.str_]
    progression: NDArray[np.float64]

    @property
    def left(self) -> NDArray[np.bool_]:
        """Who left the first state."""
        return np.asarray((self.died == 1) | np.isfinite(self.progression))

    def of(self, rows: NDArray[np.bool_]) -> Transitions:
        """The moves of these rows."""
        stays = build_illness_death(
            self.end[rows],
            died=self.died[rows],
            progression=self.progression[rows],
            subject=self.subject[rows],
        )
        return estimate_transitions(stays, states=len(STATES))


def _follow(sample: Sample) -> _Course:
    """Free until the first endpoint ends, then, where it ended in an event, until the second.

    An event on the day of death or after it is that death. Who was censored free of the event is
    followed no further: what came before a later death is not known.
    """
    if sample.second_time is None or sample.second_cause is None:
        raise ValueError("the sample has no second endpoint")
    first, last, dead = sample.time, sample.second_time, sample.second_cause == 1
    progressed = (sample.cause == 1) & ~(dead & (first >= last))
    # a death that competes with the event has no event of its own
    at_once = (sample.cause > 0) & dead & (first >= last)
    end = np.where(progressed, np.maximum(first, last), np.where(at_once, last, first))
    return _Course(
        end=end,
        subject=sample.subject,
        died=(at_once | (progressed & dead)).astype(np.int64),
        progression=np.where(progressed, first, np.nan),
    )


def _unfollowed(sample: Sample) -> tuple[str, ...]:
    """How many died after their time without event had been censored."""
    if sample.second_time is None or sample.second_cause is None:
        return ()
    late = (sample.cause == 0) & (sample.second_cause == 1) & (sample.second_time > sample.time)
    count = int(late.sum())
    words = f"{count} died after they were censored free of the event: followed until then only"
    return (words,) if count else ()


def compare_states(sample: Sample, *, question: Question) -> Result:
    """The difference in the share in a state at each time, or in the mean time in it up to then.

    The curves are the shares alive with the event, and, as what competes, dead. Who leaves the
    first state counts as an event of the arm.
    Source: Aalen, Johansen (1978); Andersen et al. (1993), IV.4; Datta, Satten (2001).
    """
    options = take_options(question, kind=IllnessDeathOptions)
    known, words = select_with_second(sample)
    if known.second_time is None:
        base = _describe(known, question=question, options=options)
        return replace(base, warnings=(*base.warnings, *words))
    course = _follow(known)
    shown = replace(known, cause=course.left.astype(np.int64))
    base = _describe(shown, question=question, options=options)
    moves = {arm: course.of(shown.of_arm(arm)) for arm in shown.arms if shown.size(arm)}
    base = replace(
        base,
        arms=tuple(_with_moves(arm, moves.get(arm.arm)) for arm in base.arms),
        curves=tuple(_curve(one, arm=arm) for arm, one in moves.items()),
        warnings=(*base.warnings, *words, *_unfollowed(known)),
        second_rows=rows_of_second(known),
    )
    parts = tuple(_part(base, moves, question=question, at=at) for at in question.at)
    return gather_parts(base, parts=parts, question=question)


def _describe(sample: Sample, *, question: Question, options: IllnessDeathOptions) -> Result:
    of_time = options.measure == "time"
    return describe_survival(
        sample,
        question=question,
        method=f"Aalen-Johansen {'mean time' if of_time else 'share'} {_IN_WORDS[options.state]} "
        "(free of the event, alive with it, dead), infinitesimal jackknife by patient"
        f"{f'; the end by {sample.second_label}' if sample.second_label else ''}",
        measure="state_time_difference" if of_time else "state_difference",
        arm_measure=f"months_{options.state}" if of_time else options.state,
    )


def _with_moves(arm: ArmResult, moves: Transitions | None) -> ArmResult:
    """The arm with how many moved from state to state."""
    if moves is None:
        return arm
    counts = moves.moves.sum(axis=0)
    told = {
        "progressions": counts[0, 1],
        "deaths_free": counts[0, 2],
        "deaths_progressed": counts[1, 2],
    }
    return with_estimates(arm, estimates={n: build_estimate(float(c)) for n, c in told.items()})


def _curve(moves: Transitions, *, arm: str) -> Curve:
    """The shares alive with the event and dead, from time 0 on, without limits."""
    stayed = moves.origin == moves.target
    at_risk = moves.at_risk.sum(axis=1)

    def whole(values: NDArray[np.float64], at_zero: float) -> NDArray[np.float64]:
        return start_at_zero(moves.time, values=values, at_zero=at_zero)

    none = np.full(moves.time.size, np.nan)
    return Curve(
        arm=arm,
        time=whole(moves.time, 0.0),
        estimate=whole(moves.probability[:, 0, 1], 0.0),
        competing=whole(moves.probability[:, 0, 2], 0.0),
        lower=whole(none, np.nan),
        upper=whole(none, np.nan),
        at_risk=whole(at_risk, float(at_risk[0])).astype(np.int64),
        censored=moves.time[moves.last[stayed]],
        is_rising=True,
    )


def _part(
    base: Result, moves: Mapping[str, Transitions], *, question: Question, at: float
) -> Result:
    """Each arm's share or time in each state, and the difference in the one that is asked for."""
    options, level = take_options(question, kind=IllnessDeathOptions), question.level
    of_time = options.measure == "time"
    nothing = dict.fromkeys(STATES, Estimate(value=None, level=level))
    own = {arm: _own(one, at=at, of_time=of_time, level=level) for arm, one in moves.items()}
    arms = tuple(
        with_estimates(
            arm,
            estimates={
                f"months_{state}" if of_time else state: estimate
                for state, estimate in own.get(arm.arm, nothing).items()
            },
        )
        for arm in base.arms
    )
    short = tuple(
        f"at {at:g} {base.time_unit}: the follow-up of arm {arm} ends before"
        for arm, told in own.items()
        if told[options.state].value is None
    )
    name = f"{base.name}@{at:g}"
    part = replace(base, name=name, at=at, arms=arms, warnings=(*base.warnings, *short))
    if len(base.arms) != 2 or len(moves) != 2:
        return part
    state, pair = STATES.index(options.state), [moves[arm.arm] for arm in base.arms]
    if of_time:
        found = compare_time_in_state(pair, state=state, horizon=at, level=level)
    else:
        found = compare_occupation_at(pair, state=state, at=at, level=level)
    return with_contrast(part, found=found, level=level)


def _own(moves: Transitions, *, at: float, of_time: bool, level: float) -> dict[str, Estimate]:
    """The share in each state at the time, or the mean time in it up to then."""
    found = (
        estimate_time_in_states(moves, horizon=at, level=level)
        if of_time
        else estimate_occupation_at(moves, at=at, level=level)
    )
    value = found.value if isinstance(found, TimeInStates) else found.share
    columns = (np.ravel(each) for each in (value, found.lower, found.upper, found.standard_error))
    return {
        state: build_estimate(value, lower=lower, upper=upper, standard_error=error, level=level)
        for state, value, lower, upper, error in zip(STATES, *columns, strict=True)
    }
