#!/usr/bin/env bash
# Builds the application with its own Python, as one folder and one archive in build/bundle, and tries
# the archive as a user without Python would: unpacked elsewhere, in a bare environment, under Xvfb.
# It is built in .venv-bundle, which holds the wheel and PyInstaller (BUNDLE_ENV names another one
# that has what the wheel requires). Ten minutes; 2 GB.
set -euo pipefail
cd "$(dirname "$0")/.."
env=${BUNDLE_ENV:-.venv-bundle}
out=build/bundle
extras="cluster,motifs,batch,variants"

rm -rf "$out" && mkdir -p "$out"
.venv/bin/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir "$out/wheel" .
rm -rf build/lib build/bdist.*
[ -e "$env" ] || .venv/bin/python -m venv "$env"
python=$(echo "$env"/bin/python "$env"/Scripts/python.exe | tr ' ' '\n' | while read -r file; do
    if [ -x "$file" ]; then echo "$file"; fi
done)
wheel=$(echo "$out"/wheel/*.whl)
"$python" -m pip install --quiet --disable-pip-version-check "$wheel[$extras]" "pyinstaller>=6.10"
"$python" -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall "$wheel"

# from a folder without our source, so that what is packed is what the wheel installed
python=$(realpath -s "$python")
(cd packaging/bundle && "$python" -m PyInstaller --noconfirm --log-level ERROR \
    --distpath "../../$out" --workpath "../../$out/work" seamscope.spec)
version=$("$python" -c 'import seam_core; print(seam_core.__version__)')
archive="$out/seamscope-$version-$(uname -s | tr '[:upper:]' '[:lower:]')-$(uname -m).tar.gz"
tar -C "$out" -I "gzip -1" -cf "$archive" seamscope
rm -rf "$out/work"
echo "bundle: $out/seamscope, $(du -sm "$out/seamscope" | cut -f1) MB; $archive, $(du -m "$archive" | cut -f1) MB"

bash scripts/check_bundle.sh "$archive"
