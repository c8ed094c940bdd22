"""Shared parts of the yardstick: data, model family, training recipe, ONNX export, latency protocol.

Everything is plain PyTorch + ONNX Runtime. No absolute paths besides the default data folder
(override with --data or the environment variable FMNIST_DIR).
"""
import os
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # spinning threads collapse next to another process; before torch is imported
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # before onnxruntime is imported
import gzip
import json
import math
import os
import struct
import time

import numpy as np

OPSET = 17


# ----------------------------------------------------------------------------- data
class Task:
    """What the networks are made for; set once by use_data, before anything else of this module."""
    folder, images = os.environ.get("FMNIST_DIR", "/usr/share/datasets/fashion-mnist"), False
    size, channels, classes, pad = 28, 1, 10, 2
    mean, std, stem_stride = 0.2860, 0.3530, 1


def use_data(data):
    """data: a folder of Fashion-MNIST's files, or images:DIR with DIR/train/CLASS and DIR/test/CLASS of square RGB pictures of one size."""
    if not data:
        return
    Task.images = data.startswith("images:")
    Task.folder = data[len("images:"):] if Task.images else data
    if not Task.images:
        return
    x, y = load_split("train")
    Task.size, Task.channels, Task.classes = x.shape[1], x.shape[3], int(y.max()) + 1
    Task.pad, Task.stem_stride = max(2, Task.size // 14), 1 if Task.size < 48 else 2
    Task.mean, Task.std = float(x.mean() / 255), float(x.std() / 255)


def _idx(path):
    with gzip.open(path, "rb") as f:
        buf = f.read()
    _, _, dtype, ndim = struct.unpack(">BBBB", buf[:4])
    assert dtype == 8, "IDX ubyte expected"
    shape = struct.unpack(">" + "I" * ndim, buf[4:4 + 4 * ndim])
    return np.frombuffer(buf, np.uint8, offset=4 + 4 * ndim).reshape(shape)


def load_split(split, folder=None):
    """Pictures [N, size, size, channels] as bytes, and their classes."""
    if Task.images:
        from PIL import Image
        root = os.path.join(Task.folder, split)
        classes = sorted(os.listdir(root))
        pairs = [(os.path.join(root, k, f), i) for i, k in enumerate(classes) for f in sorted(os.listdir(os.path.join(root, k)))]
        x = np.stack([np.asarray(Image.open(f).convert("RGB")) for f, _ in pairs])
        return x, np.array([i for _, i in pairs], np.int64)
    p = {"train": "train", "test": "t10k"}[split]
    x = _idx(os.path.join(Task.folder, f"{p}-images-idx3-ubyte.gz"))
    y = _idx(os.path.join(Task.folder, f"{p}-labels-idx1-ubyte.gz"))
    return x[..., None], y.astype(np.int64)


# ----------------------------------------------------------------------------- model family
def make_divisible(v, d=8, lo=8):
    n = max(lo, int(v + d / 2) // d * d)
    if n < 0.9 * v:
        n += d
    return int(n)


# torchvision MobileNetV3-Small: (kernel, expanded, out, se, act, stride); the stride of the ninth
# block is dropped (28 -> 28 -> 14 -> 7 -> 4, and it stays 4).
V3_SMALL = [
    (3, 16, 16, True, "relu", 2),
    (3, 72, 24, False, "relu", 2),
    (3, 88, 24, False, "relu", 1),
    (5, 96, 40, True, "hswish", 2),
    (5, 240, 40, True, "hswish", 1),
    (5, 240, 40, True, "hswish", 1),
    (5, 120, 48, True, "hswish", 1),
    (5, 144, 48, True, "hswish", 1),
    (5, 288, 96, True, "hswish", 1),
    (5, 576, 96, True, "hswish", 1),
    (5, 576, 96, True, "hswish", 1),
]


def v3_small_config(mult=1.0, dropout=0.2):
    d = make_divisible if mult != 1.0 else (lambda v: int(v))
    blocks = [dict(k=k, exp=d(e * mult), out=d(o * mult), se=se, act=a, s=s) for k, e, o, se, a, s in V3_SMALL]
    return dict(stem=d(16 * mult), blocks=blocks, last=d(576 * mult), hidden=d(1024 * mult), dropout=dropout)


def build(cfg):
    """MobileNetV3-like network from a flat config (see v3_small_config)."""
    import torch
    from torch import nn

    def act(a):
        return nn.Hardswish(inplace=True) if a == "hswish" else nn.ReLU(inplace=True)

    def cba(i, o, k=1, s=1, g=1, a=None):
        m = [nn.Conv2d(i, o, k, s, k // 2, groups=g, bias=False), nn.BatchNorm2d(o, eps=1e-3, momentum=0.05)]
        if a:
            m.append(act(a))
        return m

    class SE(nn.Module):
        def __init__(self, c):
            super().__init__()
            q = make_divisible(c // 4, 8)
            self.fc1 = nn.Conv2d(c, q, 1)
            self.fc2 = nn.Conv2d(q, c, 1)

        def forward(self, x):
            s = x.mean((2, 3), keepdim=True)
            s = nn.functional.relu(self.fc1(s))
            return x * nn.functional.hardsigmoid(self.fc2(s))

    class Block(nn.Module):
        def __init__(self, i, b):
            super().__init__()
            m = []
            if b["exp"] != i:
                m += cba(i, b["exp"], 1, 1, 1, b["act"])
            m += cba(b["exp"], b["exp"], b["k"], b["s"], b["exp"], b["act"])
            if b["se"]:
                m.append(SE(b["exp"]))
            m += cba(b["exp"], b["out"])
            self.body = nn.Sequential(*m)
            self.res = b["s"] == 1 and i == b["out"]

        def forward(self, x):
            y = self.body(x)
            return x + y if self.res else y

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            m = cba(Task.channels, cfg["stem"], 3, Task.stem_stride, 1, "hswish")
            c = cfg["stem"]
            for b in cfg["blocks"]:
                m.append(Block(c, b))
                c = b["out"]
            m += cba(c, cfg["last"], 1, 1, 1, "hswish")
            self.features = nn.Sequential(*m)
            c = cfg["last"]
            h = []
            if cfg["hidden"]:
                h += [nn.Linear(c, cfg["hidden"]), nn.Hardswish(inplace=True)]
                c = cfg["hidden"]
            h += [nn.Dropout(cfg["dropout"]), nn.Linear(c, Task.classes)]
            self.head = nn.Sequential(*h)

        def forward(self, x):
            return self.head(self.features(x).mean((2, 3)))

    net = Net()
    for m in net.modules():
        if isinstance(m, nn.Conv2d):
            nn.init.kaiming_normal_(m.weight, mode="fan_out")
            if m.bias is not None:
                nn.init.zeros_(m.bias)
        elif isinstance(m, nn.Linear):
            nn.init.normal_(m.weight, 0, 0.01)
            nn.init.zeros_(m.bias)
    with torch.no_grad():  # residual branches start small: converges faster on short schedules
        for m in net.modules():
            if isinstance(m, Block) and m.res:
                m.body[-1].weight.fill_(0.2)
    return net


def count_params(net):
    return sum(p.numel() for p in net.parameters())


# ----------------------------------------------------------------------------- export
def export_onnx(net, path, opset=OPSET):
    """BN-folded float32 ONNX, input 'input' [N,C,H,W], output 'logits' [N,classes]."""
    import copy
    import warnings
    import torch
    from torch import nn
    from torch.nn.utils.fusion import fuse_conv_bn_eval
    m = copy.deepcopy(net).eval().to(memory_format=torch.contiguous_format)
    for seq in [s for s in m.modules() if isinstance(s, nn.Sequential)]:
        keep, i, mods = [], 0, list(seq.children())
        while i < len(mods):
            if isinstance(mods[i], nn.Conv2d) and i + 1 < len(mods) and isinstance(mods[i + 1], nn.BatchNorm2d):
                keep.append(fuse_conv_bn_eval(mods[i], mods[i + 1]))
                i += 2
            else:
                if not isinstance(mods[i], nn.Dropout):
                    keep.append(mods[i])
                i += 1
        seq._modules.clear()
        for j, mod in enumerate(keep):
            seq.add_module(str(j), mod)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(m, torch.zeros(1, Task.channels, Task.size, Task.size), path, opset_version=opset, dynamo=False,
                          input_names=["input"], output_names=["logits"],
                          dynamic_axes={"input": {0: "N"}, "logits": {0: "N"}})
    return path


# ----------------------------------------------------------------------------- latency protocol
def make_session(model):
    import onnxruntime as ort
    so = ort.SessionOptions()
    so.intra_op_num_threads = 1
    so.inter_op_num_threads = 1
    so.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    so.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    so.log_severity_level = 3
    return ort.InferenceSession(model, so, providers=["CPUExecutionProvider"])


class Timer:
    """One loaded model; .block() runs warm-up + timed single-image runs and returns milliseconds."""

    def __init__(self, model, layout=None):
        self.sess = make_session(model)
        inp = self.sess.get_inputs()[0]
        self.name = inp.name
        self.out = [o.name for o in self.sess.get_outputs()][:1]
        shape = [d if isinstance(d, int) and d > 0 else 1 for d in inp.shape]
        shape[0] = 1
        if layout:
            n = Task.size
            shape = [1, Task.channels, n, n] if layout == "nchw" else [1, n, n, Task.channels]
        rng = np.random.default_rng(0)
        self.x = rng.standard_normal(shape).astype(np.float32)

    def block(self, warmup, runs):
        run, feed, out, clock = self.sess.run, {self.name: self.x}, self.out, time.perf_counter_ns
        for _ in range(warmup):
            run(out, feed)
        t = np.empty(runs)
        for i in range(runs):
            a = clock()
            run(out, feed)
            t[i] = clock() - a
        return t / 1e6


def summarise(blocks):
    med = [float(np.median(b)) for b in blocks]
    centre = float(np.median(med))
    return dict(latency_ms=centre, block_medians_ms=[round(m, 5) for m in med],
                spread_rel=(max(med) - min(med)) / centre,
                p10_ms=float(np.percentile(np.concatenate(blocks), 10)),
                p90_ms=float(np.percentile(np.concatenate(blocks), 90)))


def measure(timers, warmup=50, runs=300, blocks=5):
    """Blocks of the given models in turn (A B A B ...): median of block medians for each."""
    acc = [[] for _ in timers]
    for _ in range(blocks):
        for i, t in enumerate(timers):
            acc[i].append(t.block(warmup, runs))
    return [summarise(a) for a in acc]


def quick_ratio(model, ref_timer, pairs=5, warmup=15, runs=60):
    """Cheap interleaved ratio to the reference, for use inside a search."""
    t = Timer(model)
    r = []
    for _ in range(pairs):
        a = np.median(ref_timer.block(warmup, runs))
        b = np.median(t.block(warmup, runs))
        r.append((b / a, b))
    r.sort()
    return float(r[len(r) // 2][0]), float(np.median([b for _, b in r]))


# ----------------------------------------------------------------------------- training
class Batches:
    """Training data in memory; random crop after padding and horizontal flip done per batch."""

    def __init__(self, x, y):
        import torch
        p = self.pad = Task.pad
        self.x = torch.from_numpy(np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))).contiguous()
        self.y = torch.from_numpy(np.ascontiguousarray(y))
        self.n = len(y)
        self.flat = self.x.view(self.n, -1, Task.channels)
        self.w = Task.size + 2 * p
        r = torch.arange(Task.size)
        self.grid = (r[:, None] * self.w + r[None, :])[None]
        self.grid_f = self.grid.flip(2)

    def get(self, idx, augment=True, gen=None):
        import torch
        n, s, ch = len(idx), Task.size, Task.channels
        if augment:
            d = torch.randint(0, 2 * self.pad + 1, (2, n), generator=gen)
            flip = torch.rand(n, generator=gen) < 0.5
            g = torch.where(flip[:, None, None], self.grid_f, self.grid) + (d[0] * self.w + d[1])[:, None, None]
        else:
            g = (self.grid + self.pad * self.w + self.pad).expand(n, s, s)
        xb = torch.gather(self.flat[idx], 1, g.reshape(n, s * s, 1).expand(n, s * s, ch)).view(n, s, s, ch).permute(0, 3, 1, 2)
        return (xb.float() / 255.0 - Task.mean) / Task.std, self.y[idx]


def param_groups(net, wd):
    a, b = [], []
    for p in net.parameters():
        (a if p.ndim > 1 else b).append(p)
    return [dict(params=a, weight_decay=wd), dict(params=b, weight_decay=0.0)]


def accuracy(net, data, idx=None, bs=1000):
    import torch
    net.eval()
    idx = torch.arange(data.n) if idx is None else idx
    ok = 0
    with torch.no_grad():
        for i in range(0, len(idx), bs):
            x, y = data.get(idx[i:i + bs], augment=False)
            ok += int((net(x.to(memory_format=torch.channels_last)).argmax(1) == y).sum())
    return ok / len(idx)


def log_line(path, **kw):
    with open(path, "a") as f:
        f.write(json.dumps(kw) + "\n")


def loadavg():
    return [round(v, 2) for v in os.getloadavg()]
