"""Each promise of the privacy page has a test that proves it: the table below names them.

A sentence that is added to the page, or changed there, fails until it is in the table with its
tests, or among the few that promise nothing.
"""

import ast
import re
from datetime import timedelta
from functools import cache
from pathlib import Path

import lxml.html
import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.hashers import identify_hasher
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.utils import timezone, translation

from accounts.models import AccessEvent, AccessLink, FactorReset, OutgoingMail, User
from accounts.retention import apply_retention, retention_rules
from ibcr_portal import settings as portal_settings
from ibcr_portal.models import Consent, PersonRequest
from ibcr_portal.models.persons import REGISTER_YEARS
from kernel.events import pseudonym
from kernel.logs import JsonFormatter
from partners.models import Contact
from projects.amendments.periods import months_later
from tests.accounts.doors import LOGIN, sign_in
from tests.factories import UserFactory
from tests.world import World

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).parent.parent.parent
HERE = "tests/ibcr_portal/test_privacy_promises.py"
PERSONS = "tests/ibcr_portal/test_persons.py"
FORGETTING = "tests/ibcr_portal/test_forgetting.py"
SESSIONS = "tests/accounts/test_web_sessions.py"
RECORDED = "tests/accounts/test_recorded.py"
PROFILE = "tests/accounts/test_profile.py"
KEPT = "tests/browser/test_kept.py"

PROMISES = {
    "This portal never holds data on victims, on cases or on allegations.": [
        "tests/test_forms.py::test_every_form_in_which_people_type_asks_about_personal_data",
        "tests/kernel/test_personal.py::test_what_may_identify_a_person_is_pointed_out",
    ],
    "To report a concern, use the address at the foot of the page.": [
        f"{HERE}::test_the_addresses_to_write_to_are_on_the_page",
    ],
    "Questions, corrections and requests about your data: privacy@example.org.": [
        f"{HERE}::test_the_addresses_to_write_to_are_on_the_page",
    ],
    "Your account: name, e-mail address, language, time zone, and how you sign in.": [
        f"{HERE}::test_the_page_names_all_that_is_stored_about_a_person",
    ],
    "A password is kept only as a hash.": [
        f"{HERE}::test_a_password_is_kept_only_as_a_hash",
    ],
    "Your work: the institution you represent, your title and telephone, your sex for "
    "the counts, seats you hold or stand in for, meetings you attended, and what you "
    "wrote or decided there.": [
        f"{HERE}::test_the_page_names_all_that_is_stored_about_a_person",
        f"{PERSONS}::test_the_page_says_in_words_what_the_rows_say",
    ],
    "Your sessions: since when, from which network address and with which browser you "
    "are signed in.": [
        f"{SESSIONS}::test_people_see_their_own_sessions",
    ],
    "Only you see them, under “My account”; they are deleted within a day after they end.": [
        f"{HERE}::test_nobody_else_sees_the_sessions_of_a_person",
        f"{SESSIONS}::test_nobody_ends_the_session_of_another",
        f"{SESSIONS}::test_what_ended_is_forgotten_at_night",
        f"{SESSIONS}::test_what_nobody_came_back_to_is_forgotten_at_night",
    ],
    "Your access: when you signed in or failed to, which access you were given, which "
    "pages you were refused, and which documents you downloaded or exported.": [
        "tests/accounts/test_sign_in.py::test_a_sign_in_is_logged_and_marks_no_news_as_read",
        f"{RECORDED}::test_a_wrong_password_is_recorded_with_its_person",
        f"{RECORDED}::test_what_somebody_may_not_do_is_recorded",
        "tests/projects/test_representations.py::test_the_log_says_who_granted_what_to_whom",
        f"{PERSONS}::test_everybody_sees_what_the_portal_knows_about_them",
    ],
    "Neither your network address nor your device is recorded there.": [
        f"{HERE}::test_the_access_log_knows_neither_address_nor_device",
    ],
    "The log of the server, to find faults and attacks: each request, with a pseudonym in place of "
    "your name.": [
        f"{HERE}::test_the_log_of_the_portal_has_a_pseudonym_and_neither_address_nor_device",
    ],
    "The web server or a proxy may note its network address and browser as well.": [
        f"{HERE}::test_the_log_of_the_web_server_names_nobody",
    ],
    "Published documents count people by sex and kind of institution.": [
        "tests/reports/test_composing.py::test_small_numbers_of_persons_are_not_told_outside",
        "tests/projects/test_suppression.py::test_nothing_that_is_shown_is_small",
    ],
    "They name seats, not persons; children and adolescents are never named.": [
        "tests/committees/test_minutes.py::test_they_say_what_was_recorded_and_name_seats_never_persons",
        "tests/committees/test_minutes_sealed.py::test_a_minor_or_a_pseudonymous_person_is_not_named_in_the_annex",
        "tests/partners/test_contacts.py::test_a_contact_that_cannot_be_is_refused",
        "tests/reports/test_composing.py::test_names_remarks_and_notes_never_enter_any_document",
        "tests/reports/test_leaks.py::test_nobody_finds_what_is_not_theirs",
        "tests/reports/test_papers.py::test_nobody_gets_a_certificate_for_who_may_not_be_named",
        "tests/reports/test_sharing.py::test_no_document_with_names_of_persons_is_given",
    ],
    "The coordination of your project sees your contact data; its team and the people of your "
    "institution see your name.": [
        "tests/partners/test_contacts.py::test_addresses_are_for_the_coordination_and_colleagues_see_names",
        "tests/partners/test_contacts.py"
        "::test_the_coordination_of_another_project_of_the_institution_sees_nobody_of_this_one",
    ],
    "Other members see your name only if you agreed.": [
        "tests/test_named_persons.py::test_pages_name_nobody_to_people_outside_the_team",
        "tests/committees/test_attendance.py::test_names_are_shown_by_need",
        "tests/committees/test_committee.py::test_names_in_the_composition_are_shown_by_need",
        "tests/committees/test_minutes.py::test_reserved_items_and_names_are_for_few",
    ],
    "Donors see numbers.": [
        "tests/test_named_persons.py::test_pages_name_nobody_to_people_outside_the_team",
        "tests/committees/test_committee.py::test_names_in_the_composition_are_shown_by_need",
        "tests/reports/test_leaks.py::test_nobody_finds_what_is_not_theirs",
    ],
    "Nothing is sold, and no other service receives your data: fonts, scripts and "
    "pictures come only from this portal.": [
        f"{HERE}::test_pages_load_nothing_from_elsewhere",
        f"{HERE}::test_messages_load_nothing",
    ],
    "The portal sets five cookies: one that keeps you signed in, one that protects "
    "forms, one for your language, one that carries a word such as “Saved” to the next "
    "page, and one, for 400 days, by which it recognises a browser on which you signed "
    "in before.": [
        f"{HERE}::test_there_are_five_cookies",
        "tests/accounts/test_devices.py::test_the_cookie_is_for_this_portal_alone",
    ],
    "It does not measure or follow anybody.": [
        "tests/test_access.py::test_every_role_gets_what_the_table_says",  # no GET writes a row
        f"{HERE}::test_pages_load_nothing_from_elsewhere",
        f"{HERE}::test_no_script_reports_what_a_person_does",
    ],
    "What you searched for stays in your own browser for a week, or until you sign out "
    "there; the log of the server leaves it out.": [
        "tests/browser/test_search.py::test_recent_searches_stay_on_the_device_until_sign_out",
        "tests/ibcr_portal/test_search_page.py::test_the_log_leaves_out_what_was_searched_for",
    ],
    "A search that you save is kept for you alone until you remove it.": [
        "tests/ibcr_portal/test_search_page.py::test_a_search_is_saved_once_for_its_owner_alone",
    ],
    "A text that you typed and did not save stays in your own browser until you sign out "
    "there; after a week, the next page you open there deletes it.": [
        "tests/browser/test_typed.py::test_signing_out_forgets_what_was_typed_in_every_window",
        "tests/browser/test_typed.py::test_what_is_a_week_old_is_deleted",
        "tests/browser/test_session.py::test_signing_out_leaves_no_notes_behind",
    ],
    "What you sent after your session had ended is kept with the session, for you alone.": [
        f"{SESSIONS}::test_what_was_sent_too_late_is_shown_to_the_same_person",
        f"{SESSIONS}::test_what_was_sent_too_late_is_not_shown_to_the_next_person",
    ],
    "A page that you keep on your phone stays there for at most 14 days, or until the link "
    "expires, you press “Remove” or you sign out.": [
        f"{KEPT}::test_remove_and_fourteen_days_remove_everything",
        f"{KEPT}::test_what_is_kept_goes_with_the_link_and_what_was_typed_stays",
        f"{KEPT}::test_signing_out_removes_everything_and_asks_first",
    ],
    "Whoever has the phone can read it.": [
        f"{KEPT}::test_a_plan_opens_without_a_connection_and_its_address_has_no_token",
    ],
    "It holds nothing of other institutions.": [
        f"{KEPT}::test_nothing_of_other_partners_is_stored",
    ],
    "You can see what is stored about you, take it elsewhere as a file, have it "
    "corrected, and ask for its removal.": [
        f"{PERSONS}::test_everybody_sees_what_the_portal_knows_about_them",
        f"{PERSONS}::test_a_request_reaches_administrators_with_its_day",
        f"{PERSONS}::test_each_promise_of_the_privacy_page_has_its_button",
    ],
    "You will receive an answer within 30 days.": [
        f"{PERSONS}::test_a_request_reaches_administrators_with_its_day",
    ],
    "If you only use links, a code is sent to your e-mail address first.": [
        f"{PERSONS}::test_who_only_uses_links_gets_a_code_first",
    ],
    "If the portal does not have your address, write to the one above; the answer takes "
    "no longer.": [
        f"{HERE}::test_a_request_without_an_account_has_the_same_day",
    ],
    "After a removal, what you did is kept under a pseudonym.": [
        f"{FORGETTING}::test_forgetting_leaves_no_trace",
        f"{PERSONS}::test_the_preview_shows_every_place_and_the_button_forgets",
    ],
    "What a law or an agreement requires, such as signatures and accounts, is locked "
    "away until its period ends.": [
        f"{FORGETTING}::test_what_the_law_requires_is_locked_away_encrypted",
        f"{FORGETTING}::test_a_signed_agreement_is_locked_away_and_another_file_is_replaced",
        f"{PERSONS}::test_what_is_locked_away_is_opened_by_administrators_and_logged",
    ],
    "If a court or an audit needs your data, removal and deletion wait "
    "until they are no longer needed.": [
        f"{FORGETTING}::test_a_hold_stops_forgetting",
        f"{PERSONS}::test_a_hold_is_placed_and_lifted_and_stops_deletion",
    ],
    "Copies that others downloaded and backups remain until they are replaced; after a backup is "
    "restored, you are forgotten again.": [
        f"{FORGETTING}::test_an_older_database_forgets_again",
        "tests/ibcr_portal/test_forgetting_dumps.py"
        "::test_nothing_is_left_even_after_an_older_dump_is_restored",
    ],
    "You can change your name, language and time zone yourself under “My account”.": [
        f"{PROFILE}::test_saving_answers_in_the_language_chosen",
    ],
}

# How long each kind of data is kept, by the key of its rule.
PERIODS = {
    "sessions": [
        f"{SESSIONS}::test_the_limit_of_two_weeks_holds_for_those_who_come_every_hour",
        f"{SESSIONS}::test_what_ended_is_forgotten_at_night",
    ],
    "links": [
        "tests/accounts/test_links.py::test_a_link_opens_until_the_moment_at_which_it_expires",
        f"{HERE}::test_what_is_over_goes_at_night",
    ],
    "lost-factors": [f"{HERE}::test_what_is_over_goes_at_night"],
    "mail": [
        "tests/accounts/test_outbox.py"
        "::test_a_message_waits_in_the_outbox_then_is_sent_and_its_words_forgotten",
        "tests/accounts/test_outbox.py"
        "::test_the_words_of_what_was_not_sent_are_forgotten_after_some_days",
        f"{HERE}::test_what_is_over_goes_at_night",
    ],
    "incoming-mail": [
        "tests/accounts/test_mail_in.py::test_rows_are_forgotten_after_their_days",
    ],
    "unnamed-files": [
        "tests/kernel/test_quarantine.py"
        "::test_files_are_deleted_after_thirty_days_unless_they_belong_elsewhere"
    ],
    "form-drafts": ["tests/accounts/test_drafts.py::test_old_drafts_are_deleted"],
    "sent-forms": ["tests/kernel/test_sent_forms.py::test_what_nobody_sends_again_is_forgotten"],
    "access-log": [
        "tests/accounts/test_access_log.py::test_events_stay_as_long_as_the_records_of_a_project",
    ],
    "proposals": [
        "tests/projects/test_calls.py"
        "::test_who_proposed_in_vain_is_remembered_through_the_last_day_of_the_term",
    ],
    "invitations": [
        "tests/projects/test_work.py::test_invitations_are_forgotten_a_while_after_their_end",
    ],
    "attendance": [
        "tests/committees/test_minutes_sealed.py::test_names_are_destroyed_years_after_the_project",
    ],
    "documents": [
        "tests/reports/test_producing.py::test_old_drafts_go_and_signed_documents_stay",
    ],
    "archives": [
        "tests/reports/test_archives.py"
        "::test_archives_pass_after_some_days_and_their_files_with_them",
    ],
    "attendance-reports": [
        "tests/committees/test_attendance_import.py::test_a_file_is_forgotten_after_a_day",
    ],
    "filed-documents": [
        "tests/reports/test_filing.py::test_the_number_of_what_was_removed_is_not_given_again",
    ],
    "final-documents": [
        "tests/reports/test_producing.py::test_old_drafts_go_and_signed_documents_stay",
        "tests/committees/test_minutes.py::test_they_say_what_was_recorded_and_name_seats_never_persons",
    ],
    "account": [
        f"{PERSONS}::test_the_preview_shows_every_place_and_the_button_forgets",
        "tests/accounts/test_sign_in.py::test_who_is_inactive_does_not_come_in",
    ],
    "registers": [f"{HERE}::test_what_is_over_goes_at_night"],
    "incidents": [f"{FORGETTING}::test_a_hold_keeps_what_is_locked_away_and_incidents"],
    "locked-away": [f"{FORGETTING}::test_a_hold_keeps_what_is_locked_away_and_incidents"],
}

PROMISE_NOTHING = {
    "Do not type such data and do not attach files that contain them.",
    "This portal is run by The office of the tests, 1 Example Road, to govern its projects with "
    "partner institutions and to report on them to donors.",
    "The operator of the server deletes it.",  # the portal cannot
    "You can also turn to the data protection authority of your country.",
}


@pytest.fixture(autouse=True)
def in_english(client):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def world():
    return World()


@pytest.fixture
def page(client):
    return lxml.html.fromstring(client.get("/privacy/").content.decode())


# The table


def test_every_sentence_of_the_page_is_in_the_table(page):
    for title in page.xpath("//main//div[contains(@class, 'alert')]//b"):
        title.drop_tree()
    content = page.xpath(
        "//main//section//p | //main//section//li | //main//div[contains(@class, 'alert')]/div"
    )
    texts = [" ".join(each.text_content().split()) for each in content]
    sentences = {one for text in texts for one in re.split(r"(?<=\.) (?=[A-Z])", text)}

    assert sentences == set(PROMISES) | PROMISE_NOTHING


def test_every_period_is_in_the_table():
    assert {rule.key for rule in retention_rules()} == set(PERIODS)


def test_every_test_of_the_table_exists():
    named = {test for tests in [*PROMISES.values(), *PERIODS.values()] for test in tests}

    assert [test for test in sorted(named) if not exists(*test.split("::"))] == []


def exists(path: str, name: str) -> bool:
    return name in functions_of(path)


@cache
def functions_of(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


# What is stored

# What the page calls each column about a person; None for what says nothing about them.
STORED = {
    User: {
        "full_name": "name",
        "email": "e-mail address",
        "language": "language",
        "time_zone": "time zone",
        "password": "password",
        "news_read_until": "account",
        "returned_address": "e-mail address",
        "returned_at": "account",
        "last_login": "when you signed in",
        "devices_forgotten_at": "sessions",
        **dict.fromkeys(["is_staff", "is_superuser"], "which access you were given"),
        **dict.fromkeys(["is_active", "date_joined", "titles_in_mail"], "account"),
    },
    Contact: {
        "institution": "institution you represent",
        "full_name": "name",
        "title": "title",
        "email": "e-mail address",
        "phone": "telephone",
        "language": "language",
        "sex": "sex",
        "is_minor": "children and adolescents",
        "is_pseudonymous": "pseudonym",
        "may_be_named": "if you agreed",
        "user": "account",
        "ended_on": "work",
    },
}


def test_the_page_names_all_that_is_stored_about_a_person(page):
    text = " ".join(page.xpath("//main")[0].text_content().split())

    for model, columns in STORED.items():
        assert {field.name for field in model._meta.concrete_fields} - {"id"} == set(columns)
        assert [words for words in columns.values() if words not in text] == []


def test_a_password_is_kept_only_as_a_hash(client):
    assert "PASSWORD_HASHERS" not in vars(portal_settings)  # Django's own: PBKDF2
    person = UserFactory()
    words = ["une longue phrase inconnue", "une autre longue phrase"]
    person.set_password(words[0])
    person.save()

    sign_in(client, person.email, words[1])
    sign_in(client, person.email, words[0])
    client.post(
        "/accounts/password/change/",
        {"oldpassword": words[0], "password1": words[1], "password2": words[1]},
    )

    person.refresh_from_db()
    assert person.check_password(words[1])
    assert identify_hasher(person.password)
    everything = whole_database()
    assert person.email in everything
    assert [each for each in words if each in everything] == []


def whole_database() -> str:
    call_command("dumpdata", output=(target := settings.VAR / "dump.json"), verbosity=0)
    text = target.read_text()
    target.unlink()
    opened = [str(each.get_decoded()) for each in Session.objects.all()]
    return "\n".join([text, *opened])


ADDRESS, BROWSER = "203.0.113.77", "Mozilla/5.0 (Zyqphone; rv:140.0) Firefox/140.0"


def from_elsewhere() -> Client:
    return Client(REMOTE_ADDR=ADDRESS, headers={"user-agent": BROWSER})


def test_nobody_else_sees_the_sessions_of_a_person(client, world):
    member = world.people["member"]
    sign_in(from_elsewhere(), member.email)
    assert UserSession.objects.get(user=member).ip == ADDRESS
    assert "usersessions" not in client.get("/admin/").content.decode()
    pages = [
        f"/persons/of/u{member.pk}/",
        f"/persons/of/u{member.pk}/file/",
        "/access-log/",
        "/people/me/sessions/",
        f"/admin/accounts/user/{member.pk}/change/",
        "/admin/",
        "/admin/usersessions/usersession/",
    ]

    for role in ("administrator", "auditor", "coordinator"):
        client.force_login(world.people[role])
        for address in pages:
            answer = client.get(address)
            text = b"".join(answer) if answer.streaming else answer.content
            assert ADDRESS not in text.decode(), (role, address)
            assert "Zyqphone" not in text.decode(), (role, address)
    assert client.get("/admin/usersessions/usersession/").status_code in {302, 404}


def test_the_access_log_knows_neither_address_nor_device(world):
    member, browser = world.people["member"], from_elsewhere()
    sign_in(browser, member.email, "not the password")
    sign_in(browser, member.email)
    browser.get(f"/projects/{world.neighbour.code}/")
    browser.get("/people/me/data/file/")
    AccessLink.issue(member, "calendar", member, by=member)

    kinds = set(AccessEvent.objects.values_list("kind", flat=True))
    rows = str(list(AccessEvent.objects.values()))
    assert kinds >= {"sign_in", "sign_in_failed", "refused", "link_issued"}
    assert [words for words in (ADDRESS, "Zyqphone", "Firefox") if words in rows] == []


def test_the_log_of_the_portal_has_a_pseudonym_and_neither_address_nor_device(world, caplog):
    """The page says that only the web server or a proxy may note these."""
    caplog.set_level("INFO", logger="portal.web")
    member, browser = world.people["member"], from_elsewhere()
    browser.force_login(member)
    browser.get("/news/")

    (facts,) = (record.facts for record in caplog.records if record.name == "portal.web")
    assert (facts["view"], facts["user"]) == ("news", pseudonym(member.pk))
    written = JsonFormatter().format(caplog.records[-1])
    assert [words for words in (ADDRESS, "Zyqphone", "Firefox") if words in written] == []
    assert [words for words in (member.full_name, member.email) if words in written] == []


def test_the_log_of_the_web_server_names_nobody():
    """Cookies and the body of a request would say who sends it."""
    from gunicorn.config import Config  # noqa: PLC0415

    said = set(re.findall(r"%\(([^)]+)\)s", Config().access_log_format))

    assert said == {"h", "l", "u", "t", "r", "s", "b", "f", "a"}
    assert "access_log_format" not in (ROOT / "ibcr_portal/web_server.py").read_text()
    assert "access-logformat" not in (ROOT / "Dockerfile").read_text()


# Who receives it


def test_pages_load_nothing_from_elsewhere(world, client):
    seen = [client.get(path) for path in ("/privacy/", LOGIN)]
    client.force_login(world.people["coordinator"])
    things = [world.project, world.meeting, world.plan]
    seen += [client.get(path) for path in ("/", *(each.get_absolute_url() for each in things))]

    for answer in seen:
        assert answer.status_code == 200
        tree = lxml.html.fromstring(answer.content.decode())
        # No browser loads the addresses by which search engines find a page.
        links = "//link[not(@rel='canonical' or @rel='alternate')]/@href"
        loaded = tree.xpath(f"//@src | //@srcset | {links} | //@poster | //object/@data")
        assert loaded
        assert [each for each in loaded if not re.match(r"/(?!/)|data:", each)] == []
        policy = answer.headers["Content-Security-Policy"]
        sources = {word for part in policy.split(";") for word in part.split()[1:]}
        assert {each for each in sources if not each.startswith("'nonce-")} == {
            "'self'",
            "'none'",
            "data:",
        }


def test_messages_load_nothing():
    """A picture in a message tells its server when it was read, and where."""
    letters = list((ROOT / "templates").rglob("email/*.html"))

    assert letters
    loading = re.compile(r"<(img|link|script|iframe)|url\(|background=", re.IGNORECASE)
    assert [path.name for path in letters if loading.search(path.read_text())] == []


def test_no_script_reports_what_a_person_does():
    """Scripts fetch pages of the portal alone, and their addresses come from the page."""
    source = "\n".join(path.read_text() for path in (ROOT / "static/js").glob("*.js"))

    assert (
        re.findall(r"sendBeacon|XMLHttpRequest|WebSocket|EventSource|new Image|https?:", source)
        == []
    )
    assert "document.cookie" not in source


def test_there_are_five_cookies(world):
    person = world.people["coordinator"]
    browser = Client()
    browser.get("/privacy/")
    browser.post("/language/", {"language": "en", "next": "/privacy/"})
    sign_in(browser, person.email)
    browser.post("/people/me/sessions/end/")  # “You are signed out everywhere else.”

    names = ("SESSION", "CSRF", "LANGUAGE", "DEVICE")
    known = {getattr(settings, f"{name}_COOKIE_NAME") for name in names}
    known.add(f"{settings.OF_THIS_HOST}messages")
    assert set(browser.cookies) == known
    assert browser.cookies[settings.DEVICE_COOKIE_NAME]["max-age"] == 400 * 24 * 3600
    assert set(Client().get("/privacy/").cookies) <= known


# What somebody may ask for


def test_the_addresses_to_write_to_are_on_the_page(page, organisation):
    links = page.xpath("//a[starts-with(@href, 'mailto:')]/@href")

    assert f"mailto:{organisation.privacy_contact}" in links
    assert page.xpath("//footer")[0].text_content().count(organisation.safeguarding_contact)


def test_a_request_without_an_account_has_the_same_day(client, world):
    client.force_login(world.people["administrator"])
    today = timezone.localdate()
    facts = {"kind": "see", "who": "Somebody who wrote a letter", "text": "Everything."}
    opened = client.get("/persons/requests/new/").context["form"]
    client.post(
        "/persons/requests/new/",
        facts | {"received_on": today, "due_on": opened["due_on"].value()},
    )

    kept = PersonRequest.objects.get()
    assert (kept.user, kept.due_on) == (None, today + timedelta(days=30))
    assert kept.get_absolute_url() in client.get("/persons/").content.decode()


# How long


def test_what_is_over_goes_at_night(world):
    """Of two rows of each kind, only the older one is over."""
    old, young = (ended(world, timedelta(days=days)) for days in (-1, 1))

    apply_retention()

    assert [there(row) for row in old] == [False] * len(old)
    assert [there(row) for row in young] == [True] * len(young)


def there(row) -> bool:
    return type(row).objects.filter(pk=row.pk).exists()


def ended(world, later):
    """Rows that ended as long ago as their kind is kept, or so much later."""
    member, by, now = world.people["member"], world.people["coordinator"], timezone.now()
    year = now - timedelta(days=settings.ACCESS_LOG_DAYS) + later
    month = now - timedelta(days=FactorReset.DAYS_KEPT) + later
    day = months_later(timezone.localdate(), -12 * REGISTER_YEARS) + later
    links = [AccessLink.issue(member, "calendar", member, by=member)[0] for _ in range(2)]
    for link, name in zip(links, ("expires_at", "revoked_at"), strict=True):
        AccessLink.objects.filter(pk=link.pk).update(**{name: year})
    consent = {"purpose": "name", "details": "x", "channel": "letter", "evidence": "x"}
    answered = {"kind": "see", "who": "x", "text": "y", "outcome": "granted", "answer": "z"}
    return [
        *links,
        OutgoingMail.objects.create(person=member, subject="x", finished_at=year),
        FactorReset.objects.create(person=member, asked_by=by, asked_at=month, ended_at=now),
        PersonRequest.objects.create(answered_on=day, **answered),
        *(
            Consent.objects.create(
                user=member, recorded_by=by, given_on=day, **consent, **{name: day}
            )
            for name in ("withdrawn_on", "until")
        ),
    ]
