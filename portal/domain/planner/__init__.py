"""The meeting planner. Pure: no database, no web; a round and a seed in, a plan with its reasons out."""

from portal.domain.planner.checking import Breach, Rule, breaches
from portal.domain.planner.impossible import Impossible, Lack, impossible, too_few_places
from portal.domain.planner.plan import LeftOver, Plan, Progress, Score, Why
from portal.domain.planner.planning import Budget, make_plan
from portal.domain.planner.round import Availability, Block, Family, Place, Round, Rules, Talk
from portal.domain.planner.scoring import score

__all__ = [
    "Availability",
    "Block",
    "Breach",
    "Budget",
    "Family",
    "Impossible",
    "Lack",
    "LeftOver",
    "Place",
    "Plan",
    "Progress",
    "Round",
    "Rule",
    "Rules",
    "Score",
    "Talk",
    "Why",
    "breaches",
    "impossible",
    "make_plan",
    "score",
    "too_few_places",
]
