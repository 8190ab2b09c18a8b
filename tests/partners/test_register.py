"""The register of institutions: entered once, found under any of their names, kept by many."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode
from django_countries import countries

from accounts.models import OutgoingMail, User
from kernel.languages import working_in
from partners.models import Institution, InstitutionName
from projects.institutions.views.register import PLACES
from projects.models import Representation
from tests.factories import (
    ContactFactory,
    InstitutionFactory,
    InstitutionNameFactory,
    ParticipationFactory,
    ProjectFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

LIST = reverse("partners:list")
CREATE = reverse("partners:create")


def new(world, **changes):
    return {
        "name_fr": "Pouvoir judiciaire",
        "kind": "state",
        "country": "HN",
        "project": world.project.code,
        "role": "partner",
    } | changes


def shown(response):
    return {row["institution"] for row in response.context["page"]}


def test_one_sees_the_institutions_of_ones_projects(client, world, sign_in):
    InstitutionFactory()  # takes part in nothing
    sign_in("donor")

    assert shown(client.get(LIST)) == set(world.institutions.values())
    assert client.get(world.foreign_institution.get_absolute_url()).status_code == 404

    sign_in("outsider")
    assert shown(client.get(LIST)) == {world.foreign_institution}

    sign_in("administrator")
    assert shown(client.get(LIST)) == set(Institution.objects.all())


def test_who_has_no_role_sees_an_empty_register(client):
    client.force_login(UserFactory())

    response = client.get(LIST)

    assert shown(response) == set()
    assert "No institution yet." in response.content.decode()


def test_a_page_tells_only_of_projects_that_its_reader_sees(client, world, sign_in):
    institution = world.institutions["partner"]
    ParticipationFactory(project=world.neighbour, institution=institution)
    sign_in("donor")

    for url in (LIST, institution.get_absolute_url()):
        content = client.get(url).content.decode()
        assert world.project.short_title in content
        assert world.neighbour.short_title not in content


def test_of_many_projects_the_register_shows_the_first_and_how_many_more(client, world, sign_in):
    institution = InstitutionFactory(illustrative=False)
    for number in range(PLACES + 2):
        project = ProjectFactory(code=f"GT-{number}", short_title_fr=f"Titre {number}")
        ParticipationFactory(project=project, institution=institution)
    sign_in("administrator")

    response = client.get(LIST)

    (row,) = (row for row in response.context["page"] if row["institution"] == institution)
    assert [place.project.code for place in row["places"]] == [f"GT-{n}" for n in range(PLACES)]
    assert "and 2 more" in response.content.decode()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?q=policia", {"police"}),
        ("?q=POLICE", {"police"}),
        ("?q=police%20nat", {"police"}),
        ("?q=gendarmerie", {"police"}),  # its name of old
        ("?q=judicial", {"courts"}),
        ("?q=pj", {"courts"}),
        ("?kind=academic", {"courts"}),
        ("?q=police&kind=academic", set()),
        ("?project=HN-1&q=courts", set()),
        ("?q=%25", set()),
    ],
)
def test_institutions_are_found_under_any_name_they_ever_had(
    client, world, sign_in, query, expected
):
    police, courts = InstitutionFactory(name=None), InstitutionFactory(name=None, kind="academic")
    InstitutionNameFactory(institution=police, name_fr="Gendarmerie", acronym="")
    InstitutionNameFactory(
        institution=police,
        name_fr="Police nationale",
        name_es="Policía Nacional",
        acronym="",
        since=date(2019, 1, 1),
    )
    InstitutionNameFactory(
        institution=courts, name_fr="Cours", name_es="Poder Judicial", name_en="", acronym="PJ"
    )
    sign_in("administrator")

    found = shown(client.get(LIST + query))

    names = {police: "police", courts: "courts"}
    assert {names.get(each, "other") for each in found} == expected


def test_filter_by_project(client, world, sign_in):
    sign_in("administrator")

    assert shown(client.get(f"{LIST}?project=HN-2")) == {world.foreign_institution}


def test_a_project_that_one_does_not_see_is_no_filter(client, world, sign_in):
    sign_in("donor")

    response = client.get(f"{LIST}?project=HN-2")

    assert "project" in response.context["form"].errors
    assert world.foreign_institution not in shown(response)


def test_institutions_are_listed_by_their_present_name_in_the_readers_language(
    client, world, sign_in
):
    person = sign_in("administrator")
    Institution.objects.exclude(pk=world.institutions["member"].pk)
    first, last = world.institutions["member"], world.institutions["donor"]
    first.names.update(name_fr="Zzz", name_es="Aaa")
    last.names.update(name_fr="Aaa", name_es="Zzz")

    def ends():
        rows = [row["institution"] for row in client.get(LIST).context["page"]]
        return rows[0], rows[-1]

    for language, expected in (("es", (first, last)), ("fr", (last, first))):
        person.language = language
        person.save()
        assert ends() == expected


# Entering


def test_an_institution_is_entered_with_its_name_and_its_place(client, world, coordinator):
    response = client.post(CREATE, new(world, name_es="Poder Judicial", acronym="PJ"))

    institution = Institution.objects.get(names__name_fr="Pouvoir judiciaire")
    assert response.url == institution.get_absolute_url()
    assert client.get(response.url).status_code == 200
    assert world.project.participations.get(institution=institution).role == "partner"
    assert institution.names.get().stale_translations == []


def test_an_institution_is_entered_once(client, world, coordinator):
    client.post(CREATE, new(world))

    second = client.post(CREATE, new(world, name_fr="  pouvoir JUDICIAIRE "))

    assert "already has an institution with this name" in second.content.decode()
    assert Institution.objects.filter(names__name_fr__iexact="pouvoir judiciaire").count() == 1
    client.post(CREATE, new(world, country="GT"))
    assert Institution.objects.filter(names__name_fr__iexact="pouvoir judiciaire").count() == 2


def test_nobody_learns_that_a_hidden_institution_is_in_the_register(client, world, coordinator):
    hidden = InstitutionFactory(named_to=[])
    hidden.names.update(name_fr="Pouvoir judiciaire")
    known = Institution.objects.count()

    for _time in range(2):
        page = client.post(CREATE, new(world), follow=True).content.decode()
        assert "already" not in page
        assert "an administrator will check it" in page

    assert Institution.objects.count() == known
    mail = OutgoingMail.objects.get(person=world.people["administrator"])
    assert hidden.get_absolute_url() in mail.text
    assert "Pouvoir judiciaire" in mail.text


@pytest.mark.parametrize(
    "changes",
    [
        {"project": ""},  # its coordinator could not see it again
        {"project": "HN-2"},
        {"project": "nonsense"},
        {"role": "nonsense"},
        {"name_fr": ""},
        {"name_fr": "x" * 300},
        {"kind": ""},
        {"country": "Honduras"},
        {"safeguarding_signed_on": "2999-01-01"},
    ],
)
def test_what_cannot_be_entered_is_refused(client, world, coordinator, changes):
    before = Institution.objects.count()

    response = client.post(CREATE, new(world, **changes))

    assert any(form.errors for form in response.context["forms"])
    assert Institution.objects.count() == before


def test_an_administrator_may_enter_an_institution_without_a_project(client, world, sign_in):
    sign_in("administrator")

    client.post(CREATE, new(world, project=""))

    assert not Institution.objects.get(names__name_fr="Pouvoir judiciaire").participations.exists()


def test_names_are_shown_as_typed(client, world, coordinator):
    script = "<script>alert(1)</script>"

    response = client.post(CREATE, new(world, name_fr=script, acronym="<b>"), follow=True)

    for content in (response.content.decode(), client.get(LIST).content.decode()):
        assert script not in content
        assert "&lt;script&gt;" in content


# Names over time


def test_an_institution_is_called_otherwise_from_a_day_on(client, world, coordinator):
    institution = world.institutions["member"]
    old = institution.name
    tomorrow = timezone.localdate() + timedelta(days=1)
    url = reverse("partners:name-create", args=[institution.pk])

    client.post(url, {"name_fr": "Secrétariat", "since": "2022-04-01"})
    client.post(url, {"name_fr": "À venir", "since": tomorrow.isoformat()})

    institution = Institution.objects.get(pk=institution.pk)
    with translation.override("fr"):
        assert institution.name == "Secrétariat"
        assert str(institution.name_on(date(2022, 3, 31))) == old
        assert str(institution.name_on(tomorrow)) == "À venir"
    content = client.get(institution.get_absolute_url()).content.decode()
    assert "from April 1, 2022 on" in content


@pytest.mark.parametrize("since", ["", "2022-04-01"])
def test_two_names_do_not_begin_on_one_day(client, world, coordinator, since):
    institution = world.institutions["member"]
    url = reverse("partners:name-create", args=[institution.pk])
    if since:
        client.post(url, {"name_fr": "Un", "since": since})
    before = institution.names.count()

    response = client.post(url, {"name_fr": "Deux", "since": since})

    assert response.context["form"].errors == {
        "__all__": ["This institution already has a name from that day on."]
    }
    assert institution.names.count() == before


def test_an_institution_keeps_one_name(client, world, coordinator):
    institution = world.institutions["member"]
    second = institution.names.create(name_fr="Deux", since="2022-01-01")

    def delete(name):
        return client.post(reverse("partners:name-delete", args=[institution.pk, name.pk]))

    assert delete(second).status_code == 302
    assert delete(institution.names.get()).status_code == 403
    assert institution.names.count() == 1


# Who keeps what


def test_an_institution_keeps_its_own_names_and_the_date_of_its_policy(client, world, sign_in):
    sign_in("partner")
    own = world.institutions["partner"]
    url = reverse("partners:edit", args=[own.pk])
    assert list(client.get(url).context["form"].fields) == [
        "kind",
        "country",
        "safeguarding_signed_on",
        "seen",
    ]

    client.post(
        url,
        {
            "safeguarding_signed_on": "2020-01-31",
            "kind": "academic",
            "country": "CA",
            "identifier": "XX-1",
        },
    )
    client.post(
        reverse("partners:name-edit", args=[own.pk, own.names.get().pk]),
        {"name_fr": "Notre nom"},
    )

    own.refresh_from_db()
    assert own.safeguarding_signed_on == date(2020, 1, 31)
    assert (own.kind, str(own.country)) == ("academic", "CA")
    assert own.identifier == ""  # this it does not edit itself
    assert own.names.get().name_fr == "Notre nom"
    other = reverse("partners:edit", args=[world.institutions["member"].pk])
    assert client.post(other, {"safeguarding_signed_on": "2020-01-31"}).status_code == 403


def test_an_institution_in_use_is_not_deleted(client, world, sign_in):
    sign_in("administrator")
    used, spare = world.institutions["partner"], InstitutionFactory()

    refused = client.post(reverse("partners:delete", args=[used.pk]), follow=True)
    client.post(reverse("partners:delete", args=[spare.pk]))

    assert "it stays in the register" in refused.content.decode()
    assert Institution.objects.filter(pk__in=[used.pk, spare.pk]).get() == used


def entered(client, **typed):
    facts = {"kind": "state", "country": "HN"} | typed
    return client.post(reverse("partners:create"), facts, follow=True)


@pytest.mark.parametrize(
    ("name", "acronym"), [("Comision Nacional contra la Trata", ""), ("Otra entidad", "CNT")]
)
def test_an_institution_that_is_nearly_there_is_asked_about_once(client, sign_in, name, acronym):
    sign_in("administrator")
    known = InstitutionFactory(country="HN", name=None)
    InstitutionNameFactory(
        institution=known, name_es="Comisión Nacional contra la Trata", acronym="CNT"
    )
    typed = {"name_es": name, "acronym": acronym}
    before = Institution.objects.count()

    asked = entered(client, **typed)

    assert "say whether this is another" in asked.content.decode()
    assert Institution.objects.count() == before
    entered(client, **typed, is_another="on")
    assert Institution.objects.count() == before + 1


@pytest.mark.parametrize(
    ("kind", "role"), [("donor", "funding"), ("embassy", "representing"), ("academic", "partner")]
)
def test_an_institution_has_the_usual_role_of_its_kind(client, world, sign_in, kind, role):
    sign_in("coordinator")

    entered(client, kind=kind, name_es="Entidad nueva", project=world.project.code)

    assert world.project.participations.latest("pk").role == role


def test_an_institution_entered_by_mistake_goes_with_its_place_in_the_project(
    client, world, sign_in
):
    sign_in("administrator")
    place = ParticipationFactory(project=world.project)
    institution = Institution.objects.with_names().get(pk=place.institution_id)

    page = client.get(reverse("partners:delete", args=[institution.pk])).content.decode()
    client.post(reverse("partners:delete", args=[institution.pk]))

    assert institution.name in page
    assert str(world.project) in page
    assert not Institution.objects.filter(pk=institution.pk).exists()


# An institution that serves several projects


@pytest.fixture
def shared(world):
    ParticipationFactory(project=world.neighbour, institution=world.institutions["partner"])
    return world.institutions["partner"]


def test_the_coordination_of_one_project_changes_nothing_that_holds_in_another(
    client, world, sign_in, shared
):
    sign_in("coordinator")
    name = shared.names.get()
    for page, arguments in [
        ("edit", [shared.pk]),
        ("name-create", [shared.pk]),
        ("name-edit", [shared.pk, name.pk]),
    ]:
        url = reverse(f"partners:{page}", args=arguments)
        assert client.post(url, {"name_fr": "Autre", "kind": "donor"}).status_code == 403, page

    name.refresh_from_db()
    assert name.name_fr != "Autre"


def test_it_proposes_the_change_and_an_administrator_settles_it(client, world, sign_in, shared):
    sign_in("coordinator")
    url = reverse("partners:change-propose", args=[shared.pk])
    client.post(url, {"text": "Le nom a changé par décret."})
    page = shared.get_absolute_url()
    assert "Le nom a changé par décret." in client.get(page).content.decode()
    change = shared.proposed_changes.get()
    settle = reverse("partners:change-settle", args=[shared.pk, change.pk])
    assert client.post(settle).status_code == 403

    administrator = sign_in("administrator")
    assert "Le nom a changé par décret." in client.get("/").content.decode()
    client.post(settle)

    change.refresh_from_db()
    assert change.settled_by == administrator
    assert "par décret" not in client.get(page).content.decode()


def test_whom_one_coordinator_entered_does_not_speak_for_it_in_all_projects(
    client, world, sign_in, shared
):
    """Once an administrator or a colleague confirmed them, they do."""
    sign_in("partner")
    url = reverse("partners:edit", args=[shared.pk])
    facts = {"kind": "academic", "country": "HN", "safeguarding_signed_on": ""}
    assert client.post(url, facts).status_code == 403

    Representation.objects.filter(contact__user=world.people["partner"]).update(
        confirmed_at=timezone.now()
    )
    assert client.post(url, facts).status_code == 302


def test_who_coordinates_all_projects_of_an_institution_edits_it(client, world, sign_in, shared):
    world.neighbour.assignments.create(user=sign_in("coordinator"), role="coordinator")

    assert client.get(reverse("partners:edit", args=[shared.pk])).status_code == 200


def test_an_institution_of_another_project_is_found_by_name_and_country_alone(
    client, world, sign_in
):
    foreign = world.foreign_institution
    ContactFactory(institution=foreign, full_name="Membre 70", user=UserFactory())
    hidden = InstitutionFactory(named_to=[])
    sign_in("coordinator")
    url = reverse("projects:participation-create", args=[world.project.code])

    page = client.get(url).content.decode()
    assert f"{foreign.name} (Honduras)" in page
    assert hidden.name not in page
    assert client.get(foreign.get_absolute_url()).status_code == 404
    client.post(url, {"institution": foreign.pk, "role": "partner"})

    content = client.get(foreign.get_absolute_url()).content.decode()
    assert foreign.name in content
    assert "Membre 70" not in content


@pytest.mark.parametrize(("code", "goes_on"), [("HN-1", True), ("a/b", False), ("\0", False)])
def test_who_came_from_the_partners_of_a_project_goes_on_there(client, world, code, goes_on):
    client.force_login(world.people["administrator"])

    done = client.post(f"{CREATE}?{urlencode({'project': code})}", new(world))

    partners = reverse("projects:participations", args=[world.project.code])
    assert (done["Location"] == partners) is goes_on


def test_what_is_refused_in_each_part_of_the_form_is_said_once_at_its_top(client, world, sign_in):
    sign_in("coordinator")

    data = new(world, name_fr="", kind="", project="")
    html = client.post(CREATE, data).content.decode()

    assert html.count("Nothing has been saved yet") == 1
    assert html.index("Fill in at least one language") < html.index("Choose one of these")


def test_a_text_in_the_only_language_is_asked_for_without_speaking_of_languages(world):
    project = ProjectFactory(languages=["es"])

    with working_in(project), translation.override("en"):
        alone = InstitutionName(institution=world.institutions["partner"])
        with pytest.raises(ValidationError) as refused:
            alone.full_clean()

    assert refused.value.message_dict["name_es"] == ["Fill in this field."]


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("es", ["República Centroafricana", "Guyana", "Islas Marshall", "Esuatini"]),
        ("fr", ["République centrafricaine", "Guyana", "Îles Marshall", "Eswatini"]),
    ],
)
def test_countries_have_their_names(language, names):
    with translation.override(language):
        found = [str(countries.name(code)) for code in ("CF", "GY", "MH", "SZ")]
        assert found == names
        assert (
            str(countries.name("TT"))
            == {
                "es": "Trinidad y Tobago",
                "fr": "Trinité-et-Tobago",
            }[language]
        )


def test_messages_greet_by_the_corrected_name_until_its_person_has_signed_in(
    client, world, sign_in
):
    sign_in("coordinator")
    contact = world.people["partner"].contacts.get()
    User.objects.filter(pk=contact.user_id).update(last_login=None)
    url = reverse("partners:contact-edit", args=[contact.institution_id, contact.pk])

    def correct(name):
        shown = client.get(url).context["form"]
        typed = {each.name: each.value() or "" for each in shown if each.value() is not False}
        client.post(url, typed | {"full_name": name})
        return User.objects.get(pk=contact.user_id).full_name

    assert correct("Representante Uno (ficticia)") == "Representante Uno (ficticia)"
    User.objects.filter(pk=contact.user_id).update(last_login=timezone.now())
    assert correct("Otra (ficticia)") == "Representante Uno (ficticia)"
