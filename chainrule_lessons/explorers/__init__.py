"""The ready-made live figures, one file a lesson, named as its notebook.

Nothing else in the package imports this one.
"""

from chainrule_lessons.explorers.add_up_the_paths import (
    growing_rectangle,
    ledger,
    many_roads,
)
from chainrule_lessons.explorers.build_a_neuron import (
    decision_line,
    fold,
    network,
    neuron,
    ridge,
    rows,
    stairs,
    wires,
)
from chainrule_lessons.explorers.chain_two_functions import (
    gears,
    graph_walk,
    misprint,
    number_lines,
    own_input,
    two_jobs,
)
from chainrule_lessons.explorers.count_the_cost import fade, tape_ledger, three_costs
from chainrule_lessons.explorers.fill_a_jacobian import (
    jacobian_table,
    multiplication_order,
    pushed_square,
    three_shapes,
    tile_board,
)
from chainrule_lessons.explorers.find_the_bug import admit, examine, race
from chainrule_lessons.explorers.go_backward_by_hand import (
    backward_stepper,
    greenhouse,
    hidden_bias,
    nine_slopes,
)
from chainrule_lessons.explorers.hold_the_rest_constant import (
    compass,
    downhill,
    slices,
    surface,
    tile,
    trust,
)
from chainrule_lessons.explorers.measure_a_slope import (
    distance_and_speed,
    kink,
    secant,
    speed_camera,
    trace_slopes,
)
from chainrule_lessons.explorers.measure_on_a_computer import (
    float_gaps,
    step_errors,
    straight_line,
)
from chainrule_lessons.explorers.refresh_the_tools import dot_product, mirror
from chainrule_lessons.explorers.roll_downhill import (
    any_weight,
    bold_steps,
    courier,
    fit_line,
    loss_curve,
    two_links,
    valleys,
)
from chainrule_lessons.explorers.stack_the_blocks import (
    microscope,
    pass_back,
    reuse,
    worse_answer,
)
from chainrule_lessons.explorers.start_here import (
    misread_eight,
    tiny_network,
    turn_them_all,
)
from chainrule_lessons.explorers.train_a_network import (
    digit_pad,
    first_weights,
    learning_rate,
    watch_weight,
)

__all__ = [
    "admit",
    "any_weight",
    "backward_stepper",
    "bold_steps",
    "compass",
    "courier",
    "decision_line",
    "digit_pad",
    "distance_and_speed",
    "dot_product",
    "downhill",
    "examine",
    "fade",
    "first_weights",
    "fit_line",
    "float_gaps",
    "fold",
    "gears",
    "graph_walk",
    "greenhouse",
    "growing_rectangle",
    "hidden_bias",
    "jacobian_table",
    "kink",
    "learning_rate",
    "ledger",
    "loss_curve",
    "many_roads",
    "microscope",
    "mirror",
    "misprint",
    "misread_eight",
    "multiplication_order",
    "network",
    "neuron",
    "nine_slopes",
    "number_lines",
    "own_input",
    "pass_back",
    "pushed_square",
    "race",
    "reuse",
    "ridge",
    "rows",
    "secant",
    "slices",
    "speed_camera",
    "stairs",
    "step_errors",
    "straight_line",
    "surface",
    "tape_ledger",
    "three_costs",
    "three_shapes",
    "tile",
    "tile_board",
    "tiny_network",
    "trace_slopes",
    "trust",
    "turn_them_all",
    "two_jobs",
    "two_links",
    "valleys",
    "watch_weight",
    "wires",
    "worse_answer",
]
