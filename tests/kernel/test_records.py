"""What the pages of every kind of record do alike (`kernel.records`), on kinds that have nothing of their
own there. Sorting, filters and rights of single kinds are tested with these."""

from datetime import date
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from kernel.records import RecordPages
from projects.amendments.views import AmendmentPages
from projects.models import Amendment, Period
from tests.factories import (
    AmendmentFactory,
    AssignmentFactory,
    DataPointFactory,
    IndicatorFactory,
    PeriodFactory,
    ProjectFactory,
    ReportingDutyFactory,
    ResultFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return ProjectFactory()


@pytest.fixture
def sign_in(client, project):
    def sign_in(role):
        user = UserFactory(language="en")
        AssignmentFactory(project=project, user=user, role=role)
        client.force_login(user)
        return user

    return sign_in


def url(project, name, *args, **query):
    return reverse(f"projects:{name}", args=[project.code, *args], query=query)


def text(answer):
    return answer.content.decode()


def said(answer):
    return [str(message) for message in answer.context["messages"]]


def test_an_empty_list_tells_an_editor_what_to_do_and_others_what_will_come(
    client, project, sign_in
):
    sign_in("coordinator")
    edited = text(client.get(url(project, "duties")))
    sign_in("reader")
    read = text(client.get(url(project, "duties")))

    assert "No reporting duty yet." in edited
    assert "Copy those that the donor usually requires" in edited
    assert f'href="{url(project, "duty-create")}"' in edited
    assert "No reporting duty yet." in read
    assert "The coordination enters here what the project owes its donor." in read
    assert f'href="{url(project, "duty-create")}"' not in read


def test_filters_come_with_something_to_filter_and_stay_where_they_leave_nothing(
    client, project, sign_in
):
    sign_in("coordinator")
    empty = text(client.get(url(project, "amendments")))
    AmendmentFactory(project=project)
    nothing_fits = text(client.get(url(project, "amendments", kind="budget")))

    assert 'class="filters"' not in empty
    assert "No amendment." in empty
    assert 'class="filters"' in nothing_fits
    assert "No amendment matches." in nothing_fits
    assert f'href="{url(project, "amendments")}"' in nothing_fits


def test_an_export_of_a_filtered_list_keeps_its_filters_but_not_its_page(client, project, sign_in):
    sign_in("coordinator")
    for number in range(30):
        AmendmentFactory(project=project, number=number)

    page = client.get(url(project, "amendments", kind="extension", page=2))

    (export,) = page.context["exports"]
    assert export.url == url(project, "amendments-export", kind="extension")


def test_only_editors_are_led_from_a_row_to_its_form(client, project, sign_in):
    edit = url(project, "duty-edit", ReportingDutyFactory(project=project).pk)
    links = {}
    for role in ("coordinator", "reader"):
        sign_in(role)
        links[role] = f'href="{edit}"' in text(client.get(url(project, "duties")))

    assert links == {"coordinator": True, "reader": False}


@pytest.mark.parametrize("name", ["duty-create", "duty-edit", "duty-delete"])
def test_who_may_not_edit_is_told_who_can(client, project, sign_in, name):
    keys = [] if name == "duty-create" else [ReportingDutyFactory(project=project).pk]
    sign_in("reader")

    answer = client.get(url(project, name, *keys))

    assert answer.status_code == 403
    assert "Only the coordination of the project can do this." in text(answer)


def test_what_belongs_to_another_project_is_not_found(client, project, sign_in):
    other = ReportingDutyFactory()
    sign_in("coordinator")

    answers = [client.get(url(project, name, other.pk)) for name in ("duty-edit", "duty-delete")]

    assert [answer.status_code for answer in answers] == [404, 404]


@pytest.mark.parametrize("name", ["amendment-edit", "amendment-delete"])
def test_what_can_no_longer_be_changed_says_so_on_its_page(client, project, sign_in, name):
    amendment = AmendmentFactory(project=project, status=Amendment.Status.SUBMITTED)
    sign_in("coordinator")

    for ask in (client.get, client.post):
        answer = ask(url(project, name, amendment.pk), follow=True)

        assert answer.redirect_chain == [(amendment.get_absolute_url(), 302)]
        assert "Only a draft can be changed" in said(answer)[0]
    assert Amendment.objects.get() == amendment


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_step_that_comes_too_late_says_what_the_record_is_now(client, project, sign_in, method):
    amendment = AmendmentFactory(project=project)
    amendment.take("submit", by=None, on=date(2020, 9, 10), why="Urgent")
    sign_in("coordinator")
    sent = {"on": "2020-09-11", "why": "Urgent"} if method == "post" else {}

    step = url(project, "amendment-step", amendment.pk, "submit")
    answer = getattr(client, method)(step, sent, follow=True)

    assert answer.redirect_chain == [(amendment.get_absolute_url(), 302)]
    assert len(said(answer)) == 1
    assert amendment.status_changes.count() == 1


def test_a_step_that_is_not_of_these_pages_does_not_exist(client, project, sign_in):
    amendment = AmendmentFactory(project=project)
    sign_in("coordinator")

    for verb in ("recommend", "nonsense"):  # the first is taken on pages of the committee
        assert client.get(url(project, "amendment-step", amendment.pk, verb)).status_code == 404


def test_what_is_in_use_is_not_removed_and_the_list_says_why(client, project, sign_in):
    period = PeriodFactory(project=project)
    indicator = IndicatorFactory(result=ResultFactory(project=project))
    DataPointFactory(indicator=indicator, period=period)
    sign_in("coordinator")

    answer = client.post(url(project, "period-delete", period.pk), follow=True)

    assert answer.redirect_chain == [(url(project, "periods"), 302)]
    assert "is in use and cannot be deleted" in said(answer)[0]
    assert Period.objects.filter(pk=period.pk).exists()


def test_a_workbook_has_the_columns_of_the_list_unless_the_kind_says_otherwise(
    client, project, sign_in, monkeypatch
):
    monkeypatch.setattr(AmendmentPages, "sheet", RecordPages.sheet)
    amendment = AmendmentFactory(project=project, number=7)
    sign_in("coordinator")

    listed = client.get(url(project, "amendments")).context["table"]
    book = client.get(url(project, "amendments-export")).content

    head, row = load_workbook(BytesIO(book)).active.values
    assert list(head) == [str(column.label) for column in listed.columns]
    assert row[0] == amendment.title
    assert row[3] is None  # a day that is not there stays empty
