"""Who the subject is, which lesions were there, and which treatment was given."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby

from equipoise.report.story.material import Material, Row
from equipoise.report.story.values import BaselineLesion, Person, Treatment
from equipoise.report.story.words import code_words, study_day
from equipoise.report.wording import count_of


def tell_person(material: Material, *, subject: str) -> Person:
    """The facts of a randomised subject; the arm only where an allocation is known."""
    row = material.rows("subjects", subject=subject)[0]
    entered = next(iter(material.entered("dm", subject=subject)), {})
    protocol = material.protocol
    arm = material.arms.get(subject, "")
    labels = {each.code: each.label for each in protocol.arm}
    strata = []
    for stratum in protocol.stratum:
        levels = {level.value: level.label for level in stratum.level}
        value = row.get(stratum.name)
        strata.append((stratum.label, levels.get(str(value), str(value or "not known"))))
    return Person(
        subject=subject,
        site=row.get("site") or "",
        sex=code_words(protocol, form="dm", item="sex", code=entered.get("sex")),
        age_years=entered.get("age_years"),
        randomised_date=start_of(material, subject=subject),
        strata=tuple(strata),
        arm=arm,
        arm_label=labels.get(arm, arm),
        last_alive_date=row["last_alive_date"],
        death_date=row["death_date"],
        facts=tuple(_facts(material, row=row)),
    )


def start_of(material: Material, *, subject: str) -> date | None:
    """The day of randomisation, from which days of a story are counted."""
    row = material.rows("subjects", subject=subject)[0]
    found: date | None = row[f"{material.protocol.schedule.origin}_date"]
    return found


def _facts(material: Material, *, row: Row) -> Iterator[str]:
    texts = {each.id: each.text for each in material.protocol.criterion}
    failed = [f"{name} ({texts.get(name, name)})" for name in row["failed_criteria"] or []]
    if failed:
        yield f"Not eligible: {'; '.join(failed)}"
    death = next(iter(material.rows("death", subject=row["subject"])), None)
    if death is not None:
        given = next(iter(material.entered("dth", subject=row["subject"])), {})
        cause = code_words(material.protocol, form="dth", item="cause", code=given.get("cause"))
        words = f"Died on {death['death_date'].isoformat()}"
        words += f" (date entered as {given.get('death_date')})" if death["imputed"] else ""
        yield f"{words}, cause: {cause}" if cause else words
    elif row["last_alive_date"] is not None:
        yield f"Last known alive on {row['last_alive_date'].isoformat()}"
    reason = row["eos_reason"]
    if reason and reason != "death":
        words = code_words(material.protocol, form="eos", item="reason", code=reason)
        yield f"End of study: {words}"


def tell_baseline(material: Material, *, subject: str) -> tuple[BaselineLesion, ...]:
    """The lesions of the baseline list, in the order of their ids."""
    states = {
        state["lesion"]: state
        for state in material.rows("lesion_states", subject=subject)
        if state["visit"] == "BL"
    }
    return tuple(
        BaselineLesion(
            lesion=row["lesion"],
            site=_site(material, row=row),
            kind=row["kind"] or "",
            role=code_words(material.protocol, form="les_bl", item="role", code=row["role"]),
            index=bool(row["intend_sbrt"]),
            scan_date=row["scan_date"],
            tenths_mm=states.get(row["lesion"], {}).get("tenths_mm"),
            entry=row["entry"],
        )
        for row in _first_by(material.entered("les_bl", subject=subject), "lesion")
    )


def _first_by(rows: tuple[Row, ...], name: str) -> list[Row]:
    ordered = sorted(rows, key=lambda row: str(row[name]))
    return [next(group) for _, group in groupby(ordered, key=lambda row: row[name])]


def _site(material: Material, *, row: Row) -> str:
    site = code_words(material.protocol, form="les_bl", item="site", code=row["site"])
    side = code_words(material.protocol, form="les_bl", item="side", code=row.get("side"))
    return f"{site}, {side}" if side else site


def tell_treatments(material: Material, *, subject: str) -> tuple[Treatment, ...]:
    """Systemic therapy by agent, SBRT by lesion, operations and later therapy, by their dates."""
    start = start_of(material, subject=subject)
    found = [
        *_systemic(material, subject=subject, start=start),
        *_sbrt(material, subject=subject, start=start),
        *_operations(material, subject=subject, start=start),
        *_later(material, subject=subject, start=start),
    ]
    return tuple(sorted(found, key=lambda each: (each.start_date, each.kind, each.lane)))


def _systemic(material: Material, *, subject: str, start: date | None) -> Iterator[Treatment]:
    protocol = material.protocol
    for row in material.entered("ex_sys", subject=subject):
        if row["start_date"] is None:
            continue
        agent = code_words(protocol, form="ex_sys", item="agent", code=row["agent"])
        action = code_words(protocol, form="ex_sys", item="action", code=row["action"])
        reason = code_words(protocol, form="ex_sys", item="reason", code=row["reason"])
        dose = f" {row['dose_mg']:g} mg" if row["dose_mg"] is not None else ""
        words = f"{agent}{'' if row['action'] == 'held' else dose}"
        words += "" if row["action"] == "given" else f", {action}"
        yield Treatment(
            kind="systemic",
            lane=agent,
            start_date=row["start_date"],
            stop_date=row["stop_date"],
            day=study_day(row["start_date"], start=start),
            action=row["action"] or "",
            words=f"{words} ({reason})" if reason else words,
            dates=(),
            entries=(row["entry"],),
        )


def _sbrt(material: Material, *, subject: str, start: date | None) -> Iterator[Treatment]:
    plans = {row["lesion"]: row for row in material.entered("rt_rx", subject=subject)}
    given = sorted(material.entered("rt_fx", subject=subject), key=lambda row: str(row["lesion"]))
    for lesion, group in groupby(given, key=lambda row: row["lesion"]):
        rows = [row for row in group if row["fraction_date"] is not None]
        if not rows:
            continue
        days = sorted(row["fraction_date"] for row in rows)
        total = sum(row["dose_gy"] or 0.0 for row in rows)
        plan = plans.get(lesion)
        words = f"SBRT of {lesion}: {total:g} Gy in {count_of(len(rows), one='fraction')}"
        if plan is not None and plan["fractions"] not in (None, len(rows)):
            words += f" (of {plan['fractions']} prescribed)"
        bed = plan.get("bed10_gy") if plan is not None else None
        words += f", BED10 as prescribed {bed:.1f} Gy" if bed is not None else ""
        yield Treatment(
            kind="sbrt",
            lane=str(lesion),
            start_date=days[0],
            stop_date=days[-1],
            day=study_day(days[0], start=start),
            action="given",
            words=words,
            dates=tuple(days),
            entries=tuple(row["entry"] for row in rows),
        )


def _operations(material: Material, *, subject: str, start: date | None) -> Iterator[Treatment]:
    for row in material.entered("surg", subject=subject):
        if row["surgery_date"] is None:
            continue
        kind = code_words(material.protocol, form="surg", item="type", code=row["type"])
        words = f"{kind} of {row['lesion']}" if row["lesion"] else kind
        planned = "planned" if row["planned"] else "not planned"
        yield _one_day(
            kind="surgery",
            row=row,
            found=row["surgery_date"],
            start=start,
            words=f"{words}, {planned} before randomisation",
        )


def _later(material: Material, *, subject: str, start: date | None) -> Iterator[Treatment]:
    protocol = material.protocol
    for row in material.entered("subseq", subject=subject):
        if row["start_date"] is None:
            continue
        kind = code_words(protocol, form="subseq", item="type", code=row["type"])
        what = f"{kind} therapy" if row["type"] == "systemic" else kind
        words = f"later {what}: {row['agent']}" if row["agent"] else f"later {what}"
        words += f" to {row['lesion']}" if row["lesion"] else ""
        reason = code_words(protocol, form="subseq", item="reason", code=row["reason"])
        words += f" ({reason})" if reason else ""
        words += ", planned by the protocol" if row["protocol_defined"] else ""
        yield _one_day(kind="later", row=row, found=row["start_date"], start=start, words=words)


def _one_day(*, kind: str, row: Row, found: date, start: date | None, words: str) -> Treatment:
    return Treatment(
        kind=kind,
        lane=str(row["type"] or ""),
        start_date=found,
        stop_date=None,
        day=study_day(found, start=start),
        action="given",
        words=words,
        dates=(found,),
        entries=(row["entry"],),
    )
