"""Write the images of docker-compose.yml with their digests, as lines for `.env`.

    python3 scripts/pin_images.py >> .env     asks the registry for each tag

A tag may mean another image tomorrow, a digest never does. Only the standard library.
"""

import re
import subprocess
import sys
from pathlib import Path

COMPOSE = Path(__file__).resolve().parent.parent / "docker-compose.yml"


def main() -> None:
    failed = False
    for name, image in images():
        try:
            print(f"{name}={image.partition('@')[0]}@{digest_of(image)}")
        except LookupError as error:
            failed = True
            print(f"{image} was not found: {error}", file=sys.stderr)
    sys.exit(failed)


def images() -> list[tuple[str, str]]:
    """The names and values of `.env` that docker-compose.yml proposes for images of others."""
    found = re.findall(r"\$\{([A-Z_]+_IMAGE):-([^}]+)\}", COMPOSE.read_text("utf-8"))
    return list(dict.fromkeys(found))


def digest_of(image: str) -> str:
    """Of the image for all architectures, as the registry has it now."""
    command = ["docker", "buildx", "imagetools", "inspect", image]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LookupError(error) from None
    found = re.search(r"^Digest:\s+(sha256:[0-9a-f]{64})$", done.stdout, re.MULTILINE)
    if not found:
        raise LookupError(done.stderr.strip().splitlines()[-1:] or "no digest")
    return found[1]


if __name__ == "__main__":
    main()
