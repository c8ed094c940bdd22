"""Independent evaluation. Usage: evaluate.py MODEL.onnx REFERENCE.onnx [--layout nchw|nhwc] [--mean M --std S] [--scale 255]
Latency interleaved with the reference (Python onnxruntime, batch 1, one thread), ratio, test accuracy on all 10,000 images."""
import argparse, json, os
import numpy as np, onnx
import common as c
a = argparse.ArgumentParser(); a.add_argument('model'); a.add_argument('reference'); a.add_argument('--layout'); a.add_argument('--mean', type=float); a.add_argument('--std', type=float); a.add_argument('--scale', type=float, default=255.0); a.add_argument('--data')
a = a.parse_args(); c.use_data(a.data)
meta = {p.key: p.value for p in onnx.load(a.model).metadata_props}
own = json.loads(meta['preprocessing']) if 'preprocessing' in meta else {}
mean = np.float32(own.get('mean', c.Task.mean) if a.mean is None else a.mean); std = np.float32(own.get('deviation', c.Task.std) if a.std is None else a.std)
s = c.make_session(a.model); i = s.get_inputs()[0]
lay = a.layout or ('nchw' if i.shape[1] == c.Task.channels else 'nhwc')
x, y = c.load_split('test', a.data); x = (x.astype(np.float32) / a.scale - mean) / std
if lay == 'nchw': x = x.transpose(0, 3, 1, 2)
n = i.shape[0] if isinstance(i.shape[0], int) and i.shape[0] > 0 else 500
ok = sum(int((s.run(None, {i.name: np.ascontiguousarray(x[k:k + n])})[0].reshape(-1, c.Task.classes).argmax(1) == y[k:k + n]).sum()) for k in range(0, len(y), n))
m, r = c.measure([c.Timer(a.model, lay), c.Timer(a.reference)])
p = int(sum(np.prod(t.dims) for t in onnx.load(a.model).graph.initializer))
print(json.dumps(dict(test_accuracy=ok / len(y), latency_ms=m['latency_ms'], reference_ms=r['latency_ms'], ratio=m['latency_ms'] / r['latency_ms'], spread_rel=m['spread_rel'], params=p, bytes=os.path.getsize(a.model), layout=lay, load=c.loadavg())))
