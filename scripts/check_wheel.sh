#!/usr/bin/env bash
# Builds the wheel and tries it as a user elsewhere would: in an environment of its own that holds no
# source, from an empty folder. `--with-dependencies` installs those from the registry (about 2 GB);
# without it they are taken from .venv.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
unset PYTHONPATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

.venv/bin/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir "$work/dist" .
rm -rf build
wheel=$(echo "$work"/dist/*.whl)
echo "wheel: $(basename "$wheel"), $(du -m "$wheel" | cut -f1) MB"

.venv/bin/python -m venv "$work/env"
python="$work/env/bin/python"
if [ "${1:-}" = "--with-dependencies" ]; then
    "$python" -m pip install --quiet --disable-pip-version-check "$wheel"
else
    "$python" -m pip install --quiet --disable-pip-version-check --no-deps "$wheel"
    packages=$("$root/.venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    echo "$packages" >"$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/borrowed.pth"
fi

export SEAM_STATE="$work/state" SEAM_SETTINGS="$work/settings.ini" QT_QPA_PLATFORM=offscreen
mkdir "$work/elsewhere" && cd "$work/elsewhere"
seam="$work/env/bin/seam"
"$seam" --version
"$python" -c 'from seam_core import demos; print(*map(demos.demo_folder, ("eve_hk", "intron_landscape")))'
"$seam" run --recipe landscape_tree --out tree --quiet
test -f tree/summary.json
"$work/env/bin/seam-gui" --demo eve_hk --screenshot picture.png --quit
test -s picture.png
echo "wheel: demos, a recipe and the window work from an empty folder"
