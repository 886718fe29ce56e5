"""The ready-made live figures, one file a lesson, named as its notebook.

Nothing else in the package imports this one.
"""

from chainrule_lessons.explorers.add_up_the_paths import (
    ledger,
    many_roads,
    total_derivative,
)
from chainrule_lessons.explorers.build_a_neuron import decision_line, neuron, ridge
from chainrule_lessons.explorers.chain_two_functions import (
    gears,
    graph_walk,
    misprint,
    own_input,
    two_jobs,
)
from chainrule_lessons.explorers.count_the_cost import fade, gap, growth, three_costs
from chainrule_lessons.explorers.fill_a_jacobian import (
    jacobian_table,
    multiplication_order,
    pushed_square,
    three_shapes,
    tile_board,
)
from chainrule_lessons.explorers.find_the_bug import clinic, examine, race
from chainrule_lessons.explorers.go_backward_by_hand import (
    backward_stepper,
    hidden_bias,
)
from chainrule_lessons.explorers.hold_the_rest_constant import (
    compass,
    downhill,
    slices,
    surface,
    trust,
)
from chainrule_lessons.explorers.measure_a_slope import (
    kink,
    secant,
    speed_camera,
    step_errors,
    trace_slopes,
)
from chainrule_lessons.explorers.refresh_the_tools import dot_product, mirror
from chainrule_lessons.explorers.roll_downhill import (
    any_weight,
    loss_curve,
    loss_landscape,
    two_links,
    valleys,
)
from chainrule_lessons.explorers.stack_the_blocks import microscope, pass_back, reuse
from chainrule_lessons.explorers.train_a_network import learning_rate, watch_weight

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
    "pushed_square",
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
