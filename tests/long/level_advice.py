"""What to use with few patients, each sentence with the figures at 44 an arm that it rests on."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from long.level_measured import Measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Words, and the checks by name (`*`: any ending) that stand behind them at 44 an arm.

    What to `take` does not miss to the unsafe side; what to `leave` misses, to either.
    """

    words: str
    take: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()


ADVICE = (
    Advice(
        words="Between two arms rank tests, Gray's and Cox's by Wald, score or likelihood ratio "
        "hold their level; between four groups of 22 the log-rank test rejects too often, as does "
        "Cox's robust score test",
        take=(
            "level: log-rank",
            "level: log-rank, stratified",
            "level: weighted log-rank*",
            "level: MaxCombo",
            "level: Gray*",
            "level: Cox, Wald, stratified",
            "level: Cox, score, stratified",
            "level: Cox, likelihood ratio, stratified",
        ),
        leave=("level: log-rank, four groups*", "level: Cox, robust score, stratified"),
    ),
    Advice(
        words="Hazard ratios: Wald's, the profile's and Firth's interval are equally good",
        take=(
            "coverage: hazard ratio, Wald, stratified",
            "coverage: hazard ratio, profile likelihood",
            "coverage: hazard ratio, Firth, profile",
        ),
    ),
    Advice(
        words="Survival at a time is compared on the log-log, logit or arcsine scale; differences, "
        "alone, over strata or by pseudo-values, reject too often, the log scale too rarely",
        take=(
            "level: milestone at 12 months, log-log scale",
            "level: milestone at 12 months, logit scale",
            "level: milestone at 12 months, arcsine scale",
            "level: milestone, pseudo-values, log-log link",
        ),
        leave=(
            "level: milestone at 12 months, plain scale",
            "level: milestone at 12 months, log scale",
            "level: milestone, stratified, *",
            "level: milestone, pseudo-values, identity link",
        ),
    ),
    Advice(
        words="Limits of survival at a time: logit or arcsine; log-log covers too much, log too "
        "little",
        take=("coverage: survival at 12 months, logit", "coverage: survival at 12 months, arcsine"),
        leave=("coverage: survival at 12 months, log", "coverage: survival at 12 months, log-log"),
    ),
    Advice(
        words="Limits of a cumulative incidence: arcsine or log-log; plain covers too little, log "
        "and logit too much",
        take=(
            "coverage: incidence at 12 months by patient, arcsine",
            "coverage: incidence at 12 months by patient, log-log",
        ),
        leave=(
            "coverage: incidence at 12 months by patient, plain",
            "coverage: incidence at 12 months by patient, log",
            "coverage: incidence at 12 months by patient, logit",
        ),
    ),
    Advice(
        words="Bands of a whole curve: of survival arcsine, of an incidence log-log",
        take=(
            "coverage: whole curve, *, arcsine",
            "coverage: incidence from 2 to 24 months, whole curve, log-log",
        ),
        leave=("coverage: whole curve, equal precision band, log-log",),
    ),
    Advice(
        words="Mean times: ratios cover as they should; the mean of an arm and differences are a "
        "little too narrow",
        take=(
            "coverage: restricted mean, ratio",
            "coverage: restricted mean time lost, ratio",
            "coverage: ratio of time lost to a cause",
        ),
        leave=(
            "coverage: restricted mean of an arm",
            "coverage: restricted mean, difference",
            "coverage: time lost to a cause",
            "coverage: difference of time lost to a cause",
        ),
    ),
    Advice(
        words="Shares over strata: score, Cochran-Mantel-Haenszel and Newcombe rather than minimum "
        "risk; for one table, coverage over all of them is [beside](shares.md)",
        take=(
            "level: Cochran-Mantel-Haenszel",
            "level: stratified score, *",
            "level: stratified, Newcombe",
            "coverage: stratified difference, score, *",
            "coverage: stratified difference, Newcombe",
        ),
        leave=("level: stratified, minimum risk", "coverage: stratified difference, minimum risk"),
    ),
    Advice(
        words="Adjusted shares: the odds ratio of the logistic model with Wald's limits, or those "
        "of Firth's likelihood; the plain profile's are a little too narrow, and standardised "
        "differences reject too often",
        take=(
            "level: logistic, *",
            "coverage: odds ratio, Wald",
            "coverage: log odds ratio, Firth, profile",
        ),
        leave=(
            "level: standardised risk difference, *",
            "coverage: log odds ratio, profile likelihood",
        ),
    ),
    Advice(
        words="Counts that spread more than Poisson's law: no method here holds with so few; the "
        "negative binomial misses by less than the sandwich",
        leave=(
            "level: Poisson, robust Wald, spread counts",
            "level: negative binomial, *",
            "coverage: rate ratio, Poisson, robust, spread counts",
            "coverage: rate ratio, negative binomial, spread counts",
        ),
    ),
    Advice(
        words="Lesions: sandwich variances rest on the number of patients, not of lesions, and are "
        "a little too small, as is the spread of patients drawn again; permuting them holds",
        take=("level: incidence, patients permuted",),
        leave=(
            "level: cause-specific hazard, *",
            "coverage: incidence of a typical lesion",
            "coverage: incidence difference, patients resampled",
        ),
    ),
    Advice(
        words="Readers: tests of no agreement hold; intervals of a weighted kappa are too narrow",
        take=("level: two readers, kappa, *", "level: three readers, Fleiss' kappa"),
        leave=(
            "coverage: kappa of two readers, weights linear",
            "coverage: kappa of two readers, weights quadratic",
        ),
    ),
    Advice(
        words="Patients weighed back by chances from 5 % on: too few are left to rest on",
        leave=(
            "level: restricted mean to 12 months, weighed by known chances",
            "coverage: restricted mean to 12 months, difference, weighed by known chances",
        ),
    ),
)


def find_named(measured: Sequence[Measured], names: Sequence[str]) -> list[Measured]:
    """Those that the names mean, in the order of the registry."""
    return [m for m in measured if any(fnmatchcase(m.name, name) for name in names)]


def _print_range(found: Sequence[Measured]) -> str:
    parts = []
    for kind in ("level", "coverage"):
        shares = [100 * m.share for m in found if m.check.kind == kind]
        if shares:
            low, high = f"{min(shares):.1f}", f"{max(shares):.1f}"
            parts.append(f"{kind} {low if low == high else f'{low} to {high}'} %")
    return ", ".join(parts)


_RANGES = (
    "In brackets the least and greatest level or coverage of what to take, and of what to leave."
)


def print_advice(small: Sequence[Measured]) -> str:
    """The list for the page, with the range of the figures behind each sentence."""
    rows = []
    for each in ADVICE:
        ranges = [
            f"{word}: {_print_range(find_named(small, names))}"
            for word, names in (("take", each.take), ("leave", each.leave))
            if names
        ]
        rows.append(f"- {each.words} ({'; '.join(ranges)}).")
    return f"## What to use at 44 an arm\n\n{_RANGES}\n\n" + "\n".join(rows)
