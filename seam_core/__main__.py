"""`python -m seam_core`: the `seam` command."""

import sys

from seam_core.cli import main

sys.exit(main())
