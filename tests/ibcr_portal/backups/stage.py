"""What the rehearsal starts in processes of their own: `dump` writes down every value of a portal, and
`write` goes on writing until a file appears."""

import hashlib
import json
import os
import sys
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ibcr_portal.settings")
django.setup()

from django.core.files.base import ContentFile  # noqa: E402
from django.core.files.storage import default_storage  # noqa: E402
from django.db import transaction  # noqa: E402

from accounts.models import AccessEvent, User  # noqa: E402
from committees.models import Document, Meeting  # noqa: E402
from ibcr_portal.backups.tables import file_columns, moment  # noqa: E402
from kernel.files import CheckedFile  # noqa: E402
from tests.ibcr_portal.backups.helpers import content  # noqa: E402


def dump(path: str) -> None:
    with moment() as now:
        names = [name for name, _sha256 in now.files(file_columns())]
    files = {}
    for name in names:
        with default_storage.open(name) as file:
            files[name] = hashlib.sha256(file.read()).hexdigest()
    Path(path).write_text(json.dumps({"rows": content(), "files": files}, sort_keys=True))


def write(stop: str) -> None:
    person, meeting = User.objects.order_by("pk").first(), Meeting.objects.order_by("pk").first()
    number = 0
    while not Path(stop).exists():
        number += 1
        text = ContentFile(f"Paper {number}\n".encode() * 500, "a.txt")
        digest = hashlib.sha256(text.read()).hexdigest()
        text.seek(0)
        with transaction.atomic():
            AccessEvent.record(AccessEvent.Kind.SIGN_IN, user=person, method="code")
            paper = Document(meeting=meeting, committee=meeting.committee, title=f"Paper {number}")
            paper.keep(CheckedFile(text, "a.txt", "txt", text.size, digest))
            paper.save()
        time.sleep(0.05)
    Path(stop).write_text(str(number))


if __name__ == "__main__":
    {"dump": dump, "write": write}[sys.argv[1]](sys.argv[2])
