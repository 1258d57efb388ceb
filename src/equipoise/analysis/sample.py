"""The rows of one analysis as arrays, and the question put to them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # what a plan may bring along is not loaded for data without a plan
    from equipoise.analysis.replay import Replay
    from equipoise.protocol.methods.spec import MethodOptions

_BY_ROW = (
    *("arm", "time", "cause", "stratum", "subject", "left", "right", "site"),
    *("covariates", "switch", "follow_up", "count", "exposure"),
    *("second_time", "second_cause", "second_rows"),
)
Options = TypeVar("Options", bound="MethodOptions")
Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Times and causes of subjects or lesions, by arm; all arrays of shape (n,).

    `arms` holds the reference first (an arm may have no row), `arm` positions in it; `cause` is 0
    censored, 1 event, 2 competing; `stratum` positions in `strata`, the level combinations of
    `factors`. `subject` are the clusters, `rows` the ids of the rows. What an analysis may lack is
    None: `left` and `right`, between which an event happened that was seen at an assessment (right
    is infinite without an event); `site`; `count`, all events of the row within its `exposure` in
    units of time; `covariates` of shape (n, p) with their names, no value
    missing; `replay`, by which the arms can be drawn again; `switch`, the time of crossing over
    (infinite without), and `follow_up`, until when one could have been followed; `second_time`,
    `second_cause` and `second_rows` of another endpoint (`second_label`) of the same patients, NaN,
    0 and empty where a patient has none. `remembered` is what has been worked out from these rows
    (`remember`): another sample starts without.
    """

    reference: str
    arms: tuple[str, ...]
    arm: NDArray[np.int64]
    time: NDArray[np.float64]
    cause: NDArray[np.int64]
    stratum: NDArray[np.int64]
    strata: tuple[str, ...]
    factors: tuple[str, ...]
    subject: NDArray[np.str_]
    rows: tuple[str, ...]
    time_unit: str = "months"
    left: NDArray[np.float64] | None = None
    right: NDArray[np.float64] | None = None
    site: NDArray[np.str_] | None = None
    count: NDArray[np.int64] | None = None
    exposure: NDArray[np.float64] | None = None
    covariates: NDArray[np.float64] | None = None
    covariate_names: tuple[str, ...] = ()
    replay: "Replay | None" = None
    switch: NDArray[np.float64] | None = None
    follow_up: NDArray[np.float64] | None = None
    second_time: NDArray[np.float64] | None = None
    second_cause: NDArray[np.int64] | None = None
    second_rows: NDArray[np.str_] | None = None
    second_label: str = ""
    remembered: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def event(self) -> NDArray[np.int64]:
        """1 where the event happened, else 0: a competing event censors."""
        return np.asarray(self.cause == 1, dtype=np.int64)

    @property
    def clusters(self) -> NDArray[np.int64] | None:
        """The subject of each row from 0, where one has several (lesions); None where none has."""
        subjects, code = np.unique(self.subject, return_inverse=True)
        return code.astype(np.int64) if subjects.size < self.subject.size else None

    @property
    def design(self) -> NDArray[np.float64]:
        """The other arm (1) against the reference (0) in the first column, then the covariates."""
        arm = self.arm.astype(np.float64)[:, None]
        return arm if self.covariates is None else np.hstack([arm, self.covariates])

    def of_arm(self, name: str) -> NDArray[np.bool_]:
        """Which rows are of this arm, shape (n,)."""
        return np.asarray(self.arm == self.arms.index(name))

    def size(self, name: str) -> int:
        """How many rows this arm has."""
        return int(self.of_arm(name).sum())


def remember(
    work: Callable[Concatenate[Sample, Asked], Answer],
) -> Callable[Concatenate[Sample, Asked], Answer]:
    """The same function, worked out once a sample and what is asked: many analyses share it."""

    @wraps(work)
    def answer(sample: Sample, /, *given: Asked.args, **named: Asked.kwargs) -> Answer:
        key = (work, given, tuple(named.items()))
        if key not in sample.remembered:
            sample.remembered[key] = work(sample, *given, **named)
        found: Answer = sample.remembered[key]
        return found

    return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of a sample: at which times, in strata or not, at which level.

    `headline` is the time of `at` whose answer stands for the whole; `words` replace the default
    words of the method; `options` are those of its spec (None: the defaults). Without `figures`
    curves and courses, which only figures show, are left out.
    """

    name: str
    endpoint: str
    words: str = ""
    at: tuple[float, ...] = ()
    headline: float | None = None
    stratified: bool = False
    level: float = 0.95
    seed: int = 1
    options: "MethodOptions | None" = None
    figures: bool = True


def take_options(question: Question, *, kind: type[Options]) -> Options:
    """The options of the question, which must be of this kind; the defaults when it has none."""
    if question.options is None:
        return kind()
    if not isinstance(question.options, kind):
        raise ValueError(f"{question.name}: options of {type(question.options)}, not {kind}")
    return question.options


def select_rows(sample: Sample, *, kept: NDArray[np.bool_]) -> Sample:
    """The same sample with the kept rows only; arms and strata keep their positions."""
    present = {name: getattr(sample, name) for name in _BY_ROW}
    own: dict[str, Any] = {n: array[kept] for n, array in present.items() if array is not None}
    rows = tuple(row for row, keep in zip(sample.rows, kept, strict=True) if keep)
    return replace(sample, rows=rows, **own)


def select_arms(sample: Sample, *, arms: tuple[str, ...]) -> Sample:
    """The same sample with these arms only, in this order; their rows keep their order."""
    place = np.full(len(sample.arms), -1, dtype=np.int64)
    for position, name in enumerate(arms):
        place[sample.arms.index(name)] = position
    moved = place[sample.arm]
    return replace(select_rows(sample, kept=moved >= 0), arms=arms, arm=moved[moved >= 0])


@remember
def check_sample(sample: Sample) -> tuple[str, ...]:
    """What a reader should know of the rows before any estimate, each in one sentence."""
    if not sample.rows:
        return ("there is no row to analyse",)
    warnings = []
    for name in sample.arms:
        if sample.size(name) == 0:
            warnings.append(f"arm {name} has no row in this analysis")
        elif not sample.event[sample.of_arm(name)].any():
            warnings.append(f"no event in arm {name}")
    return tuple(warnings)


@remember
def check_strata(sample: Sample) -> tuple[str, ...]:
    """Which strata cannot compare the arms, each in one sentence."""
    warnings = []
    for code in np.unique(sample.stratum):
        rows = sample.stratum == code
        present = np.unique(sample.arm[rows])
        if present.size < len(sample.arms):
            name = sample.strata[code]
            warnings.append(
                f"stratum {name} has rows of arm {sample.arms[present[0]]} only"
                f" ({int(rows.sum())}): it adds nothing to the stratified comparison"
            )
    return tuple(warnings)


@remember
def is_comparable(sample: Sample) -> bool:
    """Whether there are two arms, each with a row."""
    return len(sample.arms) == 2 and all(sample.size(name) > 0 for name in sample.arms)


@remember
def common_follow_up(sample: Sample) -> float | None:
    """The time until which every arm with rows is followed: the smaller of their last times."""
    last = [
        float(sample.time[sample.of_arm(name)].max()) for name in sample.arms if sample.size(name)
    ]
    return min(last) if last and min(last) > 0 else None
