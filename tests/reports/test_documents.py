"""Asking for documents of meetings, seats and plans: who may, once, in which languages, and what
becomes of them."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from accounts.models import AccessEvent
from committees.minutes.services.text import in_all_languages
from committees.models import ActionPlan, Attendance, InterestDeclaration, Meeting, Minutes
from kernel.jobs import Job
from reports.kinds import compose
from reports.models import About, DocumentKind, Rendition, Snapshot
from reports.services import sweeping
from reports.services.requesting import request_rendition, snapshot_for
from reports.services.sweeping import request_final_documents, sweep_files
from tests.factories import (
    AgendaItemFactory,
    AttendanceFactory,
    MeetingFactory,
    RenditionFactory,
    SeatFactory,
)
from tests.reports.conftest import composed
from tests.reports.pdf_reading import Pdf
from tests.world import ROLES, World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def world():
    world = World()
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status="in_review", review_until=timezone.localdate()
    )
    world.plan.refresh_from_db()
    return world


def ask(client, kind, pk, **asked):
    asked = {"languages": ["fr"], "audience": "committee"} | asked
    return client.post(reverse("reports:document-request", args=[kind, pk]), asked)


def request(thing, kind, audience="committee", language="fr", by=None, **about):
    return request_rendition(
        About(thing, kind, **about), language=language, audience=audience, by=by
    )


def made_ready(rendition) -> Rendition:
    name = default_storage.save("reports/renditions/x.pdf", ContentFile(b"%PDF-1.7 content"))
    rows = Rendition.objects.filter(pk=rendition.pk)
    rows.update(state=Job.State.READY, file=name, pages=3, size=16)
    rendition.refresh_from_db()
    return rendition


def seal_minutes_of(meeting) -> None:
    minutes = Minutes.objects.create(meeting=meeting)
    Minutes.objects.filter(pk=minutes.pk).update(
        status="sealed",
        content=in_all_languages(minutes),
        sha256="7f3a91c2d04e" + "0" * 52,
        sealed_on="2020-10-01",
        adopted_how="silence",
        adopted_on="2020-10-01",
    )


def as_role(client, world, role):
    client.force_login(world.people[role])
    return client


# Once


def test_an_equal_request_joins_and_what_did_not_change_is_not_rendered_again(world):
    first = request(world.meeting, DocumentKind.AGENDA)
    joined = request(world.meeting, DocumentKind.AGENDA)
    made_ready(composed(first))

    again = composed(request(world.meeting, DocumentKind.AGENDA))

    assert {first.pk} == {joined.pk, again.pk}
    assert again.is_ready


def test_what_changed_is_another_document(world):
    first = composed(request(world.meeting, DocumentKind.AGENDA))
    AgendaItemFactory(meeting=world.meeting, title_fr="Un point de plus")

    assert composed(request(world.meeting, DocumentKind.AGENDA)).pk != first.pk


def test_equal_data_of_two_kinds_or_two_meetings_is_not_mixed_up(world):
    data = {"committee": {"fr": {}}}
    other = MeetingFactory(committee=world.committee, number=2)
    abouts = [
        About(world.meeting, DocumentKind.AGENDA),
        About(world.meeting, DocumentKind.PACK),
        About(other, DocumentKind.AGENDA),
        About(world.plan, DocumentKind.PLAN),
    ]

    kept = [Snapshot.keep(about, data) for about in abouts]

    assert len({snapshot.pk for snapshot in kept}) == 4
    assert [Snapshot.keep(about, data) for about in abouts] == kept


def test_what_was_rendered_of_a_validated_plan_is_kept_whatever_the_renderer(world):
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status="validated", validated_by=world.decision
    )
    world.plan.refresh_from_db()
    kept = made_ready(composed(request(world.plan, DocumentKind.PLAN)))
    Rendition.objects.update(renderer="of last year")

    assert composed(request(world.plan, DocumentKind.PLAN)) == kept
    assert kept.snapshot.is_final
    assert not kept.is_draft


def test_a_plan_in_review_is_a_draft_and_stands_for_nothing(world):
    draft = request(world.plan, DocumentKind.PLAN)

    assert draft.is_draft
    assert not draft.snapshot.is_final


def test_a_page_asks_in_several_languages(client, world):
    response = ask(
        as_role(client, world, "coordinator"),
        "agenda",
        world.meeting.pk,
        languages=["fr", "es", "en"],
    )

    assert (
        response.url
        == f"{reverse('reports:documents', args=['meeting', world.meeting.pk])}#documents"
    )
    assert sorted(Rendition.objects.values_list("language", flat=True)) == ["en", "es", "fr"]


def test_cancelling_and_trying_again(client, world):
    client = as_role(client, world, "member")
    ask(client, "agenda", world.meeting.pk)
    rendition = Rendition.objects.get()

    client.post(reverse("reports:rendition-cancel", args=[rendition.pk]))
    rendition.refresh_from_db()
    cancelled = rendition.state
    client.post(reverse("reports:rendition-retry", args=[rendition.pk]))

    rendition.refresh_from_db()
    assert (cancelled, rendition.state) == (Job.State.CANCELLED, Job.State.QUEUED)


def test_what_a_worker_makes_of_a_request(world):
    from reports.tasks import render_rendition  # noqa: PLC0415  (as the worker does)

    rendition = request(world.meeting, DocumentKind.AGENDA)
    render_rendition(rendition.pk)

    rendition.refresh_from_db()
    with rendition.file.open() as file:
        assert world.item.title in Pdf(file.read()).text()


# Nonsense


@pytest.mark.parametrize(
    "asked",
    [
        {"languages": []},
        {"languages": ["de"]},
        {"audience": "donor"},
        {"audience": "nobody"},
        {"audience": ""},
    ],
)
def test_nonsense_is_refused_in_words(client, world, asked):
    client = as_role(client, world, "coordinator")

    response = ask(client, "agenda", world.meeting.pk, **asked)

    page = client.get(response.url)
    assert [message.level_tag for message in page.context["messages"]] == ["error"]
    assert not Rendition.objects.exists()


@pytest.mark.parametrize("kind", ["nothing", "annual_report", "minutes", "plan"])
def test_what_is_not_there_cannot_be_asked_for(client, world, kind):
    """No such kind, of another thing, or nothing to tell yet."""
    assert ask(as_role(client, world, "coordinator"), kind, 10**6).status_code == 404


def test_a_letter_goes_only_to_who_has_a_seat(client, world):
    client = as_role(client, world, "coordinator")

    ask(client, "letter", world.meeting.pk, addressee=world.foreign_institution.pk)
    refused = Rendition.objects.count()
    ask(client, "letter", world.meeting.pk, addressee=world.institutions["member"].pk)

    assert refused == 0
    assert Rendition.objects.get().snapshot.addressee == world.institutions["member"]


def test_a_plan_is_not_compared_with_what_the_committee_never_saw(client, world):
    client = as_role(client, world, "coordinator")

    response = ask(client, "plan_differences", world.plan.pk, base=world.plan.pk)

    assert response.status_code == 404


# Who may


MAY_ASK = {
    "agenda": {"member"},
    "pack": {"member"},
    "record": {"member"},
    "attendance_sheet": set(),
    "letter": set(),
    "attendance_annex": set(),
    "minutes_with_names": set(),
    "plan": {"member", "partner"},
}
TEAM = {"administrator", "coordinator", "monitoring", "finance", "reader", "auditor"}
SEES_NAMES = {"administrator", "coordinator", "auditor"}


@pytest.mark.parametrize("kind", MAY_ASK)
def test_who_may_ask_for_what(client, world, kind):
    seal_minutes_of(world.meeting)
    thing = world.plan if kind == "plan" else world.meeting
    personal = kind in {"attendance_sheet", "letter", "attendance_annex", "minutes_with_names"}

    def may(role):
        audience = {"partner": "partners"}.get(role, "committee")
        audience = "coordination" if personal and kind != "letter" else audience
        asked = {"addressee": world.institutions["member"].pk, "audience": audience}
        client.force_login(world.people[role])
        with translation.override("fr"):
            return ask(client, kind, thing.pk, **asked).status_code == 302

    allowed = {role for role in ROLES if may(role)}

    assert allowed == MAY_ASK[kind] | (SEES_NAMES if personal else TEAM)


def test_minutes_are_for_members_once_they_circulate(client, world):
    minutes = Minutes.objects.create(meeting=world.meeting)
    client = as_role(client, world, "member")

    before = ask(client, "minutes", world.meeting.pk).status_code
    Minutes.objects.filter(pk=minutes.pk).update(status="in_review", content={})

    assert before == 403
    assert DocumentKind.MINUTES in offered(client, world.meeting)


def offered(client, meeting) -> list[str]:
    page = client.get(reverse("reports:documents", args=["meeting", meeting.pk]))
    return [offer.about.kind for offer in page.context["offers"]]


def test_another_page_gets_the_panel_alone(client, world):
    client.force_login(world.people["coordinator"])
    page = reverse("reports:documents", args=["meeting", world.meeting.pk])

    panel = client.get(page, headers={"hx-request": "true"}).content.decode()

    assert '<div id="document-list"' in panel
    assert "<main" not in panel
    assert "<main" in client.get(page).content.decode()


def test_who_is_recused_from_a_reserved_item_has_no_document_that_holds_it(client, world):
    item = AgendaItemFactory(meeting=world.meeting, audience="voting")
    reserved = made_ready(request(world.meeting, DocumentKind.AGENDA, "voting"))
    told = made_ready(request(world.meeting, DocumentKind.AGENDA, "committee"))
    before = seen_by(client, world, "member")
    InterestDeclaration.objects.create(
        meeting=world.meeting, seat=world.seat, text="Bénéficiaire."
    ).items.set([item])

    assert before == {reserved.pk, told.pk}
    assert seen_by(client, world, "member") == {told.pk}
    assert seen_by(client, world, "coordinator") == {reserved.pk, told.pk}
    ask(as_role(client, world, "member"), "agenda", world.meeting.pk, audience="voting")
    assert Rendition.objects.filter(requested_by=world.people["member"]).count() == 0


def test_one_is_offered_what_one_may_ask_for(client, world):
    AttendanceFactory(meeting=world.meeting, seat=world.seat)

    assert offered(as_role(client, world, "coordinator"), world.meeting) == [
        "agenda",
        "pack",
        "attendance_sheet",
        "letter",
        "attendance_annex",
        "record",
    ]
    assert offered(as_role(client, world, "member"), world.meeting) == ["agenda", "pack"]


def test_the_names_beside_minutes_are_offered_as_long_as_these_stand(client, world):
    AttendanceFactory(meeting=world.meeting, seat=world.seat)
    seal_minutes_of(world.meeting)
    Meeting.objects.filter(pk=world.meeting.pk).update(records_stand=True, notes_stand=True)

    assert DocumentKind.ANNEX in offered(as_role(client, world, "coordinator"), world.meeting)


def seen_by(client, world, role) -> set[int]:
    client.force_login(world.people[role])
    return {
        pk
        for pk in Rendition.objects.values_list("pk", flat=True)
        if client.get(reverse("reports:rendition", args=[pk])).status_code == 200
    }


def test_who_sees_which_document(client, world):
    committee = made_ready(request(world.meeting, DocumentKind.AGENDA))
    voting = made_ready(request(world.meeting, DocumentKind.AGENDA, "voting"))
    inside = made_ready(request(world.meeting, DocumentKind.AGENDA, "coordination"))
    sheet = made_ready(request(world.meeting, DocumentKind.SHEET, "coordination"))
    letter = made_ready(
        request(world.meeting, DocumentKind.LETTER, addressee=world.institutions["partner"])
    )
    handover = made_ready(request(world.seat, DocumentKind.HANDOVER))
    draft = made_ready(request(world.plan, DocumentKind.PLAN))
    own = made_ready(request(world.plan, DocumentKind.PLAN, "partners", by=world.people["partner"]))

    everything = {one.pk for one in Rendition.objects.all()}
    seen = {role: seen_by(client, world, role) for role in ROLES}

    assert seen["coordinator"] == seen["administrator"] == seen["auditor"] == everything
    assert seen["monitoring"] == {committee.pk, draft.pk, own.pk}
    assert seen["member"] == {committee.pk, voting.pk, handover.pk}
    assert seen["partner"] == {letter.pk, own.pk}
    assert seen["donor"] == seen["embassy"] == seen["outsider"] == set()
    assert {inside.pk, sheet.pk} <= everything


def test_a_certificate_is_its_persons_and_the_coordinations(client, world):
    row = AttendanceFactory(
        meeting=world.meeting, seat=world.seat, contact=world.people["member"].contacts.get()
    )
    other = AttendanceFactory(
        meeting=world.meeting, seat=SeatFactory(committee=world.committee), contact=None
    )
    client = as_role(client, world, "member")
    asked = {"audience": "coordination"}

    codes = [ask(client, "certificate", pk, **asked).status_code for pk in (row.pk, other.pk)]

    assert codes == [302, 404]
    made_ready(Rendition.objects.get())
    seen = {role for role in ROLES if seen_by(client, world, role)}
    assert seen == SEES_NAMES | {"member"}


def test_who_is_taken_off_the_list_takes_the_certificate_along(world):
    row = AttendanceFactory(
        meeting=world.meeting, seat=world.seat, contact=world.people["member"].contacts.get()
    )
    request(row, DocumentKind.CERTIFICATE, "coordination")

    Attendance.objects.filter(pk=row.pk).delete()

    assert (Snapshot.objects.count(), Rendition.objects.count()) == (0, 0)


# Downloads


def test_a_download_is_logged_and_its_name_tells_nothing(client, world):
    rendition = made_ready(
        request(world.meeting, DocumentKind.LETTER, addressee=world.institutions["member"])
    )
    client = as_role(client, world, "coordinator")

    response = client.get(reverse("reports:download", args=[rendition.pk]))
    b"".join(response.streaming_content)

    event = AccessEvent.objects.about(world.meeting).get()
    assert event.details == {"rendition": rendition.pk, "document": "letter", "language": "fr"}
    name = response["Content-Disposition"]
    assert world.project.code not in name
    assert world.institutions["member"].short_name not in name
    assert name.startswith('attachment; filename="')


def test_a_word_file_is_taken_at_once_and_logged(client, world):
    url = reverse("reports:document-word", args=["plan", world.plan.pk])

    response = as_role(client, world, "partner").get(
        url, {"language": "es", "audience": "partners"}
    )

    assert response.content.startswith(b"PK")
    assert response["Cache-Control"] == "private, no-store"
    assert AccessEvent.objects.about(world.plan).get().details == {
        "document": "plan",
        "language": "es",
        "format": "docx",
    }


@pytest.mark.parametrize(
    ("kind", "asked", "code"),
    [
        ("attendance_sheet", {"language": "fr", "audience": "committee"}, 403),
        ("plan", {"language": "de", "audience": "committee"}, 302),
        ("plan", {}, 302),
        ("plan", {"language": "fr", "audience": "coordination"}, 302),
    ],
)
def test_no_word_file_of_nonsense_or_of_what_is_not_ones_own(client, world, kind, asked, code):
    thing = world.plan if kind == "plan" else world.meeting

    response = as_role(client, world, "member").get(
        reverse("reports:document-word", args=[kind, thing.pk]), asked
    )

    assert response.status_code == code
    assert not AccessEvent.objects.filter(kind=AccessEvent.Kind.DOWNLOAD).exists()


# Verification


def check(client, code):
    return client.get(reverse("reports:verify-code", args=[code]))


def test_a_document_that_stands_is_genuine_and_one_of_the_day_unknown(client, world):
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status="validated", validated_by=world.decision
    )
    world.plan.refresh_from_db()
    final = snapshot_for(About(world.plan, DocumentKind.PLAN), language="es", audience="committee")
    passing = snapshot_for(
        About(world.meeting, DocumentKind.AGENDA), language="fr", audience="committee"
    )

    genuine, unknown = check(client, final.code), check(client, passing.code)

    told = {fact["label"]: fact["value"] for fact in genuine.context["found"].facts}
    assert told[gettext("Document")] == gettext("Action plan")
    assert told[gettext("Language")] == gettext("Spanish")
    assert unknown.status_code == 404


def test_the_code_of_sealed_minutes_is_known(client, world):
    seal_minutes_of(world.meeting)

    page = check(client, "7F3A-91C2-D04E")

    assert page.status_code == 200
    assert str(world.project) in page.content.decode()


# What stays


def test_documents_of_the_day_go_after_a_while_and_what_stands_stays(world):
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status="validated", validated_by=world.decision
    )
    world.plan.refresh_from_db()
    kept = made_ready(composed(request(world.plan, DocumentKind.PLAN)))
    made_ready(composed(request(world.meeting, DocumentKind.SHEET, "coordination")))
    Rendition.objects.update(requested_at="2020-01-01T00:00Z")

    sweep_files()

    assert list(Rendition.objects.all()) == [kept]
    assert list(Snapshot.objects.all()) == [kept.snapshot]


# The shelf


def test_the_shelf_asks_as_often_for_many_as_for_few(client, world, django_assert_max_num_queries):
    member = world.people["member"].contacts.get()
    client = as_role(client, world, "coordinator")
    counts = []
    for numbers in (range(1), range(1, 30)):
        for number in numbers:
            seat = SeatFactory(committee=world.committee)
            row = AttendanceFactory(
                meeting=world.meeting,
                seat=seat,
                contact=type(member).objects.create(
                    institution=seat.institution, full_name=f"Membre {number}"
                ),
            )
            snapshot = Snapshot.keep(
                About(row, DocumentKind.CERTIFICATE), {"coordination": {"fr": number}}
            )
            RenditionFactory(
                snapshot=snapshot, audience="coordination", requested_by=world.people["coordinator"]
            )

        with django_assert_max_num_queries(30) as statements:
            page = client.get(reverse("reports:documents", args=["meeting", world.meeting.pk]))
        counts.append(len(statements))

        assert len(page.context["documents"]) == len(page.context["certificates"]) == numbers.stop

    few, many = counts
    assert many <= few


def test_what_one_does_not_see_has_no_shelf(client, world):
    Meeting.objects.filter(pk=world.meeting.pk).update(status="planned", convened_on=None)
    urls = [
        reverse("reports:documents", args=["meeting", world.meeting.pk]),
        reverse("reports:documents", args=["nothing", world.meeting.pk]),
    ]
    client = as_role(client, world, "member")

    assert [client.get(url).status_code for url in urls] == [404, 404]


# For operators


def test_the_command_renders_into_a_file(world, tmp_path):
    file = tmp_path / "agenda.pdf"

    call_command(
        "render", "agenda", world.meeting.pk, "--language=es", "--audience=committee", output=file
    )

    pdf = Pdf(file.read_bytes())
    assert pdf.catalog["/Lang"] == "es"
    assert not Rendition.objects.exists()


@pytest.mark.parametrize(
    "options",
    [
        {"id": 10**9},
        {"audience": "donor"},
        {"kind": "minutes"},
        {"kind": "letter"},
        {"kind": "letter", "addressee": 10**9},
    ],
)
def test_the_command_says_what_is_wrong(world, tmp_path, options):
    asked = {"kind": "agenda", "id": world.meeting.pk} | options
    kind, pk = asked.pop("kind"), asked.pop("id")

    with pytest.raises(CommandError, match=r"\.$"):
        call_command("render", kind, pk, output=tmp_path / "x.pdf", **asked)


# What stands is kept without being asked for


def test_a_validated_plan_is_kept_as_the_committee_read_it(world):
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status="validated", validated_by=world.decision
    )
    request_final_documents()
    for rendition in Rendition.objects.all():
        composed(rendition)
    request_final_documents()

    asked = Rendition.objects.filter(snapshot__plan=world.plan, snapshot__is_final=True)
    assert sorted(asked.values_list("language", "audience", "is_draft")) == [
        (language, audience, False)
        for language in ("en", "es", "fr")
        for audience in ("committee", "donor")
    ]


def test_many_that_are_to_be_kept_hold_nothing_up(world, monkeypatch):
    monkeypatch.setattr(sweeping, "FINAL_AT_ONCE", 1)
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status="validated", validated_by=world.decision
    )

    request_final_documents()

    assert Rendition.objects.values("audience").distinct().count() == 1


def test_a_plan_in_review_and_minutes_in_draft_are_not_kept(world):
    Minutes.objects.create(meeting=world.meeting)
    request_final_documents()

    assert not Rendition.objects.exists()


@pytest.mark.parametrize(
    ("thing", "entry"), [("meeting", "committees:meetings"), ("plan", "committees:plans")]
)
def test_the_documents_of_a_thing_stand_below_it_in_the_navigation(client, world, thing, entry):
    client.force_login(world.people["coordinator"])
    shelf = reverse("reports:documents", args=[thing, getattr(world, thing).pk])
    navigation = client.get(shelf).context["nav"]

    assert [row["url"] for row in navigation if row["current"]] == [reverse(entry)]


def test_a_pack_tells_no_voting_seat_what_another_meeting_reserved_without_it(world):
    for title in ("Réservé sans un siège", "Réservé à tous les sièges"):
        AgendaItemFactory(meeting=world.meeting, audience="voting", title_fr=title)
    recused = world.meeting.items.get(title_fr="Réservé sans un siège")
    InterestDeclaration.objects.create(
        meeting=world.meeting, seat=world.seat, text="Bénéficiaire."
    ).items.set([recused])
    minutes = Minutes.objects.create(meeting=world.meeting)
    Minutes.objects.filter(pk=minutes.pk).update(
        status=Minutes.Status.IN_REVIEW, content=in_all_languages(minutes)
    )
    coming = MeetingFactory(
        committee=world.committee,
        number=7,
        status=Meeting.Status.CONVENED,
        starts_at=timezone.now() + timedelta(days=9),
        ends_at=timezone.now() + timedelta(days=9, hours=2),
    )
    AgendaItemFactory(meeting=coming)

    pack = str(
        compose(
            About(coming, DocumentKind.PACK),
            language="fr",
            audience="voting",
            as_of=timezone.localdate(),
        )
    )

    assert "Réservé à tous les sièges" in pack
    assert "Réservé sans un siège" not in pack
