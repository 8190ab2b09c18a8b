"""The steps of `make run` (`python -m scripts.run`). What is done is not done again, so that a
second start takes seconds.

Only the standard library, since nothing may be installed yet.
"""

import os
import subprocess
import sys

from scripts import venv
from scripts.machine import ROOT, provide_libraries, provide_translator

# What `ibcr_portal.environment.adopt_setup` reads, so that `manage.py` works on the same portal.
SETUP = ROOT / "var" / "setup.env"
KEPT = ("PORT", "PORTAL_VAR", "SITE_URL", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "MEDIA_ROOT")


USE = "make run (PORT=8001 changes the port, DEMO=0 starts without the demonstration)"


def main() -> None:
    if sys.argv[1:]:  # somebody asks for help, or for what there is not
        sys.exit(f"This takes no options. Use: {USE}")
    os.chdir(ROOT)
    refuse_nonsense()  # before minutes of installing
    provide_libraries()
    provide_translator()
    venv.main("base")
    subprocess.run([venv.PYTHON, "scripts/catalogues.py", "compile"], check=True)
    os.environ["PORTAL_EMBEDDED"] = "1"
    write_setup()
    demo = ["--demo"] if os.environ.get("DEMO") != "0" else []
    os.execv(venv.PYTHON, [str(venv.PYTHON), "manage.py", "portal", "--tied", *demo])


def refuse_nonsense() -> None:
    port = os.environ.get("PORT") or "8000"
    if not port.isdecimal() or not 1 <= int(port) <= 65535:
        sys.exit(f"PORT is {port!r}: write a number from 1 to 65535, as in: make run PORT=8001")
    os.environ["PORT"] = port
    demo = os.environ.get("DEMO", "")
    if demo not in {"", "0", "1"}:
        sys.exit(f"DEMO is {demo!r}: write 0 to start without the demonstration: make run DEMO=0")


def write_setup() -> None:
    names = ["PORTAL_EMBEDDED", *(name for name in KEPT if os.environ.get(name))]
    SETUP.parent.mkdir(exist_ok=True)
    SETUP.touch(mode=0o600)  # an address may hold a password
    SETUP.write_text("".join(f"{name}={os.environ[name]}\n" for name in names))


if __name__ == "__main__":
    main()
