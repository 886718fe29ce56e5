"""A tape that remembers how numbers were made, and reads itself backward.

`Variable` is an array that keeps the operation it came from; its `backward()` fills
in the slopes of one number by all it was made of. `graph` gives nodes and edges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons.validation import describe, finite_array, first_bad, same_shape

__all__ = ["Graph", "Variable", "graph"]

Array = NDArray[np.float64]
Axis = int | tuple[int, ...] | None
Pull = Callable[[Array], ArrayLike]  # from slopes by an output to slopes by an input
_births = count()


def _sigmoid(x: Array) -> Array:
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))


# Each operation on entries: its sign, its map, and its slope by each input.
# y is the output; x, or a and b, are the inputs.
_RULES: dict[str, tuple[str, Callable, *tuple[Callable, ...]]] = {
    "add": ("+", np.add, lambda y, a, b: 1, lambda y, a, b: 1),
    "subtract": ("-", np.subtract, lambda y, a, b: 1, lambda y, a, b: -1),
    "multiply": ("*", np.multiply, lambda y, a, b: b, lambda y, a, b: a),
    "divide": ("/", np.divide, lambda y, a, b: 1 / b, lambda y, a, b: -y / b),
    "power": (
        "**",
        np.power,
        lambda y, a, b: np.where(b == 0, 0, b * a ** (b - 1)),
        lambda y, a, b: np.where((a == 0) & (b > 0), 0, y * np.log(a)),
    ),
    "negative": ("neg", np.negative, lambda y, x: -1),
    "exp": ("exp", np.exp, lambda y, x: y),
    "log": ("log", np.log, lambda y, x: 1 / x),
    "sqrt": ("sqrt", np.sqrt, lambda y, x: 1 / (2 * y)),
    "sin": ("sin", np.sin, lambda y, x: np.cos(x)),
    "cos": ("cos", np.cos, lambda y, x: -np.sin(x)),
    "tanh": ("tanh", np.tanh, lambda y, x: 1 - y * y),
    "sigmoid": ("sigmoid", _sigmoid, lambda y, x: y * _sigmoid(-x)),
    "relu": ("relu", lambda x: np.maximum(x, 0), lambda y, x: x > 0),
}


def _two_sides(name: str) -> tuple[Callable, Callable]:
    """Return an operator for a variable on its left side, and one for the right."""
    return (
        lambda self, other: _entrywise(name, self, other),
        lambda self, other: _entrywise(name, other, self),
    )


def _function(name: str, what: str) -> Callable[[Variable], Variable]:
    """Return a method that applies a rule to each entry."""

    def method(self: Variable) -> Variable:
        return _entrywise(name, self)

    method.__name__, method.__doc__ = name, f"Return {what}."
    return method


class Variable:
    """Numbers that remember how they were made, so that slopes can flow back.

    Arithmetic with `+ - * / ** @`, the methods below, indexing, and NumPy's own
    `np.exp` and its kin give a new Variable. Arrays broadcast as in NumPy. Plain
    numbers and arrays may stand on either side; no slope is kept for them.

    Parameters
    ----------
    data : array_like
        Finite numbers of any shape. They are copied into float64.
    name : str, optional
        What `graph` calls the variable.

    Raises
    ------
    TypeError, ValueError
        For what holds no numbers, NaN or infinity; for an operation whose result is
        not finite, such as the log of −1; for shapes that do not fit together.

    Examples
    --------
    >>> x = Variable(3.0)
    >>> y = x * x + 2 * x
    >>> y.backward()
    >>> y.data, x.grad
    (array(15.), array(8.))
    """

    def __init__(self, data: ArrayLike, *, name: str = "") -> None:
        self._data = np.array(finite_array(data, "Variable: data"), dtype=float)
        self._grad = np.zeros_like(self._data)
        self._made_from: tuple[tuple[Variable, Pull], ...] = ()
        self._born = next(_births)  # later than everything it is made from
        self.name = name

    shape = property(lambda self: self._data.shape, doc="The shape of `data`.")
    data = property(attrgetter("_data"), doc="The numbers, as `backward` needs them.")
    grad = property(attrgetter("_grad"), doc="Slopes by them; zeros from the start.")

    @data.setter
    def data(self, value: ArrayLike) -> None:
        self._data = self._like(value, "Variable.data")

    @grad.setter
    def grad(self, value: ArrayLike) -> None:
        self._grad = self._like(value, "Variable.grad")

    def _like(self, value: ArrayLike, what: str) -> Array:
        array = np.array(finite_array(value, what), dtype=float)
        same_shape(array, self.shape, what)
        return array

    @property
    def T(self) -> Variable:
        """The variable with its axes in reverse order."""
        return _node("T", self._data.T, (self, lambda g: g.T))

    def backward(self, grad: ArrayLike | None = None) -> None:
        """Fill in the slopes of this variable by all that it was made from.

        Slopes of several paths add up. On a leaf, a variable that no operation made,
        they are added to `grad`, so that calling this twice adds the same again. An
        intermediate variable's `grad` is replaced.

        Parameters
        ----------
        grad : array_like, optional
            Slopes of some number by this variable, of its shape. Can be left out for
            one number, whose slope by itself is 1.

        Raises
        ------
        TypeError, ValueError
            For a missing or unfit `grad`, and where a slope is not finite, such as
            that of the square root at 0. No slope is changed then.

        Examples
        --------
        >>> x = Variable([1, 2])
        >>> (x * x).backward([1, 10])
        >>> x.grad
        array([ 2., 40.])
        """
        slopes = {self: self._seed(grad)}
        with np.errstate(all="ignore"):
            for node in _latest_first(self):
                for source, pull in node._made_from:
                    slope = _fold(np.asarray(pull(slopes[node])), source.shape)
                    slopes[source] = slopes.get(source, 0) + slope
                    _require_slope(slopes[source], source, node)
        for node, slope in slopes.items():
            kept = 0 if node._made_from else node._grad
            node._grad = np.asarray(slope + kept)

    def _seed(self, grad: ArrayLike | None) -> Array:
        if grad is not None:
            return self._like(grad, "Variable.backward: grad")
        if self._data.size != 1:
            raise ValueError(
                "Variable.backward: needs one number to start from, but this has "
                f"shape {self.shape}: call sum() first, or give grad="
            )
        return np.ones(self.shape)

    # Operations on entries; each map and its slopes stand in _RULES.

    __add__, __radd__ = _two_sides("add")
    __sub__, __rsub__ = _two_sides("subtract")
    __mul__, __rmul__ = _two_sides("multiply")
    __truediv__, __rtruediv__ = _two_sides("divide")
    __pow__, __rpow__ = _two_sides("power")

    def __neg__(self) -> Variable:
        return _entrywise("negative", self)

    exp = _function("exp", "e to the power of each entry")
    log = _function("log", "the natural logarithm of each entry, above 0")
    sqrt = _function("sqrt", "the square root of each entry, not below 0")
    sin = _function("sin", "the sine of each entry")
    cos = _function("cos", "the cosine of each entry")
    tanh = _function("tanh", "the hyperbolic tangent of each entry")
    sigmoid = _function("sigmoid", "1/(1 + e⁻ˣ) of each entry")
    relu = _function("relu", "each entry where positive, else 0; at 0 the slope is 0")

    # Operations that mix entries.

    def __matmul__(self, other: Any) -> Variable:
        return _matmul(self, other)

    def __rmatmul__(self, other: Any) -> Variable:
        return _matmul(other, self)

    def sum(self, axis: Axis = None, dtype: None = None, out: None = None) -> Variable:
        """Return the sum of all entries, or of those along an axis.

        ``np.sum`` hands in a `dtype` and an `out`, which must be None.
        """
        if dtype is not None or out is not None:
            raise TypeError(
                "Variable: sum and mean make a new Variable of float64: "
                "leave out dtype and out"
            )
        try:
            shape = self._data.sum(axis, keepdims=True).shape
        except (TypeError, ValueError):
            raise ValueError(
                f"Variable: axis must be one of shape {self.shape}, "
                f"got {describe(axis)}"
            ) from None

        def pull(g: Array) -> Array:
            return np.broadcast_to(g.reshape(shape), self.shape)

        return _node("sum", self._data.sum(axis), (self, pull))

    def mean(self, axis: Axis = None, dtype: None = None, out: None = None) -> Variable:
        """Return the mean of all entries, or of those along an axis, as `sum` does."""
        total = self.sum(axis, dtype, out)
        n = self._data.size // max(total._data.size, 1)
        if not n:
            raise ValueError(f"Variable.mean: shape {self.shape} leaves no entries")
        mean = total / n
        mean.name = "mean"
        return mean

    def __getitem__(self, index: Any) -> Variable:
        try:
            value = self._data[index]
        except (IndexError, TypeError):
            raise IndexError(
                f"Variable: index must fit shape {self.shape}, got {describe(index)}"
            ) from None

        def pull(g: Array) -> Array:
            slopes = np.zeros(self.shape)
            np.add.at(slopes, index, g)  # an entry may be picked twice
            return slopes

        return _node("[]", value, (self, pull))

    def __bool__(self) -> bool:
        words = "is neither true nor false: compare its data, as in v.data > 0"
        raise TypeError(f"a Variable {words}")

    def __len__(self) -> int:
        return len(self._data)

    def __iter__(self) -> Iterator[Variable]:
        return (self[i] for i in range(len(self)))

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any
    ) -> Variable:
        """Answer NumPy: ``np.exp(x)``, and ``array + x`` with an array on the left."""
        if method == "__call__" and not options:
            if ufunc is np.matmul:
                return _matmul(*inputs)
            if ufunc.__name__ in _RULES:
                return _entrywise(ufunc.__name__, *inputs)
        raise TypeError(
            f"Variable: no rule for this use of np.{ufunc.__name__}; "
            f"there are rules for matmul, {', '.join(_RULES)}"
        )

    def __repr__(self) -> str:
        if self._data.size > 8:
            return f"Variable(shape={self.shape})"
        return f"Variable({self._data.tolist()}, grad={self._grad.tolist()})"


def _numbers(value: Any, what: str) -> Array:
    if isinstance(value, Variable):
        return value._data
    return finite_array(value, what).astype(float)


def _entrywise(name: str, *inputs: Any) -> Variable:
    """Apply a rule; each slope is g times the local slope."""
    sign, function, *slopes = _RULES[name]
    arrays = [_numbers(value, f"Variable: operand of {sign}") for value in inputs]
    try:
        with np.errstate(all="ignore"):
            y = np.asarray(function(*arrays))
    except ValueError:
        shapes = " and ".join(str(a.shape) for a in arrays)
        raise ValueError(
            f"Variable: shapes must be equal or broadcast for {sign}, got {shapes}"
        ) from None
    _require_value(sign, y, arrays)

    pulls = [lambda g, slope=slope: g * slope(y, *arrays) for slope in slopes]
    return _node(_label(sign, inputs), y, *zip(inputs, pulls, strict=True))


def _matmul(a: Any, b: Any) -> Variable:
    """Multiply matrices; a row on the left or a column on the right may be flat."""
    arrays = [_numbers(value, "Variable: operand of @") for value in (a, b)]
    try:
        with np.errstate(all="ignore"):
            y = np.matmul(*arrays)
    except ValueError:
        raise ValueError(
            f"Variable: @ needs as many columns on the left as rows on the right, "
            f"got shapes {arrays[0].shape} and {arrays[1].shape}"
        ) from None
    flat = arrays[1].ndim == 1
    left, right = np.atleast_2d(arrays[0]), arrays[1][:, None] if flat else arrays[1]
    shape = (left @ right).shape

    def pull_left(g: Array) -> Array:
        return g.reshape(shape) @ right.swapaxes(-1, -2)

    def pull_right(g: Array) -> Array:
        slopes = left.swapaxes(-1, -2) @ g.reshape(shape)
        return slopes[..., 0] if flat else slopes

    return _node("@", y, (a, pull_left), (b, pull_right))


def _node(name: str, value: Array, *sources: tuple[Any, Pull]) -> Variable:
    node = Variable(value, name=name)
    node._made_from = tuple(s for s in sources if isinstance(s[0], Variable))
    return node


def _label(sign: str, inputs: tuple[Any, ...]) -> str:
    """Name an operation with the constant it holds: ``**2``, ``3*``, ``+``."""
    texts = ["" if isinstance(v, Variable) else describe(v) for v in inputs]
    return sign.join(texts) if len(texts) == 2 else sign


def _fold(g: Array, shape: tuple[int, ...]) -> Array:
    """Add up what broadcasting had repeated, back to `shape`."""
    if g.shape == shape:
        return g
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    repeated = tuple(i for i, n in enumerate(shape) if n == 1 != g.shape[i])
    return g.sum(axis=repeated, keepdims=True)


def _latest_first(variable: Variable) -> list[Variable]:
    """Return all that a variable was made from, and itself, the last one made first."""
    found, waiting = {variable}, [variable]
    while waiting:
        sources = {source for source, _ in waiting.pop()._made_from} - found
        found |= sources
        waiting += sources
    # All that is made from a node was born after it, so its slope is complete by then.
    return sorted(found, key=lambda node: -node._born)


def _require_value(sign: str, y: Array, arrays: list[Array]) -> None:
    index = first_bad(y)
    if index is not None:
        values = [str(np.broadcast_to(a, y.shape)[index]) for a in arrays]
        made = f" {sign} ".join(values) if values[1:] else f"{sign} of {values[0]}"
        place = f" at index {index}" if index else ""
        raise ValueError(f"Variable: {made} has no finite value{place}")


def _require_slope(slope: ArrayLike, source: Variable, node: Variable) -> None:
    index = first_bad(slope)
    if index is not None:
        lacks = f"{node.name} has no finite slope by its input {source._data[index]}"
        raise ValueError(f"Variable.backward: {lacks}")


class Graph(NamedTuple):
    """What a variable was made from.

    Attributes
    ----------
    nodes : list of Variable
        Inputs before outputs, the variable itself last. Each has `name`, `data` and
        `grad`; an operation's name is its sign, with its constant if it has one.
    edges : list of (int, int)
        From an input's place in `nodes` to that of what it went into; two in ``x * x``.
    """

    nodes: list[Variable]
    edges: list[tuple[int, int]]


def graph(variable: Variable) -> Graph:
    """Return the nodes and edges of what a variable was made from.

    Parameters
    ----------
    variable : Variable
        The output of the graph.

    Returns
    -------
    Graph
        A pair of nodes and edges.

    Raises
    ------
    TypeError
        For anything but a Variable.

    Examples
    --------
    >>> x = Variable(3.0, name="x")
    >>> nodes, edges = graph(x * x + 1)
    >>> [node.name for node in nodes], edges
    (['x', '*', '+1'], [(0, 1), (0, 1), (1, 2)])
    """
    if not isinstance(variable, Variable):
        raise TypeError(f"graph: needs a Variable, got {describe(variable)}")
    nodes = _latest_first(variable)[::-1]
    place = {node: i for i, node in enumerate(nodes)}
    edges = [(place[s], place[node]) for node in nodes for s, _ in node._made_from]
    return Graph(nodes, edges)
