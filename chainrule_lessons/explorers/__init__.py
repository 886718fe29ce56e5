"""The ready-made live figures, one file a lesson's subject.

Nothing else in the package imports this one.
"""

from chainrule_lessons.explorers.chain import gears, graph_walk, misprint, two_jobs
from chainrule_lessons.explorers.descent import (
    any_weight,
    loss_curve,
    loss_landscape,
    two_links,
    valleys,
)

__all__ = [
    "any_weight",
    "gears",
    "graph_walk",
    "loss_curve",
    "loss_landscape",
    "misprint",
    "two_jobs",
    "two_links",
    "valleys",
]
