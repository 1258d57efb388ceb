"""What a rehearsal is asked for: protocol, scenario, conditions; and what it refuses."""

from dataclasses import dataclass
from datetime import date

from equipoise.protocol.model import Protocol, Radiotherapy
from equipoise.protocol.scenario_model import Operations, Scenario

NEEDED_FORMS = frozenset(
    "dm icf diag omd imdc ecog ie les_bl rand les_fu newles rs prior_sys ex_sys rt_rx rt_fx ae "
    "dth eos subseq surg surv".split()
)
LONG_FOLLOW_UP_MONTHS = 600.0
_HARM = (
    "acute_g3 late_g3 fatal low_grade_mean sbrt_acute_g3 sbrt_late_g3 sbrt_fatal "
    "sbrt_pneumonitis_g3 sbrt_low_grade"
).split()


class RehearsalRefusedError(Exception):
    """A protocol that this model cannot rehearse; the message says what it lacks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """How a rehearsal runs: `subjects` 0 means as planned.

    `operations` False: all arrive on one day, nobody is missed, lost, switched or harmed, and
    follow-up is long. `every_form` also draws the forms and items that no endpoint and no finding
    needs (vital signs, questionnaires, medication, plans ...); what is drawn otherwise stays the
    same. `everyone_followed` lets nobody leave, no visit be missed and no lesion be unread.
    `first_replicate` numbers the first trial; `workers` changes no byte.
    `first_site_date` None is that of the protocol. `allocation_uniforms` are the uniform numbers
    of one trial's allocations, in order of arrival, where a sealed sequence draws them.
    """

    subjects: int = 0
    every_form: bool = False
    operations: bool = True
    everyone_followed: bool = False
    first_replicate: int = 0
    workers: int = 1
    first_site_date: date | None = None
    allocation_uniforms: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The assumptions in force: protocol, scenario, operations after the conditions."""

    protocol: Protocol
    scenario: Scenario
    operations: Operations
    radiotherapy: Radiotherapy
    subjects: int
    every_form: bool = False
    allocation_uniforms: tuple[float, ...] = ()

    @property
    def experimental_arms(self) -> tuple[str, ...]:
        """The arms that receive SBRT."""
        return tuple(arm.code for arm in self.protocol.arm if arm.role == "experimental")


def build_setting(protocol: Protocol, *, scenario: str, conditions: Conditions) -> Setting:
    """The assumptions in force.

    Raises RehearsalRefusedError when the protocol lacks a form, the mix of patients or SBRT.
    """
    missing = sorted(NEEDED_FORMS - {form.form for form in protocol.form})
    if missing:
        raise RehearsalRefusedError(f"the protocol has no form {', '.join(missing)}: add them")
    if protocol.radiotherapy is None:
        raise RehearsalRefusedError("the protocol has no [radiotherapy]: add it")
    if not (protocol.operations.patients.site and protocol.operations.patients.omd):
        raise RehearsalRefusedError(
            "the protocol does not say who is enrolled: add `site` and `omd` to "
            "[operations.patients]"
        )
    operations = _move_start(protocol.operations, conditions.first_site_date)
    operations = follow_everyone(operations) if conditions.everyone_followed else operations
    return Setting(
        protocol=protocol,
        scenario=protocol.scenario_named(scenario),
        operations=operations if conditions.operations else switch_off(operations),
        radiotherapy=protocol.radiotherapy,
        subjects=conditions.subjects or protocol.randomisation.planned_subjects,
        every_form=conditions.every_form,
        allocation_uniforms=conditions.allocation_uniforms,
    )


def _move_start(operations: Operations, first_site_date: date | None) -> Operations:
    """The operations with the first site open on another day."""
    if first_site_date is None:
        return operations
    accrual = operations.accrual.model_copy(update={"first_site_date": first_site_date})
    return operations.model_copy(update={"accrual": accrual})


def follow_everyone(operations: Operations) -> Operations:
    """The operations of a trial that observes all it plans to; treatment and accrual stay."""
    attendance = dict.fromkeys(
        ("outside_window", "missed", "target_not_evaluable", "contact_missed"), 0.0
    )
    leaving = dict.fromkeys(("lost_per_year", "withdrawn_per_year", "death_day_unknown"), 0.0)
    return operations.model_copy(
        update={
            "attendance": operations.attendance.model_copy(update=attendance),
            "leaving": operations.leaving.model_copy(update=leaving),
        }
    )


def switch_off(operations: Operations) -> Operations:
    """The operations of an ideal trial: biology, scans and treatment as planned, nothing else."""
    plain = Operations()
    return Operations(
        accrual=operations.accrual.model_copy(update={"at_once": True}),
        attendance=plain.attendance.model_copy(
            update={
                "jitter_sd_days": operations.attendance.jitter_sd_days,
                "contact_months": LONG_FOLLOW_UP_MONTHS,
            }
        ),
        leaving=plain.leaving.model_copy(
            update={"follow_up_beyond_last_cut_months": LONG_FOLLOW_UP_MONTHS}
        ),
        sbrt=plain.sbrt,
        systemic=operations.systemic.model_copy(
            update={"not_started": 0.0, "switch_per_month": 0.0, "reduction": 0.0}
        ),
        patients=operations.patients,
        toxicity=operations.toxicity.model_copy(update=dict.fromkeys(_HARM, 0.0)),
    )
