"""Institutions are asked for what they owe, and answer on one page, also without an account."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from accounts.letters import Foreign
from accounts.models import AccessLink, FormDraft, OutgoingMail
from kernel.formats import day_short
from kernel.languages import working_in
from projects.framework.letters import values_letter
from projects.framework.services.requests import (
    PURPOSE,
    SentRequests,
    institutions_with_values_due,
    links_end,
    people_of,
    period_before,
    send_request,
)
from projects.framework.services.values import take_step
from projects.models import DataPoint, Period, ValueRequest
from tests.factories import (
    AssignmentFactory,
    CategoryFactory,
    ContactFactory,
    DataPointFactory,
    DimensionFactory,
    IndicatorFactory,
    PeriodFactory,
    UserFactory,
)
from tests.kernel.test_undo import button

pytestmark = pytest.mark.django_db


@pytest.fixture
def owed(world):
    """Three indicators for which the partner answers, one by cells, one in words; one for which
    it does not."""
    sex = DimensionFactory(name_fr="Sexe")
    for name in ("Femmes", "Hommes"):
        CategoryFactory(dimension=sex, name_fr=name)
    common = {"result": world.result, "due_per": "project_year"}
    own = common | {"responsible": world.institutions["partner"]}
    indicators = {
        "cells": IndicatorFactory(code="A", dimension=sex, counts_persons=True, **own),
        "words": IndicatorFactory(code="B", measure="qualitative", **own),
        "share": IndicatorFactory(code="C", measure="percentage", **own),
    }
    IndicatorFactory(code="D", responsible=world.institutions["member"], **common)
    return indicators


@pytest.fixture
def asked(world, owed):
    return ValueRequest.objects.create(
        project=world.project,
        institution=world.institutions["partner"],
        period=world.year,
        due_on=timezone.localdate() + timedelta(days=7),
    )


@pytest.fixture
def link_url(world, asked):
    _link, token = AccessLink.issue(world.people["partner"], PURPOSE, asked, by=None)
    return reverse("projects:request-link", args=[token])


def typed(owed, **values):
    """cells__cell_0="3" to the name of that field on the sheet."""
    pairs = ((*key.split("__"), value) for key, value in values.items())
    return {f"i{owed[name].pk}-{field}": value for name, field, value in pairs}


def kept():
    rows = [
        (row.indicator.code, row.category and row.category.name_fr, row.numerator, row.status)
        for row in DataPoint.objects.with_cells().select_related("indicator")
    ]
    return sorted(rows, key=lambda row: (row[0], row[1] or ""))


def test_the_coordination_asks_all_that_owe_values(client, world, owed, coordinator):
    url = reverse("projects:request-create", args=[world.project.code])
    due_on = timezone.localdate() + timedelta(days=10)
    data = {"period": world.year.pk, "due_on": due_on, "note": "Merci"}
    data["shown"] = client.get(url).context["form"]["shown"].value()

    client.post(url, data)
    client.post(url, data)  # sent twice: asked once

    found = {(r.institution, r.period, r.due_on) for r in ValueRequest.objects.all()}
    assert found == {
        (world.institutions[role], world.year, due_on) for role in ("partner", "member")
    }
    mails = OutgoingMail.objects.order_by("person")
    assert {mail.person for mail in mails} == {world.people["partner"], world.people["member"]}
    assert not any(world.project.short_title in mail.subject for mail in mails)


def asked_at_once(client, world):
    """Press the button that asks for values; return the page that follows."""
    url = reverse("projects:request-create", args=[world.project.code])
    data = {"period": world.year.pk, "due_on": timezone.localdate() + timedelta(days=10)}
    data["shown"] = client.get(url).context["form"]["shown"].value()
    return client.post(url, data, follow=True)


def test_what_was_asked_by_mistake_is_undone_with_its_messages(
    client, world, owed, coordinator, settings
):
    settings.MAIL_WAITS_FOR_UNDO = True
    url, posts, _left = button(asked_at_once(client, world))

    for sentence in ("Undone at once", "no longer possible"):
        assert sentence in client.post(url, posts, follow=True).text
        assert not ValueRequest.objects.exists()
        assert not OutgoingMail.objects.exists()
        assert not AccessLink.objects.valid().exists()


@pytest.mark.parametrize("done", ["answered", "sent", "by another"])
def test_a_request_that_was_relied_on_stays(client, world, owed, coordinator, settings, done):
    settings.MAIL_WAITS_FOR_UNDO = True
    url, posts, _left = button(asked_at_once(client, world))
    asked = ValueRequest.objects.filter(institution=world.institutions["partner"])
    if done == "answered":
        asked.update(answered_at=timezone.now())
    elif done == "sent":
        OutgoingMail.objects.filter(person=world.people["partner"]).update(state="sent")
    else:
        client.force_login(AssignmentFactory(project=world.project, role="coordinator").user)

    assert "no longer possible" in client.post(url, posts, follow=True).text
    assert ValueRequest.objects.count() == 2
    assert OutgoingMail.objects.count() == 2


@pytest.fixture
def following(world):
    return PeriodFactory(
        project=world.project, number=2, start=date(2020, 4, 1), end=date(2021, 3, 31)
    )


@pytest.mark.usefixtures("owed", "coordinator")
def test_the_oldest_period_that_lacks_values_is_proposed(client, world, following):
    url = reverse("projects:request-create", args=[world.project.code])

    def proposed():
        return client.get(url).context["form"].fields["period"].choices[0][0]

    first = proposed()
    shown = client.get(url).context["form"]["shown"].value()
    sent = client.post(url, {"period": first, "shown": shown}, follow=True)

    assert first == str(world.year.pk)
    assert "2 institutions were asked. Messages sent: 2." in sent.text
    assert proposed() == str(following.pk)


@pytest.mark.usefixtures("owed", "coordinator")
def test_the_mail_shown_follows_the_period_and_the_day(client, world, following):
    url = reverse("projects:request-create", args=[world.project.code])
    today = world.project.today
    choice = {"period": following.pk, "due_on": today + timedelta(days=3), "read": ""}

    page = client.get(url)
    chosen = client.post(url, choice)

    assert 'hx-trigger="change"' in page.text
    first, second = (each.context["preview"].subject for each in (page, chosen))
    # What is over is never asked for until a day that has passed.
    with translation.override("en"):
        assert day_short(today + timedelta(days=14)) in first
        assert day_short(today + timedelta(days=3)) in second
    assert chosen.context["form"]["period"].value() == str(following.pk)
    assert not ValueRequest.objects.exists()


@pytest.mark.usefixtures("owed", "coordinator")
def test_what_is_owed_is_called_as_on_the_other_pages(client, world):
    url = reverse("projects:requests", args=[world.project.code])

    late = client.get(url).text
    Period.objects.update(entered_on=world.project.today)  # nobody could know of it in time
    fresh = client.get(url).text

    assert [">Late<" in page for page in (late, fresh)] == [True, False]
    assert ["to catch up on" in page for page in (late, fresh)] == [False, True]


def test_a_day_that_has_passed_is_refused(client, world, owed, coordinator):
    url = reverse("projects:request-create", args=[world.project.code])

    response = client.post(url, {"period": world.year.pk, "due_on": "2020-05-01"})

    assert list(response.context["form"].errors) == ["due_on"]


def test_the_sheet_holds_what_the_institution_owes_and_no_more(client, world, sign_in, asked, owed):
    before = PeriodFactory(project=world.project, number=9, start="2018-04-01", end="2019-03-31")
    DataPointFactory(indicator=owed["cells"], period=before, numerator=4321)
    sign_in("partner")

    response = client.get(asked.get_absolute_url())

    sheet = response.context["sheet"]
    assert [form.indicator.code for form in sheet.forms] == ["A", "B", "C"]
    assert [[line.is_total for line in form.lines] for form in sheet.forms] == [
        [False, False, True],
        [],
        [True],
    ]
    assert "4,321" in response.text
    assert 'id="None"' not in response.text
    sign_in("member")
    assert client.get(asked.get_absolute_url()).status_code == 404


def test_all_is_submitted_by_one_press(client, world, sign_in, asked, owed):
    sign_in("partner")
    data = typed(
        owed,
        cells__cell_0="6",
        cells__cell_1="5",
        words__nothing_to_report="on",
        words__comment="Enquête reportée",
    )

    client.post(asked.get_absolute_url(), data | {"do": "submit"})

    assert kept() == [
        ("A", None, 11, "submitted"),
        ("A", "Femmes", 6, "submitted"),
        ("A", "Hommes", 5, "submitted"),
        ("B", None, None, "submitted"),
    ]
    assert {row.given_by for row in DataPoint.objects.all()} == {world.institutions["partner"]}
    asked.refresh_from_db()
    assert asked.answered_at


def test_a_wrong_number_keeps_nothing_and_says_so_at_its_field(client, sign_in, asked, owed):
    sign_in("partner")
    data = typed(owed, cells__cell_0="6", share__total="9", share__total_of="0")

    response = client.post(asked.get_absolute_url(), data | {"do": "submit"})

    assert kept() == []
    errors = [form.errors for form in response.context["sheet"].forms]
    assert [list(each) for each in errors] == [[], [], ["total_of"]]
    assert 'value="6"' in response.text


def test_what_was_given_can_be_changed_until_the_day(client, sign_in, asked, owed):
    sign_in("partner")
    url = asked.get_absolute_url()
    both = typed(owed, cells__cell_0="6", cells__cell_1="5", share__total="9", share__total_of="10")
    client.post(url, both | {"do": "submit"})

    client.post(url, both | typed(owed, share__total="8") | {"do": "save"})

    assert [row for row in kept() if row[1] is None] == [
        ("A", None, 11, "submitted"),
        ("C", None, 8, "draft"),
    ]
    ValueRequest.objects.update(due_on=timezone.localdate() - timedelta(days=2))
    assert client.post(url, both | {"do": "submit"}).status_code == 403


def test_a_returned_value_shows_its_remark(client, world, sign_in, asked, owed):
    sign_in("partner")
    both = typed(owed, share__total="9", share__total_of="10")
    client.post(asked.get_absolute_url(), both | {"do": "submit"})
    point = DataPoint.objects.get()
    sign_in("monitoring")
    values = reverse("projects:values", args=[world.project.code])
    client.post(values, {"value": point.pk, "verb": "return", "why": "Comptez par personne"})
    sign_in("partner")

    assert "Comptez par personne" in client.get(asked.get_absolute_url()).text


@pytest.fixture
def returned(client, world, sign_in, asked, owed):
    """Press the button that returns what the partner submitted; return the page that follows."""
    sign_in("partner")
    data = typed(owed, share__total="9", share__total_of="10") | {"do": "submit"}
    client.post(asked.get_absolute_url(), data)
    OutgoingMail.objects.all().delete()
    sign_in("monitoring")

    def press(verb="return"):
        point = DataPoint.objects.totals().get()
        values = reverse("projects:values", args=[world.project.code])
        typed_data = {"value": point.pk, "verb": verb, "why": "Comptez par personne"}
        return client.post(values, typed_data, follow=True)

    return press


def test_an_institution_learns_that_its_value_came_back_and_why(client, world, returned, asked):
    world.people["partner"].language = "es"
    world.people["partner"].save()

    asked.refresh_from_db()
    assert asked.answered_at

    page = returned()

    asked.refresh_from_db()
    assert asked.answered_at is None
    assert "1 value returned" in page.text
    assert "1." in page.text.split("1 value returned")[1][:80]
    mail = OutgoingMail.objects.get()
    assert mail.person == world.people["partner"]
    assert mail.subject == "Valores por corregir"
    for words in ("Comptez par personne", "C · ", str(asked.institution)):
        assert words in mail.text
    link = re.search(r"https?://[^/]+(\S*/link/\S+)", mail.text)[1]
    assert "Comptez par personne" in client.get(link).text  # before any button is pressed


def test_what_is_approved_is_not_told_as_returned(returned):
    returned("approve")

    assert not OutgoingMail.objects.exists()


def test_a_return_from_the_page_of_the_value_is_told_too(client, world, returned):
    point = DataPoint.objects.totals().get()
    url = reverse("projects:value-step", args=[world.project.code, point.pk, "return"])

    client.post(url, {"return-why": "Comptez par personne"})

    assert OutgoingMail.objects.get().person == world.people["partner"]


def test_who_returns_learns_that_nobody_was_told(world, returned, asked):
    world.people["partner"].email = None
    world.people["partner"].save()

    page = returned()

    assert "No message reaches these, so please inform them yourself" in page.text
    assert asked.institution.short_name in page.text


def test_after_the_last_day_the_return_says_that_more_time_is_needed(returned, asked):
    ValueRequest.objects.update(due_on=timezone.localdate() - timedelta(days=2))

    page = returned()

    assert "give more time" in page.text
    assert "ask the coordination for more time" in OutgoingMail.objects.get().text


def test_a_value_that_nobody_asked_for_comes_back_with_the_page_of_the_value(returned):
    ValueRequest.objects.all().delete()

    returned()

    point = DataPoint.objects.totals().get()
    assert point.get_absolute_url() in OutgoingMail.objects.get().text


def test_a_returned_value_that_comes_back_unchanged_is_noticed(client, world, sign_in, asked, owed):
    sign_in("partner")
    url, data = asked.get_absolute_url(), typed(owed, cells__total="12", share__total="3")
    data |= typed(owed, share__total_of="4") | {"do": "submit"}
    client.post(url, data)

    def answer(name, verb, **why):
        point = DataPoint.objects.totals().get(indicator=owed[name])
        take_step(point, verb, by=world.people["monitoring"], **why)

    answer("share", "approve")
    answer("cells", "return", why="Est-ce juste ?")

    same = client.post(url, data, follow=True).text
    answer("cells", "return", why="Est-ce juste ?")
    other = client.post(url, data | typed(owed, cells__total="13"), follow=True).text

    assert "submitted unchanged: A." in same
    assert "unchanged" not in other
    assert all("Submitted: 2 of 3 indicators" in page for page in (same, other))
    assert ("A", None, 13, "submitted") in kept()


@pytest.mark.parametrize("verb", ["return", "withdraw"])
def test_a_value_that_was_emptied_is_not_submitted(client, world, sign_in, asked, owed, verb):
    sign_in("partner")
    url, data = asked.get_absolute_url(), typed(owed, cells__total="12", cells__comment="Douze")
    data |= typed(owed, share__total="3", share__total_of="4") | {"do": "submit"}
    client.post(url, data)
    total = DataPoint.objects.totals().get(indicator=owed["cells"])
    take_step(total, verb, by=world.people["monitoring"], why="Est-ce juste ?")

    emptied = client.post(
        url, data | typed(owed, cells__total="", cells__comment=""), follow=True
    ).text

    assert "Submitted: 1 of 3 indicators" in emptied
    assert kept() == [("A", None, None, "draft"), ("C", None, 3, "submitted")]


def test_the_coordination_enters_what_came_by_telephone(client, world, asked, owed, coordinator):
    url = asked.get_absolute_url()
    data = typed(owed, cells__cell_0="6", cells__cell_1="5") | {"do": "submit"}

    refused = client.post(url, data)
    assert sorted(refused.context["received"].errors) == ["channel", "evidence", "received_on"]
    came = {"channel": "telephone", "evidence": "Appel du service", "received_on": "2020-05-04"}
    client.post(url, data | came)

    total = DataPoint.objects.totals().get()
    assert (total.channel, total.evidence, total.given_by) == (
        "telephone",
        "Appel du service",
        world.institutions["partner"],
    )
    assert [mail.person for mail in OutgoingMail.objects.all()] == [world.people["partner"]]


# By the link


def test_opening_the_link_changes_nothing_and_shows_no_value(client, asked, owed, link_url):
    DataPointFactory(indicator=owed["cells"], period=asked.period, numerator=4321, status="draft")
    before = kept()

    opened = client.get(link_url)

    assert "4321" not in opened.text.replace(",", "")
    assert kept() == before
    assert "4321" in client.post(link_url, {"do": "open"}).text


def test_by_the_link_all_is_submitted_and_said_back(client, world, asked, owed, link_url):
    data = typed(owed, cells__cell_0="6", cells__cell_1="5") | {"do": "submit"}

    answer = client.post(link_url, data, follow=True)

    assert "Enviado: 1 de 3" in answer.text or "1 of 3" in answer.text
    total = DataPoint.objects.totals().get()
    assert (total.status, total.channel, total.entered_by) == (
        "submitted",
        "link",
        world.people["partner"],
    )


def test_by_the_link_a_draft_is_kept_until_the_values_are_sent(client, asked, owed, link_url):
    data = typed(owed, cells__cell_0="4321", cells__cell_1="5")

    client.post(link_url, data | {"keep_draft": "1"})

    assert kept() == []
    assert 'name="discard_draft"' in client.get(link_url).text
    assert 'value="4321"' in client.post(link_url, {"do": "open"}).text
    client.post(link_url, data | {"do": "submit"})
    assert not FormDraft.objects.exists()


@pytest.mark.parametrize("over", ["day", "left", "altered"])
def test_a_link_that_is_over_keeps_nothing(client, world, asked, owed, link_url, over):
    if over == "day":
        ValueRequest.objects.update(due_on=timezone.localdate() - timedelta(days=2))
    elif over == "left":
        world.people["partner"].contacts.update(ended_on="2020-01-01")
    else:
        link_url = f"{link_url[:-2]}x/"

    response = client.post(link_url, typed(owed, cells__cell_0="6") | {"do": "submit"})

    assert response.status_code == (200 if over == "day" else 404)
    assert kept() == []


def test_a_fresh_link_comes_with_a_text_for_a_messenger(client, world, asked, coordinator):
    person = world.people["partner"]
    url = reverse("projects:request-link-create", args=[world.project.code, asked.pk, person.pk])

    fresh = client.post(url).context["fresh"]

    assert fresh["url"] in fresh["text"]
    stranger = world.people["member"].pk
    other = reverse("projects:request-link-create", args=[world.project.code, asked.pk, stranger])
    assert client.post(other).status_code == 404


def test_more_time_is_told(client, world, asked, coordinator):
    url = reverse("projects:request-edit", args=[world.project.code, asked.pk])
    later = asked.due_on + timedelta(days=10)

    client.post(url, {"due_on": later, "note": "", "tell": "on"})

    asked.refresh_from_db()
    assert asked.due_on == later
    assert OutgoingMail.objects.count() == 1


def test_a_note_in_another_language_says_so(client, world, asked, coordinator):
    asked.note = "Merci de compter aussi les ateliers que votre institution a tenus en ligne."
    asked.save()
    client.cookies["language"] = "es"

    page = client.get(asked.get_absolute_url()).content.decode()
    with working_in(world.project):
        letters = {}
        for language in ("es", "fr"):
            with translation.override(language):
                letters[language] = values_letter(asked, "https://example.org").body

    assert f'<div lang="fr">{asked.note}</div>' in page
    assert Foreign(asked.note, "fr") in letters["es"]
    assert asked.note in letters["fr"]


# Who is written to, and for how long


def test_a_request_is_told_to_everybody_who_speaks_for_the_institution_today(world, asked):
    institution, by = world.institutions["partner"], world.people["coordinator"]
    today = timezone.localdate()
    speaks = ContactFactory(institution=institution, user=UserFactory(), ended_on=today).user
    ContactFactory(institution=institution, user=speaks)  # in a second office
    ContactFactory(institution=institution, user=UserFactory(), ended_on=today - timedelta(days=1))
    ContactFactory(institution=institution, user=UserFactory(is_active=False))
    without_account = ContactFactory(institution=institution)
    told = SentRequests()

    send_request(asked, told, by=by)

    without_account.refresh_from_db()
    assert set(people_of(asked)) == {world.people["partner"], speaks, without_account.user}
    assert (told.people, told.unreached) == (3, [])
    assert OutgoingMail.objects.count() == AccessLink.objects.count() == 3


def test_an_institution_that_nobody_speaks_for_is_said_to_be_unreached(world, asked):
    world.people["partner"].is_active = False
    world.people["partner"].save()
    told = SentRequests()

    send_request(asked, told, by=world.people["coordinator"])

    assert (told.people, told.unreached) == (0, [world.institutions["partner"]])
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize(("days", "lasts"), [(-40, 30), (-1, 30), (0, 30), (7, 37)])
def test_a_link_can_be_read_for_a_month_after_its_day_or_after_it_was_made(asked, days, lasts):
    """To the last minute of that day, where the project is."""
    today = asked.project.today
    asked.due_on = today + timedelta(days=days)

    end = links_end(asked)

    assert end.astimezone(asked.project.zone).date() == today + timedelta(days=lasts)
    assert (end.hour, end.minute, end.tzinfo) == (23, 59, asked.project.zone)


def test_who_owes_nothing_for_a_period_is_not_asked(world, owed):
    """Of the next year nothing is owed that the one before owes; what was submitted is owed no more."""
    following = PeriodFactory(
        project=world.project, number=2, start=date(2020, 4, 1), end=date(2021, 3, 31)
    )
    member, partner = world.institutions["member"], world.institutions["partner"]
    for name in ("cells", "words", "share"):
        DataPointFactory(indicator=owed[name], period=world.year, status="submitted")

    assert institutions_with_values_due(world.project, world.year) == [member]
    assert set(institutions_with_values_due(world.project, following)) == {member, partner}


def test_the_period_before_is_the_latest_that_was_over_of_the_same_kind(world):
    def a_period(number, start, end, kind="project_year"):
        return PeriodFactory(project=world.project, number=number, kind=kind, start=start, end=end)

    early = a_period(8, date(2017, 4, 1), date(2018, 3, 31))
    a_period(1, date(2019, 1, 1), date(2019, 3, 31), kind="quarter")
    late = a_period(9, date(2018, 4, 1), date(2019, 3, 31))

    assert [period_before(each) for each in (world.year, late, early)] == [late, early, None]


# Approving several


def test_several_are_approved_but_for_ones_own(client, world, sign_in, owed):
    mine, theirs = (
        DataPointFactory(
            indicator=owed[name],
            period=world.year,
            numerator=1,
            denominator=denominator,
            status="submitted",
            entered_by=world.people[who],
        )
        for name, denominator, who in (("cells", None, "monitoring"), ("share", 2, "partner"))
    )
    sign_in("monitoring")
    url = reverse("projects:values", args=[world.project.code])
    assert [row["is_own"] for row in client.get(url).context["rows"]] == [True, False]

    response = client.post(url, {"value": [mine.pk, theirs.pk], "verb": "approve"}, follow=True)

    statuses = DataPoint.objects.in_bulk([mine.pk, theirs.pk])
    assert (statuses[mine.pk].status, statuses[theirs.pk].status) == ("submitted", "approved")
    assert "You entered this value yourself" in response.text


def test_a_return_needs_its_remark(client, world, sign_in, owed):
    point = DataPointFactory(indicator=owed["cells"], period=world.year, status="submitted")
    sign_in("monitoring")
    url = reverse("projects:values", args=[world.project.code])

    response = client.post(url, {"value": point.pk, "verb": "return", "why": " "})

    assert list(response.context["form"].errors) == ["why"]
    assert list(client.post(url, {"verb": "approve"}).context["form"].errors) == ["value"]


@pytest.mark.parametrize("name", ["request-create", "request-edit"])
def test_a_last_day_in_a_mistyped_year_is_asked_about(client, world, asked, sign_in, name):
    sign_in("coordinator")
    url = reverse(f"projects:{name}", args=[world.project.code, asked.pk][: 1 + ("edit" in name)])
    typed = {"period": world.year.pk, "due_on": "9999-12-31", "tell": "on"}

    page = client.post(url, typed)

    assert list(page.context["form"].errors) == ["due_on"]
