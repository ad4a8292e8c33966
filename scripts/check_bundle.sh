#!/usr/bin/env bash
# Tries an archive of `make bundle`: unpacked in an empty folder, without Python or this source in
# sight. Usage: check_bundle.sh ARCHIVE [PICTURE.png]
set -euo pipefail
archive=$(realpath "$1")
picture=$(realpath -m "${2:-$(dirname "$archive")/screenshot.png}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar -C "$work" -xzf "$archive"
cd "$work"

bare=(env -i HOME="$work" PATH=/usr/bin:/bin LANG=C.UTF-8 SEAM_STATE="$work/state" SEAM_SETTINGS="$work/settings.ini")
display=()
if command -v xvfb-run >/dev/null; then
    display=(xvfb-run -a -s "-screen 0 1600x1000x24")
fi
"${bare[@]}" seamscope/seam --version
"${bare[@]}" seamscope/seam demo toy --headless --quiet --out toy
"${bare[@]}" seamscope/seam run --recipe landscape_tree --quiet --out tree
test -f tree/summary.json
"${bare[@]}" "${display[@]}" seamscope/seam-gui --demo eve_hk --size 1440x900 --screenshot "$picture" --quit
test -s "$picture"
echo "bundle: demos, a recipe and the window work from an empty folder; $picture"
