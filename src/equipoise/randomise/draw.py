"""The next allocation of a trial, and the proof of all before: one walk over its history."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from equipoise.randomise.scheme import Allocation, Candidate, Plan, State, StratumState
from equipoise.randomise.schemes import SCHEMES
from equipoise.randomise.sealed_seed import Seed, commitment_of, uniform_at
from equipoise.vocab.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An allocation that was made: the stratum as it was then, and the plan in force then.

    A stratum corrected later stays as it was here, so a correction moves no other subject.
    """

    subject: str
    stratum: tuple[str, ...]
    arm: str
    plan: Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A new allocation, and all that the ledger may know of it; the arm is for its own table.

    The uniform number and the open block are not here: they would tell the arms to come.
    """

    sequence: int
    subject: str
    stratum: tuple[str, ...]
    arm: str


class AlreadyAllocatedError(Exception):
    """A subject that has its arm; the message says that it stays."""


class HistoryRefusedError(Exception):
    """Allocations that do not follow from the seed; no more are made until it is explained."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        told = "\n".join(str(finding) for finding in findings)
        super().__init__(f"no subject is allocated until this is explained:\n{told}")
        self.findings = findings


def allocate_next(history: Sequence[Given], *, plan: Plan, subject: Candidate, seed: Seed) -> Drawn:
    """The allocation of `subject` after `history`, every allocation so far in its order.

    Raises AlreadyAllocatedError for a subject in the history, HistoryRefusedError when an
    allocation of the history is not the one that plan and seed give.
    """
    if len(subject.stratum) != len(plan.factors) or not all(subject.stratum):
        raise ValueError(f"a stratum has one level for each of {plan.factors}")
    if any(each.subject == subject.subject for each in history):
        raise AlreadyAllocatedError(
            f"subject {subject.subject} is allocated already and keeps its arm: a wrong stratum "
            "is corrected by a record of its own, never by a second allocation"
        )
    state, wrong = _walk(history, plan=plan, seed=seed)
    if wrong:
        raise HistoryRefusedError(wrong)
    sequence = len(history) + 1
    arm = _allocate(state, subject, seed, sequence).arm
    return Drawn(sequence=sequence, subject=subject.subject, stratum=subject.stratum, arm=arm)


def prove_allocations(
    history: Sequence[Given], *, seed: Seed, commitment: str
) -> tuple[Finding, ...]:
    """What speaks against a trial's allocations: none, when the seed gives each of them.

    The seed must be the one committed to before the first subject. After an arm that was changed
    the walk goes on with the arm that the seed gives, so that the finding names that one alone.
    """
    if commitment_of(seed) != commitment:
        return (
            Finding(
                where="allocations",
                code="other-seed",
                message="the seed is not the one that the ledger committed to",
                found=commitment_of(seed),
                mend="Open the sealed seed of this trial.",
            ),
        )
    twice = tuple(_tell_twice(history))
    if not history:
        return twice
    return twice + _walk(history, plan=history[-1].plan, seed=seed)[1]


def _walk(history: Sequence[Given], *, plan: Plan, seed: Seed) -> tuple[State, tuple[Finding, ...]]:
    """The state after the history under `plan`, and what in it does not follow from the seed."""
    wrong = []
    state = State(plan=history[0].plan if history else plan)
    for place, each in enumerate(history):
        if each.plan != state.plan:
            state = state_after(history[:place], plan=each.plan)
        candidate = Candidate(subject=each.subject, stratum=each.stratum)
        allocation = _allocate(state, candidate, seed, place + 1)
        state = allocation.state
        if allocation.arm != each.arm:
            wrong.append(_tell_other_arm(each, sequence=place + 1))
    return state if state.plan == plan else state_after(history, plan=plan), tuple(wrong)


def state_after(history: Sequence[Given], *, plan: Plan) -> State:
    """The state in which an amended plan takes over: the subjects counted, no block open.

    The subjects of an arm are spread evenly over its shares; those of an arm that the plan no
    longer has are not counted; a factor that did not exist then has the level ''.
    """
    counts: dict[tuple[str, ...], Counter[str]] = {}
    for each in history:
        levels = dict(zip(each.plan.factors, each.stratum, strict=True))
        stratum = tuple(levels.get(name, "") for name in plan.factors)
        counts.setdefault(stratum, Counter())[each.arm] += 1
    strata = {name: _spread(count, plan) for name, count in counts.items()}
    return State(plan=plan, strata=strata)


def _spread(count: Counter[str], plan: Plan) -> StratumState:
    """The subjects of each arm spread evenly over its shares, the first shares first."""
    given: list[int] = []
    for place, arm in enumerate(plan.arms):
        holds = plan.shares.count(place)
        given += [(count[arm] + holds - 1 - number) // holds for number in range(holds)]
    return StratumState(left=(0,) * len(plan.arms), given=tuple(given))


def _allocate(state: State, subject: Candidate, seed: Seed, sequence: int) -> Allocation:
    return SCHEMES[state.plan.scheme](state, subject, uniform_at(seed, sequence=sequence))


def _tell_twice(history: Sequence[Given]) -> Iterator[Finding]:
    for subject, times in Counter(each.subject for each in history).items():
        if times > 1:
            yield Finding(
                where="allocations",
                code="allocated-twice",
                message=f"the subject is allocated {times} times",
                mend="Find out in the ledger which of them the site was told.",
                subject=subject,
            )


def _tell_other_arm(given: Given, *, sequence: int) -> Finding:
    return Finding(
        where=f"allocations: {sequence}",
        code="other-arm",
        message="plan, strata and seed give another arm than the one recorded",
        found=given.arm,
        mend="Compare the arm and the stratum with the ledger: one of them was changed.",
        subject=given.subject,
    )
