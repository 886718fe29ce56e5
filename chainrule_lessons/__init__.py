"""Chain Rule Lessons: from one slope to backpropagation.

`import chainrule_lessons` gives the numerical core and loads nothing but NumPy.
Pictures, live figures and exercises are imported from their own modules.
"""

from chainrule_lessons.autodiff import Variable, graph
from chainrule_lessons.clinic import patients
from chainrule_lessons.gradcheck import GradcheckError, compare, gradcheck
from chainrule_lessons.landscape import loss_curve, loss_surface
from chainrule_lessons.layers import (
    Linear,
    Module,
    Parallel,
    Parameter,
    ReLU,
    Scale,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
)
from chainrule_lessons.losses import CrossEntropyLoss, MSELoss
from chainrule_lessons.numeric import DerivativeError, derivative, gradient, jacobian
from chainrule_lessons.optim import SGD, accuracy, fit

__all__ = [
    "CrossEntropyLoss",
    "DerivativeError",
    "GradcheckError",
    "Linear",
    "MSELoss",
    "Module",
    "Parallel",
    "Parameter",
    "ReLU",
    "SGD",
    "Scale",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "Variable",
    "accuracy",
    "compare",
    "derivative",
    "fit",
    "gradcheck",
    "gradient",
    "graph",
    "jacobian",
    "loss_curve",
    "loss_surface",
    "patients",
]
