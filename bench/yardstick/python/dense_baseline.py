"""No search, no MobileNet: a hand-made residual network of seven dense 3x3 convolutions (k, k, 2k, 3k filters) scaled by k to the latency, all the time spent training.
Usage: dense_baseline.py --minutes W --fraction f --out DIR"""
import argparse, json, os, subprocess, sys, time
import common as c
import torch
from torch import nn
import train as T
a = argparse.ArgumentParser(); a.add_argument('--minutes', type=float); a.add_argument('--fraction', type=float); a.add_argument('--out'); a.add_argument('--seed', type=int, default=1); a.add_argument('--data'); a = a.parse_args(); c.use_data(a.data)
def conv(i, o, s=1): return [nn.Conv2d(i, o, 3, s, 1, bias=False), nn.BatchNorm2d(o, eps=1e-3, momentum=0.05)]
class Residual(nn.Module):
    def __init__(self, ch): super().__init__(); self.body = nn.Sequential(*conv(ch, ch)); self.act = nn.ReLU(inplace=True)
    def forward(self, x): return self.act(x + self.body(x))
class Dense(nn.Module):
    def __init__(self, k):
        super().__init__(); r = lambda: nn.ReLU(inplace=True)
        self.features = nn.Sequential(*conv(c.Task.channels, k, 2), r(), *conv(k, k), r(), *conv(k, 2 * k, 2), r(), Residual(2 * k), *conv(2 * k, 3 * k, 2), r(), Residual(3 * k)); self.head = nn.Sequential(nn.Dropout(0.1), nn.Linear(3 * k, c.Task.classes))
        for m in self.modules():
            if isinstance(m, nn.Conv2d): nn.init.kaiming_normal_(m.weight, mode='fan_out')
    def forward(self, x): return self.head(self.features(x).mean((2, 3)))
t0 = time.time(); os.makedirs(a.out, exist_ok=True); ref = os.path.join(a.out, 'reference.onnx'); tmp = os.path.join(a.out, 'try.onnx')
c.export_onnx(c.build(c.v3_small_config()), ref); rt = c.Timer(ref); best = None
for k in range(8, 97, 4):
    c.export_onnx(Dense(k), tmp); r, _ = c.quick_ratio(tmp, rt)
    if r <= a.fraction * 0.98: best = k
    elif best and k > best + 8: break
torch.set_num_threads(2); c.build = lambda k: Dense(k); x, y = c.load_split('train', a.data)
net, _, steps = T.train(best, x, y, seconds=a.minutes * 60 - (time.time() - t0) - 20, seed=a.seed)
out = os.path.join(a.out, 'best.onnx'); c.export_onnx(net, out)
j = json.loads(subprocess.run([sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'evaluate.py'), out, ref] + (['--data', a.data] if a.data else []), capture_output=True, text=True, check=True).stdout)
j.update(tool='dense', k=best, steps=steps, minutes=(time.time() - t0) / 60); json.dump(j, open(os.path.join(a.out, 'result.json'), 'w'), indent=1); print(json.dumps(j))
