"""The exercises of lesson 11: training a network."""

import numpy as np

from chainrule_lessons.exercises.answers import Function, Number
from chainrule_lessons.exercises.exercise import Exercise, Slip

__all__ = ["EXERCISES"]

# As many samples as classes, so that a wrong axis goes unnoticed.
PLACES = (
    (np.array([[2.0, 1, 4], [5, 2, -1], [4, 0, 3]]), np.array([1, 0, 2])),
    (
        np.array([[3.0, -2, 5, -3], [0, 2, -2, 1], [2, 3, 0, -1], [-2, -1, 2, 0]]),
        np.array([3, 3, 3, 2]),
    ),
)

EXERCISES = (
    Exercise(
        name="11.1",
        question=(
            "A network shall read the 26 letters of the alphabet. It is untrained and "
            "gives every letter the same share. What is its cross-entropy loss?"
        ),
        answer=Number(np.log(26), rtol=1e-4),
        slips=(
            Slip(np.log(10), "That is for ten digits. How many letters are there?"),
            Slip(1 / 26, "That is the share. The loss is minus its log."),
            Slip(
                -np.log(26),
                "The sign is turned: the log of a share below 1 is negative, and the "
                "loss is minus that.",
            ),
            Slip(np.log10(26), "Take the natural log, `np.log`, not that to base 10."),
            Slip(np.log2(26), "Take the natural log, `np.log`, not that to base 2."),
            Slip(
                26 * np.log(26),
                "Only the right letter's share counts, once for each sample.",
            ),
        ),
        hints=(
            "How large is the share of each letter, if all are alike and sum to 1?",
            "The loss of a sample is minus the log of the right letter's share, and "
            "the mean over samples that are all alike is the same number.",
            "Each share is $\\frac{1}{26}$. Take minus its natural log.",
        ),
        solution="""
            Equal shares that sum to one: each letter has 1/26, whichever is right.

            ```python
            import numpy as np

            share = 1 / 26
            answer = -np.log(share)
            ```
            """,
    ),
    Exercise(
        name="11.2",
        question=(
            "There are 1000 images to train on, in batches of 64, for 30 epochs. How "
            "many updates does `fit` make?"
        ),
        answer=Number(16 * 30),
        slips=(
            Slip(
                15 * 30,
                "What is left over after the whole batches makes a batch as well.",
            ),
            Slip(1000 / 64 * 30, "An update is made or not made: count whole batches."),
            Slip(
                469,
                "Round within an epoch, not at the end: each epoch has its own rest.",
            ),
            Slip(16, "That is one epoch."),
            Slip(15, "Those are the whole batches of one epoch. Some images are left."),
            Slip(30, "Each batch brings an update, and an epoch has many."),
            Slip(1000 * 30, "Not each image: each batch of them brings one update."),
        ),
        hints=(
            "One update for each batch. How many batches does an epoch have?",
            "Sixty-fours fit into a thousand fifteen times, and some images are left.",
            "Multiply the batches of an epoch, the small one included, by 30.",
        ),
        solution="""
            Fifteen whole batches take 960 images, and the last 40 make a small one.

            ```python
            from math import ceil

            answer = ceil(1000 / 64) * 30
            ```
            """,
    ),
    Exercise(
        name="11.3",
        question=(
            "A loop forgets `net.zero_grad()`. Each backward pass finds the slope 2 "
            "for a certain weight, and the learning rate is 0.1. By how much has the "
            "weight changed after three updates? Mind the sign."
        ),
        answer=Number(-0.1 * (2 + 4 + 6)),
        slips=(
            Slip(
                -0.1 * 2 * 3,
                "That is with the slopes set to zero in time. Here they add up.",
            ),
            Slip(0.1 * (2 + 4 + 6), "The size is right. Which way is downhill?"),
            Slip(
                -0.1 * (2 + 4 + 8),
                "Each pass adds the same 2 to what is there; it does not double it.",
            ),
            Slip(-(2 + 4 + 6), "The learning rate is missing."),
            Slip(-0.1 * 2, "That is the first update. Two more follow."),
        ),
        hints=(
            "What stands in `grad` at the first update, at the second, at the third?",
            "Backward *adds* its slope. So each update is larger than the last.",
            "Take minus the rate times the sum of what stands in `grad` each time.",
        ),
        solution="""
            The slopes pile up, so the updates grow, and the weight runs too far.

            ```python
            grad, answer = 0, 0
            for step in range(3):
                grad += 2
                answer -= 0.1 * grad
            ```
            """,
    ),
    Exercise(
        name="11.4",
        question=(
            "Write `library.accuracy` yourself: a function of the outputs, an array of "
            "shape (N, C) with a row for each sample, and of the N right classes. It "
            "returns the share of samples whose largest output is that of the right "
            "class."
        ),
        answer=Function(
            lambda output, target: np.mean(output.argmax(axis=1) == target), at=PLACES
        ),
        slips=(
            Slip(
                lambda output, target: np.sum(output.argmax(axis=1) == target),
                "That is how many. Which share of all samples is it?",
            ),
            Slip(
                lambda output, target: np.mean(output.argmax(axis=1) != target),
                "That is the share of mistakes.",
            ),
            Slip(
                lambda output, target: np.mean(output.argmin(axis=1) == target),
                "You look for the smallest output. The largest has the say.",
            ),
            Slip(
                lambda output, target: np.mean(output.max(axis=1) == target),
                "You compare the largest *value* with the class. Where does it stand?",
            ),
            Slip(
                lambda output, target: np.mean(output.argmax(axis=0) == target),
                "That finds the best sample for each class. Look along the other axis.",
            ),
            Slip(
                lambda output, target: np.mean(output.argmax() == target),
                "Without an axis, `argmax` looks through the whole array at once.",
            ),
            Slip(
                lambda output, target: 100 * np.mean(output.argmax(axis=1) == target),
                "A share goes from 0 to 1; that is per cent.",
            ),
        ),
        hints=(
            "For each row, find the place of its largest entry, and compare.",
            "`argmax` gives places, `axis=1` goes along each row. A comparison gives "
            "True and False, which count as 1 and 0.",
            "The mean of ones and zeros is the share of ones.",
        ),
        solution="""
            The place of the largest entry in each row is the class that was named.

            ```python
            import numpy as np

            def answer(output, target):
                said = output.argmax(axis=1)
                return np.mean(said == target)
            ```
            """,
    ),
)
