"""Slopes measured from the values of a function.

`formulas` holds the three that a lesson teaches: forward, central and complex
differences. One idea more carries `measure`, and it is Richardson's: shrink the step
several times, watch how the error shrinks with it, and take the rest away.
``"richardson"`` does that with central differences. ``"auto"``, the default, takes
the complex step where it can. Both are believed only where the slopes close by on
the left and on the right agree with them. Where they don't, a whole `ladder` of
steps, from coarse to as fine as the numbers allow, looks at f from both sides and
from each side alone.

Where f has no slope, these two methods raise `DerivativeError` instead of giving
a number: at a kink, a jump, a vertical tangent, the edge of the domain, a NaN.

A function is known here by its values alone, so some things can't be seen:

- a kink or a jump beside x but closer than the smallest step, one smaller than
  the rounding of f, and a change of slope below 1 part in 10,000;
- a wiggle that is finer than the steps and shallower than the rounding of f;
- a slope far below the rounding of f, as in ``1e10 + sin(x)`` where f takes real
  numbers only. That one is refused (kind ``"unclear"``); where f takes complex
  numbers, the complex step finds it. What f rounds away inside itself, as
  ``log(1 + exp(x))`` does at -30, no difference brings back.

From real numbers alone a slope is given once its estimated error is below 1e-7 of
its size, below 1e-10 of the steepest difference among the finest steps that tell it,
or, where f is nearly flat, below 1e-12 (over |x| where that is above 1). So
``log(1 + exp(x))`` at -30 has 3 digits, and tanh at 17 has 2. Most slopes come out
with 13 to 15 digits. Where f returns float32 these bounds grow with its rounding,
and 5 to 7 digits are left.
"""

from chainrule_lessons.numeric.formulas import central, complex_step, forward
from chainrule_lessons.numeric.ladder import DerivativeError
from chainrule_lessons.numeric.measure import derivative, gradient, jacobian

__all__ = [
    "DerivativeError",
    "central",
    "complex_step",
    "derivative",
    "forward",
    "gradient",
    "jacobian",
]
