"""Writes reference.onnx (MobileNetV3-Small with random weights) and prints its latency. Usage: reference.py OUT.onnx [DATA]"""
import json, sys
import common as c
import torch
torch.manual_seed(0)
out = sys.argv[1] if len(sys.argv) > 1 else 'reference.onnx'
c.use_data(sys.argv[2] if len(sys.argv) > 2 else None)
net = c.build(c.v3_small_config()); c.export_onnx(net, out)
print(json.dumps(dict(c.measure([c.Timer(out)])[0], params=c.count_params(net), load=c.loadavg())))
