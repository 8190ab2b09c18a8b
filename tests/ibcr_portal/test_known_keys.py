"""Another key than the one with which the data were written is noticed, and a change by the manual is none."""

import pytest

from ibcr_portal.observing.machines import forget_state
from ibcr_portal.stored_files import accept_keys, note_keys, other_keys

pytestmark = pytest.mark.django_db

OTHER = "of another portal ".ljust(60, ".")


@pytest.fixture(autouse=True)
def noted():
    note_keys()
    forget_state()
    yield
    forget_state()


def test_keys_that_were_mixed_up_are_named_and_an_update_does_not_take_them(settings, client):
    assert other_keys() == []
    settings.ACCESS_LOG_KEY = settings.SECRET_KEY = OTHER
    note_keys()

    assert other_keys() == ["ACCESS_LOG_KEY", "SECRET_KEY"]
    answer = client.get("/health/ready").json()
    assert (answer["status"], answer["checks"]["keys"]) == ("degraded", {"status": "warn"})


def test_a_secret_key_that_was_changed_as_the_manual_says_is_followed(settings):
    former, settings.SECRET_KEY = settings.SECRET_KEY, OTHER
    settings.SECRET_KEY_FALLBACKS = [former]
    assert other_keys() == []
    note_keys()

    settings.SECRET_KEY_FALLBACKS = []  # two weeks later

    assert other_keys() == []
    settings.SECRET_KEY = former
    assert other_keys() == ["SECRET_KEY"]


def test_a_key_that_is_lost_for_ever_gives_way_to_the_present_one(settings):
    settings.ACCESS_LOG_KEY = OTHER
    accept_keys()

    assert other_keys() == []
