"""Slopes measured from the values of a function.

`formulas` holds the three that a lesson teaches: forward, central and complex
differences. `measure` adds Richardson's idea: shrink the step several times, watch how
the error shrinks with it, and take the rest away. ``"richardson"`` does that with
central differences; ``"auto"``, the default, takes the complex step where it can. Both
are believed only where the slopes close by on the left and on the right agree with
them. Where they don't, a whole `ladder` of steps, down to the rounding of the numbers,
looks at f from both sides and from each side alone.

Where f has no slope, these two methods raise `DerivativeError` instead of giving
a number: at a kink, a jump, a vertical tangent, the edge of the domain, a NaN.

A function is known here by its values alone, so some things can't be seen:

- a kink or a jump closer to x than the smallest step, which is taken for one at x; a
  change of slope below 1 part in 10,000; a jump or a wave below 1e-12 of the slope
  (times |x| where that is above 1), as in ``sin(x) + 1e-13 * (x > 1)``;
- stairs of less than a hundredth of |x| or 1, which look like rounding:
  ``round(x, 3)`` is refused, and ``floor(x)`` at 1e9 + 0.5 rises as x does;
- a slope far below the rounding of f. Where f takes complex numbers, the complex
  step finds that of ``1e10 + sin(x)``; otherwise it is refused (kind ``"unclear"``).
  From real numbers alone, what does not move is flat, as ``1e16 + sin(x)``, and what
  looks even is flat too, as ``1e8 + x**2`` at 1e-9;
- what f rounds away inside itself. ``(exp(x) - 1) / x`` at 1e-9 is refused, because
  steps below its rounding see one slope and those above another. But
  ``(1 - cos(x)) / x**2`` at 1e-8 is 0 at all steps that are not far off.

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
