#!/usr/bin/env bash
# Writes requirements.lock: every package that `make setup` installs, at one version, with the sums
# of its files, for Python 3.11. `--oldest` instead tries the lowest versions that pyproject.toml
# allows: installs them in a temporary environment and runs the tests that touch most of them.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

extras=(--extra cluster --extra motifs --extra batch --extra variants)
.venv/bin/python -m venv "$work/uv"
"$work/uv/bin/python" -m pip install --quiet --disable-pip-version-check uv
uv="$work/uv/bin/uv"

if [ "${1:-}" != "--oldest" ]; then
    "$uv" pip compile pyproject.toml "${extras[@]}" --python-version 3.11 --generate-hashes --quiet \
        --no-annotate --custom-compile-command "make lock" --output-file requirements.lock
    exit
fi

"$uv" pip compile pyproject.toml "${extras[@]}" --python-version 3.11 --resolution lowest-direct \
    --quiet --output-file "$work/oldest.txt"
"$uv" venv --quiet --python 3.11 "$work/env"
"$uv" pip install --quiet --python "$work/env/bin/python" -r "$work/oldest.txt" \
    pytest pytest-timeout hypothesis tf-keras
PYTHONPATH=$PWD "$work/env/bin/python" -m pytest -q -p no:cacheprovider \
    tests/core/test_{store,storage_faults,mapping,readers,readers_fuzz,foreign_files,genome}.py \
    -k "not torch" tests/core/test_{clusterer,ward,identifier,figures,export_files,demos}.py
