"""PyTorch's side of the bench: one JSON command a line on standard input, one JSON answer a line on standard output."""

import json
import os
import platform
import sys
import time

import torch

from pictures import Pictures
from training import Training, evaluate


class Server:
    def __init__(self, threads, device):
        torch.set_num_threads(threads)
        torch.set_float32_matmul_precision("high")
        torch.backends.cudnn.benchmark = True
        torch.backends.cudnn.allow_tf32 = True
        self.device = torch.device(device)
        self.parts, self.trainings, self.evaluations = {}, {}, {}

    def hello(self):
        cuda = self.device.type == "cuda"
        return {
            "torch": torch.__version__,
            "python": platform.python_version(),
            "threads": torch.get_num_threads(),
            "device": torch.cuda.get_device_name() if cuda else torch.backends.cpu.get_cpu_capability(),
        }

    def data(self, folder):
        self.parts = {part: Pictures(folder, part, self.device) for part in ("train", "test")}
        return {part: pictures.count for part, pictures in self.parts.items()}

    def open(self, id, spec):
        begin = time.perf_counter()
        training = Training(spec, self.parts["train"], self.device)
        if not training.laid_as_wished():
            raise RuntimeError(f"the maps do not lie channels-{spec['layout']}")
        first = training.timed(1, 1e-4)
        self.trainings[id] = training
        trained = sum(p.numel() for p in training.network.parameters() if p.requires_grad)
        return {"params": trained, "firstMs": 1000 * (time.perf_counter() - begin), "loss": first["loss"]}

    def steps(self, id, count, rate):
        return self.trainings[id].timed(count, rate)

    def run(self, id, seconds, rate):
        return {"ends": self.trainings[id].run(seconds, rate)}

    def fixed(self, spec, rows, rates):
        """The losses of a few steps on one batch, and the evaluation of the moving average after them."""
        training = Training(spec, self.parts["train"], self.device)
        rows = torch.tensor(rows, device=self.device)
        losses = [training.step(rate, rows).item() for rate in rates]
        evaluated = [evaluate(training.for_evaluation(True, fold), self.parts["test"], spec["layout"], 64, 512) for fold in (False, True)]
        return {"losses": losses, "evaluated": [one["loss"] for one in evaluated]}

    def prepare(self, id, of, fold, batch, count):
        training = self.trainings[of]
        self.evaluations[id] = (training.for_evaluation(True, fold), training.layout, batch, count)
        return {}

    def evaluate(self, id):
        network, layout, batch, count = self.evaluations[id]
        cpu, begin = time.process_time(), time.perf_counter()
        result = evaluate(network, self.parts["test"], layout, batch, count)
        scale = 1_000_000 / count
        return {
            "ms": [scale * (time.perf_counter() - begin)],
            "cpuMs": scale * (time.process_time() - cpu),
            "correct": result["correct"],
        }

    def train(self, spec, rates):
        """A whole training with one rate a step, evaluated on the test set by its moving average."""
        begin = time.perf_counter()
        training = Training(spec, self.parts["train"], self.device)
        for rate in rates:
            loss = training.step(rate)
            if not torch.isfinite(loss):
                return {"accuracy": None, "seconds": time.perf_counter() - begin}
        seconds = time.perf_counter() - begin
        test = self.parts["test"]
        result = evaluate(training.for_evaluation(True, True), test, spec["layout"], 64, test.count)
        return {"accuracy": result["correct"] / result["count"], "loss": result["loss"], "seconds": seconds}

    def close(self, ids):
        for id in ids:
            self.trainings.pop(id, None)
            self.evaluations.pop(id, None)
        return {}

    def memory(self):
        with open("/proc/self/status", encoding="utf-8") as file:
            lines = dict(line.split(":", 1) for line in file)
        return {key: int(lines[name].split()[0]) / 1024 for key, name in (("rssMiB", "VmRSS"), ("peakMiB", "VmHWM"))}


def main():
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # all prints go to standard error
    server = Server(int(sys.argv[1]), sys.argv[2])
    for line in sys.stdin:
        message = json.loads(line)
        command = message.pop("do")
        try:
            answer = {"ok": getattr(server, command)(**message)}
        except Exception as error:  # reported to the bench, which decides
            answer = {"error": f"{type(error).__name__}: {error}"[:2000]}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


main()
