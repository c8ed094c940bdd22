#!/usr/bin/env python3
"""Times an ONNX file with TensorRT's trtexec, for the latency platform `command`:

    nas search --platform "command:python3 examples/latency/trtexec_time.py --fp16" ...

Needs trtexec, which comes with TensorRT (on a Jetson: /usr/src/tensorrt/bin/trtexec). Written after the documented
options and export of trtexec; it has not been run with TensorRT, only its reader has been tested, on a sample.

The engine is built at the first call of a network and kept next to its file, where platform-nas removes both.
"""

import argparse
import json
import os
import re
import subprocess
import sys


def arguments():
    parser = argparse.ArgumentParser(description="Times an ONNX file with trtexec.")
    parser.add_argument("--model", required=True, help="the ONNX file")
    parser.add_argument("--runs", type=int, required=True, help="timed runs")
    parser.add_argument("--warmup", type=int, default=0, help="runs before them")
    parser.add_argument("--trtexec", default="trtexec", help="the program's path")
    parser.add_argument("--fp16", action="store_true", help="allow half precision")
    parser.add_argument("--with-transfers", action="store_true", help="count copies to and from the device too")
    return parser.parse_args()


def read_times(text, warmup, runs, with_transfers=False):
    """Milliseconds of each run from the file that --exportTimes wrote, the warm-up left out.

    The file is a list with an object a run; computeMs is the time on the device, latencyMs that with both copies.
    """
    key = "latencyMs" if with_transfers else "computeMs"
    times = [float(entry[key]) for entry in json.loads(text) if key in entry]
    if len(times) < warmup + runs:
        raise SystemExit(f"trtexec exported {len(times)} runs with {key}, expected {warmup + runs}")
    return times[-runs:]


def read_log(text):
    """Name of the device and version of TensorRT, from what trtexec prints."""
    device = re.search(r"Selected Device: *(.+)", text)
    version = re.search(r"TensorRT version: *([\d.]+)", text) or re.search(r"TensorRT v(\d+)", text)
    if device is None:
        raise SystemExit("trtexec did not name the device (no line 'Selected Device: …')")
    return device.group(1).strip(), version.group(1) if version else "unknown"


def run(command):
    """Runs it and returns what it printed; its last lines go to standard error when it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        print("\n".join(done.stdout.splitlines()[-5:]), file=sys.stderr)
        raise SystemExit(f"{command[0]} ended with exit code {done.returncode}")
    return done.stdout


def main():
    options = arguments()
    precision = ["--fp16"] if options.fp16 else []
    engine = f"{options.model}.{'fp16' if options.fp16 else 'fp32'}.engine"
    times = f"{options.model}.times.json"
    if not os.path.exists(engine):
        partial = f"{engine}.partial"
        run([options.trtexec, f"--onnx={options.model}", f"--saveEngine={partial}", "--skipInference", *precision])
        os.replace(partial, engine)
    # A duration of 0 leaves the number of runs to --iterations; warm-up runs are counted by us.
    log = run(
        [
            options.trtexec,
            f"--loadEngine={engine}",
            f"--iterations={options.warmup + options.runs}",
            "--duration=0",
            "--warmUp=0",
            "--useSpinWait",
            f"--exportTimes={times}",
            *precision,
        ]
    )
    device, version = read_log(log)
    with open(times, encoding="utf-8") as file:
        runs_ms = read_times(file.read(), options.warmup, options.runs, options.with_transfers)
    versions = {"tensorrt": version, "precision": "fp16" if options.fp16 else "fp32"}
    print(json.dumps({"runsMs": runs_ms, "device": device, "kind": "gpu", "versions": versions}))


if __name__ == "__main__":
    main()
