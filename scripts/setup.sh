#!/usr/bin/env bash
# Makes .venv in the project's root with everything the application needs; with --with-tests also
# what the tests need. Fast when there is nothing to do.
set -euo pipefail
cd "$(dirname "$0")/.."

extras="cluster,motifs,batch,variants"
[ "${1:-}" = "--with-tests" ] && extras="$extras,dev"

die() { printf '\nsetup: %s\n' "$*" >&2; exit 1; }

is_root() { [ "$(id -u)" = 0 ]; }

# Debian packages: installed when we are root, named with the command otherwise.
apt_need() {
    command -v apt-get >/dev/null || die "these system libraries are missing: $*"
    if is_root; then
        echo "setup: installing the system packages $*"
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null
    else
        die "system packages are missing. Install them, then run this again:
    sudo apt-get update && sudo apt-get install -y $*"
    fi
}

python_fits() {
    "$1" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.10; do
        if command -v "$candidate" >/dev/null && python_fits "$candidate"; then
            echo "$candidate"
            return
        fi
    done
}

# Qt's wheels expect a few libraries of the system; Debian's slim images and servers lack them.
QT_LIBRARIES="libGL.so.1 libgthread-2.0.so.0 libfontconfig.so.1 libfreetype.so.6 libdbus-1.so.3 libX11.so.6
    libX11-xcb.so.1 libxkbcommon.so.0 libxkbcommon-x11.so.0 libxcb.so.1 libxcb-icccm.so.4 libxcb-image.so.0
    libxcb-keysyms.so.1 libxcb-randr.so.0 libxcb-render.so.0 libxcb-render-util.so.0 libxcb-shape.so.0
    libxcb-shm.so.0 libxcb-sync.so.1 libxcb-xfixes.so.0 libxcb-xinerama.so.0 libxcb-xkb.so.1"

# The Debian packages of libraries, by Debian's rule: libGL.so.1 is in libgl1, libX11.so.6 in libx11-6.
packages_of() {
    local name
    for name in "$@"; do
        case $name in
            libgthread-2.0.so.0 | libglib-2.0.so.0) echo libglib2.0-0 ;;
            *[0-9].so.*) echo "${name/.so./-}" ;;
            *) echo "${name/.so./}" ;;
        esac
    done | tr '[:upper:]' '[:lower:]' | sort -u | tr '\n' ' '
}

# What the system's linker does not know, where it can be asked: to name all at once, before pip is there.
qt_libraries_unknown() {
    local known name
    known=$(PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null) || return 0
    for name in $QT_LIBRARIES; do
        [[ $known == *"$name "* ]] || echo "$name"
    done
}

check_qt_libraries() {
    [ "$(uname)" = Linux ] || return 0
    local qt missing
    qt=$(.venv/bin/python -c 'import importlib.util as u; print(u.find_spec("PyQt5").submodule_search_locations[0])')
    missing=$(ldd "$qt"/Qt5/lib/libQt5Widgets.so.5 "$qt"/Qt5/plugins/platforms/libqxcb.so 2>/dev/null |
        awk '/not found/ && !/libQt5/ {print $1}' | sort -u)
    # shellcheck disable=SC2046,SC2086  # lists of names
    [ -z "$missing" ] || apt_need $(packages_of $missing)
}

make_venv() {
    local python
    python=$(find_python)
    if [ -z "$python" ]; then
        [ "$(uname)" = Darwin ] && die "Python 3.10 to 3.13 is needed. Install it with: brew install python@3.12"
        apt_need python3 python3-venv
        python=$(find_python)
        [ -n "$python" ] || die "Python 3.10 to 3.13 is needed; PYTHON=/path/to/python names one"
    fi
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        # shellcheck disable=SC2046  # lists of names
        apt_need "python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv" \
            $(packages_of $(qt_libraries_unknown))
    fi
    echo "setup: making .venv with $("$python" --version)"
    "$python" -m venv .venv
    case "$(uname)" in
        MINGW* | MSYS*) cmd //c 'mklink /J .venv\bin .venv\Scripts' ;; # one path on all systems
    esac
}

[ -x .venv/bin/python ] || make_venv

stamp=".venv/.seam-setup"
wanted="$extras $(cat pyproject.toml scripts/setup.sh | cksum) $(pwd)"
if ! grep -qxF "$wanted" "$stamp" 2>/dev/null; then
    echo "setup: installing packages (about 2 GB the first time, a few minutes)"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --upgrade pip
    # setuptools warns at length that the installation is editable, which is what we want
    # modules are compiled when they are first imported, most of them never
    PYTHONWARNINGS=ignore .venv/bin/python -m pip install --quiet --disable-pip-version-check \
        --no-compile -e ".[$extras]" ||
        die "pip could not install the packages; the lines above say why"
    # by itself: macs3, which it names and its networks do not use, has to be compiled
    [ "${1:-}" != "--with-tests" ] ||
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps "bpnet-lite>=1.1"
    echo "$wanted" >>"$stamp"
    # with the tests' packages, what the application alone needs is there too
    echo "${wanted/,dev /" "}" >>"$stamp"
fi
check_qt_libraries
