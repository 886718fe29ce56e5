"""Twelve backward passes with a line wrong or missing: the patients of lesson 12.

They stand here as the lesson shows them, with names and notes that give nothing away;
`clinic` knows what is wrong. Never use one of them to train anything.
"""

import numpy as np

from chainrule_lessons.layers import Linear, Module, Softmax


class Patient1:
    def __call__(self, y, t):
        self.gap = t - y
        return np.mean(self.gap**2)

    def backward(self):
        return 2 * self.gap / self.gap.size


class Patient2(Module):
    def forward(self, x):
        self.a = np.tanh(x)
        return self.a

    def backward(self, g):
        return g * (1 - np.tanh(self.a) ** 2)


class Patient3(Linear):
    def forward(self, x):
        self.x = x
        return x @ self.weight.data.T + self.bias.data

    def backward(self, g):
        self.weight.grad += g.T @ self.x
        self.bias.grad += g.sum(axis=1)
        return g @ self.weight.data


class Patient4(Module):
    def forward(self, x):
        self.x = x
        return x**2

    def backward(self, g):
        return g * self.x


class Patient5:
    def __call__(self, y, t):
        self.gap = y - t
        return np.mean(self.gap**2)

    def backward(self):
        return 2 * self.gap


class Patient6(Module):
    def forward(self, x):
        self.a = np.maximum(x, 0)
        return self.a

    def backward(self, g):
        return g * (self.a >= 0)


class Patient7(Linear):
    def forward(self, x):
        self.x = x
        return x @ self.weight.data.T + self.bias.data

    def backward(self, g):
        self.weight.grad += self.x.T @ g
        self.bias.grad += g.sum(axis=0)
        return g @ self.weight.data


class Patient8(Module):
    def forward(self, x):
        self.x, self.u = x, x**2
        return np.exp(-self.u)

    def backward(self, g):
        by_u = g * -np.exp(-self.x)
        return by_u * 2 * self.x


class Patient9:
    def __call__(self, y, t):
        self.softmax = Softmax()
        self.p, self.T = self.softmax(y), np.eye(2)[t]
        return -np.sum(self.T * np.log(self.p)) / len(t)

    def backward(self):
        by_y = (self.p - self.T) / len(self.T)
        return self.softmax.backward(by_y)


class Patient10(Linear):
    def forward(self, x):
        self.x = x
        return x @ self.weight.data.T + self.bias.data

    def backward(self, g):
        for n in range(len(g)):
            self.weight.grad = np.outer(g[n], self.x[n])
            self.bias.grad += g[n]
        return g @ self.weight.data


class Patient11(Linear):
    def __init__(self, inputs, outputs, rng):
        super().__init__(inputs, outputs, rng=rng)
        self.fast = self.weight.data.copy()

    def backward(self, g):
        super().backward(g)
        return g @ self.fast


def patient12(net, loss, x, t, rate):
    loss(net(x), t)
    net.backward(loss.backward())
    for own in net.parameters():
        own.data -= rate * own.grad
