"""``python -m xproj_fast``."""

import sys

from xproj_fast.cli import main

sys.exit(main())
