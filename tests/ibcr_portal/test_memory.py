"""What the processes of the portal import at their start: not what few requests need."""

import subprocess
import sys

import pytest
from django.conf import settings

from tests.conftest import environment

FEW_NEED = {
    *("PIL", "docx", "docxtpl", "fontTools", "icalendar", "jinja2", "openpyxl", "puremagic"),
    *("asn1crypto", "pyhanko", "pypdf", "qrcode", "rapidfuzz", "weasyprint", "zxcvbn"),
}
OURS = {"accounts", "committees", "kernel", "partners", "projects", "reports"}
PRINT = "; import sys; print(*{name.split('.')[0] for name in sys.modules})"


def imported_by(code):
    command = [sys.executable, "-c", code + PRINT]
    done = subprocess.run(
        command,
        cwd=settings.BASE_DIR,
        env=environment(),
        check=True,
        capture_output=True,
        text=True,
    )
    return set(done.stdout.split())


@pytest.mark.django_db
def test_a_web_process_has_imported_nothing_that_few_requests_need():
    imported = imported_by("import ibcr_portal.wsgi, ibcr_portal.urls")

    assert imported & FEW_NEED == set()
    assert imported >= OURS


@pytest.mark.django_db
def test_a_worker_has_imported_no_more_than_its_tasks_need():
    code = "from ibcr_portal.celery import app; app.loader.init_worker()"

    imported = imported_by(f"{code}; import sys; assert 'ibcr_portal.urls' not in sys.modules")

    assert imported & FEW_NEED == set()
    assert imported >= OURS


@pytest.mark.django_db
def test_the_scheduler_knows_nothing_of_the_portal_but_when_its_tasks_start():
    code = "from ibcr_portal.scheduler import app; app.loader.init_worker()"

    assert imported_by(f"{code}; assert app.conf.beat_schedule") & OURS == set()
