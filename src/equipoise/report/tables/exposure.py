"""Treatment as delivered, by allocated arm: systemic therapy, SBRT, later lines."""

from collections.abc import Callable

import polars as pl

from equipoise.protocol.form_model import Form
from equipoise.protocol.model import Protocol, Radiotherapy
from equipoise.report.facts import Facts
from equipoise.report.shell import Column, Row, Shell, Table, fill
from equipoise.report.tables.baseline import codes_of
from equipoise.report.tables.summary import write_spread
from equipoise.report.wording import MISSING, capital, write_share

COLUMNS = (Column(heading=""), Column(heading="{arm}", align="right", per_arm=True))
NOTE = (
    "By allocated arm; number (%) of patients randomised, or median (range) of patients treated. "
    "Relative dose intensity: dose given over dose planned, holds included."
)
SBRT_NOTE = (
    "By allocated arm; percentages of patients randomised (of irradiated lesions where lesions are "
    "counted), medians of those treated."
)
SYSTEMIC = Shell(
    id="systemic",
    title="Systemic therapy of the trial",
    columns=COLUMNS,
    footnotes=(NOTE,),
    empty="No systemic therapy is recorded.",
)
SBRT = Shell(
    id="sbrt",
    title="SBRT as delivered",
    columns=COLUMNS,
    footnotes=(SBRT_NOTE,),
    empty="No SBRT is recorded.",
)
LATER = Shell(
    id="later",
    title="Therapy after and outside the protocol",
    columns=COLUMNS,
    empty="No therapy after or outside the protocol is recorded.",
)
PLAIN = "per_protocol"
Summarise = Callable[[pl.DataFrame, int], str]


def build_systemic(facts: Facts) -> Table:
    """Regimens, then each agent: who had it, how long, at what dose, with what holds."""
    exposure = facts.exposure
    if exposure.is_empty():
        return fill(SYSTEMIC, rows=(), arms=_arms(facts))
    rows = [_row(facts, "Any systemic therapy", exposure, _patients)]
    rows.append(Row(cells=("Regimen",), heading=True))
    for code, words in _named(facts.protocol, exposure, item="regimen"):
        own = exposure.filter(pl.col("regimen") == code)
        rows.append(_row(facts, words, own, _patients, level=1))
    for code, words in _named(facts.protocol, exposure, item="agent"):
        rows.append(Row(cells=(capital(words),), heading=True))
        rows += _agent_rows(facts, exposure.filter(pl.col("agent") == code))
    return fill(SYSTEMIC, rows=rows, arms=_arms(facts))


def _agent_rows(facts: Facts, own: pl.DataFrame) -> list[Row]:
    held = own.filter(pl.col("held_for_sbrt_days") > 0)
    rows = [
        _row(facts, "Patients", own, _patients, level=1),
        _row(facts, "Duration, days", own, _spread("days"), level=1),
        _row(facts, "Relative dose intensity, %", own, _intensity, level=1),
        _row(facts, "Dose reduced", own.filter(pl.col("reductions") > 0), _patients, level=1),
    ]
    if not held.is_empty():
        rows += [
            _row(facts, "Held around SBRT", held, _patients, level=1),
            _row(facts, "Days held around SBRT", held, _spread("held_for_sbrt_days"), level=1),
        ]
    return rows


def _intensity(rows: pl.DataFrame, _size: int) -> str:
    return write_spread(rows["relative_dose_intensity"], factor=100, digits=0)


def build_sbrt(facts: Facts) -> Table:
    """Who had SBRT, to how many lesions, at what dose, when."""
    treated = facts.sbrt.filter(pl.col("lesions_treated") > 0)
    if treated.is_empty():
        return fill(SBRT, rows=(), arms=_arms(facts))
    complete = treated.filter(pl.col("lesions_completed") >= pl.col("lesions_planned"))
    rows = [
        _row(facts, "Patients with at least one fraction", treated, _patients),
        _row(facts, "Every planned lesion completed", complete, _patients),
        _row(facts, "Lesions planned", treated, _total("lesions_planned")),
        _row(facts, "Lesions treated", treated, _total("lesions_treated")),
        _row(facts, "Lesions completed", treated, _total("lesions_completed")),
        _row(facts, "Fractions a patient", treated, _spread("fractions")),
        _row(facts, "Lowest BED10 of a patient, Gy", treated, _spread("min_bed10_gy")),
        _row(facts, "Days from randomisation to the start", treated, _spread("start_lag_days")),
        _row(facts, "Days from first to last fraction", treated, _spread("overall_days")),
    ]
    plan = facts.protocol.radiotherapy
    if plan is not None:
        late = treated.filter(pl.col("start_lag_days") > plan.start_max_days)
        rows.append(_row(facts, f"Started later than day {plan.start_max_days}", late, _patients))
        rows += _adherence_rows(facts, plan)
    return fill(SBRT, rows=rows, arms=_arms(facts))


def _adherence_rows(facts: Facts, plan: Radiotherapy) -> list[Row]:
    """How many irradiated lesions kept each limit of the protocol, and how many patients all."""
    given = facts.dose.filter(pl.col("given_fractions") > 0)
    kept = {
        "Prescription of the library": pl.col("library") != "outside",
        f"BED10 given at least {plan.ablative_bed10_gy:g} Gy": pl.col("ablative"),
        f"Complete by day {plan.complete_max_days}": pl.col("verdict_completion") == PLAIN,
        f"At most {plan.overall_max_days} days from first to last fraction": (
            pl.col("verdict_overall") == PLAIN
        ),
        f"At least {plan.least_gap_hours:g} hours between fractions": (
            pl.col("verdict_gap").fill_null(PLAIN) == PLAIN
        ),
    }
    rows = [Row(cells=("Irradiated lesions that kept to the protocol",), heading=True)]
    rows += [_row(facts, name, given, _share(rule), level=1) for name, rule in kept.items()]
    whole = facts.adherence.filter(pl.col("verdict") == PLAIN)
    return [*rows, _row(facts, "Patients with everything as the protocol says", whole, _patients)]


def _share(rule: pl.Expr) -> Summarise:
    """The rows of an arm for which a rule holds, of all of them."""
    return lambda rows, _: (
        write_share(rows.filter(rule).height, of=rows.height) if rows.height else MISSING
    )


def build_later(facts: Facts) -> Table:
    """Why systemic therapy stopped, later lines, and local therapy outside the protocol."""
    stopped = facts.flow.filter(pl.col("systemic_stopped").fill_null(value=False))
    systemic = facts.later_lines.filter(pl.col("systemic_lines") > 0)
    local = facts.later_lines.filter(pl.col("local_therapies") > 0)
    if stopped.is_empty() and systemic.is_empty() and local.is_empty():
        return fill(LATER, rows=(), arms=_arms(facts))
    rows = [_row(facts, "Systemic therapy of the trial stopped", stopped, _patients)]
    for code, words in _reasons(facts.protocol, stopped):
        own = stopped.filter(pl.col("stop_reason") == code)
        rows.append(_row(facts, words, own, _patients, level=1))
    more = systemic.filter(pl.col("systemic_lines") > 1)
    rows += [
        _row(facts, "A later systemic line", systemic, _patients),
        _row(facts, "two or more", more, _patients, level=1),
        _row(facts, "Local therapy outside the protocol", local, _patients),
    ]
    return fill(LATER, rows=rows, arms=_arms(facts))


def _arms(facts: Facts) -> list[str]:
    return [f"{arm.label} (n\u00a0=\u00a0{_size(facts, arm.code)})" for arm in facts.arms]


def _size(facts: Facts, code: str) -> int:
    return facts.subjects.filter(pl.col("allocated_arm") == code).height


def _row(facts: Facts, name: str, rows: pl.DataFrame, write: Summarise, *, level: int = 0) -> Row:
    cells = [
        write(rows.filter(pl.col("allocated_arm") == code), _size(facts, code))
        for code in facts.codes
    ]
    return Row(cells=(name, *cells), level=level)


def _patients(rows: pl.DataFrame, size: int) -> str:
    count = rows["subject"].n_unique()
    return write_share(count, of=size) if count else "0"


def _total(column: str) -> Summarise:
    return lambda rows, _: str(int(rows[column].sum()))


def _spread(column: str) -> Summarise:
    return lambda rows, _: write_spread(rows[column])


def _form_of(protocol: Protocol, *, item: str) -> Form | None:
    return next(
        (form for form in protocol.form if {item, "agent"} <= {each.name for each in form.item}),
        None,
    )


def _named(protocol: Protocol, exposure: pl.DataFrame, *, item: str) -> list[tuple[str, str]]:
    """The codes that occur with their words, in the order of the code list."""
    form = _form_of(protocol, item=item)
    words = codes_of(protocol, item=form.item_named(item)) if form else {}
    seen = set(exposure[item].drop_nulls().to_list())
    ordered = [code for code in words if code in seen] + sorted(seen - set(words))
    return [(code, words.get(code, code)) for code in ordered]


def _reasons(protocol: Protocol, stopped: pl.DataFrame) -> list[tuple[str, str]]:
    form = _form_of(protocol, item="reason")
    words = codes_of(protocol, item=form.item_named("reason")) if form else {}
    seen = sorted(set(stopped["stop_reason"].drop_nulls().to_list()))
    return [(code, words.get(code, code)) for code in seen]
