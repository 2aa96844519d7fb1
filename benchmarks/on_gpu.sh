#!/usr/bin/env bash
# Speed and correctness on a lent GPU, in at most eight minutes, with the packages of the lock files installed:
#   benchmarks/on_gpu.sh [--device cpu] [--toy] [--to FOLDER]
# Writes speed.csv, speed.svg, correctness.txt and utilization.csv to results/bench. With --device cpu --toy it tries itself out.
set -euo pipefail
cd "$(dirname "$0")/.."
device=cuda to=results/bench toy=()
while [ $# -gt 0 ]; do
  case $1 in
    --device) device=$2; shift 2 ;;
    --to) to=$2; shift 2 ;;
    --toy) toy=(--toy); shift ;;
    *) echo "on_gpu.sh: $1 is no option; expected --device, --toy or --to"; exit 1 ;;
  esac
done
python=${PYTHON:-$([ -x .venv/bin/python ] && echo .venv/bin/python || echo python3)}
mkdir -p "$to"
if [ "$device" = cuda ] && command -v nvidia-smi > /dev/null; then
  nvidia-smi --query-gpu=timestamp,utilization.gpu,memory.used,power.draw --format=csv --loop-ms=500 > "$to/utilization.csv" &
  watcher=$!
  trap 'kill "$watcher"' EXIT
fi
"$python" benchmarks/correctness.py --device "$device" "${toy[@]}" | tee "$to/correctness.txt"
"$python" benchmarks/speed.py editing prediction step augmentation detection --device "$device" --rounds 3 --to "$to" "${toy[@]}"
