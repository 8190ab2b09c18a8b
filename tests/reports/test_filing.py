"""The documents of a project that people file: numbers, versions, e-mails, who reads what."""

import hashlib
from datetime import date
from email.message import EmailMessage

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import AccessEvent
from projects.models import DutyDone, Participation
from reports.models import FiledDocument, FiledVersion
from tests.kernel import made_files
from tests.kernel.made_files import PDF

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def pdf(name="letter.pdf", mark=b""):
    return SimpleUploadedFile(name, made_files.pdf(b"%" + mark + b"\n"))


def url(world, name="filed-create", *args):
    return reverse(f"reports:{name}", args=[world.project.code, *args])


def listed(world):
    return reverse("projects:documents", args=[world.project.code])


def posted(client, world, *files, role="coordinator", **facts):
    client.force_login(world.people[role])
    data = {
        "kind": "letter_in",
        "on": "2026-03-02",
        "language": "es",
        "uploads": list(files),
        "no_victim_data": "on",
    }
    return client.post(url(world), data | facts)


def filed(client, world, *files, **facts) -> list[FiledDocument]:
    before = set(FiledDocument.objects.values_list("pk", flat=True))
    answer = posted(client, world, *files, **facts)
    assert answer.status_code == 302, answer.context["form"].errors
    return list(FiledDocument.objects.exclude(pk__in=before).order_by("pk"))


def message(**heads) -> EmailMessage:
    mail = EmailMessage()
    heads = {
        "Subject": "Prórroga del convenio",
        "From": "Ministerio <oficina@example.org>",
        "To": "Coordinación <equipo@example.org>",
        "Date": "Tue, 03 Mar 2026 09:15:00 -0600",
    } | heads
    for name, value in heads.items():
        mail[name] = value
    mail.set_content("Se acepta la prórroga.")
    return mail


def eml(mail, name="mensaje.eml"):
    return SimpleUploadedFile(name, mail.as_bytes())


# Filing


def test_several_files_become_numbered_documents_called_as_their_files(client, world):
    files = [pdf("carta_al_ministerio.pdf", b"1"), pdf("respuesta.pdf", b"2")]
    documents = filed(client, world, *files, their_reference="SE-14/2026", for_donor="on")

    code = world.project.code
    assert [(one.reference, one.title, one.kind, one.for_donor) for one in documents] == [
        (f"{code}-2026-001", "carta al ministerio", "letter_in", True),
        (f"{code}-2026-002", "respuesta", "letter_in", True),
    ]
    assert {one.their_reference for one in documents} == {"SE-14/2026"}


def test_each_year_of_each_project_has_its_own_numbers(client, world):
    (first,) = filed(client, world, pdf(mark=b"1"))
    (other_year,) = filed(client, world, pdf(mark=b"2"), on="2025-12-30")
    (agreement,) = filed(client, world, pdf(mark=b"3"), kind="agreement")
    (again,) = filed(client, world, pdf(mark=b"4"), kind="letter_out")

    assert [one.number for one in (first, other_year, agreement, again)] == [1, 1, None, 2]
    with pytest.raises(IntegrityError), transaction.atomic():
        FiledDocument.objects.filter(pk=again.pk).update(number=1)


def test_what_is_here_already_is_left_out_with_a_sentence(client, world):
    (known,) = filed(client, world, pdf(mark=b"1"))
    answer = posted(client, world, pdf("copia.pdf", b"1"))

    assert FiledDocument.objects.count() == 1
    page = client.get(answer.url, follow=True).content.decode()
    assert "copia.pdf" in page
    assert known.reference in page


def test_the_number_of_what_was_removed_is_not_given_again(client, world):
    (document,) = filed(client, world, pdf(mark=b"1"))
    version = document.versions.get()
    client.post(
        url(world, "filed-withdraw", document.pk),
        {"why": "Filed by mistake", "title": document.title},
    )
    document.refresh_from_db()

    assert (document.withdrawn_why, document.versions.count()) == ("Filed by mistake", 0)
    assert document.is_withdrawn
    page = client.get(document.get_absolute_url()).content.decode()
    assert page.count("Filed by mistake") == 1  # as the reason, and not as the words of a message
    (after,) = filed(client, world, pdf(mark=b"2"))
    assert after.number == 2
    gone = client.get(url(world, "filed-file", document.pk, version.number))
    assert gone.status_code == 404
    assert AccessEvent.objects.about(document).filter(details__change="document removed").exists()


def test_a_new_version_keeps_the_earlier_ones(client, world, django_capture_on_commit_callbacks):
    (document,) = filed(client, world, pdf(mark=b"1"))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(
            url(world, "filed-version", document.pk),
            {"upload": pdf("firmada.pdf", b"2"), "note": "Signed"},
        )
    same = client.post(url(world, "filed-version", document.pk), {"upload": pdf(mark=b"2")})

    assert same.status_code == 200  # already here
    rows = FiledVersion.objects.order_by("number").values_list("number", "original_name", "note")
    assert list(rows) == [(1, "letter.pdf", ""), (2, "firmada.pdf", "Signed")]
    for number, mark in ((1, b"%1"), (2, b"%2")):
        answer = client.get(url(world, "filed-file", document.pk, number))
        assert mark in b"".join(answer.streaming_content)
    events = AccessEvent.objects.about(document).filter(kind="download")
    assert sorted(event.details["version"] for event in events) == [1, 2]


def test_correspondence_keeps_its_number_and_so_its_kind(client, world):
    (document,) = filed(client, world, pdf())
    facts = {"kind": "agreement", "title": "x", "on": "2026-03-02", "language": "es"}
    page = client.get(url(world, "filed-edit", document.pk))
    seen = page.context["form"]["seen"].value()
    answer = client.post(url(world, "filed-edit", document.pk), facts | {"seen": seen})

    assert document.reference in str(answer.context["form"].non_field_errors())
    document.refresh_from_db()
    assert document.kind == "letter_in"


def test_a_confidential_document_has_no_other_readers(client, world):
    answer = posted(client, world, pdf(), is_confidential="on", for_donor="on")

    assert answer.status_code == 200
    assert not FiledDocument.objects.exists()


# E-mails


def test_a_message_is_taken_apart(client, world):
    mail = message()
    mail.add_attachment(PDF, maintype="application", subtype="pdf", filename="convenio.pdf")
    mail.add_attachment(b"MZ", maintype="application", subtype="x", filename="virus.exe")
    letter, attached = filed(client, world, eml(mail), for_partners="on")

    assert (letter.kind, letter.title, letter.on) == (
        "email",
        "Prórroga del convenio",
        date(2026, 3, 3),
    )
    assert letter.email_from == "Ministerio <oficina@example.org>"
    assert letter.email_to == "Coordinación <equipo@example.org>"
    assert letter.email_sha256 == hashlib.sha256(mail.as_bytes()).hexdigest()
    assert (attached.title, attached.came_with, attached.kind, attached.number) == (
        "convenio",
        letter,
        "other",
        None,
    )
    assert (letter.number, attached.for_partners) == (1, True)
    assert len(letter.left_out) == 1
    assert letter.left_out[0].startswith("virus.exe: ")
    page = client.get(letter.get_absolute_url()).content.decode()
    assert "Se acepta la prórroga." in page


def test_html_is_never_shown_as_it_is(client, world):
    mail = message()
    mail.set_content("<p>Hola <script>alert(1)</script><b>equipo</b></p>", subtype="html")
    (letter,) = filed(client, world, eml(mail))

    page = client.get(letter.get_absolute_url()).content.decode()
    assert "alert(1)" not in page
    assert "Hola" in page
    assert "<b>equipo</b>" not in page
    file = client.get(url(world, "filed-file", letter.pk, 1))
    assert file["Content-Type"].startswith("text/plain")
    assert b"<" not in b"".join(file.streaming_content).replace(b"<oficina", b"").replace(
        b"<equipo", b""
    )


def test_the_same_message_is_filed_once(client, world):
    filed(client, world, eml(message()))
    posted(client, world, eml(message(), "otra.eml"))

    assert FiledDocument.objects.count() == 1


@pytest.mark.parametrize(
    "content",
    [
        b"\x00\x01nothing",
        b"just text without a head",
        b"Subject: x\r\nContent-Type: application/pkcs7-mime\r\nFrom: a@b.c\r\nDate: x\r\n\r\nx",
        b"From: a@b.c\r\nSubject: x\r\n"
        + b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n' % n for n in range(200))
        + b"\r\nx",
        b"X-Nothing: 1\r\n\r\nwords",
    ],
    ids=["binary", "text", "encrypted", "nested", "no sender"],
)
def test_hostile_messages_are_refused_with_a_sentence(client, world, content):
    answer = posted(client, world, SimpleUploadedFile("a.eml", content))

    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not FiledDocument.objects.exists()


def test_strange_heads_break_nothing(client, world):
    mail = message(Date="Fri, 99 Foo 99999 99:99:99 +9999", Subject="=?utf-8?q?=3Cscript=3E?=")
    (letter,) = filed(client, world, eml(mail), on="2026-03-02")

    assert (letter.title, letter.on) == ("<script>", date(2026, 3, 2))
    assert (
        "<script>"
        not in client.get(letter.get_absolute_url())
        .content.decode()
        .split("<h1")[1]
        .split("</h1>")[0]
    )


# Who reads it


READS = {
    "for_committee": {"member"},
    "for_donor": {"donor"},
    "for_partners": {"partner", "member"},  # the member's institution is a partner as well
    "": set(),
    "is_confidential": set(),
}
TEAM = {"administrator", "coordinator", "monitoring", "finance", "reader", "auditor"}


@pytest.mark.parametrize("mark", READS)
def test_a_document_is_for_its_readers_alone(client, world, mark):
    (document,) = filed(client, world, pdf(), **({mark: "on"} if mark else {}))
    team = TEAM - ({"monitoring", "finance", "reader"} if mark == "is_confidential" else set())

    for role in (*TEAM, "member", "donor", "partner"):
        client.force_login(world.people[role])
        expected = 200 if role in team | READS[mark] else 404
        file = client.get(url(world, "filed-file", document.pk, 1))
        if file.status_code == 200:
            assert b"".join(file.streaming_content).startswith(b"%PDF")  # and it is closed
        seen = [client.get(document.get_absolute_url()).status_code, file.status_code]
        assert seen == [expected, expected], role
        assert (document.reference in client.get(listed(world)).content.decode()) == (
            expected == 200
        ), role


def test_a_document_of_another_project_is_not_here(client, world):
    (document,) = filed(client, world, pdf())
    other = reverse("reports:filed", args=[world.neighbour.code, document.pk])
    client.force_login(world.people["administrator"])

    assert client.get(other).status_code == 404


# The list


def test_the_list_asks_as_often_for_many_as_for_one(client, world, django_assert_max_num_queries):
    client.force_login(world.people["coordinator"])
    counts = []
    for numbers in (range(1), range(1, 30)):
        for number in numbers:
            FiledDocument.objects.create(
                project=world.project,
                kind="letter_in",
                title=f"Carta {number}",
                on=date(2026, 3, 1),
                year=2026,
                number=number + 1,
                sender=world.institutions["partner"],
            )
        client.get(listed(world))
        with django_assert_max_num_queries(20) as statements:
            client.get(listed(world))
        counts.append(len(statements))

    few, many = counts
    assert many <= few


def test_words_and_references_find_documents(client, world):
    first, second = filed(client, world, pdf("primera.pdf", b"1"), pdf("segunda.pdf", b"2"))
    for asked, found in (
        ("segunda", {second}),
        (first.reference, {first}),
        ("nada", set()),
        ("' OR 1=1 --", set()),
    ):
        page = client.get(listed(world), {"q": asked}).content.decode()
        assert {one for one in (first, second) if one.reference in page} == found, asked


# What the agreement asks for


def test_a_document_fulfils_what_the_agreement_asks_for(client, world):
    duty = world.project.reporting_duties.create(
        kind="inventory", title_en="Inventory", period_kind="once", role="finance", days=90
    )
    (document,) = filed(client, world, pdf(), kind="inventory", fulfils=f"{duty.pk}-0")

    done = DutyDone.objects.get()
    assert (done.duty, done.period, done.on, done.outcome) == (
        duty,
        None,
        date(2026, 3, 2),
        "done",
    )
    page = client.get(reverse("projects:documents-asked", args=[world.project.code]))
    assert [(one.title, one.is_there, one.documents) for one in page.context["page"]][-1:] == [
        ("Inventory", True, [document])
    ]
    client.post(url(world, "filed-withdraw", document.pk), {"why": "wrong", "title": "x"})
    assert not DutyDone.objects.exists()


@pytest.mark.parametrize(
    ("facts", "noted", "finance_sees"),
    [
        ({"is_confidential": "on"}, "", False),
        ({}, "", True),
        ({"for_donor": "on"}, "Fraud case", True),
        ({"kind": "letter_out", "is_confidential": "on"}, "HN-1-2026-001", False),
    ],
)
def test_what_it_fulfils_tells_nobody_else_its_title(client, world, facts, noted, finance_sees):
    duty = world.project.reporting_duties.create(
        kind="audit", title_en="Audit", period_kind="once", role="finance", days=90
    )
    facts = {"kind": "audit", "title": "Fraud case", "fulfils": f"{duty.pk}-0"} | facts
    (document,) = filed(client, world, pdf(), **facts)
    asked = reverse("projects:documents-asked", args=[world.project.code])

    assert DutyDone.objects.get().note == noted
    assert "Fraud case" in client.get(asked).text
    client.force_login(world.people["finance"])
    page = client.get(asked)
    shown = [one.documents for one in page.context["page"] if one.duty == duty]
    assert shown == [[document] if finance_sees else []]
    assert ("Fraud case" in page.text) == finance_sees


def test_only_who_takes_part_is_offered_as_sender(client, world):
    client.force_login(world.people["coordinator"])
    form = client.get(url(world)).context["form"]

    offered = {one.pk for one in form.fields["sender"].queryset}
    taking_part = Participation.objects.filter(project=world.project)
    assert offered == set(taking_part.values_list("institution", flat=True))


def test_only_the_message_itself_is_shown_as_text(client, world):
    (letter,) = filed(client, world, eml(message()))
    page = letter.get_absolute_url()
    assert client.get(page).context["text"].strip() == "Se acepta la prórroga."

    client.post(url(world, "filed-version", letter.pk), {"upload": pdf()})

    assert letter.versions.count() == 2
    assert client.get(page).context["text"] == ""


def test_a_message_that_takes_long_to_take_apart_is_refused(client, world):
    head = "From: a@example.org\nSubject: x\nContent-Disposition: attachment; "
    long = SimpleUploadedFile("m.eml", f"{head}{';' * 400_000}\n\nx".encode())

    answer = posted(client, world, long)

    assert answer.status_code == 200
    assert not FiledDocument.objects.exists()
