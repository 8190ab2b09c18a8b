"""What came online needs no evidence, whatever kind of answer it is."""

import pytest
from django.apps import apps

from committees.models import ProgressNote
from kernel.channel import ONLINE, Channel

RULE = "_entered_with_evidence"


@pytest.mark.django_db
def test_answers_that_came_online_need_no_evidence_in_any_table():
    rules = {
        rule.name: rule.condition
        for model in apps.get_models()
        for rule in model._meta.constraints
        if rule.name.endswith(RULE)
    }

    free = {
        name: {
            channel
            for channel in Channel
            if rule.check({"channel": channel, "evidence": "", "answer": "accepted"})
        }
        for name, rule in rules.items()
    }

    assert len(free) >= 8
    assert free == dict.fromkeys(free, ONLINE)


@pytest.mark.parametrize("channel", Channel)
def test_a_progress_note_was_entered_for_somebody_unless_it_came_online(channel):
    assert ProgressNote(channel=channel).was_entered_for_it is (channel not in ONLINE)
