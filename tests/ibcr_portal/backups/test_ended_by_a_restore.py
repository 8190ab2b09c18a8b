"""What was revoked after the backup stays revoked: a restore ends all that it may have been."""

import hashlib
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.checkpoints import own_checkpoints
from accounts.log_check import check_log
from accounts.models import AccessEvent, AccessLink
from accounts.models.factor_reset import FactorReset
from projects.calls.services.proposals import send_link
from projects.models import IatiPublication, Proposal, TeamInvitation
from reports.models import SharedLink
from tests.factories import ProposalFactory
from tests.ibcr_portal.backups.helpers import manage, wipe
from tests.reports.shelves import ready_file, standing_report
from tests.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.fixture
def world():
    return World()


@pytest.fixture
def given(world):
    """One of each thing that opens something; tokens where there are any."""
    by, person = world.people["coordinator"], world.people["partner"]
    rendition = ready_file(standing_report(world).snapshot, "fr", "donor")
    tokens = {
        "person": AccessLink.issue(person, "review_plan", world.plan, by=by)[1],
        "document": SharedLink.issue(
            rendition, label="Ministry", expires_at=timezone.now() + timedelta(days=9), by=by
        )[1],
        "proposal": send_link(ProposalFactory(call=world.call)),
    }
    TeamInvitation.objects.all().delete()
    TeamInvitation.objects.create(
        project=world.project,
        user=person,
        typed_name="x",
        typed_email="a@example.org",
        role="finance",
    )
    iati = default_storage.save("iati/a.xml", ContentFile(b"x"))
    digest = hashlib.sha256(b"x").hexdigest()
    IatiPublication.objects.create(project=world.project, file=iati, size=1, sha256=digest)
    FactorReset.objects.create(person=person, reason="x", asked_by=by)
    return tokens


def open_things(given) -> list[bool]:
    return [
        AccessLink.objects.opened_by(given["person"], "review_plan") is not None,
        SharedLink.objects.opened_by(given["document"]) is not None,
        TeamInvitation.objects.open().exists(),
        IatiPublication.objects.current().exists(),
        FactorReset.objects.open().exists(),
    ]


def revoke_all(given):
    AccessLink.objects.all().revoke(by=None)
    for link in SharedLink.objects.all():
        link.revoke()
    TeamInvitation.objects.update(outcome="withdrawn", ended_at=timezone.now())
    IatiPublication.objects.update(ended_at=timezone.now())
    FactorReset.objects.update(ended_at=timezone.now())


def test_what_was_revoked_since_opens_nothing_again(given, folder):
    assert open_things(given) == [True] * 5
    manage("backup", f"{folder}/p.backup", "--plain")
    revoke_all(given)
    wipe()

    said = manage("restore", f"{folder}/p.backup")

    assert open_things(given) == [False] * 5
    (line,) = (each for each in said.splitlines() if each.startswith("Links and the like"))
    for what in ("links of persons", "links to documents", "invitations to a team"):
        assert what in line
    revoked = AccessEvent.objects.filter(kind=AccessEvent.Kind.LINK_REVOKED, key=None)
    assert revoked.exists()
    assert check_log(own_checkpoints()).is_whole


def test_a_restore_that_is_interrupted_leaves_nothing_open(given, folder, tmp_path, settings):
    manage("backup", f"{folder}/p.backup", "--plain")
    wipe()
    (tmp_path / "file").touch()
    settings.ACCESS_LOG_CHECKPOINTS = tmp_path / "file" / "checkpoints.jsonl"  # cannot be written

    with pytest.raises(OSError, match="file"):
        manage("restore", f"{folder}/p.backup")

    assert AccessLink.objects.exists()  # the rows are there
    assert open_things(given) == [False] * 5


def test_whoever_has_no_account_still_reaches_a_proposal(world, given, folder):
    manage("backup", f"{folder}/p.backup", "--plain")
    wipe()
    manage("restore", f"{folder}/p.backup")

    assert Proposal.objects.opened_by(given["proposal"])


def test_links_stay_where_nothing_can_have_been_revoked(given, folder):
    manage("backup", f"{folder}/p.backup", "--plain")
    wipe()
    events = AccessEvent.objects.count()

    said = manage("restore", f"{folder}/p.backup", "--keep-links")

    assert open_things(given) == [True] * 5
    assert events == 0 < AccessEvent.objects.count()
    assert "Links and the like that were ended                     0  all right" in said
