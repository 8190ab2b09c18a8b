import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.files.storage import default_storage

from ibcr_portal.backups.encryption import new_identity


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    """Where this portal keeps its files, and where its backups go."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MAILBOX = tmp_path / "mail"
    settings.ERASURES = tmp_path / "erasures.jsonl"
    settings.ACCESS_LOG_CHECKPOINTS = tmp_path / "checkpoints.jsonl"
    settings.BACKUP_TARGET = ""
    settings.BACKUP_RECIPIENTS = []
    yield
    ContentType.objects.clear_cache()  # a restore that was rolled back had others


@pytest.fixture
def identity(tmp_path):
    return tmp_path / "identity.txt"


@pytest.fixture
def recipient(identity):
    return new_identity(identity)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "backups"


@pytest.fixture
def media(own_files):
    return default_storage
