"""Renders one document in a process that starts for it: `python -m bench.cold OPTIONS`.

The portal forks from a process that is warm; raw and naive WeasyPrint have none.
"""

import json
import os
import sys

from reports.render import main
from reports.sandbox import limited

if __name__ == "__main__":
    sys.exit(limited(json.loads(sys.argv[1]) | {"parent": os.getppid()}, main))
