"""Entries of imaging: lesions at baseline and follow-up, new lesions, the site's response."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from equipoise.simulate.cohort import Flags, Ints, choose, draw_uniform
from equipoise.simulate.entries.columns import (
    People,
    build_rows,
    constant,
    date_column,
    lesion_column,
    name_column,
    only_where,
)
from equipoise.simulate.lesions import MOST_LESIONS
from equipoise.simulate.purpose import Purpose
from equipoise.simulate.setting import Setting
from equipoise.simulate.site_reading import Response
from equipoise.simulate.trial_course import Course

_TARGET = (None, "CR", "PR", "SD", "PD", "NE")
_NON_TARGET = (None, "CR", None, "NON-CR/NON-PD", "PD", "NE")
_METHODS = ("ct", "mri")
_SLICES = (1.0, 2.5, 3.0, 5.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The scans made in the life of each subject: subject and position of each, in order."""

    rows: Ints
    position: Ints


def list_scans(course: Course) -> Seen:
    """The scans made on or before the last day of each subject."""
    made = course.scans.made & (course.scans.day <= course.fate.stop[:, None])
    rows, position = np.nonzero(made)
    return Seen(rows=rows, position=position)


def write_imaging(setting: Setting, *, course: Course, people: People) -> dict[str, pl.DataFrame]:
    """The forms of imaging by name."""
    seen = list_scans(course)
    return {
        "les_bl": _write_baseline(setting, course, people),
        "les_fu": _write_follow_up(course, people, seen),
        "newles": _write_new_lesions(setting, course, people, seen),
        "rs": _write_response(course, people, seen),
    }


def _methods(course: Course) -> Ints:
    """CT or MRI per lesion, the same at every scan."""
    uniform = draw_uniform(course.cohort, purpose=Purpose.LESION_DETAIL, count=4 * MOST_LESIONS)
    return (uniform[:, :MOST_LESIONS] < 0.1).astype(np.int64)


def _write_baseline(setting: Setting, course: Course, people: People) -> pl.DataFrame:
    lesions = course.lesions
    rows, lesion = np.nonzero(lesions.present)
    uniform = draw_uniform(course.cohort, purpose=Purpose.LESION_DETAIL, count=4 * MOST_LESIONS)
    detail = uniform.reshape(-1, 4, MOST_LESIONS)[rows, :, lesion]
    names = tuple(setting.operations.patients.site)
    site = name_column(names, place=lesions.site[rows, lesion])
    nodal = lesions.nodal[rows, lesion]
    mm = lesions.tenths[rows, lesion] / 10.0
    prior = detail[:, 1] < setting.operations.patients.prior_rt
    sided = site.is_in(["lung", "adrenal", "renal_bed"]).to_numpy()
    side = name_column(("left", "right"), place=(detail[:, 2] < 0.5).astype(np.int64))
    bone = site.is_in(["bone_spine", "bone_other"]).to_numpy()
    columns = {
        "lesion": lesion_column(lesion),
        "role": name_column(
            ("non_target", "target"), place=lesions.target[rows, lesion].astype(np.int64)
        ),
        "kind": name_column(("non_nodal", "nodal"), place=nodal.astype(np.int64)),
        "site": site,
        "side": only_where(sided, values=side),
        "scan_date": date_column(people, rows=rows, day=-course.baseline.scan_days[rows]),
        "method": name_column(_METHODS, place=_methods(course)[rows, lesion]),
        "slice_mm": pl.Series(np.asarray(_SLICES)[choose(detail[:, 3], shares=(1, 2, 2, 1))]),
        "ld_mm": only_where(~nodal, values=mm),
        "sa_mm": only_where(nodal, values=mm),
        "soft_tissue_mm": only_where(bone, values=mm),
        "prior_rt": pl.Series(prior),
        "prior_rt_progressed": only_where(prior, values=prior),
        "intend_sbrt": constant(value=True, rows=rows),
        "appearance": name_column(("solid", "lytic"), place=bone.astype(np.int64)),
    }
    return build_rows(people, rows=rows, columns=columns)


def _status(target: Flags, *, tenths: Ints, unread: Flags, growing: Flags) -> pl.Series:
    """The status of each lesion read at a scan."""
    place = np.where(target, 1, np.where(growing, 3, 2))
    place = np.where(tenths == 0, 0, place)
    place = np.where(unread, 4, place)
    return name_column(("absent", "measured", "present", "progression", "ne"), place=place)


def _write_follow_up(course: Course, people: People, seen: Seen) -> pl.DataFrame:
    lesions, scans = course.lesions, course.scans
    each, lesion = np.nonzero(lesions.present[seen.rows])
    rows, position = seen.rows[each], seen.position[each]
    tenths = scans.tenths[rows, position, lesion]
    unread = scans.unread[rows, position, lesion]
    columns = {
        "visit": name_column(course.plan.code, place=position),
        "lesion": lesion_column(lesion),
        "scan_date": date_column(people, rows=rows, day=scans.day[rows, position]),
        "status": _status(
            lesions.target[rows, lesion],
            tenths=tenths,
            unread=unread,
            growing=scans.growing[rows, position, lesion],
        ),
        "mm": only_where((tenths > 0) & ~unread, values=tenths / 10.0),
        "method": name_column(_METHODS, place=_methods(course)[rows, lesion]),
    }
    return build_rows(people, rows=rows, columns=columns)


def _write_new_lesions(
    setting: Setting, course: Course, people: People, seen: Seen
) -> pl.DataFrame:
    """New lesions at the scan that shows the first: one to three, outside what was irradiated."""
    shown = course.scans.new[seen.rows, seen.position]
    rows, position = seen.rows[shown], seen.position[shown]
    uniform = draw_uniform(course.cohort, purpose=Purpose.NEW_LESION, count=8)[rows]
    number = 1 + choose(uniform[:, 1], shares=(0.6, 0.25, 0.15))
    each, lesion = np.nonzero(np.arange(3)[None, :] < number[:, None])
    rows, position = rows[each], position[each]
    patients = setting.operations.patients
    site = choose(uniform[each, 2 + lesion], shares=tuple(patients.site.values()))
    columns = {
        "visit": name_column(course.plan.code, place=position),
        "lesion": lesion_column(lesion, letter="N"),
        "scan_date": date_column(people, rows=rows, day=course.scans.day[rows, position]),
        "site": name_column(tuple(patients.site), place=site),
        "certainty": constant("unequivocal", rows=rows),
        "relation": constant("out_of_field", rows=rows),
        "mm": pl.Series(10.0 + np.floor(uniform[each, 5 + lesion] * 15.0)),
    }
    return build_rows(people, rows=rows, columns=columns)


def _write_response(course: Course, people: People, seen: Seen) -> pl.DataFrame:
    rows, position = seen.rows, seen.position
    target = course.scans.target[rows, position]
    non_target = course.scans.non_target[rows, position]
    new = course.scans.new[rows, position]
    columns = {
        "visit": name_column(course.plan.code, place=position),
        "assessment_date": date_column(people, rows=rows, day=course.scans.day[rows, position]),
        "target": name_column(_TARGET, place=target),
        "non_target": name_column(_NON_TARGET, place=non_target),
        "new_lesion": pl.Series(new),
        "overall": _overall(target, non_target, new),
        "clinical_progression": constant(value=False, rows=rows),
    }
    return build_rows(people, rows=rows, columns=columns)


def _overall(target: Ints, non_target: Ints, new: Flags) -> pl.Series:
    """The overall response (RECIST 1.1, table 1 and table 2)."""
    names = ("CR", "PR", "SD", "PD", "NE", "NON-CR/NON-PD")
    cleared = np.isin(non_target, (Response.NONE, Response.CR))
    place = np.select(
        [
            new | (target == Response.PD) | (non_target == Response.PD),
            target == Response.NE,
            (target == Response.CR) & cleared,
            np.isin(target, (Response.CR, Response.PR)),
            target == Response.SD,
            non_target == Response.CR,
        ],
        [3, 4, 0, 1, 2, 0],
        default=5,
    )
    return name_column(names, place=place)
