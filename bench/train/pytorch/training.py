"""One training: the whole step as the product does it, or a plain one on a batch that is ready."""

import time

import torch
import torch.nn.functional as F

import optimiser
from network import Network, folded
from pictures import Augmentation

LAYOUTS = {"first": torch.contiguous_format, "last": torch.channels_last}


class Training:
    """`whole`: draw rows, crop and mirror, normalise, forward, smoothed loss, backward, optimiser, moving average of
    weights and statistics. Otherwise PyTorch's favourable case: forward, loss, backward and PyTorch's own fused momentum
    SGD on one normalised batch, symmetric padding, no dropout."""

    def __init__(self, spec, pictures, device):
        recipe = spec["recipe"]
        self.recipe, self.pictures, self.device = recipe, pictures, device
        self.whole, self.layout, self.batch = spec["whole"], spec["layout"], recipe["batch"]
        self.layers = spec["layers"]
        dropout = recipe["dropout"] if self.whole else 0.0
        self.network = Network(self.layers, recipe["norm"], dropout, symmetric=not self.whole)
        self.generator = torch.Generator(device=device).manual_seed(spec["seed"])
        self.network.start(torch.Generator().manual_seed(spec["seed"]))
        if spec.get("weights"):
            self.network.load(spec["parameters"], torch.from_file(spec["weights"], size=spec["numbers"]))
        self.network = self.network.to(device).to(memory_format=LAYOUTS[self.layout]).train()
        self.forward = torch.compile(self.network) if spec.get("compile") else self.network
        if self.whole:
            self.optimiser = optimiser.create(recipe, *self.network.kernels_and_others())
            self.augment = Augmentation(
                pictures.images.shape[1:], self.batch, recipe["pad"], recipe["flip"], device, self.generator
            )
        else:
            plain = {**recipe, "optimiser": {"kind": "momentum", "momentum": 0.9}}
            self.optimiser = optimiser.create(plain, list(self.network.parameters()), [])
            rows = torch.arange(self.batch, device=device)
            self.ready = (self.input(rows), pictures.labels[rows])
        self.average = None
        if self.whole and recipe["emaDecay"] is not None:
            self.current = [p.detach() for p in self.network.parameters()]
            self.current += [b for name, b in self.network.named_buffers() if b.is_floating_point()]
            self.average = [value.clone() for value in self.current]
        self.steps, self.at, self.order = 0, 0, None

    def input(self, rows):
        return self.pictures.normalised(self.pictures.images[rows], self.layout)

    def drawn(self):
        """Rows of the next batch: each epoch a new order, the last partial batch left out."""
        if self.order is None or self.at + self.batch > self.pictures.count:
            self.order = torch.randperm(self.pictures.count, generator=self.generator, device=self.device)
            self.at = 0
        self.at += self.batch
        return self.order[self.at - self.batch : self.at]

    def step(self, rate, rows=None):
        """Returns the loss, on the device. `rows` fixes the batch and leaves it unchanged."""
        if not self.whole:
            x, labels = self.ready
            loss = F.cross_entropy(self.forward(x), labels)
        else:
            if rows is None:
                rows = self.drawn()
                bytes_ = self.augment(self.pictures.images.index_select(0, rows))
            else:
                bytes_ = self.pictures.images.index_select(0, rows)
            logits = self.forward(self.pictures.normalised(bytes_, self.layout))
            labels = self.pictures.labels.index_select(0, rows)
            loss = F.cross_entropy(logits, labels, label_smoothing=self.recipe["labelSmoothing"])
        loss.backward()
        self.optimiser.step(rate)
        if self.average is not None:
            decay = min(self.recipe["emaDecay"], (1 + self.steps) / (10 + self.steps))
            torch._foreach_lerp_(self.average, self.current, 1 - decay)
        self.steps += 1
        return loss.detach()

    def timed(self, count, rate):
        """Milliseconds of each step; on a GPU, where steps are only queued, the mean of all."""
        queued = self.device.type == "cuda"
        times = []
        cpu, begin = time.process_time(), time.perf_counter()
        for _ in range(count):
            start = time.perf_counter()
            loss = self.step(rate)
            if not queued:
                last = loss.item()
                times.append(1000 * (time.perf_counter() - start))
        if queued:
            last = loss.item()
            times = [1000 * (time.perf_counter() - begin) / count]
        return {"ms": times, "cpuMs": 1000 * (time.process_time() - cpu) / count, "loss": last}

    def run(self, seconds, rate):
        """Steps for some seconds; how many were done when, on the machine's monotonic clock. A GPU's queue is waited for
        now and then only."""
        every = 20 if self.device.type == "cuda" else 1
        done = [(time.monotonic(), 0)]
        while done[-1][0] - done[0][0] < seconds:
            for _ in range(every):
                loss = self.step(rate)
            loss.item()
            done.append((time.monotonic(), done[-1][1] + every))
        return done

    def laid_as_wished(self):
        """Whether the maps inside the network lie as `layout` says."""
        seen = []
        hook = self.network.units[0].register_forward_hook(lambda _m, _i, result: seen.append(result))
        with torch.no_grad():
            self.network.eval()(self.input(torch.arange(2, device=self.device)))
        self.network.train()
        hook.remove()
        return seen[0].is_contiguous(memory_format=LAYOUTS[self.layout])

    @torch.no_grad()
    def for_evaluation(self, average, fold):
        """A copy for evaluation: the weights or their moving average, normalisation folded or not."""
        held = None
        if average and self.average is not None:
            held = [value.clone() for value in self.current]
            torch._foreach_copy_(self.current, self.average)
        copy = folded(self.network) if fold else Network(self.layers, self.recipe["norm"], 0.0, not self.whole)
        if not fold:
            copy.load_state_dict(self.network.state_dict())
        if held is not None:
            torch._foreach_copy_(self.current, held)
        return copy.to(self.device).to(memory_format=LAYOUTS[self.layout]).eval()


@torch.inference_mode()
def evaluate(network, pictures, layout, batch, count):
    """Correct answers and mean cross-entropy over the first `count` pictures."""
    correct, loss = 0, 0.0
    for begin in range(0, count, batch):
        end = min(count, begin + batch)
        logits = network(pictures.normalised(pictures.images[begin:end], layout))
        labels = pictures.labels[begin:end]
        correct += int((logits.argmax(1) == labels).sum())
        loss += float(F.cross_entropy(logits, labels, reduction="sum"))
    return {"correct": correct, "loss": loss / count, "count": count}
