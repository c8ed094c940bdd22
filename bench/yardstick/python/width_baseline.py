"""No search: MobileNetV3-Small scaled to the latency by its width, all the time spent training. Usage: width_baseline.py --minutes W --fraction f --out DIR"""
import argparse, json, os, subprocess, sys, time
import common as c
from train import train
a = argparse.ArgumentParser(); a.add_argument('--minutes', type=float); a.add_argument('--fraction', type=float); a.add_argument('--out'); a.add_argument('--seed', type=int, default=1); a.add_argument('--data'); a = a.parse_args(); c.use_data(a.data)
t0 = time.time(); os.makedirs(a.out, exist_ok=True); ref = os.path.join(a.out, 'reference.onnx'); tmp = os.path.join(a.out, 'try.onnx')
c.export_onnx(c.build(c.v3_small_config()), ref); rt = c.Timer(ref); best = None; lo, hi = 0.05, 1.5
for _ in range(9):
    m = (lo + hi) / 2; cfg = c.v3_small_config(m); c.export_onnx(c.build(cfg), tmp); r, _ = c.quick_ratio(tmp, rt)
    if r <= a.fraction * 0.98: best = (m, cfg, r); lo = m
    else: hi = m
m, cfg, r = best; x, y = c.load_split('train', a.data)
net, _, steps = train(cfg, x, y, seconds=a.minutes * 60 - (time.time() - t0) - 20, seed=a.seed)
out = os.path.join(a.out, 'best.onnx'); c.export_onnx(net, out)
j = json.loads(subprocess.run([sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'evaluate.py'), out, ref] + (['--data', a.data] if a.data else []), capture_output=True, text=True, check=True).stdout)
j.update(tool='width', width=m, steps=steps, minutes=(time.time() - t0) / 60); json.dump(j, open(os.path.join(a.out, 'result.json'), 'w'), indent=1); print(json.dumps(j))
