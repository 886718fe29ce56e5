"""Twelve backward passes with one wrong line each: the patients of lesson 12.

They stand here as the lesson shows them, without notes that would give them away;
`clinic` knows which line is wrong. Never use one of them to train anything.
"""

import numpy as np

from chainrule_lessons.layers import Linear, Module, Softmax


class MSELoss1:
    def __call__(self, output, target):
        self.gap = target - output
        return np.mean(self.gap**2)

    def backward(self):
        return 2 * self.gap / self.gap.size


class Tanh2(Module):
    def forward(self, x):
        self.a = np.tanh(x)
        return self.a

    def backward(self, grad_output):
        return grad_output * (1 - np.tanh(self.a) ** 2)


class Linear3(Linear):
    def forward(self, x):
        self.x = x
        return x @ self.weight.data.T + self.bias.data

    def backward(self, grad_output):
        self.weight.grad += grad_output.T @ self.x
        self.bias.grad += grad_output.sum(axis=1)
        return grad_output @ self.weight.data


class Square4(Module):
    def forward(self, x):
        self.x = x
        return x**2

    def backward(self, grad_output):
        return grad_output * self.x


class MSELoss5:
    def __call__(self, output, target):
        self.gap = output - target
        return np.mean(self.gap**2)

    def backward(self):
        return 2 * self.gap


class ReLU6(Module):
    def forward(self, x):
        self.y = np.maximum(x, 0)
        return self.y

    def backward(self, grad_output):
        return grad_output * (self.y >= 0)


class Linear7(Linear):
    def forward(self, x):
        self.x = x
        return x @ self.weight.data.T + self.bias.data

    def backward(self, grad_output):
        self.weight.grad += self.x.T @ grad_output
        self.bias.grad += grad_output.sum(axis=0)
        return grad_output @ self.weight.data


class Bump8(Module):
    def forward(self, x):
        self.x, self.u = x, x**2
        return np.exp(-self.u)

    def backward(self, grad_output):
        by_u = grad_output * -np.exp(-self.x)
        return by_u * 2 * self.x


class CrossEntropyLoss9:
    def __call__(self, logits, target):
        self.softmax = Softmax()
        self.p, self.y = self.softmax(logits), np.eye(2)[target]
        return -np.sum(self.y * np.log(self.p)) / len(target)

    def backward(self):
        by_logits = (self.p - self.y) / len(self.y)
        return self.softmax.backward(by_logits)


class Linear10(Linear):
    def forward(self, x):
        self.x = x
        return x @ self.weight.data.T + self.bias.data

    def backward(self, grad_output):
        for g, x in zip(grad_output, self.x, strict=True):
            self.weight.grad = np.outer(g, x)
            self.bias.grad += g
        return grad_output @ self.weight.data


class Linear11(Linear):
    def __init__(self, inputs, outputs, rng):
        super().__init__(inputs, outputs, rng=rng)
        self.fast = self.weight.data.copy()

    def backward(self, grad_output):
        super().backward(grad_output)
        return grad_output @ self.fast


def step12(net, loss, x, target, rate):
    loss(net(x), target)
    net.backward(loss.backward())
    for own in net.parameters():
        own.data -= rate * own.grad
