"""The ready-made live figures, one file a lesson, named as its notebook.

Each lesson's own `__all__` says which it shows. Nothing else in the package imports
this one.
"""

from chainrule_lessons.explorers.add_up_the_paths import *
from chainrule_lessons.explorers.build_a_neuron import *
from chainrule_lessons.explorers.chain_two_functions import *
from chainrule_lessons.explorers.count_the_cost import *
from chainrule_lessons.explorers.fill_a_jacobian import *
from chainrule_lessons.explorers.find_the_bug import *
from chainrule_lessons.explorers.go_backward_by_hand import *
from chainrule_lessons.explorers.hold_the_rest_constant import *
from chainrule_lessons.explorers.measure_a_slope import *
from chainrule_lessons.explorers.measure_on_a_computer import *
from chainrule_lessons.explorers.refresh_the_tools import *
from chainrule_lessons.explorers.roll_downhill import *
from chainrule_lessons.explorers.stack_the_blocks import *
from chainrule_lessons.explorers.start_here import *
from chainrule_lessons.explorers.train_a_network import *

LESSONS = (
    add_up_the_paths,
    build_a_neuron,
    chain_two_functions,
    count_the_cost,
    fill_a_jacobian,
    find_the_bug,
    go_backward_by_hand,
    hold_the_rest_constant,
    measure_a_slope,
    measure_on_a_computer,
    refresh_the_tools,
    roll_downhill,
    stack_the_blocks,
    start_here,
    train_a_network,
)
__all__ = sorted(name for lesson in LESSONS for name in lesson.__all__)
