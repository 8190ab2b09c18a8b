"""What an incoming message is: answers of calendars, replies, automatic mail, reports of servers."""

import time
from datetime import UTC, datetime
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, strategies as st

from accounts.mail_in import reading
from accounts.mail_in.calendar_answers import CalendarAnswer, UnclearAnswer
from accounts.mail_in.parts import MOST_BYTES, as_text, decoded, take_apart
from accounts.mail_in.reading import (
    Automatic,
    Bounce,
    Delay,
    Unreadable,
    WhyUnread,
    WrittenReply,
    kind_of,
    read,
)

FROM, TO = "member@example.org", "reply+token@portal.example.org"


def message(text="Yes, I come.", html="", subject="Re: Meeting", **headers):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = FROM, TO, subject
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    return mail.as_bytes()


def text_of(*args, **kwargs):
    result = read(message(*args, **kwargs))
    assert isinstance(result, WrittenReply)
    return result.text


# Replies

QUOTES = {
    "gmail es": "El sáb, 28 nov 2026 a las 10:00, Coordinación (<reply@portal.example.org>) escribió:\n\n> Hola\n> ¿Viene?",
    "gmail fr, wrapped": "Le sam. 28 nov. 2026 à 10:00, Coordination Appui <\nreply@portal.example.org> a écrit :\n\n> Bonjour",
    "apple en": "> On 28 Nov 2026, at 10:00, Coordination <reply@portal.example.org> wrote:\n> \n> Hello",
    "thunderbird fr": "Le 28/11/2026 à 10:00, Coordination a écrit :\n> Bonjour",
    "outlook es": "De: Coordinación <reply@portal.example.org>\nEnviado: sábado, 28 de noviembre de 2026 10:00\nPara: Rol\nAsunto: Reunión\n\nHola",
    "outlook line": "________________________________\nFrom: Coordination <reply@portal.example.org>\nSent: Saturday\nTo: Role\nSubject: Meeting\n\nHello",
    "outlook fr, bold": "*De :* Coordination <reply@portal.example.org>\n*Envoyé :* samedi\n*À :* Rôle\n*Objet :* Réunion\n\nBonjour",
    "original": "-----Mensaje original-----\nDe: Coordinación\nHola",
    "original fr": "-------- Message d'origine --------\nDe : Coordination\nBonjour",
    "yahoo": "En sábado, 28 de noviembre de 2026, 10:00:00 GMT-6, Coordinación <reply@portal.example.org> escribió: \n\n Hola, sin signos",
    "zimbra": "----- Mail original -----\nDe: Coordination\nÀ: Rôle\nEnvoyé: Samedi\nObjet: Réunion\n\nBonjour",
    "proton": "Sent with Proton Mail secure email.\n\nOn Saturday, November 28th, 2026 at 10:00, Coordination <reply@portal.example.org> wrote:\n\n> Hello",
    "iphone": "Enviado desde mi iPhone\n\n> El 28 nov 2026, a las 10:00, Coordinación <reply@portal.example.org> escribió:\n> \n> Hola",
    "outlook phone": "Télécharger Outlook pour iOS<https://aka.ms/o0ukef>\n________________________________\nDe : Coordination\nEnvoyé : samedi\nÀ : Rôle\nObjet : Réunion",
    "samsung": "Enviado desde mi Galaxy\n\n-------- Mensaje original --------\nDe: C <c@example.org>\nFecha: 28/11/26",
    "outlook for mac": "De: C <c@example.org>\nFecha: sábado, 28 de noviembre\nPara: M\nAsunto: Reunión\nHola",
    "windows mail fr": "Provenance : Courrier pour Windows\n\nDe : C\nEnvoyé le :samedi\nÀ : m\nObjet :Réunion\n\nB",
    "zimbra es": 'De: "C" <c@example.org>\nPara: "Rol" <m@example.org>\nEnviados: Sábado\nAsunto: Reunión\n\nHola',
    "proton es": "Enviado con el correo electrónico seguro de [Proton Mail](https://proton.me/).\n\nEl sábado, 28, C <c@example.org> escribió:\n\n> Hola",
    "k-9": "-- \nEnviado desde mi dispositivo Android con K-9 Mail.\n\nEl 28 de noviembre de 2026, C <c@example.org> escribió:\n>Hola",
    "appointment": "-----Cita original-----\nDe: C\nEnviado el: sábado\nPara: M\nCuándo: 4 de mayo",
    "signature": "-- \nA role\nAn institution",
    "closing": "Un saludo cordial,\n\nRol ficticio\nInstitución\n+504 0000 0000",
    "notice": "AVISO DE CONFIDENCIALIDAD: Este mensaje es para su destinatario.",
}


@pytest.mark.parametrize("below", QUOTES.values(), ids=QUOTES)
def test_what_is_quoted_and_signed_is_cut(below):
    words = "Estoy de acuerdo con la actividad 3.\n\nFalta la fecha: el 4 de mayo."

    assert text_of(f"{words}\n\n{below}\n") == words


YAHOO = {
    "es": "Enviado desde Yahoo Mail para Android El mar., 24 de nov. de 2026 a las 10:15, Portal <reply@portal.example.org> escribió: Hola",
    "en": "Sent from Yahoo Mail for iPhone On Tuesday, November 24, 2026, 10:15 AM, Portal <reply@portal.example.org> wrote:",
    "fr": "Envoyé depuis Yahoo Mail pour iPhone Le mardi 24 novembre 2026, 10:15, Portail <reply@portal.example.org> a écrit :",
    "with a link": "[Sent from Yahoo Mail for iPhone](https://mail.example.com/mobile)",
    "and its motto": "Yahoo Mail: busca, organiza, conquista\n\nEl mar, 24 nov. 2026 a la(s) 10:15, Portal <reply@portal.example.org> escribió:",
}


@pytest.mark.parametrize("below", YAHOO.values(), ids=YAHOO)
def test_what_yahoo_quotes_on_telephones_is_cut(below):
    assert text_of(f"Sí, de acuerdo.\n\n{below}\n\nUsted tiene una invitación.") in {
        "Sí, de acuerdo.",
        "Sí, de acuerdo.\n\nUsted tiene una invitación." if "[" in below else "Sí, de acuerdo.",
    }


ABSENCES = [
    "Estoy fuera de la oficina hasta el lunes 7 de diciembre. Para asuntos urgentes, escriba a rol@example.org.",
    "Gracias por su mensaje. Me encuentro de vacaciones hasta el 15 de enero. Responderé a mi regreso.",
    "Bonjour,\n\nJe suis absente du bureau jusqu'au 7 décembre. En cas d'urgence, veuillez contacter le secrétariat.",
    "Merci de votre message. Je suis en congé et je vous répondrai à mon retour.",
    "Thank you for your email. I am out of the office until Monday. I will reply when I return.",
    "Hello,\nI am currently on annual leave with limited access to e-mail. For urgent matters, contact the front desk.",
]


@pytest.mark.parametrize("text", ABSENCES)
def test_a_note_of_absence_without_any_header_is_automatic(text):
    assert read(message(text)) == Automatic()


PRESENT = [
    "Estoy de vacaciones, pero asistiré.",
    "Estoy fuera de la oficina. Estoy de acuerdo con el plan. Si es urgente, llamen.",
    "Estoy de viaje.",
    "Je serai absente ce jour-là. Mon adjointe viendra.",
    "I am on leave on that day. My deputy will come, urgent as it is. We agree with point 3.",
    "Gracias por su mensaje. Asistiré.",
]


@pytest.mark.parametrize("text", PRESENT)
def test_words_of_a_person_about_absence_are_a_reply(text):
    assert isinstance(read(message(text)), WrittenReply)


def with_files(*files, text="We agree."):
    mail = EmailMessage()
    mail["From"], mail["To"] = FROM, TO
    mail.set_content(text)
    for name, kind, content, disposition in files:
        mail.add_attachment(
            content, maintype=kind, subtype="jpeg", filename=name, disposition=disposition
        )
    return read(mail.as_bytes())


def test_photographs_come_with_the_reply_and_signs_of_a_signature_do_not():
    found = with_files(
        ("a.jpg", "image", b"x" * 100, "attachment"),
        ("b.jpg", "image", b"x" * 40_000, "inline"),
        ("logo.jpg", "image", b"x" * 5_000, "inline"),
        ("c.JPG", "application", b"x" * 100, "attachment"),
        ("d.pdf", "application", b"x" * 100, "attachment"),
        ("smime.p7s", "application", b"x", "attachment"),
    )

    assert [picture.name for picture in found.pictures] == ["a.jpg", "b.jpg", "c.JPG"]
    assert found.left_out == 2


def test_of_many_photographs_the_first_come_along():
    found = with_files(*[(f"{n}.jpg", "image", b"x", "attachment") for n in range(7)])

    assert (len(found.pictures), found.left_out) == (5, 2)


def test_answers_between_and_below_quoted_lines_are_kept():
    text = (
        "On 28 Nov 2026 at 10:00, C <c@example.org> wrote:\n> First?\n\nYes.\n\n> Second?\n\nNo.\n"
    )

    assert text_of(text) == "Yes.\n\nNo."


KEPT = [
    "El director me escribió: no puede venir.",
    "De: Tegucigalpa\nA las 10 salgo.",
    "Gracias",
    "- uno\n- dos",
    "Sí, asisto.\n\nUn saludo,\nMiembro Ejemplo",
    "Oui.\n\nBien cordialement",
    "Agreed.\n\n---\n\nOne thing: who keeps the list?",
    "No remarks.\n\nThanks,\nA role\nAn institution",
    "Enviado por correo certificado ayer, llega el martes.",
    "On Monday I wrote to the ministry: no answer yet.",
]


@pytest.mark.parametrize("words", KEPT)
def test_words_that_only_look_like_those_of_a_mail_program_are_kept(words):
    assert text_of(words) == words


def test_labels_that_somebody_wrote_are_kept_above_the_header_of_what_is_quoted():
    words = "From: our side it is confirmed.\nTo: be decided is the date."
    quoted = "-----Original Message-----\nFrom: C\nSent: Saturday\nTo: M\nSubject: Plan\n\nHello"

    assert text_of(f"{words}\n\n{quoted}") == words


HTML = {
    "gmail": '<div dir="ltr">Oui, <b>d\'accord</b>.</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">Le sam. 28 nov. 2026 à 10:00, C &lt;<a>c@example.org</a>&gt; a écrit :<br></div><blockquote class="gmail_quote">Bonjour</blockquote></div>',
    "outlook": '<div class="WordSection1"><p class="MsoNormal">Oui, d\'accord.<o:p></o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>De :</b> C</p></div></div><p>Bonjour</p></div>',
    "outlook web": '<div>Oui, d\'accord.</div><div id="Signature">Rôle</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>De :</b> C</div><div>Bonjour</div>',
    "apple": '<html><body>Oui, d\'accord.<br><div dir="ltr" id="AppleMailSignature">Envoyé de mon iPhone</div><div><br><blockquote type="cite">Le 28 nov. 2026 à 10:00, C &lt;c@example.org&gt; a écrit :<br></blockquote></div><blockquote type="cite">Bonjour</blockquote></body></html>',
    "thunderbird": '<p>Oui, d\'accord.</p><div class="moz-cite-prefix">Le 28/11/2026 à 10:00, C a écrit :<br></div><blockquote type="cite">Bonjour</blockquote><pre class="moz-signature">-- \nRôle</pre>',
    "yahoo": '<div class="ydp1">Oui, d\'accord.</div><div id="yahoo_quoted_1" class="yahoo_quoted"><div>Le samedi, C a écrit :</div><div>Bonjour</div></div>',
    "proton": '<div>Oui, d\'accord.</div><div class="protonmail_signature_block">Envoyé avec Proton Mail</div><div class="protonmail_quote">Le samedi 28, C a écrit :<blockquote class="protonmail_quote">Bonjour</blockquote></div>',
    "outlook new": '<div class="elementToProof">Oui, d\'accord.</div><div id="mail-editor-reference-message-container"><b>De: </b>x</div>',
    "forwarded": '<div dir="ltr">Oui, d\'accord.</div><br><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>De: C<br></div><br><div>Bonjour</div></div>',
    "zimbra": '<div>Oui, d\'accord.</div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__"><b>De: </b>C</div><div>Bonjour</div>',
}


@pytest.mark.parametrize("html", HTML.values(), ids=HTML)
def test_what_mail_programs_mark_in_html_is_cut(html):
    mail = MIMEText(html, "html", "utf-8")
    mail["From"] = FROM

    assert read(mail.as_bytes()) == WrittenReply("Oui, d'accord.")


def test_of_two_versions_the_one_counts_in_which_the_quoted_text_was_found():
    html = '<p>Oui.</p><div id="appendonsend"></div><p>Bonjour</p>'

    assert text_of("Oui.\n\nBonjour, sans signe", html) == "Oui."


def test_flowing_lines_are_joined():
    mail = MIMEText("Une ligne \nqui continue.\nUne autre.\n", "plain", "utf-8")
    mail.set_param("format", "flowed")

    assert read(mail.as_bytes()) == WrittenReply("Une ligne qui continue.\nUne autre.")


def test_a_flowing_line_that_was_stuffed_is_not_quoted():
    mail = MIMEText("> How many?\n\n > 20 people, or \nfewer.\n", "plain", "utf-8")
    mail.set_param("format", "flowed")

    assert read(mail.as_bytes()) == WrittenReply("> 20 people, or fewer.")


def test_attachments_and_forwarded_messages_are_dropped():
    mail = MIMEMultipart()
    mail.attach(MIMEText("Voici.", "plain", "utf-8"))
    file = MIMEText("secret", "plain", "utf-8")
    file.add_header("Content-Disposition", "attachment", filename="notes.txt")
    mail.attach(file)

    assert read(mail.as_bytes()) == WrittenReply("Voici.", left_out=1)


@pytest.mark.parametrize("charset", ["x-nothing", "iso-8859-1", "windows-1252", "rot13", "a\0b"])
def test_a_charset_that_is_wrong_is_read_as_well_as_possible(charset):
    assert as_text("d’accord à".encode("cp1252"), charset) == "d’accord à"


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("Minutes of =?utf-8?q?r=C3=A9union?=\r\n of July", "Minutes of réunion of July"),
        ("Minutes of\r\n =?utf-8?q?r=C3=A9union?= of July", "Minutes of réunion of July"),
        ("=?utf-8?q?r=C3=A9u?=\r\n =?utf-8?q?nion?=", "réunion"),
        ("Minutes\r\n\tof July", "Minutes of July"),
    ],
)
def test_a_header_that_was_folded_keeps_its_words_apart(header, words):
    assert decoded(header) == words


# Answers of calendars

REPLY = (
    "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nPRODID:{prodid}\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n"
    "{attendee}\r\nCOMMENT;LANGUAGE=es:Llego a las diez\\, en bus\r\n"
    "UID:meeting-7@portal.example.org\r\nSEQUENCE:2\r\nDTSTART:20261201T150000Z\r\n"
    "BEGIN:VALARM\r\nUID:another\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
ATTENDEES = {
    "outlook": f'ATTENDEE;PARTSTAT=ACCEPTED;CN="Rol; de: prueba":mailto:{FROM}',
    "google": f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=Rol;X-\r\n NUM-GUESTS=0:mailto:{FROM}",
    "apple": f'ATTENDEE;CN="Rol";CUTYPE=INDIVIDUAL;EMAIL="{FROM}";PARTSTAT=ACCEPTED:urn:uuid:1',
    "exchange": f"ATTENDEE;partstat=accepted;CN=Rol:MAILTO:{FROM.upper()}",
}


def calendar_mail(text, kind="calendar", **headers):
    mail = MIMEMultipart("alternative")
    mail["From"] = FROM
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.attach(MIMEText("Rol ha aceptado", "plain", "utf-8"))
    part = MIMEText(text, kind, "utf-8")
    part.set_param("method", "REPLY")
    mail.attach(part)
    return mail.as_bytes()


@pytest.mark.parametrize("attendee", ATTENDEES.values(), ids=ATTENDEES)
def test_an_answer_of_a_calendar_is_read(attendee):
    mail = calendar_mail(REPLY.format(attendee=attendee, prodid="-//X//Y//EN"))

    assert read(mail) == CalendarAnswer(
        "accepted", FROM, "meeting-7@portal.example.org", 2, "Llego a las diez, en bus"
    )


def test_a_name_that_is_not_quoted_hides_no_answer():
    attendee = f"ATTENDEE;CN=Pérez; Rol;PARTSTAT=DECLINED:mailto:{FROM}"

    result = read(calendar_mail(REPLY.format(attendee=attendee, prodid="")))

    assert isinstance(result, CalendarAnswer)
    assert (result.answer, result.attendee) == ("declined", FROM)


@pytest.mark.parametrize("status", ["TENTATIVE", "DECLINED", "DELEGATED"])
def test_each_answer_has_its_name(status):
    attendee = f"ATTENDEE;PARTSTAT={status}:mailto:{FROM}"

    result = read(calendar_mail(REPLY.format(attendee=attendee, prodid="")))

    assert isinstance(result, CalendarAnswer)
    assert result.answer == status.lower()


def test_an_answer_that_a_program_sent_by_itself_is_one_all_the_same():
    text = REPLY.format(attendee=ATTENDEES["google"], prodid="")

    assert isinstance(read(calendar_mail(text, Auto_Submitted="auto-generated")), CalendarAnswer)


def test_another_time_that_somebody_proposes_comes_with_the_answer():
    text = REPLY.format(attendee=f"ATTENDEE;PARTSTAT=TENTATIVE:mailto:{FROM}", prodid="")

    result = read(calendar_mail(text.replace("METHOD:REPLY", "METHOD:COUNTER")))

    assert isinstance(result, CalendarAnswer)
    assert (result.answer, result.proposed) == (
        "tentative",
        datetime(2026, 12, 1, 15, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            "DTSTART;TZID=America/Bogota:20261201T150000",
            datetime(2026, 12, 1, 15, tzinfo=ZoneInfo("America/Bogota")),
        ),
        (
            'DTSTART;TZID="SA Pacific Standard Time":20261201T150000',
            datetime(2026, 12, 1, 15, tzinfo=ZoneInfo("America/Bogota")),
        ),
        ("DTSTART;TZID=Of the house:20261201T150000", datetime(2026, 12, 1, 15)),
        ("DTSTART;TZID=../../etc/passwd:20261201T150000", datetime(2026, 12, 1, 15)),
        ("DTSTART:20261201T150000", datetime(2026, 12, 1, 15)),
        ("DTSTART;VALUE=DATE:20261201", None),
        ("DTSTART:20261341T150000", None),
    ],
)
def test_a_proposed_time_is_in_the_zone_that_the_calendar_names(written, expected):
    text = REPLY.format(attendee=f"ATTENDEE;PARTSTAT=TENTATIVE:mailto:{FROM}", prodid="")
    text = text.replace("METHOD:REPLY", "METHOD:COUNTER")

    result = read(calendar_mail(text.replace("DTSTART:20261201T150000Z", written)))

    assert isinstance(result, CalendarAnswer)
    assert (result.proposed, result.proposed and result.proposed.tzinfo) == (
        expected,
        expected and expected.tzinfo,
    )


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL", "PUBLISH"])
def test_other_files_of_calendars_are_no_answers_and_their_words_no_reply(method):
    text = REPLY.format(attendee=ATTENDEES["outlook"], prodid="")

    result = read(calendar_mail(text.replace("METHOD:REPLY", f"METHOD:{method}")))

    assert result == UnclearAnswer()


def test_a_request_that_a_person_attaches_is_left_out():
    mail = MIMEMultipart()
    mail.attach(MIMEText("Is it this one?", "plain", "utf-8"))
    file = MIMEText(REPLY.replace("METHOD:REPLY", "METHOD:REQUEST"), "calendar", "utf-8")
    file.add_header("Content-Disposition", "attachment", filename="invite.ics")
    mail.attach(file)

    assert read(mail.as_bytes()) == WrittenReply("Is it this one?")


OTHER = "ATTENDEE;PARTSTAT={}:mailto:{}"
UNCLEAR = {
    "nobody": "X-NOTHING:1",
    "two people": f"{OTHER.format('ACCEPTED', FROM)}\r\n{OTHER.format('DECLINED', 'b@example.org')}",
    "two answers": f"{OTHER.format('ACCEPTED', FROM)}\r\n{OTHER.format('DECLINED', FROM)}",
    "two events": f"{OTHER.format('ACCEPTED', FROM)}\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:another",
}


@pytest.mark.parametrize("attendee", UNCLEAR.values(), ids=UNCLEAR)
def test_what_is_not_one_answer_to_one_event_is_unclear(attendee):
    assert read(calendar_mail(REPLY.format(attendee=attendee, prodid=""))) == UnclearAnswer()


@pytest.mark.parametrize(("second", "is_clear"), [("ACCEPTED", True), ("DECLINED", False)])
def test_several_files_must_say_the_same(second, is_clear):
    mail = MIMEMultipart()
    mail["From"] = FROM
    for status in ("ACCEPTED", second):
        attendee = OTHER.format(status, FROM)
        mail.attach(MIMEText(REPLY.format(attendee=attendee, prodid=""), "calendar", "utf-8"))

    assert isinstance(read(mail.as_bytes()), CalendarAnswer) == is_clear


def test_of_those_in_a_proposal_of_another_time_the_sender_answers():
    people = f"{OTHER.format('ACCEPTED', 'b@example.org')}\r\n{OTHER.format('TENTATIVE', FROM)}"
    text = REPLY.format(attendee=people, prodid="").replace("METHOD:REPLY", "METHOD:COUNTER")

    result = read(calendar_mail(text))

    assert isinstance(result, CalendarAnswer)
    assert (result.answer, result.attendee) == ("tentative", FROM)


def test_the_text_of_outlook_is_the_comment():
    text = REPLY.format(attendee=ATTENDEES["outlook"], prodid="Microsoft Exchange Server 2010")
    text = "\r\n".join(line for line in text.split("\r\n") if not line.startswith("COMMENT"))

    result = read(calendar_mail(text))

    assert isinstance(result, CalendarAnswer)
    assert result.comment == "Rol ha aceptado"


# What no person wrote

AUTOMATIC = [
    {"Auto_Submitted": "auto-replied"},
    {"X_Autoreply": "yes"},
    {"Precedence": "bulk"},
    {"Precedence": "list"},
    {"List_Id": "<list.example.org>"},
    {
        "List_Id": "<list.example.org>",
        "Auto_Submitted": "auto-replied",
        "In_Reply_To": "<1@a.example>",
    },
    {"Return_Path": "<>"},
    {"subject": "Respuesta automática: Reunión"},
    {"subject": "Réponse automatique : Réunion"},
    {"subject": "Automatic reply: Meeting"},
    {"subject": "Fuera de la oficina Re: Reunión"},
    {"subject": "Out of Office: Meeting"},
]


@pytest.mark.parametrize("headers", AUTOMATIC, ids=str)
def test_automatic_messages_are_told_from_others(headers):
    assert read(message("I am away until Monday.", **headers)) == Automatic()


@pytest.mark.parametrize(
    "mark", [{"In_Reply_To": "<1@a.example>"}, {"Auto_Submitted": "no"}], ids=str
)
def test_what_a_person_answers_through_a_list_is_a_reply(mark):
    headers = {"List_Id": "<list.example.org>", "Precedence": "list"} | mark

    assert read(message("Yes, I come.", **headers)) == WrittenReply("Yes, I come.")


@pytest.mark.parametrize(
    "subject", ["Re: Out of the box", "Absent on Monday", "Vacaciones de mayo"]
)
def test_a_subject_that_is_about_absence_is_no_automatic_one(subject):
    assert read(message("Words.", subject=subject)) == WrittenReply("Words.")


# Reports of mail servers


def report(action, status, address="collective@example.org"):
    return (
        "From: MAILER-DAEMON@mx.example.org\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\n\r\nThis is the mail system.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example.org\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 <collective@example.org>:\r\n    no such user\r\n"
        "--b--\r\n"
    ).encode()


def test_a_report_says_which_address_failed():
    assert read(report("failed", "5.1.1")) == Bounce("collective@example.org", "5.1.1")


def test_what_is_late_has_not_failed():
    assert read(report("delayed", "4.4.1")) == Delay("collective@example.org", "4.4.1")


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_what_was_delivered_is_only_an_automatic_message(action):
    assert read(report(action, "2.0.0")) == Automatic()


WORDS = {
    "qmail": (
        "failure notice",
        "Hi. This is the qmail-send program at mx.example.org.\nI'm afraid I wasn't able to deliver "
        "your message.\n\n<collective@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
        "--- Below this line is a copy of the message.\n\nTo: <another@example.org>\n",
    ),
    "postfix": (
        "Undelivered Mail Returned to Sender",
        "I'm sorry to have to inform you that your message could not\nbe delivered.\n\n"
        "<collective@example.org>: host mx.example.org said: 550 5.1.1 User unknown\n",
    ),
    "exchange es": (
        "No se puede entregar: Reunión",
        "No se pudo entregar el mensaje a los siguientes destinatarios o grupos:\n\n"
        "Colectivo (collective@example.org)\nNo se encontró la dirección.\n",
    ),
    "gmail": (
        "Delivery Status Notification (Failure)",
        "** Address not found **\n\nYour message wasn't delivered to collective@example.org because the "
        "address couldn't be found.",
    ),
    "exim": (
        "Mail delivery failed: returning message to sender",
        "A message that you sent could not be delivered to one or more of its\nrecipients. This is a "
        "permanent error. The following address(es) failed:\n\n  collective@example.org\n    no user\n",
    ),
}


@pytest.mark.parametrize(("subject", "text"), WORDS.values(), ids=WORDS)
def test_reports_in_words_are_read(subject, text):
    mail = message(text, subject=subject)
    mail = mail.replace(FROM.encode(), b"MAILER-DAEMON@mx.example.org")

    result = read(mail)

    assert isinstance(result, Bounce)
    assert result.address == "collective@example.org"


def test_a_warning_in_words_is_a_delay():
    text = (
        "THIS IS A WARNING MESSAGE ONLY. YOU DO NOT NEED TO RESEND YOUR MESSAGE.\n\n"
        "<collective@example.org>: connection timed out\n"
    )
    mail = message(text, subject="Delayed Mail (still being retried)")

    result = read(mail.replace(FROM.encode(), b"MAILER-DAEMON@mx.example.org"))

    assert result == Delay("collective@example.org")


# Anything


def test_what_is_too_large_or_too_nested_is_said_to_be():
    nested = "".join(
        f'Content-Type: multipart/mixed; boundary="{n}"\n\n--{n}\n' for n in range(500)
    )
    rows = [nested.encode(), b"x" * (MOST_BYTES + 1)]

    assert [read(row) for row in rows] == [Unreadable(WhyUnread.TOO_LARGE)] * 2


def test_what_is_encrypted_is_said_to_be():
    mail = MIMEText("x", "plain")
    mail.replace_header("Content-Type", "application/pkcs7-mime; smime-type=enveloped-data")

    assert read(mail.as_bytes()) == Unreadable(WhyUnread.ENCRYPTED)


PIECES = st.sampled_from(
    [
        b"Content-Type: multipart/mixed; boundary=a\n\n--a\n",
        b"Content-Type: text/calendar; method=REPLY; charset=\n\nATTENDEE;PARTSTAT=ACCEPTED:x\n",
        b"Content-Type: text/html; charset=utf-7\n\n<div class='gmail_quote'><p><![",
        b"Content-Type: message/delivery-status\n\nAction: failed\nFinal-Recipient: ;\n\n",
        b"Content-Transfer-Encoding: base64\n\n=?x",
        b"From: =?utf-8?b?!!?= <>\nSubject: =?a?q?=zz?=\n",
        b"BEGIN:VCALENDAR\nMETHOD:REPLY\n",
        b"--a--\n",
        b"\n\n> x\nOn 1 wrote:\n",
        b"\xff\xfe\0\r",
    ]
)


@example([b"From: a\n"])
@given(st.lists(PIECES | st.binary(max_size=40), max_size=12))
def test_no_input_breaks_the_reading(pieces):
    """The reading itself, without the net below it."""
    parts = take_apart(b"".join(pieces))

    assert isinstance(kind_of(parts), reading.Result)


@given(st.text(max_size=300))
def test_no_text_breaks_the_cutting(text):
    assert isinstance(reading.reply_text([(text, True)], [text]), str)


# What somebody makes so that it takes long

AT_LENGTH = {
    "addresses": ("", "x@" * 249 + "\n"),
    "addresses and a colon": ("", "x@" * 248 + ":\n"),
    "addresses after a day": ("", "2026-11-28 " + "x@" * 240 + ":\n"),
    "addresses after a bracket": ("", "el ab, 1aaaaa<" + "x@" * 240 + ">x\n"),
    "verbs": ("", "On " + "schrieb " * 60 + "\n"),
    "spaces after a hyphen": ("", "-" + " " * 197 + "x\n"),
    "lines of a server": ("mailer-daemon@example.org", "\n"),
    "hyphens of a server": ("mailer-daemon@example.org", "-"),
    "spaces of a server": ("mailer-daemon@example.org", f"<a@b.cc>{' ' * 4000}x\n"),
}


@pytest.mark.parametrize(("sender", "piece"), AT_LENGTH.values(), ids=AT_LENGTH)
def test_no_text_takes_long(sender, piece):
    head = f"From: {sender or FROM}\nTo: {TO}\nSubject: failure\n\n"
    began = time.process_time()

    read(f"{head}{piece * (300_000 // len(piece))}x".encode())

    assert time.process_time() - began < 3


def test_the_words_of_somebody_else_are_not_looked_for():
    assert kind_of(take_apart(message("Words.")), reads_text=False) == WrittenReply("")


def test_no_html_takes_long():
    head = f"From: {FROM}\nTo: {TO}\nContent-Type: text/html\n\n"
    began = time.process_time()

    read(f"{head}{'<' * 300_000}".encode())

    assert time.process_time() - began < 3


@pytest.mark.parametrize("name", ["Content-Type", "content-disposition"])
@pytest.mark.parametrize("piece", [";", "\n ;", "\r\n\t;", "\r ;", '";'])
def test_no_parameters_take_long(name, piece):
    head = f"From: {FROM}\nTo: {TO}\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
    began = time.process_time()

    result = read(f"{head}{name}: a/b; {piece * 400_000}\n\nx\n--b--\n".encode())

    assert result == Unreadable(WhyUnread.TOO_LARGE)
    assert time.process_time() - began < 3


def test_a_long_name_of_an_attachment_is_no_such_header():
    mail = MIMEMultipart()
    mail["From"], mail["To"] = FROM, TO
    mail.attach(MIMEText("Words.", "plain", "utf-8"))
    file = MIMEText("x", "plain", "utf-8")
    file.add_header(
        "Content-Disposition", "attachment", filename=("utf-8", "", "会" * 250 + ".txt")
    )
    mail.attach(file)

    assert read(mail.as_bytes()) == WrittenReply("Words.", left_out=1)
