#!/usr/bin/env bash
# Opens the application on a precomputed real result; without a display runs the pipeline on the
# small network in resources/ and says where results and pictures are.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "$(uname)" = Darwin ] || [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    exec .venv/bin/seam-gui --demo eve_hk
fi
echo "No display here: running the pipeline headless instead."
exec .venv/bin/seam demo toy --headless --out out/demo
