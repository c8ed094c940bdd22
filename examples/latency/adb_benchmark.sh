#!/bin/sh
# Times an ONNX file on a phone through adb, for the latency platform `command`:
#
#     nas search --platform "command:sh examples/latency/adb_benchmark.sh" ...
#
# A SKETCH: it has not been run on a phone. It expects ONNX Runtime's onnxruntime_perf_test, built for Android, at
# $PERF on the phone, and python3 here. Another program (LiteRT's benchmark_model on a converted file, say) fits in the
# same way: copy the file, run, turn its output into one line of JSON.
#
# What a program for `command` must do:
#   - take --model FILE.onnx --runs N --warmup M behind its own arguments;
#   - print {"runsMs":[…], "device":"…", "versions":{…}} as the last line of standard output;
#   - write everything else to standard error and end with 0; anything else ends the measurement with these words.
set -eu

PERF=${PERF:-/data/local/tmp/onnxruntime_perf_test}
THREADS=${THREADS:-1}

while [ $# -gt 0 ]; do
  case $1 in
    --model) model=$2 ;;
    --runs) runs=$2 ;;
    --warmup) warmup=$2 ;;
    *) echo "unknown argument $1" >&2; exit 2 ;;
  esac
  shift 2
done

# One phone only: with several, set ANDROID_SERIAL, which adb reads.
device=$(adb shell getprop ro.product.model | tr -d '\r')
system=$(adb shell getprop ro.build.version.release | tr -d '\r')

# Files on the phone are named by their content, so that each is copied once; afterwards remove nas-*.onnx there.
remote=/data/local/tmp/nas-$(sha256sum "$model" | cut -c1-16).onnx
adb shell "[ -f $remote ]" || adb push "$model" "$remote" >&2

# -I makes its own input, -r is the number of runs, -x that of threads, -o 99 all graph optimisations. The results file
# gets a line a run: model, time in seconds, memory, processor, number.
results=/data/local/tmp/nas-results.csv
adb shell "rm -f $results; $PERF -I -m times -r $((runs + warmup)) -x $THREADS -o 99 $remote $results" >&2
adb shell cat "$results" | python3 -c '
import json, sys
runs, device, system, threads = int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
times = [1000 * float(line.split(",")[1]) for line in sys.stdin if line.strip()]
if len(times) < runs:
    sys.exit(f"{len(times)} runs in the results, expected {runs}")
print(json.dumps({"runsMs": times[-runs:], "device": device, "threads": threads, "versions": {"android": system}}))
' "$runs" "$device" "$system" "$THREADS"
