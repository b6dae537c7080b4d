"""What people say of themselves in questionnaires: scores of scales, whether a scale may be used, and whose answers were not read.

A questionnaire is a table with a row for each respondent and a column for each item; an answer that was not given is a null or NaN, and
none is filled in. A scale is told by its items, those that point the other way with a minus before them as in R's psych
(``["q1", "q2", "-q3"]``), or as ``{"items": ["q1", "q2"], "reversed": ["q3"]}``; in that form names stand as they are.
"""

from ._scales import Scale
from .choices import Kano, best_worst, kano
from .factors import ParallelAnalysis, parallel_analysis
from .reliability import Alpha, Omega, Verdict, alpha, judge, omega
from .scoring import score
from .screening import Screening, careless

__all__ = [
    "Alpha",
    "Kano",
    "Omega",
    "ParallelAnalysis",
    "Scale",
    "Screening",
    "Verdict",
    "alpha",
    "best_worst",
    "careless",
    "judge",
    "kano",
    "omega",
    "parallel_analysis",
    "score",
]
