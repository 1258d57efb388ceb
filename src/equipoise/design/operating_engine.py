"""A cell of a grid by the engine that its question is for: replicates, or the whole protocol."""

from equipoise.design.operating_cells import Tally
from equipoise.design.operating_cells import run_cell as run_replicates
from equipoise.design.operating_question import Question
from equipoise.design.whole_cells import WholeQuestion, run_whole
from equipoise.simulate.trial_model import Run

AnyQuestion = Question | WholeQuestion


def run_cell(question: AnyQuestion, *, run: Run) -> Tally:
    """The trials of a cell that `run` names, counted; the tallies of parts add up to the whole."""
    if isinstance(question, WholeQuestion):
        return run_whole(question, run=run)
    return run_replicates(question, run=run)
