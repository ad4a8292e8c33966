#!/usr/bin/env bash
# Builds the documentation site into build/site, in an environment of its own (.venv-docs). A link
# that leads nowhere, or a page that no menu names, stops it.
# `--tutorials [NAME ...]` runs the notebooks of docs/tutorials instead and keeps what they show; one
# that fails stops it. They run in the same environment, which borrows what the application needs.
set -euo pipefail
cd "$(dirname "$0")/.."

wanted=$(.venv/bin/python -c "from seam_core.product import requirements_of; print(*requirements_of('docs'), sep='\n')")
[ -x .venv-docs/bin/python ] || .venv/bin/python -m venv .venv-docs
if [ "$(cat .venv-docs/.seam-docs 2>/dev/null)" != "$wanted" ]; then
    .venv-docs/bin/python -m pip install --quiet --disable-pip-version-check -r /dev/stdin <<<"$wanted"
    echo "$wanted" >.venv-docs/.seam-docs
fi
if [ "${1:-}" = "--tutorials" ]; then
    packages=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    PYTHONPATH="$PWD" BORROWED="$packages" .venv-docs/bin/python scripts/tutorials.py "${@:2}"
    exit
fi
# not --quiet: warnings that are not printed are not counted either, and nothing would stop
NO_MKDOCS_2_WARNING=1 .venv-docs/bin/python -m mkdocs build --strict
echo "docs: build/site/index.html"
