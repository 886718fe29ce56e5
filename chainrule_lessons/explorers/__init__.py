"""The ready-made live figures, one file a lesson's subject.

Nothing else in the package imports this one.
"""

from chainrule_lessons.explorers.blocks import pass_back
from chainrule_lessons.explorers.chain import gears, own_input, two_jobs
from chainrule_lessons.explorers.clinic import clinic, examine, race
from chainrule_lessons.explorers.count_the_cost import fade, gap, growth, three_costs
from chainrule_lessons.explorers.decision import decision_line
from chainrule_lessons.explorers.descent import (
    any_weight,
    loss_curve,
    loss_landscape,
    two_links,
    valleys,
)
from chainrule_lessons.explorers.fold import tile_board
from chainrule_lessons.explorers.go_backward_by_hand import (
    backward_stepper,
    hidden_bias,
)
from chainrule_lessons.explorers.graph import graph_walk, misprint
from chainrule_lessons.explorers.jacobian import jacobian_table, three_shapes
from chainrule_lessons.explorers.lattice import many_roads
from chainrule_lessons.explorers.measure_a_slope import (
    kink,
    secant,
    speed_camera,
    step_errors,
    trace_slopes,
)
from chainrule_lessons.explorers.microscope import microscope
from chainrule_lessons.explorers.neuron import neuron
from chainrule_lessons.explorers.order import multiplication_order
from chainrule_lessons.explorers.partial import slices, surface
from chainrule_lessons.explorers.paths import ledger
from chainrule_lessons.explorers.refresh_the_tools import dot_product, mirror
from chainrule_lessons.explorers.reuse import reuse
from chainrule_lessons.explorers.ridge import ridge
from chainrule_lessons.explorers.shares import total_derivative
from chainrule_lessons.explorers.steps import compass, downhill, trust
from chainrule_lessons.explorers.training import learning_rate, watch_weight

__all__ = [
    "any_weight",
    "backward_stepper",
    "clinic",
    "compass",
    "decision_line",
    "dot_product",
    "downhill",
    "examine",
    "fade",
    "gap",
    "gears",
    "graph_walk",
    "growth",
    "hidden_bias",
    "jacobian_table",
    "kink",
    "learning_rate",
    "ledger",
    "loss_curve",
    "loss_landscape",
    "many_roads",
    "microscope",
    "mirror",
    "misprint",
    "multiplication_order",
    "neuron",
    "own_input",
    "pass_back",
    "race",
    "reuse",
    "ridge",
    "secant",
    "slices",
    "speed_camera",
    "step_errors",
    "surface",
    "three_costs",
    "three_shapes",
    "tile_board",
    "total_derivative",
    "trace_slopes",
    "trust",
    "two_jobs",
    "two_links",
    "valleys",
    "watch_weight",
]
