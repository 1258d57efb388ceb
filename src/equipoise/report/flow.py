"""The participant flow in numbers: from entry to analysis, by arm (CONSORT 2025, item 22)."""

import polars as pl

from equipoise.protocol.model import Arm
from equipoise.report.facts import Facts
from equipoise.report.figures.consort import Flow, FlowArm
from equipoise.report.wording import capital, small

STAGES = ("Allocation", "Follow-up", "Analysis")
RECEIVED = pl.col("first_treatment_date").is_not_null()
IRRADIATED = pl.col("sbrt_started").fill_null(value=False)


def build_flow(facts: Facts) -> Flow:
    """The boxes of the diagram; an arm without subjects has boxes with zeros."""
    randomised = facts.subjects.filter(pl.col("randomised_date").is_not_null())
    screened = facts.screened
    known = screened is not None and screened > randomised.height
    return Flow(
        entered=(f"Assessed for eligibility ({_n(screened or 0)})",) if known else (),
        excluded=(f"Not randomised ({_n((screened or 0) - randomised.height)})",) if known else (),
        randomised=(f"Randomised ({_n(randomised.height)})",),
        stages=STAGES,
        arms=tuple(
            FlowArm(
                label=arm.label,
                boxes=(
                    _allocation(arm, _of(randomised, arm)),
                    _follow_up(facts, _of(randomised, arm)),
                    _analysis(facts, arm),
                ),
            )
            for arm in facts.arms
        ),
    )


def _n(count: int) -> str:
    return f"n\u00a0=\u00a0{count}"


def _of(randomised: pl.DataFrame, arm: Arm) -> pl.DataFrame:
    return randomised.filter(pl.col("allocated_arm") == arm.code)


def _allocation(arm: Arm, own: pl.DataFrame) -> tuple[str, ...]:
    title = f"Allocated to {small(arm.label)} ({_n(own.height)})"
    started = own.filter(RECEIVED)
    irradiated = own.filter(IRRADIATED).height
    untreated = own.height - started.height
    if arm.role == "reference":
        lines = [f"Received the allocated treatment: {started.height - irradiated}"]
        lines += [f"Received SBRT although not allocated: {irradiated}"] if irradiated else []
    else:
        complete = own.filter(pl.col("sbrt_complete").fill_null(value=False)).height
        lines = [
            f"Started SBRT: {irradiated}; to every index lesion: {complete}",
            f"Systemic therapy without SBRT: {started.filter(~IRRADIATED).height}",
        ]
    return (title, *lines, f"No study treatment: {untreated}")


def reason_words(facts: Facts) -> dict[str, str]:
    """The words of each reason to leave the study, from the form that asks for it."""
    for form in facts.protocol.form:
        if form.form == "eos":
            return dict(form.item_named("reason").codes)
    return {}


def _follow_up(facts: Facts, own: pl.DataFrame) -> tuple[str, ...]:
    words = reason_words(facts)
    counts = dict(own.group_by("eos_reason").len().iter_rows())
    died = own.filter(pl.col("death_date").is_not_null()).height
    lines = [f"Died: {died}"]
    for reason, count in sorted((str(r), c) for r, c in counts.items() if r is not None):
        if reason not in {"death", "completed"}:
            lines.append(f"{capital(words.get(reason, reason))}: {count}")
    going_on = own.filter(pl.col("eos_reason").is_null() & pl.col("death_date").is_null()).height
    return ("In follow-up at the data cut: " + str(going_on), *lines)


def _analysis(facts: Facts, arm: Arm) -> tuple[str, ...]:
    lines = []
    for population in facts.protocol.population:
        count = facts.results.populations.get(population.id, {}).get(arm.code, 0)
        treated = ", as treated" if population.as_treated else ""
        lines.append(f"{population.label}{treated}: {count}")
    return tuple(lines) or ("No population is defined",)
