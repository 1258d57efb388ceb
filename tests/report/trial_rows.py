"""The rows of a small trial, made by arithmetic from the number of a subject."""

from datetime import date, timedelta

START = date(2024, 1, 10)
CUT = date(2026, 11, 1)
REGIMENS = ("pembro_axi", "nivo_ipi", "nivo_cabo")
TERMS = (("Fatigue", "General disorders", 2), ("Diarrhea", "Gastrointestinal disorders", 3))


def subject_name(number: int) -> str:
    """The id of the subject of that number: five sites, one after the other."""
    return f"{number % 5 + 1:02}-{number + 1:03}"


def event_days(number: int) -> int:
    """Days to progression or death: later in the arm of odd numbers."""
    return 60 + (number * 37) % 500 + (220 if number % 2 else 0)


def baseline_of(number: int) -> dict[str, object]:
    """The baseline variables of a subject."""
    return {
        "dm__age_years": 45 + number % 30,
        "dm__sex": "F" if number % 3 == 1 else "M",
        "imdc__kps": 70 + 10 * (number % 4),
        "diag__histology": "clear_cell" if number % 6 else "papillary",
        "diag__nephrectomy": "done" if number % 7 else None,
        "diag__disease_free_months": 3.5 * (number % 12),
        "omd__omd_class": ("de_novo", "repeat", "induced")[number % 3],
        "omd__n_lesions": 1 + number % 5,
        "omd__n_organs": 1 + number % 3,
        "omd__max_diameter_mm": 12.0 + number % 30,
        "imdc__imdc_class": "favourable" if number % 5 < 2 else "intermediate",
    }


def subject_row(number: int) -> dict[str, object]:
    """One subject: odd numbers have SBRT, every ninth dies, every eleventh is lost."""
    randomised = START + timedelta(days=9 * number)
    dead = number % 9 == 4
    irradiated = number % 2 == 1 and number % 13 != 0
    last = min(CUT, randomised + timedelta(days=event_days(number) + 90))
    return {
        "replicate": 0,
        "subject": subject_name(number),
        "site": f"{number % 5 + 1:02}",
        "randomised_date": randomised,
        "cutoff_date": CUT,
        "first_treatment_date": randomised + timedelta(days=4),
        "sbrt_started_date": randomised + timedelta(days=14) if irradiated else None,
        "sbrt_completed_date": randomised + timedelta(days=28) if irradiated else None,
        "omd_induced": "Y" if number % 3 == 0 else "N",
        "n_mets": "4-5" if number % 4 == 0 else "1-3",
        "imdc": "fav" if number % 5 < 2 else "int_poor",
        "regimen": REGIMENS[number % 3],
        **baseline_of(number),
        "eligible": number % 17 != 0,
        "failed_criteria": ["I3"] if number % 17 == 0 else [],
        "baseline_assessed": number % 19 != 0,
        "treatment_started_days": 5,
        "sbrt_started": irradiated,
        "sbrt_complete": irradiated and number % 5 != 0,
        "min_bed10_gy": 60.0 if irradiated else None,
        "non_protocol_local_therapy": False,
        "death_date": last if dead else None,
        "last_alive_date": last,
        "eos_reason": "death" if dead else "lost" if number % 11 == 7 else None,
        "entries": [f"{subject_name(number)}/rand"],
    }


def time_row(
    number: int, *, endpoint: str, convention: str, days: int, cause: int, lesion: str = ""
) -> dict[str, object]:
    """One time of a subject or a lesion, with the rule that decided."""
    subject, start = subject_name(number), START + timedelta(days=9 * number)
    rule, words = {
        0: ("R11", "last adequate tumour assessment"),
        1: ("R4", "progression by RECIST 1.1"),
        2: ("LC-D", "death without local failure"),
    }[cause]
    end = start + timedelta(days=days - 1)
    return {
        "row": f"{endpoint}/{convention}/{subject}" + (f"/{lesion}" if lesion else ""),
        "replicate": 0,
        "subject": subject,
        "lesion": lesion,
        "endpoint": endpoint,
        "convention": convention,
        "start_date": start,
        "end_date": end,
        "days": days,
        "cause": cause,
        "rule": rule,
        "words": words,
        "entries": [f"{subject}/rs/M{3 * (1 + days // 90)}"],
    }


def time_rows(number: int) -> list[dict[str, object]]:
    """The times of one subject, cut at the data cut."""
    room = (CUT - START).days - 9 * number
    days = event_days(number)

    def at(full: int, *, cause: int = 1) -> tuple[int, int]:
        return (full, cause) if full <= room else (room, 0)

    def row(endpoint: str, convention: str, found: tuple[int, int]) -> dict[str, object]:
        return time_row(
            number, endpoint=endpoint, convention=convention, days=found[0], cause=found[1]
        )

    died = at(days + 90, cause=1 if number % 9 == 4 else 0)
    next_line = at(days + 30, cause=2 if number % 9 == 4 else 1)
    rows = [
        row("pfs", "ema", at(days)),
        row("pfs", "fda", at(days, cause=0 if number % 7 == 0 else 1)),
        row("os", "", died),
        row("ttnt", "", next_line),
    ]
    for lesion in range(1 + number % 3):
        length, cause = at(days + 40 * lesion, cause=2 if number % 9 == 4 else number % 2)
        for endpoint in ("lc", "lc_sbrt") if number % 2 else ("lc",):
            found = time_row(
                number,
                endpoint=endpoint,
                convention="",
                days=length,
                cause=cause,
                lesion=f"L{lesion + 1:02}",
            )
            rows.append(found)
    return rows


def assessment_rows(number: int) -> list[dict[str, object]]:
    """Scans on each planned visit until the event, every eighth missed or late."""
    start = START + timedelta(days=9 * number)
    days = event_days(number)
    visits = [("SCR", -14), ("M3", 84), ("M6", 168), ("M9", 252), ("M12", 365), ("M15", 449)]
    return [
        {
            "replicate": 0,
            "subject": subject_name(number),
            "visit": visit,
            "first_date": start + timedelta(days=day - 1 + number % 5),
            "last_date": start + timedelta(days=day + number % 5),
            "baseline": day < 0,
            "adequate": (number + day) % 9 != 0,
        }
        for visit, day in visits
        if day < days and (number + day) % 8 != 0
    ]


def event_row(number: int) -> dict[str, object]:
    """One severe adverse event of a subject."""
    start = START + timedelta(days=9 * number)
    return {
        "row": f"acute_g3/{subject_name(number)}/1",
        "replicate": 0,
        "subject": subject_name(number),
        "endpoint": "acute_g3",
        "onset_date": start + timedelta(days=40),
        "end_date": start + timedelta(days=60) if number % 2 else None,
        "grade": 3 + number % 2,
        "treatment_emergent": True,
        "term": "Diarrhea",
        "related_sbrt": "possible",
        "entries": [f"{subject_name(number)}/ae/1"],
    }


def grade_rows(number: int) -> list[dict[str, object]]:
    """The worst grade of each term of a subject."""
    return [
        {
            "replicate": 0,
            "subject": subject_name(number),
            "term": term,
            "soc": group,
            "grade": min(5, 1 + (number + place) % grade + (number % 10 == 3)),
            "onset_date": START + timedelta(days=9 * number + 30 * (place + 1)),
            "severe_onset_date": START + timedelta(days=9 * number + 60)
            if number % 4 == 0
            else None,
            "sbrt_grade": 2 if number % 6 == 3 else None,
        }
        for place, (term, group, grade) in enumerate(TERMS)
        if number % (2 + place) == 0
    ]


def aesi_rows(number: int) -> list[dict[str, object]]:
    """The event of special interest that every fourth subject has."""
    row = {
        "replicate": 0,
        "subject": subject_name(number),
        "group": "pneumonitis" if number % 8 else "hepatitis",
        "grade": 2 + number % 3,
        "onset_date": START + timedelta(days=9 * number + 50),
        "first_day": 50,
        "severe_day": 50 if number % 3 else None,
    }
    return [row] if number % 4 == 0 else []


def risk_row(number: int) -> dict[str, object]:
    """The time during which a subject was at risk."""
    start = START + timedelta(days=9 * number)
    return {
        "replicate": 0,
        "subject": subject_name(number),
        "start_date": start,
        "end_date": start + timedelta(days=365 + number),
        "days": 366 + number,
    }


def exposure_rows(number: int) -> list[dict[str, object]]:
    """The agents of a subject's regimen."""
    agents = (("pembrolizumab", "axitinib"), ("nivolumab", "ipilimumab"), ("nivolumab",))
    return [
        {
            "replicate": 0,
            "subject": subject_name(number),
            "regimen": REGIMENS[number % 3],
            "agent": agent,
            "days": 100 + 7 * number,
            "relative_dose_intensity": 1 - 0.05 * (number % 4),
            "held_for_sbrt_days": 9 if agent == "axitinib" and number % 2 else 0,
            "reductions": number % 3,
        }
        for agent in agents[number % 3]
    ]


def sbrt_row(number: int) -> dict[str, object]:
    """The SBRT of a subject."""
    return {
        "replicate": 0,
        "subject": subject_name(number),
        "lesions_planned": 1 + number % 3,
        "lesions_treated": 1 + number % 3,
        "lesions_completed": 1 if number % 5 == 0 else 1 + number % 3,
        "fractions": 3 + number % 3,
        "min_bed10_gy": 60.0,
        "start_lag_days": 14 + number % 20,
        "overall_days": 8,
    }


def dose_row(number: int) -> dict[str, object]:
    """The first irradiated lesion of a subject: every fifth broken off, every seventh late."""
    whole, late = number % 5 != 0, number % 7 == 0
    return {
        "replicate": 0,
        "subject": subject_name(number),
        "lesion": "L01",
        "given_fractions": 3 if whole else 1,
        "library": "preferred" if number % 3 else "outside",
        "ablative": whole,
        "verdict_completion": ("minor" if late else "per_protocol") if whole else None,
        "verdict_overall": "per_protocol",
        "verdict_gap": "per_protocol" if whole else None,
    }


def adherence_row(number: int) -> dict[str, object]:
    """How far the SBRT of a subject followed the protocol."""
    return {
        "replicate": 0,
        "subject": subject_name(number),
        "verdict": "major" if number % 5 == 0 else "per_protocol",
    }


def later_row(number: int) -> dict[str, object]:
    """The therapies of a subject after the trial's."""
    return {
        "replicate": 0,
        "subject": subject_name(number),
        "systemic_lines": number % 3,
        "local_therapies": 1 if number % 8 == 0 else 0,
    }


def flow_row(number: int) -> dict[str, object]:
    """What became of a subject."""
    return {
        "replicate": 0,
        "subject": subject_name(number),
        "systemic_stopped": number % 4 == 0,
        "stop_reason": "toxicity" if number % 8 == 0 else "progression",
    }
