"""The exercises of lesson 12: twelve patients to mend, and a block to invent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule_lessons.clinic import PATIENTS, record, with_patient
from chainrule_lessons.datasets import load_digits
from chainrule_lessons.exercises.answers import Answer, Array
from chainrule_lessons.exercises.exercise import Exercise, Slip
from chainrule_lessons.exercises.reading import call
from chainrule_lessons.gradcheck import GradcheckError, gradcheck
from chainrule_lessons.layers import Linear, Module, Sequential
from chainrule_lessons.losses import CrossEntropyLoss
from chainrule_lessons.optim import accuracy, fit
from chainrule_lessons.validation import describe

__all__ = ["EXERCISES"]

STEPS = 8
NAMES = [f"the {kind} of layer {n}" for n in (1, 2) for kind in ("weights", "bias")]
SIZES = 16, 4, 8, 2
UNTOUCHED = "It is as it came in. One line is wrong; the picture says where to look."


@dataclass(frozen=True)
class Mended(Array):
    """A mended patient, read as what its network does in a few steps.

    Parameters
    ----------
    patient : str
        Its name.

    Examples
    --------
    >>> from chainrule_lessons.layers import Tanh
    >>> kind = Mended(Tanh, patient="12.2")
    >>> kind.same(kind.read(Tanh), kind.read(PATIENTS["12.2"].part))
    False
    """

    _: KW_ONLY
    patient: str

    def read(self, answer: Any) -> Any:
        """Read losses, slopes used, slopes passed on, and slopes after a second pass."""
        PATIENTS[self.patient].require(answer)
        try:
            return call(lambda _: self._numbers(answer), 0)
        except (TypeError, ValueError) as error:
            words = str(error).replace("At 0 your function", "Your part")
            raise type(error)(words) from None

    def _numbers(self, answer: Any) -> NDArray[np.floating]:
        run = record(self.patient, answer, looks=range(STEPS), steps=STEPS)
        used = [look.used for looks in run.looks.values() for look in looks]
        body = with_patient(self.patient, answer)
        passed = [body.back(0), body.back(0)]
        added = [own.grad for own in body.net.parameters()]
        parts = [run.losses, *used, *passed, *added]
        return np.concatenate([np.ravel(part) for part in parts])

    def doubt(self, reading: Any) -> str:
        """Say which slopes are still wrong."""
        right = self.read(self.right)
        if not np.isclose(reading[0], right[0]):
            return (
                "Its outputs are others now. Forward was healthy: leave it as it was."
            )
        cuts = STEPS + 1 + np.cumsum([0, *SIZES])
        wrong = [
            name
            for name, low, high in zip(NAMES, cuts, cuts[1:], strict=False)
            if not np.allclose(reading[low:high], right[low:high], rtol=self.rtol)
        ]
        if wrong:
            return f"Still wrong at the first step: {' and '.join(wrong)}."
        return "The first step is right, but a later step or a second pass is not."


def _patient(
    number: int,
    question: str,
    why: str,
    slips: tuple[tuple[str, str], ...],
    hints: tuple[str, str, str],
) -> Exercise:
    """Make the exercise of a patient, whose wrong ways are other lines."""
    name = f"12.{number}"
    patient = PATIENTS[name]
    code = (
        "import numpy as np\nfrom chainrule_lessons import Linear, Module, Softmax\n\n"
        f"{patient.source(patient.cure)}\nanswer = {patient.part.__name__}"
    )
    return Exercise(
        name=name,
        question=question,
        answer=Mended(patient.healthy, patient=name),
        slips=(
            Slip(patient.part, UNTOUCHED),
            *(Slip(patient.with_line(line), words) for line, words in slips),
        ),
        hints=hints,
        solution=f"{why}\n\n```python\n{code}\n```",
    )


GRAD_OUTPUT = 0.7
MILD = np.array([[-2.0, -0.5, 0.1], [0.7, 1.5, 3.0]])
HUGE = np.array([-1000.0, -40.0, 40.0, 1000.0])


def _sigmoid(x: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.exp(x - np.logaddexp(0, x))


def _softplus(
    forward: Callable[..., Any] = lambda x: np.logaddexp(0, x),
    backward: Callable[..., Any] = lambda g, x, y: g * _sigmoid(x),
) -> type[Module]:
    """Make log(1 + eˣ), a ReLU without its corner, out of these two functions."""

    class Softplus(Module):
        def forward(self, x: Any) -> Any:
            self.x, self.y = x, forward(x)
            return self.y

        def backward(self, grad_output: Any) -> Any:
            return backward(grad_output, self.x, self.y)

    return Softplus


class Learner(Answer):
    """The class of a block, read as what it does, and whether digits learn with it."""

    def read(self, answer: Any) -> Any:
        """Read outputs and slopes at mild and at huge inputs; if right, train."""
        if not isinstance(answer, type) or not issubclass(answer, Module):
            raise TypeError(
                "Your answer must be the class of a Module, handed in without calling "
                f"it, got {describe(answer)}"
            )
        try:
            found = [call(lambda x: _both(answer(), x), x) for x in (MILD, HUGE)]
        except (TypeError, ValueError) as error:
            words = str(error).replace("your function", "your block")
            raise type(error)(words) from None
        if any(part is ... for part in found):
            return ...
        numbers = np.concatenate(found)
        return np.append(numbers, _close(numbers, _truth()) and _learns(answer))

    def same(self, one: Any, other: Any) -> bool:
        """Compare all numbers."""
        return _close(one, other)

    def doubt(self, reading: Any) -> str:
        """Say which part is off."""
        right = _truth()
        fine = list(map(_close, _parts(reading), _parts(right)))
        if not fine[0]:
            return "Forward is not the softplus of x yet."
        if not fine[1]:
            return "Forward is right. What does gradcheck say of backward?"
        if not all(fine):
            where = ["in forward"] * (not fine[2]) + ["in backward"] * (not fine[3])
            return (
                f"Right, until x is huge: then it fails {' and '.join(where)}. Does an "
                "exponential overflow? Find a form in which no exponent is above 0."
            )
        return "It is right in one pass, but gradcheck or the digits object."


def _parts(reading: NDArray[Any]) -> list[NDArray[Any]]:
    """Cut a reading into forward and backward, at mild and at huge inputs."""
    cuts = np.cumsum([MILD.size, MILD.size, HUGE.size, HUGE.size])
    return np.split(reading, cuts)[:4]


def _close(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return np.allclose(one, other, rtol=1e-6, atol=1e-12)


@np.errstate(all="ignore")
def _both(block: Module, x: NDArray[np.floating]) -> Any:
    """List what a block says of `x`, forward and backward."""
    forward = block.forward(x.copy())
    back = ... if forward is ... else block.backward(np.full(x.shape, GRAD_OUTPUT))
    if back is ...:
        return ...
    for name, value in (("forward", forward), ("backward", back)):
        if value is None:
            raise TypeError(f"{name} returned None; perhaps a `return` is missing")
    numbers = np.concatenate([np.ravel(forward), np.ravel(back)]).astype(float)
    return np.nan_to_num(numbers, nan=1e9, posinf=1e9, neginf=-1e9)


def _truth() -> NDArray[np.floating]:
    return np.concatenate([_both(_softplus()(), x) for x in (MILD, HUGE)])


@cache
def _learns(block: type[Module]) -> bool:
    """Say whether a block passes gradcheck, and reads digits after some training."""
    try:
        gradcheck(block(), MILD)
    except GradcheckError:
        return False
    (x, target), test = load_digits()
    rng = np.random.default_rng(0)
    net = Sequential(Linear(64, 64, rng=rng), block(), Linear(64, 10, rng=rng))
    fit(net, CrossEntropyLoss(), x, target, epochs=20, lr=0.3, progress=False)
    return accuracy(net, *test) >= 0.96


LINEAR = "$y = x W^T + b$"
EXERCISES = (
    _patient(
        1,
        "`MSELoss1` should be the mean of the squared gaps, with its slopes by the "
        "output.",
        "The gap is target − output, so its slope by the output is −1.",
        (
            (
                "return -self.gap / self.gap.size",
                "It goes downhill now, with half the slope. A square brings a factor.",
            ),
            (
                "return -2 * self.gap",
                "The sign is right. But the loss is a mean, and so are its slopes.",
            ),
        ),
        (
            "Every ratio in the picture is the same number. Where in the network must "
            "a fault sit that touches everything?",
            "A step goes the wrong way for every weight. Which way does the loss move "
            "when the output grows?",
            "Write out the gap. By the output it has a slope of its own.",
        ),
    ),
    _patient(
        2,
        "`Tanh2` should be $a = \\tanh z$ for each entry, with the slope "
        "$1 - \\tanh^2 z$.",
        "`self.a` is tanh of z already. Taking tanh again moves the slope from z to a.",
        (
            (
                "return grad_output * (1 - self.a)",
                "Not yet the slope of tanh: something in it is squared.",
            ),
            (
                "return 1 - self.a**2",
                "That is your own slope. The slope that came in is missing.",
            ),
        ),
        (
            "Layer 2 is right, layer 1 is wrong. What lies between them?",
            "The formula looks right. At which place is it taken?",
            "What does `self.a` hold, z or tanh z?",
        ),
    ),
    _patient(
        3,
        f"`Linear3` should be {LINEAR}, with the slopes of lesson 9.",
        "Axis 0 counts the samples, and a bias adds up over the samples.",
        (
            (
                "self.bias.grad += grad_output.sum()",
                "Now all units share one number. Each bias belongs to one unit.",
            ),
            (
                "self.bias.grad += grad_output.mean(axis=0)",
                "The right axis. But every sample adds its share; nothing divides.",
            ),
        ),
        (
            "One column of the picture is wrong, everything else is right.",
            "Read the shape of grad_output aloud: samples down, units across.",
            "Which of the two axes must be left over, for one slope a unit?",
        ),
    ),
    _patient(
        4,
        "`Square4` should be $a = z^2$ for each entry.",
        "The slope of z² is 2z.",
        (
            (
                "return grad_output * 2",
                "The slope of a square depends on where you stand.",
            ),
            (
                "return 2 * self.x",
                "That is your own slope. The slope that came in is missing.",
            ),
        ),
        (
            "Every wrong ratio is the same, and layer 2 is right.",
            "Only the bend is passed between the two layers. What is its slope?",
            "Lesson 1 measured the slope of a square.",
        ),
    ),
    _patient(
        5,
        "`MSELoss5` should be the mean of the squared gaps over all their entries.",
        "The loss divides by the number of entries, so its slopes do.",
        (
            (
                "return self.gap / self.gap.size",
                "Divided, but a factor was lost on the way.",
            ),
            (
                "return 2 * self.gap / len(self.gap)",
                "Divided by the samples. What does np.mean divide by?",
            ),
        ),
        (
            "Every ratio is 8. What is there eight of in a batch?",
            "Four samples, two outputs each. Compare the two lines that use the gap.",
            "One of them takes a mean, the other a sum.",
        ),
    ),
    _patient(
        6,
        "`ReLU6` should be $a = \\max(0, z)$ for each entry, with the slope 0 where "
        "the unit is off.",
        "The output of a ReLU is never negative, so `>= 0` is true everywhere.",
        (
            (
                "return grad_output * self.y",
                "The slope of a line through 0 is not its height.",
            ),
            (
                "return grad_output * (self.y == 0)",
                "Upside down: now only the units that are off let slopes through.",
            ),
        ),
        (
            "Layer 1 is wrong, so look at what the bend passes on.",
            "Print the mask for a few inputs, some of them negative.",
            "The mask asks about the output. When is that below 0?",
        ),
    ),
    _patient(
        7,
        f"`Linear7` should be {LINEAR}, with the slopes of lesson 9.",
        "The weight is (out, in), so its slopes are gᵀ x, of shape (out, in).",
        (
            (
                "self.weight.grad += grad_output @ self.x",
                "The shapes fit by chance. Over which index should the sum run?",
            ),
            (
                "self.weight.grad = grad_output.T @ self.x",
                "Right in one pass. But it overwrites what an earlier pass left.",
            ),
        ),
        (
            "The diagonal is right. Which matrices agree on the diagonal?",
            "Write the shapes under both factors, with the letters in, out and N.",
            "The weight has its outputs down and its inputs across.",
        ),
    ),
    _patient(
        8,
        "`Bump8` should be $a = e^{-u}$ with $u = z^2$.",
        "The outer slope −e⁻ᵘ belongs at u, which is where the outer function was.",
        (
            (
                "by_u = grad_output * np.exp(-self.u)",
                "At the right place. But does e⁻ᵘ rise or fall?",
            ),
            (
                "by_u = -np.exp(-self.u)",
                "At the right place. But the slope that came in is missing.",
            ),
        ),
        (
            "A chain of two functions: multiply their slopes, each at its own input.",
            "The inner slope, 2z, is right. So it is the outer one.",
            "Where was the exponential taken on the way forward?",
        ),
    ),
    _patient(
        9,
        "`CrossEntropyLoss9` should be the mean cross-entropy of logits, softmax "
        "folded in.",
        "p − y is the slope by the logits already: it has been through softmax.",
        (
            (
                "return by_logits * len(self.y)",
                "The fold is right. But the loss is a mean over the samples.",
            ),
            ("return -by_logits", "Through softmax once, but uphill."),
        ),
        (
            "Everything is wrong, so ask the loss. No common factor, though.",
            "Lesson 8 found p − y. By what was that the slope?",
            "How often does a slope go back through softmax here, and how often did "
            "the numbers go forward?",
        ),
    ),
    _patient(
        10,
        f"`Linear10` should be {LINEAR}, its slopes added up sample by sample.",
        "Each sample adds its share; `=` keeps the last one alone.",
        (
            (
                "self.weight.grad += np.outer(x, g)",
                "It adds up now. But look at the shape of the weight.",
            ),
            (
                "self.weight.grad += np.outer(g, x) / len(grad_output)",
                "It adds up now. But nothing in this layer divides.",
            ),
        ),
        (
            "The bias is right and the weights are not. Compare their two lines.",
            "What is in the weight's slopes after the second sample?",
            "One sign is missing.",
        ),
    ),
    _patient(
        11,
        "`Linear11` should be a Linear that keeps a second copy of its weights, "
        "for speed.",
        "The copy is of the first day. The weights move on, the copy does not.",
        (
            (
                "by_x = grad_output @ self.fast\n"
                "        self.fast = self.weight.data.copy()\n"
                "        return by_x",
                "The copy is renewed now, but after its use: always one step late.",
            ),
            (
                "return grad_output @ self.weight.grad",
                "Those are slopes. The way back leads through the weights themselves.",
            ),
        ),
        (
            "At step 0 all is well. Look again later: what has changed since?",
            "Layer 2 itself is right, what it hands on is wrong.",
            "When was the copy made, and what happens to the weights after that?",
        ),
    ),
    _patient(
        12,
        "`step12` should be one step of training: forward, backward, update.",
        "Slopes add up until somebody clears them.",
        (
            (
                "loss(net(x), target)\n    rate = rate / 2",
                "Smaller steps in a wrong direction. What is in `own.grad`?",
            ),
            (
                "net.parameters()[0].grad.fill(0)\n    loss(net(x), target)",
                "That clears one parameter. There are three more.",
            ),
        ),
        (
            "The first step is right, every later one is wrong.",
            "What is in `own.grad` when the second step begins?",
            "Lesson 9, where it breaks: the second trap.",
        ),
    ),
    Exercise(
        name="12.13",
        question=(
            "Write the block *softplus*, $y = \\log(1 + e^x)$ for each entry, with its "
            "backward pass. It must survive inputs such as $1000$ and $-1000$. Hand in "
            "the class."
        ),
        answer=Learner(_softplus()),
        slips=(
            Slip(
                _softplus(backward=lambda g, x, y: g * (x > 0)),
                "That is the slope of ReLU. Softplus has no corner.",
            ),
            Slip(
                _softplus(backward=lambda g, x, y: g * _sigmoid(y)),
                "The slope is taken at the output; it belongs at the input.",
            ),
            Slip(
                _softplus(backward=lambda g, x, y: _sigmoid(x)),
                "Backward returns your own slope. The slope that came in is missing.",
            ),
        ),
        hints=(
            "It is a chain: a log, of one more than an exponential. Each slope at its "
            "own input.",
            "Multiplied out, the slope is an old friend from lesson 6. For huge inputs, "
            "take the larger of x and 0 out of the log.",
            "`np.logaddexp(0, x)` is stable, and so is the package's Sigmoid.",
        ),
        solution="""
            The chain gives eˣ / (1 + eˣ), which is the sigmoid. In the form below the
            exponent is never above 0, so nothing overflows.

            ```python
            import numpy as np
            from chainrule_lessons import CrossEntropyLoss, Linear, Module, Sequential
            from chainrule_lessons import Sigmoid, accuracy, fit, gradcheck
            from chainrule_lessons.datasets import load_digits

            class Softplus(Module):
                def forward(self, x):
                    self.slope = Sigmoid()(x)
                    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))

                def backward(self, grad_output):
                    return grad_output * self.slope

            gradcheck(Softplus(), [[-2, 0.5], [1, 30]])
            rng, (train, test) = np.random.default_rng(0), load_digits()
            net = Sequential(Linear(64, 64, rng=rng), Softplus(), Linear(64, 10, rng=rng))
            fit(net, CrossEntropyLoss(), *train, epochs=20, lr=0.3)
            assert accuracy(net, *test) >= 0.96
            answer = Softplus
            ```
            """,
    ),
)
