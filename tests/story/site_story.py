"""One patient of the reference trial from screening to lock, as what people do on which page.

A step is a page, what is typed and chosen there, the button, and what the page then says. Nothing
here knows how pages are driven: over HTTP (people_at_pages.py) or in a browser (browser/).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from equipoise.randomise.sealed_seed import draw_seed
from store.entries import ELIGIBLE, PASSWORD, typed

SBRT_FIRST = draw_seed(bytes(range(2, 66)))  # a sequence whose first arm is B
PROGRESSED = date(2026, 8, 19)  # seen first on this day: the event of progression-free survival
DIED = date(2026, 10, 14)
RANDOMISED = date(2026, 3, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a person does on a page on a day, and what the page then says or never says.

    `page` holds {subject} and {query} as places; empty, the person stays where the last step led.
    Without `press` the page is only looked at. `comment` answers whatever is to be confirmed.
    """

    day: date
    who: str
    page: str = ""
    fill: Mapping[str, str] = field(default_factory=dict)
    press: str = ""
    comment: str = ""
    sees: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


def enter(day: date, who: str, form: str, text: str, *, key: str = "", comment: str = "") -> Step:
    """An entry typed and completed."""
    items = {f"items.{name}": value for name, value in typed(text).items()}
    behind = f"{key}/" if key else ""
    return Step(
        day=day,
        who=who,
        page=f"/entry/form/{{subject}}/{form}/{behind}",
        fill=items,
        press="Complete",
        comment=comment,
        sees=("The form is complete.",),
    )


SCREENED = date(2026, 3, 3)
SCREENING = (
    Step(
        day=SCREENED, who="cho", page="/subjects/enrol/", fill={"site": "01"}, press="Enrol",
        sees=("Enrolled: 01-001.", "Screening"),
    ),
    Step(
        day=SCREENED, who="cho", page="/entry/form/{subject}/imdc/", press="Complete",
        fill={"items.kps": "90", "items.lab_date": "2026-02-25", "items.hb_g_dl": "140"},
        sees=("Not complete yet", "Haemoglobin: above 20 g/dL", "not started"),
    ),
    Step(
        day=SCREENED, who="cho", page="/entry/form/{subject}/imdc/", press="Save draft",
        fill={"items.kps": "90", "items.lab_date": "2026-02-25"},
        sees=("Draft saved.", "draft"),
    ),
    Step(
        day=SCREENED, who="ivy", page="/eligibility/{subject}/",
        sees=("not known yet", "There are no waivers."), never=("Sign eligibility",),
    ),
    *(
        enter(SCREENED, "cho", form, text, key=".".join(key))
        for (form, *key), text in ELIGIBLE.items()
    ),
    enter(SCREENED, "cho", "ecog", "ecog_date=2026-03-03 ecog=0", key="SCR"),
    enter(
        SCREENED, "cho", "vs", "vs_date=2026-03-03 weight_kg=71.2 height_cm=172 systolic_mm_hg=128 "
        "diastolic_mm_hg=79", key="SCR",
    ),
)  # fmt: skip
RANDOMISATION = (
    Step(
        day=RANDOMISED, who="ivy", page="/eligibility/{subject}/", press="Sign eligibility",
        fill={"stratum.imdc": "fav", "password_again": "not my password"},
        sees=("password",), never=("Eligibility is signed.",),
    ),
    Step(
        day=RANDOMISED, who="ivy", page="/eligibility/{subject}/", press="Sign eligibility",
        fill={"stratum.imdc": "fav", "password_again": PASSWORD},
        sees=("Eligibility is signed.", "Signed by Ivy, 2026-03-04"),
    ),
    Step(
        day=RANDOMISED, who="cho", page="/randomise/{subject}/", press="Randomise",
        fill={"confirmed": "yes"}, sees=("01-001 is randomised", "Arm B: "),
    ),
    Step(
        day=RANDOMISED, who="stan", page="/randomised/{subject}/",
        sees=("01-001 is randomised", "Your role does not see the arm."), never=("Arm B",),
    ),
)  # fmt: skip
TREATMENT = (
    enter(
        date(2026, 3, 11), "ray", "rt_rx", "planned_date=2026-03-11 dose_gy=54 fractions=3 "
        "technique=vmat isodose_percent=80 gtv_cc=5.5 itv_cc=8.4 ptv_cc=16.1 intent=ablative "
        "motion=itv fusion=none", key="L01",
    ),
    *(
        enter(
            day, "ray", "rt_fx", f"fraction_date={day} fraction_time=10:30 dose_gy=18 igrt=cbct "
            "interrupted=N", key=f"L01.{number}",
        )
        for number, day in enumerate((date(2026, 3, d) for d in (16, 18, 20)), start=1)
    ),
    Step(
        day=date(2026, 3, 20), who="ray", page="/subjects/{subject}/sbrt/",
        sees=("L01", "54", "151.2"),  # BED10 of 3 x 18 Gy
    ),
    Step(
        day=date(2026, 3, 20), who="stan", page="/subjects/{subject}/sbrt/",
        never=("151.2",), sees=("404",),
    ),
    enter(
        date(2026, 3, 25), "cho", "ex_sys", "regimen=pembro_axi agent=pembrolizumab "
        "planned_dose_mg=200 dose_mg=200 route=intravenous start_date=2026-03-25 action=given",
        key="1",
    ),
    enter(
        date(2026, 3, 25), "cho", "ex_sys", "regimen=pembro_axi agent=axitinib planned_dose_mg=5 "
        "dose_mg=5 route=oral start_date=2026-03-25 action=given", key="2",
    ),
)  # fmt: skip
MONTH_3 = date(2026, 5, 27)
SCANS = (
    enter(MONTH_3, "cho", "les_fu", "scan_date=2026-05-27 status=measured mm=12 method=ct",
          key="M3.L01"),
    enter(MONTH_3, "ivy", "rs", "assessment_date=2026-05-27 target=PR new_lesion=N overall=PR",
          key="M3"),
    enter(MONTH_3, "cho", "surv", "alive_date=2026-05-27 source=visit status=alive", key="M3"),
    Step(day=MONTH_3, who="cho", page="/subjects/{subject}/lesions/", sees=("PR", "12"),
         never=("PD",)),
    enter(PROGRESSED, "cho", "les_fu", "scan_date=2026-08-19 status=measured mm=11 method=ct",
          key="M6.L01"),
    enter(PROGRESSED, "cho", "newles", "scan_date=2026-08-19 site=liver method=ct "
          "certainty=unequivocal relation=out_of_field mm=14", key="M6.N01"),
    enter(PROGRESSED, "ivy", "rs", "assessment_date=2026-08-19 target=PR new_lesion=Y overall=PD",
          key="M6"),
    enter(PROGRESSED, "cho", "surv", "alive_date=2026-08-19 source=visit status=alive", key="M6"),
    Step(day=PROGRESSED, who="ivy", page="/subjects/{subject}/lesions/", sees=("PD", "N01")),
)  # fmt: skip
DEATH = (
    enter(date(2026, 8, 26), "cho", "eot", "ended_date=2026-08-26 last_given_date=2026-08-12 "
          "reason=progression", key="systemic"),
    enter(date(2026, 10, 15), "cho", "dth", "death_date=2026-10-14 cause=rcc autopsy=N"),
    enter(date(2026, 10, 15), "cho", "eos", "eos_date=2026-10-14 reason=death"),
    Step(day=date(2026, 10, 15), who="cho", page="/subjects/{subject}/", sees=("01-001", "died")),
    Step(day=date(2026, 10, 15), who="ivy", page="/subjects/{subject}/timeline/",
         sees=("2026-03-04", "2026-08-19", "2026-10-14")),
)  # fmt: skip
ASKED = date(2026, 10, 19)
QUERY = (
    Step(
        day=ASKED, who="mo", page="/queries/new/{subject}/les_fu/M6.L01/", press="Ask",
        fill={"item": "mm", "text": "The report says 11.5 mm: which is right?"},
        sees=("Query 1 ? open", "The report says 11.5 mm"),
    ),
    Step(
        day=ASKED, who="cho", page="/entry/form/{subject}/les_fu/M6.L01/",
        sees=("The report says 11.5 mm",),
    ),
    Step(
        day=ASKED, who="cho", page="/entry/form/{subject}/les_fu/M6.L01/",
        fill={"items.mm": "11.5"}, press="Save the change", sees=("say why",),
    ),
    Step(
        day=ASKED, who="cho", page="/entry/form/{subject}/les_fu/M6.L01/", press="Save the change",
        fill={"items.mm": "11.5", "reason": "read off wrongly"}, sees=("The change is saved.",),
    ),
    Step(
        day=ASKED, who="cho", page="/queries/{query}/", press="Send the answer",
        fill={"text": "11.5 mm it is; corrected."},
        sees=("● answered", "11.5 mm it is; corrected."),
    ),
    Step(
        day=date(2026, 10, 20), who="mo", page="/queries/{query}/", press="Close the query",
        sees=("✓ closed",), never=("Your answer",),
    ),
)  # fmt: skip
CLOSING = (
    Step(
        day=date(2026, 10, 20), who="mo", page="/casebook/{subject}/?state=complete",
        press="Verify the marked", sees=("Done (verify)", "verified"),
    ),
    Step(
        day=date(2026, 10, 22), who="ivy", page="/casebook/{subject}/?state=verified",
        press="Sign the marked…", sees=("Sign entries of 01-001",),
        never=("Not yet ready to be signed",),
    ),
    Step(
        day=date(2026, 10, 22), who="ivy", fill={"password_again": PASSWORD}, press="Sign",
        sees=("Signed: signature", "holds"), never=("dropped",),
    ),
    Step(
        day=date(2026, 10, 26), who="dana", page="/casebook/{subject}/?state=signed",
        press="Freeze the marked", sees=("Done (freeze)", "frozen"),
    ),
    Step(
        day=date(2026, 10, 27), who="dana", page="/casebook/{subject}/?state=frozen",
        press="Lock the marked", sees=("Done (lock)", "locked"),
    ),
    Step(
        day=date(2026, 10, 27), who="cho", page="/entry/form/{subject}/les_fu/M6.L01/",
        sees=("This form is locked",), never=("Save the change",),
    ),
    Step(
        day=date(2026, 10, 28), who="dana", page="/ledger/verify/", press="Verify now",
        sees=("Clean:",),
    ),
)  # fmt: skip
STORY = (*SCREENING, *RANDOMISATION, *TREATMENT, *SCANS, *DEATH, *QUERY, *CLOSING)
