"""Times an ONNX file with ONNX Runtime's Python package: a line with a number asks for that number of runs, a line with their
milliseconds as JSON is the answer. Arguments: the file, threads, 1 for threads that spin."""

import json
import os
import sys
import time

import numpy

os.environ['ORT_DISABLE_TELEMETRY'] = '1'  # read when it is loaded
import onnxruntime  # noqa: E402

file, threads, spinning = sys.argv[1:]
settings = onnxruntime.SessionOptions()
settings.intra_op_num_threads = int(threads)
settings.inter_op_num_threads = 1
settings.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
settings.add_session_config_entry("session.intra_op.allow_spinning", spinning)
session = onnxruntime.InferenceSession(file, settings, providers=["CPUExecutionProvider"])
feeds = {end.name: numpy.zeros(end.shape, numpy.float32) for end in session.get_inputs()}


def run():
    start = time.perf_counter()
    session.run(None, feeds)
    return 1000 * (time.perf_counter() - start)


print(json.dumps({"onnxruntime": onnxruntime.__version__, "python": sys.version.split()[0]}), flush=True)
for line in sys.stdin:
    print(json.dumps([run() for _ in range(int(line))]), flush=True)
