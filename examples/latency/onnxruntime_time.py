#!/usr/bin/env python3
"""Times an ONNX file with ONNX Runtime's Python package, for the latency platform `command`:

    nas search --platform "command:python3 examples/latency/onnxruntime_time.py --threads 2" ...

Needs: pip install onnxruntime. Runs as well on another machine, started through ssh by a script of your own.
"""

import argparse
import json
import os
import platform
import time


def arguments():
    parser = argparse.ArgumentParser(description="Times an ONNX file with ONNX Runtime.")
    parser.add_argument("--model", required=True, help="the ONNX file")
    parser.add_argument("--runs", type=int, required=True, help="timed runs")
    parser.add_argument("--warmup", type=int, default=0, help="runs before them")
    parser.add_argument("--repeat", type=int, default=1, help="runs that one time is the mean of")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="threads within an operator")
    parser.add_argument("--no-spinning", action="store_true", help="threads sleep while they wait for work")
    parser.add_argument("--provider", default="CPUExecutionProvider", help="execution provider")
    return parser.parse_args()


def device_name():
    """A board's own name, else the processor's."""
    try:
        with open("/proc/device-tree/model", encoding="utf-8") as file:
            return file.read().strip("\0\n ")
    except OSError:
        pass
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                key, _, value = line.partition(":")
                if key.strip() == "model name" and value.strip():
                    return value.strip()
    except OSError:
        pass
    return platform.processor() or platform.machine() or "CPU"


def open_session(options):
    os.environ['ORT_DISABLE_TELEMETRY'] = '1'  # read when it is loaded
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    settings.inter_op_num_threads = 1
    settings.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    spinning = "0" if options.no_spinning else "1"
    settings.add_session_config_entry("session.intra_op.allow_spinning", spinning)
    session = onnxruntime.InferenceSession(options.model, settings, providers=[options.provider])
    if options.provider not in session.get_providers():
        raise SystemExit(f"{options.provider} is not in this onnxruntime: it has {session.get_providers()}")
    return session, onnxruntime.__version__


def time_runs(session, warmup, runs, repeat):
    """Milliseconds of a run, each the mean of `repeat` in a row, on an input of zeros; free dimensions are 1."""
    import numpy

    types = {"tensor(float)": numpy.float32, "tensor(uint8)": numpy.uint8}
    feeds = {
        end.name: numpy.zeros([size if isinstance(size, int) else 1 for size in end.shape], types[end.type])
        for end in session.get_inputs()
    }
    for _ in range(warmup):
        session.run(None, feeds)
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        for _ in range(repeat):
            session.run(None, feeds)
        times.append(1000 * (time.perf_counter() - start) / repeat)
    return times


def main():
    options = arguments()
    session, version = open_session(options)
    answer = {
        "runsMs": time_runs(session, options.warmup, options.runs, options.repeat),
        "device": device_name(),
        "kind": "cpu" if options.provider == "CPUExecutionProvider" else "gpu",
        "threads": options.threads,
        "repeat": True,
        "versions": {
            "onnxruntime": version,
            "provider": options.provider,
            "spinning": "no" if options.no_spinning else "yes",
            "python": platform.python_version(),
        },
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
