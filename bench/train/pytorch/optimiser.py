"""The product's optimisers on lists of parameters: kernels decay, everything else does not."""

import torch


def create(recipe, kernels, others):
    if recipe["optimiser"]["kind"] == "momentum":
        return Momentum(recipe, kernels, others)
    return TensorflowRmsprop(recipe, kernels, others)


class Momentum:
    """PyTorch's own fused SGD: v ← m·v + g, w ← w − lr·v."""

    def __init__(self, recipe, kernels, others):
        groups = [
            {"params": kernels, "weight_decay": recipe["weightDecay"]},
            {"params": others, "weight_decay": 0.0},
        ]
        self.inner = torch.optim.SGD(
            [group for group in groups if group["params"]],
            lr=0.1,
            momentum=recipe["optimiser"]["momentum"],
            fused=True,
        )

    def step(self, rate):
        for group in self.inner.param_groups:
            group["lr"] = rate
        self.inner.step()
        self.inner.zero_grad(set_to_none=True)


class TensorflowRmsprop:
    """s ← d·s + (1−d)·g², v ← m·v + lr·g/√(s+ε), w ← w − v; s starts at 1. torch.optim.RMSprop has ε outside the root,
    starts s at 0 and multiplies by the rate at the end, so this is written with the list operations it is made of."""

    def __init__(self, recipe, kernels, others):
        settings = recipe["optimiser"]
        self.decay, self.momentum, self.epsilon = settings["decay"], settings["momentum"], settings["epsilon"]
        self.weight_decay = recipe["weightDecay"]
        self.kernels, self.all = kernels, kernels + others
        self.values = [p.detach() for p in self.all]
        self.square = [torch.ones_like(p) for p in self.values]
        self.velocity = [torch.zeros_like(p) for p in self.values]

    @torch.no_grad()
    def step(self, rate):
        gradients = [p.grad for p in self.all]
        count = len(self.kernels)
        if self.weight_decay > 0:
            torch._foreach_add_(gradients[:count], self.values[:count], alpha=self.weight_decay)
        torch._foreach_mul_(self.square, self.decay)
        torch._foreach_addcmul_(self.square, gradients, gradients, value=1 - self.decay)
        root = torch._foreach_add(self.square, self.epsilon)
        torch._foreach_sqrt_(root)
        torch._foreach_mul_(self.velocity, self.momentum)
        torch._foreach_addcdiv_(self.velocity, gradients, root, value=rate)
        torch._foreach_sub_(self.values, self.velocity)
        for p in self.all:
            p.grad = None
