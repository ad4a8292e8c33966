"""Take the pictures of the window that README and the site show: `make screenshots`.

Each is the window of today on a demonstration, under Xvfb where that is installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

IMAGES = Path(__file__).parents[1] / "docs" / "images"
SIZE = "1440x900"

# file -> what the window is asked for
SHOTS = {
    "explore.png": ["--demo", "eve_hk", "--tab", "explore", "--theme", "light"],
    "clusters.png": ["--demo", "eve_hk", "--tab", "clusters", "--theme", "light"],
    "identify.png": ["--demo", "eve_hk", "--tab", "identify", "--theme", "light"],
    "landscape.png": ["--demo", "intron_landscape", "--tab", "explore", "--theme", "light"],
}


def take(file: Path, asked: list[str]) -> None:
    """One picture, with settings of its own, so that nobody's layout is in it."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "SEAM_STATE": f"{folder}/state",
            "SEAM_SETTINGS": f"{folder}/settings.ini",
        }
        environment.pop("QT_QPA_PLATFORM", None)
        command = [sys.executable, "-m", "seam_gui", *asked, "--size", SIZE]
        if shutil.which("xvfb-run"):
            command = ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24", *command]
        subprocess.run([*command, "--screenshot", str(file), "--quit"], env=environment, check=True)


def main() -> None:
    """All of them, or those named."""
    for name in sys.argv[1:] or SHOTS:
        take(IMAGES / name, SHOTS[name])
        print(f"docs/images/{name}")


if __name__ == "__main__":
    main()
