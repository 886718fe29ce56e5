"""How many digits of a slope are right, what it costs, and who refuses to answer.

Every function here is written over a namespace `m`: with NumPy it takes complex
numbers, with `math` it takes reals alone, with jax.numpy it can be traced, and with
mpmath it gives the truth, by a complex step of 1e-40 at 60 digits.

    python tests/benchmarks/differentiation.py [SEED]
"""

from __future__ import annotations

import math
import sys
import warnings
from functools import partial

import findiff
import jax
import jax.numpy as jnp
import mpmath
import numdifftools
import numpy as np
import scipy.differentiate
from scipy.optimize import approx_fprime
from timing import interleaved, median_and_quartiles, print_table

from chainrule_lessons import DerivativeError, derivative, gradient

jax.config.update("jax_enable_x64", True)
mpmath.mp.dps = 60
RANDOM = 1000  # functions of each family
FAULTS = 2000
ALARM = 1e-6  # a larger relative error without a word is a lie


# The functions


def root_and_cosine(m, x):
    c = x**2 + m.exp(x**2)
    return m.sqrt(c) + m.cos(c)


def network_loss(m, w):
    """Give the loss of a 4-3-2 network by one weight of its first layer."""
    x, target = (0.5, -1.0, 0.25, 2.0), (0.3, -0.6)
    first = ((w, -0.4, 0.7, 0.1), (0.2, 0.9, -0.5, 0.3), (-0.8, 0.1, 0.4, -0.2))
    second = ((0.6, -0.3, 0.8), (-0.5, 0.7, 0.2))
    layer = lambda rows, a: [  # noqa: E731
        m.tanh(sum(v * entry for v, entry in zip(row, a, strict=True))) for row in rows
    ]
    output = layer(second, layer(first, x))
    return sum((a - y) ** 2 for a, y in zip(output, target, strict=True))


SMOOTH = {
    "x³ at 2": (lambda m, x: x**3, 2.0),
    "exp(sin x) at 0.7": (lambda m, x: m.exp(m.sin(x)), 0.7),
    "tanh(0.7x + 0.3) at 0.5": (lambda m, x: m.tanh(0.7 * x + 0.3), 0.5),
    "logistic(x) at 1.5": (lambda m, x: 1 / (1 + m.exp(-x)), 1.5),
    "√c + cos c, c = x² + exp(x²), at 1": (root_and_cosine, 1.0),
    "loss of a 4-3-2 network at 0.4": (network_loss, 0.4),
}
MORE = {
    "√c + cos c at 0.1": (root_and_cosine, 0.1),
    "√c + cos c at 0.5": (root_and_cosine, 0.5),
    "√c + cos c at 1.5": (root_and_cosine, 1.5),
}
HARD = {
    "1/x at 1e-8": (lambda m, x: 1 / x, 1e-8),
    "log x at 1e-8": (lambda m, x: m.log(x), 1e-8),
    "sin x at 1e6": (lambda m, x: m.sin(x), 1e6),
    "√x at 1e-6": (lambda m, x: m.sqrt(x), 1e-6),
    "1e10 + sin x at 1": (lambda m, x: 1e10 + m.sin(x), 1.0),
}
OWN = {
    "sin 50x at 0.3": (lambda m, x: m.sin(50 * x), 0.3),
    "cos x² at 10": (lambda m, x: m.cos(x * x), 10.0),
    "1/(1 + 25x²) at 0.1": (lambda m, x: 1 / (1 + 25 * x * x), 0.1),
    "tanh 100x at 0.01": (lambda m, x: m.tanh(100 * x), 0.01),
    "tan x at 1.57": (lambda m, x: m.tan(x), 1.57),
    "exp(1/x) at 0.05": (lambda m, x: m.exp(1 / x), 0.05),
    "x log x at 1e-4": (lambda m, x: x * m.log(x), 1e-4),
    "exp(-x²) at 6": (lambda m, x: m.exp(-x * x), 6.0),
    "√(1 + x) - 1 at 1e-9": (lambda m, x: m.sqrt(1 + x) - 1, 1e-9),
    "log(1 + exp x) at -20": (lambda m, x: m.log(1 + m.exp(x)), -20.0),
}

LINKS = [
    lambda m, u: m.sin(u),
    lambda m, u: m.cos(u),
    lambda m, u: m.tanh(u),
    lambda m, u: m.exp(u / 2),
    lambda m, u: m.exp(-u * u),
    lambda m, u: m.sqrt(1 + u * u),
    lambda m, u: m.log(2 + u * u),
    lambda m, u: 1 / (1 + u * u),
    lambda m, u: u**3,
]


def formula(rng):
    """Draw one of seven formulas, its numbers and its place."""
    (a, b, c, d), w = rng.normal(size=4).tolist(), 2 * rng.normal()
    choices = [
        lambda m, x: m.sin(w * x + b) + a * x,
        lambda m, x: m.exp(a * x) * m.cos(b * x),
        lambda m, x: m.tanh(w * x + b),
        lambda m, x: a * x**3 + b * x**2 + c * x + d,
        lambda m, x: m.log(1 + m.exp(w * x + b)),
        lambda m, x: 1 / (1 + (w * x + b) ** 2),
        lambda m, x: m.sqrt(x * x + a * a + 0.1) + m.cos(b * x * x),
    ]
    return choices[rng.integers(len(choices))], 2 * rng.normal()


def chain(rng):
    """Draw three links that follow each other."""
    (a, b), links = rng.normal(size=2).tolist(), rng.integers(len(LINKS), size=3)

    def follow(m, x):
        value = a * x + b
        for link in links:
            value = LINKS[link](m, value)
        return value

    return follow


def product(rng):
    """Draw one chain times another, and a place."""
    f, g = chain(rng), chain(rng)
    return (lambda m, x: f(m, x) * g(m, x)), rng.normal()


FAMILIES = {"formulas": formula, "products of chains": product}


def drawn(family, rng, count):
    """Draw functions that are finite at their place and not flat to rounding.

    Where the slope is below a thousandth of f, the rounding of f alone takes more
    than three digits, whoever measures.
    """
    cases = []
    while len(cases) < count:
        f, x = family(rng)
        value, slope = f(np, np.float64(x)), truth(f, x)
        if abs(value) < 1e6 and abs(slope) > 1e-3 * abs(value) and abs(slope) > 1e-9:
            cases.append((f, x, slope))
    return cases


def truth(f, x):
    tiny = mpmath.mpf(10) ** -40
    return float(mpmath.im(f(mpmath, mpmath.mpc(x, tiny))) / tiny)


# The ways to measure


def reals_only(f):
    """Refuse complex numbers, as functions of `math` do."""

    def refusing(x):
        if isinstance(x, complex):
            raise TypeError("must be real number, not complex")
        return f(x)

    return refusing


def central(f, x):
    h = 6e-6 * max(abs(x), 1)
    return (f(x + h) - f(x - h)) / (2 * h)


def complex_step(f, x):
    return f(complex(x, 1e-200)).imag / 1e-200


def finite_differences(f, x):
    h = 1e-3 * max(abs(x), 1)
    grid = x + h * np.arange(-4, 5)
    return findiff.Diff(0, h, acc=4)(np.array([f(v) for v in grid]))[4]


def scipy_derivative(f, x):
    found = scipy.differentiate.derivative(f, x)
    return found.df if found.success else np.nan


PEERS = {
    "numdifftools": lambda f, x: float(numdifftools.Derivative(f)(x)),
    "scipy.differentiate": scipy_derivative,
    "approx_fprime": lambda f, x: approx_fprime([x], lambda v: f(v[0]))[0],
    "findiff": finite_differences,
    "central": central,
    "complex step": complex_step,
}
RICHARDSON = partial(derivative, method="richardson")


def over(namespace, f):
    return partial(f, namespace)


def ways(f):
    """Pair each way to measure with `f` in the form that it takes."""
    complex_f = over(np, f)
    real_f = reals_only(complex_f)
    return {
        "auto": partial(derivative, complex_f),
        "auto, reals only": partial(derivative, real_f),
        "richardson": partial(RICHARDSON, complex_f),
        **{name: partial(peer, complex_f) for name, peer in PEERS.items()},
        "jax.grad": jax.grad(over(jnp, f)),
    }


def answer(way, x):
    """Give what a way answers, or None where it raises or says NaN."""
    try:
        value = float(way(x))
    except Exception:
        return None
    return None if math.isnan(value) else value


def digits(value, slope):
    error = abs(value - slope) / abs(slope)
    return min(16.0, max(0.0, -math.log10(error))) if error else 16.0


# The tables


def print_cases(title, cases):
    print(f"**{title}**: correct digits; “–” where no slope is given.")
    names = list(ways(root_and_cosine))
    rows = []
    for case, (f, x) in cases.items():
        found = [answer(way, x) for way in ways(f).values()]
        slope = truth(f, x)
        rows.append([case, *("–" if v is None else score(v, slope) for v in found)])
    print_table([title, *names], rows)


def score(value, slope):
    return f"{digits(value, slope):.1f}"


def print_random(family, rng):
    cases = drawn(FAMILIES[family], rng, RANDOM)
    found = {name: [] for name in ways(root_and_cosine)}
    for f, x, slope in cases:
        for name, way in ways(f).items():
            found[name].append((answer(way, x), slope))
    print(
        f"**{RANDOM} random {family}**: correct digits of the answers, and false alarms."
    )
    heads = [family, "worst", "worst 1 %", "median", "goal", "below 12", "no answer",
             "wrong by > 1e-6"]  # fmt: skip
    rows = [digits_row(name, pairs) for name, pairs in found.items()]
    goals = ["goal of ours", "", "", "", "", "", "< 1 in 1,000", "0"]
    print_table(heads, [*rows, goals])


GOALS = {"auto": "≥ 13, median ≥ 15", "auto, reals only": "≥ 12", "richardson": "≥ 12"}


def digits_row(name, pairs):
    given = [digits(value, slope) for value, slope in pairs if value is not None]
    worst, low, middle = np.percentile(given, [0, 1, 50])
    silent = sum(d < -math.log10(ALARM) for d in given)
    return [name, *(f"{d:.1f}" for d in (worst, low, middle)), GOALS.get(name, ""),
            f"{np.mean(np.array(given) < 12):.2%}", len(pairs) - len(given),
            silent]  # fmt: skip


BREAKS = {
    "kink |x|": lambda t, size: size * abs(t),
    "kink of ReLU": lambda t, size: size * np.maximum(t, 0),
    "kink of where": lambda t, size: size * np.where(np.real(t) > 0, t, 0),
    "jump": lambda t, size: size * np.heaviside(np.real(t), 0.5),
}


def broken(rng):
    """Add a kink or a jump, 1e-3 to 10 of the slope in size, at the place itself."""
    f, x, slope = drawn(formula, rng, 1)[0]
    size = 1.1 * max(abs(slope), 0.1) * 10 ** rng.uniform(-3, 1)
    fault = list(BREAKS.values())[rng.integers(len(BREAKS))]
    return (lambda v: f(np, v) + fault(v - x, size)), x


def print_faults(rng):
    faults = [broken(rng) for _ in range(FAULTS)]
    measure = {
        "auto": derivative,
        "auto, reals only": lambda f, x: derivative(reals_only(f), x),
        "richardson": RICHARDSON,
        **PEERS,
    }
    print(f"**{FAULTS} random kinks and jumps**, 1e-3 to 10 times the slope in size.")
    rows = []
    for name, way in measure.items():
        missed = sum(answer(partial(way, f), x) is not None for f, x in faults)
        goal = "0" if name not in PEERS else ""
        rows.append([name, missed, goal])
    print_table(["way", "answered with a number", "goal"], rows)


def print_cost(title, form):
    """Print calls of f and time; `form` turns a function into what is measured."""
    measure = {"auto": derivative, "richardson": RICHARDSON, **PEERS}
    measure = {name: way for name, way in measure.items() if name != "central"}
    print(f"**Cost, {title}**: time over one plain central difference (calls of f).")
    rows = []
    for case, (f, x) in SMOOTH.items():
        calls = {name: partial(way, form(f), x) for name, way in measure.items()}
        calls = {n: call for n, call in calls.items() if works(call)}
        seconds = interleaved(
            {"central": partial(central, form(f), x), **calls}, rounds=15
        )
        row = [f"{1e6 * np.median(seconds['central']):.2f} µs"]
        for name, way in measure.items():
            if name not in calls:
                row.append("refused")
                continue
            ratio = median_and_quartiles(seconds[name] / seconds["central"], ".1f")
            row.append(f"{ratio} ({evaluations(way, form(f), x)})")
        rows.append([case, *row])
    goals = ["goal", "1", "≤ 10", "≤ 10", *[""] * (len(measure) - 2)]
    print_table([title, "central", *measure], [*rows, goals])


def works(call):
    try:
        call()
    except Exception:
        return False
    return True


def evaluations(way, f, x):
    """Count the numbers at which f is asked; an array counts by its size."""
    count = 0

    def counting(v):
        nonlocal count
        count += np.size(v)
        return f(v)

    way(counting, x)
    return count


AWKWARD = {
    "|x| at 0: a kink": (lambda m, x: abs(x), 0.0, "none: -1 and 1"),
    "max(x, 0) at 0: a kink": (lambda m, x: m.maximum(x, 0), 0.0, "none: 0 and 1"),
    "|x - 1| + x² at 1: hidden by symmetry": (
        lambda m, x: abs(x - 1) + x**2,
        1.0,
        "none: 1 and 3",
    ),
    "x + 5e-4 |x - 1| at 1: a faint kink": (
        lambda m, x: x + 5e-4 * abs(x - 1),
        1.0,
        "none: 0.9995 and 1.0005",
    ),
    "floor x at 2: a jump": (lambda m, x: m.floor(x), 2.0, "none"),
    "sign x + x at 0: a jump": (lambda m, x: m.sign(x) + x, 0.0, "none"),
    "∛x at 0: a vertical tangent": (lambda m, x: m.cbrt(x), 0.0, "none: inf"),
    "√x at 0: the edge of a domain": (lambda m, x: m.sqrt(x), 0.0, "none"),
    "log x at -1: NaN": (lambda m, x: m.log(x), -1.0, "none"),
    "1/x at 0: infinite": (lambda m, x: 1 / x, 0.0, "none"),
    "x sin(1/x) at 0: never settles": (
        lambda m, x: m.where(x == 0, 0, x * m.sin(1 / m.where(x == 0, 1, x))),
        0.0,
        "none",
    ),
    "|x| at -2": (lambda m, x: abs(x), -2.0, "-1"),
    "x · conj(x) at 3": (lambda m, x: x * m.conj(x), 3.0, "6"),
    "max(x, 0)² at 3": (lambda m, x: m.maximum(x, 0) ** 2, 3.0, "6"),
    "∛x at -8": (lambda m, x: m.sign(x) * abs(x) ** (1 / 3), -8.0, "0.0833333"),
}


def print_awkward():
    print("**Awkward inputs**: what each answers.")
    rows = []
    for case, (f, x, expected) in AWKWARD.items():
        peers = {name: way for name, way in ways(f).items() if name not in SKIPPED}
        name = case.replace("|", "\\|")  # a bar would end the cell
        rows.append([name, expected, *(words(way, x) for way in peers.values())])
    names = [name for name in ways(root_and_cosine) if name not in SKIPPED]
    rows.append(["gradient of Σx² at the integers [2 4 6]", "4 8 12", *integers(names)])
    print_table(["input", "slope", *names], rows)


SKIPPED = ("auto, reals only", "richardson")


def words(way, x):
    """Say in a few words what a way answers."""
    try:
        return f"{float(way(x)):.6g}"
    except DerivativeError as error:
        sides = f"{error.left:.6g} and {error.right:.6g}".replace("nan", "none")
        return f"refused: {error.kind}, {sides}"
    except Exception as error:
        return type(error).__name__


def integers(names):
    """Give the gradients at an array of integers, and what the plain loop makes."""
    f, x = (lambda v: (v**2).sum()), np.array([2, 4, 6])
    answers = {
        "auto": gradient(f, x),
        "numdifftools": numdifftools.Gradient(f)(x),
        "approx_fprime": approx_fprime(x, f),
        "central": textbook_loop(f, x.copy()),
    }
    return [
        " ".join(f"{v:.6g}" for v in answers[name]) if name in answers else ""
        for name in names
    ]


def textbook_loop(f, x, h=1e-5):
    """Move each entry in place and back, as textbooks do."""
    slopes = np.zeros_like(x)
    for i in range(x.size):
        kept = x[i]
        x[i] = kept + h
        above = f(x)
        x[i] = kept - h
        slopes[i] = (above - f(x)) / (2 * h)
        x[i] = kept
    return slopes


def main(seed: int | None = None) -> None:
    """Print every table."""
    seed = np.random.SeedSequence().entropy % 10**6 if seed is None else seed
    rng = np.random.default_rng(seed)
    print(
        f"A slope against mpmath's at 60 digits. Random functions from seed {seed}.\n"
    )
    print_cases("smooth (goal 13, reals only 12)", SMOOTH | MORE)
    print_cases("hard (goal 12)", HARD)
    print_cases("more, hard ones among them", OWN)
    for family in FAMILIES:
        print_random(family, rng)
    print_faults(rng)
    print_cost("NumPy", partial(over, np))
    print_cost("NumPy, reals only", lambda f: reals_only(over(np, f)))
    print_cost("math", partial(over, math))
    print_awkward()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    main(*map(int, sys.argv[1:]))
