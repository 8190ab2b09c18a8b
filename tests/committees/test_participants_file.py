"""Participants files of Zoom, Teams and Meet as they come: columns, languages, dates, encodings."""

import io
import json
from datetime import datetime, timedelta

import pytest
from django.core.management import call_command
from hypothesis import given, strategies as st

from committees.meetings.participants_file import (
    CallParticipant,
    read_participants,
)
from committees.meetings.participants_rows import union_seconds
from committees.meetings.participants_words import (
    is_like_a_formula,
    moment_of,
    name_key,
    seconds_of,
)
from kernel.refusal import Refusal

ZOOM_HEADER = (
    "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,In Waiting Room"
)
ZOOM = f"""{ZOOM_HEADER}
Member 01,m01@example.org,09/15/2020 09:00:00 AM,09/15/2020 09:30:00 AM,30,No,No
Member 02,,09/15/2020 09:05:00 AM,09/15/2020 11:00:00 AM,115,Yes,No
Member 01,M01@example.org,09/15/2020 09:40:00 AM,09/15/2020 11:00:30 AM,81,No,No
"""
PREAMBLE = """Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants
123 456 789,Committee,09/15/2020 09:00:00 AM,09/15/2020 11:01:00 AM,coordination@example.org,121,2

"""
TEAMS = """1. Summary
Meeting title\tCommittee
Attended participants\t2
Start time\t9/15/20, 8:58:00 AM
Meeting duration\t2h 2m 10s

2. Participants
Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole
Member 01\t9/15/20, 9:00:00 AM\t9/15/20, 11:00:00 AM\t1h 13m 42s\tm01@example.org\tm01@example.org\tOrganizer
Member 02 (External)\t9/15/20, 9:05:00 AM\t9/15/20, 10:05:00 AM\t1h\t\t\tPresenter

3. In-Meeting Activities
Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole
Member 01\t9/15/20, 9:00:00 AM\t9/15/20, 10:00:00 AM\t1h\tm01@example.org\tOrganizer
Member 01\t9/15/20, 10:46:18 AM\t9/15/20, 11:00:00 AM\t13m 42s\tm01@example.org\tOrganizer
Member 02 (External)\t9/15/20, 9:05:00 AM\t9/15/20, 10:05:00 AM\t1h\t\tPresenter
"""


def read(text, encoding="utf-8", **kwargs):
    return read_participants(io.BytesIO(text.encode(encoding)), **kwargs)


def at(hour, minute=0, second=0, day=15):
    return datetime(2020, 9, day, hour, minute, second)


def only(text, **kwargs):
    [person] = read(text, **kwargs).people
    return person


# The three programs


@pytest.mark.parametrize("text", [ZOOM, PREAMBLE + ZOOM], ids=["bare", "preamble"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_zoom_with_and_without_preamble_in_any_encoding(text, encoding, delimiter):
    reading = read(text.replace(",", delimiter), encoding)

    assert not reading.needs_date_order
    assert reading.people == [
        CallParticipant("Member 01", "m01@example.org", at(9), at(11, 0, 30), 111),
        CallParticipant("Member 02", "", at(9, 5), at(11), 115),
    ]


def test_zoom_tells_the_name_before_it_was_changed():
    row = "STSS 01 (Member 01),,2020-09-15 09:00:00,2020-09-15 10:00:00,60,No,No"

    person = only(f"{ZOOM_HEADER}\n{row}\n")

    assert (person.name, person.also) == ("STSS 01", ("Member 01",))


def test_time_in_the_waiting_room_is_no_attendance():
    row = "Member 01,,2020-09-15 08:00:00,2020-09-15 09:00:00,60,Yes,{}"
    later = "Member 01,,2020-09-15 09:00:00,2020-09-15 10:00:00,60,Yes,No"

    person = only(f"{ZOOM_HEADER}\n{row.format('Yes')}\n{later}\n")

    assert (person.joined, person.minutes) == (at(9), 60)


def test_a_zoom_list_of_totals_has_minutes_alone():
    person = only(
        "Name (Original Name),User Email,Total Duration (Minutes),Guest\nMember 01,,97,No"
    )

    assert person == CallParticipant("Member 01", minutes=97)


def test_who_reconnects_as_a_guest_stays_one_person():
    header = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes)"
    rows = [
        "member 01,,2020-09-15 10:00:00,2020-09-15 11:00:00,60",
        "Member 01,m01@example.org,2020-09-15 09:00:00,2020-09-15 10:30:00,90",
    ]

    person = only("\n".join([header, *rows]))

    assert person == CallParticipant(
        "Member 01", "m01@example.org", at(9), at(11), 120, ("member 01",)
    )


def test_two_people_of_one_name_are_kept_apart_by_their_addresses():
    header = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes)"
    row = "Member 01,{}@example.org,2020-09-15 09:00:00,2020-09-15 10:00:00,60"

    reading = read("\n".join([header, row.format("a"), row.format("b")]))

    assert [person.email for person in reading.people] == ["a@example.org", "b@example.org"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8"])
def test_teams_takes_its_times_from_the_activities(encoding):
    reading = read(TEAMS.replace("\n", "\r\n"), encoding)

    assert reading.people == [
        CallParticipant("Member 01", "m01@example.org", at(9), at(11), 74),
        CallParticipant("Member 02", "", at(9, 5), at(10, 5), 60),
    ]


def test_teams_without_activities_says_how_long_somebody_was_there():
    person = read(TEAMS.partition("3. In")[0], "utf-16").people[0]

    assert (person.joined, person.left, person.minutes) == (at(9), at(11), 74)


def test_an_older_teams_report_has_no_sections():
    text = (
        "Full Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole\n"
        "Member 01\t15/09/2020, 09:00:00\t15/09/2020, 10:13:42\t1h 13m 42s\tm01@example.org\tOrganizer\n"
    )

    assert only(text, encoding="utf-16") == CallParticipant(
        "Member 01", "m01@example.org", at(9), at(10, 13, 42), 74
    )


@pytest.mark.parametrize(
    ("header", "came", "went"),
    [
        ("Full Name\tUser Action\tTimestamp", "Joined before", "Left"),
        ("Nom complet\tAction de l’utilisateur\tHorodatage", "A rejoint", "A quitté"),
        ("Nombre completo\tAcción del usuario\tMarca de tiempo", "Se unió", "Salió"),
    ],
)
def test_the_oldest_teams_list_tells_comings_and_goings(header, came, went):
    rows = [
        f"Member 01\t{came}\t15/09/2020, 09:00:00",
        f"Member 02\t{came}\t15/09/2020, 09:01:00",
        f"Member 01\t{went}\t15/09/2020, 09:30:00",
        f"Member 01\t{came}\t15/09/2020, 10:00:00",
        f"Member 01\t{went}\t15/09/2020, 10:15:00",
    ]

    reading = read("\n".join([header, *rows]), "utf-16")

    assert reading.people == [
        CallParticipant("Member 01", "", at(9), at(10, 15), 45),
        CallParticipant("Member 02", "", at(9, 1), None, None),
    ]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (
            "First name,Last name,Email,Duration,Time joined,Time exited",
            "Member,01,m01@example.org,1 hr 2 min,10:00 AM,11:10 AM",
        ),
        (
            "Prénom;Nom;Adresse e-mail;Durée;Heure d’arrivée;Heure de départ",
            "Member;01;m01@example.org;1 h 2 min;10:00;11:10",
        ),
        (
            "Nombre,Apellidos,Correo electrónico,Duración,Hora a la que se unió,Hora a la que salió",
            "Member,01,m01@example.org,1 h 2 min,10:00 a. m.,11:10 a. m.",
        ),
    ],
    ids=["en", "fr", "es"],
)
def test_meet_tells_the_time_alone_and_gets_the_day_of_the_meeting(header, row):
    reading = read(f"{header}\n{row}\n")

    assert not reading.has_days
    assert reading.on(at(0).date()).people == [
        CallParticipant("Member 01", "m01@example.org", at(10), at(11, 10), 62)
    ]


def test_a_call_past_midnight_ends_on_the_next_day():
    text = "First name,Last name,Email,Duration,Time joined,Time exited\nMember,01,,,23:00,00:30"

    [person] = read(text).on(at(0).date()).people

    assert (person.joined, person.left, person.minutes) == (at(23), at(0, 30, day=16), 90)


@pytest.mark.parametrize(
    "header",
    [
        "Nom (nom original),Adresse e-mail de l’utilisateur,Heure d’arrivée,Heure de départ,Durée (minutes)",
        "Nom (nom d’origine),E-mail de l'utilisateur,Heure de connexion,Heure de déconnexion,Durée (minutes)",
        "Nombre (nombre original),E-mail del usuario,Hora para unirse,Hora para salir,Duración (minutos)",
        "Nombre (nombre original),Correo electrónico,Hora de entrada,Hora de salida,Duración (minutos)",
        "Nom,Première participation,Dernier départ,Durée de la réunion,E-mail",
        "Nombre,Primera unión,Última salida,Duración en la reunión,Correo electrónico",
        "Nombre,Hora de unión,Hora de salida,Duración,Correo electrónico",
        "Nome (nome original),E-mail do usuário,Hora de entrada,Hora de saída,Duração (minutos)",
        "Nome,Primeiro ingresso,Última saída,Duração da reunião,Endereço de e-mail",
        "Nome,Hora de ingresso,Hora de saída,Duração,E-mail",
    ],
)
def test_headers_are_understood_in_french_spanish_and_portuguese(header):
    cells = {
        "Nom": "Membre 01",
        "E": "m01@example.org",
        "A": "m01@example.org",
        "C": "m01@example.org",
        "Du": "60",
    }
    arrival = iter(["15/09/2020 09:00:00", "15/09/2020 10:00:00"])
    row = [
        next((cells[start] for start in cells if name.startswith(start)), None) or next(arrival)
        for name in header.split(",")
    ]

    person = only(f"{header}\n{','.join(row)}\n")

    assert person == CallParticipant("Membre 01", "m01@example.org", at(9), at(10), 60)


def test_the_oldest_teams_list_is_understood_in_portuguese():
    text = (
        "Nome Completo\tAção do Usuário\tCarimbo de Data/Hora\n"
        "Membro 01 (Convidado)\tIngressou\t3 de dezembro de 2020 às 09:00\n"
        "Membro 01 (Convidado)\tSaiu\t3 de dezembro de 2020 às 10:30\n"
    )

    person = only(text)

    assert person == CallParticipant(
        "Membro 01", "", datetime(2020, 12, 3, 9), datetime(2020, 12, 3, 10, 30), 90
    )


# Dates


def zoom_on(joined, left):
    return f"{ZOOM_HEADER}\nMember 01,,{joined},{left},60,No,No\n"


@pytest.mark.parametrize(
    ("order", "day"), [("dmy", datetime(2020, 9, 3)), ("mdy", datetime(2020, 3, 9))]
)
def test_a_date_that_can_be_read_in_two_ways_is_asked_about(order, day):
    text = zoom_on("03/09/2020 09:00:00 AM", "03/09/2020 10:00:00 AM")

    unsure, sure = read(text), read(text, date_order=order)

    assert (unsure.needs_date_order, unsure.example) == (True, "03/09/2020 09:00:00 AM")
    assert unsure.people == [CallParticipant("Member 01", minutes=60)]
    assert not sure.needs_date_order
    assert sure.people[0].joined == day + timedelta(hours=9)


def test_how_long_somebody_was_there_is_left_out_where_it_depends_on_the_order():
    person = only(zoom_on("03/09/2020 11:00:00 PM", "04/09/2020 01:00:00 AM"))

    assert person.minutes is None


def test_another_date_of_the_file_decides():
    text = PREAMBLE + zoom_on("09/12/2020 09:00:00 AM", "09/12/2020 10:00:00 AM")

    assert only(text).joined == at(9, day=12)


def test_a_day_that_is_its_month_needs_no_question():
    assert only(zoom_on("09/09/2020 09:00", "09/09/2020 10:00")).joined == at(9, day=9)


def test_an_order_that_the_file_contradicts_is_refused():
    with pytest.raises(Refusal, match="cannot be read in that order"):
        read(ZOOM, date_order="dmy")


def test_dates_in_both_orders_are_refused():
    with pytest.raises(Refusal, match="in two ways"):
        read(zoom_on("15/09/2020 09:00", "09/15/2020 10:00"))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-09-15T09:00:30", at(9, 0, 30)),
        ("15.09.2020, 21:00", at(21)),
        ("9/15/20, 9:00:30\u202fPM", at(21, 0, 30)),
        ("15/09/2020 12:05 a. m.", at(0, 5)),
        ("15/09/2020 12:05 p.m.", at(12, 5)),
        ("2020-09-15 09 h 05", at(9, 5)),
        ("15 septembre 2020 à 09:05", at(9, 5)),
        ("Sep 15, 2020 09:05:00 PM", at(21, 5)),
        ("15 de septiembre de 2020, 9:05", at(9, 5)),
    ],
)
def test_clocks_of_twelve_and_of_twenty_four_hours(text, moment):
    found = moment_of(text)

    assert found.at(min(found.fits)) == moment


@pytest.mark.parametrize("text", ["", "soon", "31/02/2020 10:00", "15/09/2020 13:00 PM", "1:99"])
def test_what_is_no_moment_is_none(text):
    assert moment_of(text) is None


def test_times_that_tell_their_zone_are_those_of_utc():
    reading = read(zoom_on("2020-09-15T09:00:00-06:00", "2020-09-15T16:00:00Z"))

    assert reading.is_utc
    assert (reading.people[0].joined, reading.people[0].left) == (at(15), at(16))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1h 13m 42s", 4422),
        ("1h13m42s", 4422),
        ("42s", 42),
        ("1 hr 2 min", 3720),
        ("1 h 2 min 3 s", 3723),
        ("1:02:03", 3723),
        ("90", 5400),
        ("1,5", 90),
        ("1 hora y 2 minutos", 3720),
        ("", None),
        ("long", None),
        ("99999", None),
    ],
)
def test_durations_as_the_programs_write_them(text, seconds):
    assert seconds_of(text) == seconds


def test_a_long_line_is_no_long_cell():
    preamble = PREAMBLE.replace("Committee", "Committee " * 90)

    assert len(read(preamble + ZOOM).people) == 2


def test_titles_between_tables_are_nobody():
    rows = ["Host Details,", "Attended,User Name (Original Name),Email,Join Time,Leave Time"]
    rows += ["Yes,Member 01,,2020-09-15 09:00,2020-09-15 10:00", "Attendee Details,", rows[1]]
    rows += ["Yes,Member 02,,2020-09-15 09:00,2020-09-15 10:00", "No,Member 03,,--,--"]

    assert [person.name for person in read("\n".join(rows)).people] == ["Member 01", "Member 02"]


# Names


def test_names_are_compared_without_accents_order_and_case():
    assert name_key("Société, MEMBRE  Élue") == name_key("membre élue societe")


@pytest.mark.parametrize(
    "name",
    [
        '=HYPERLINK(""http://x.example"";""Member 01"")',
        "+Member 01",
        "@Member 01",
        "-2+3+cmd|' /C calc'!A0",
        "\t=Member 01",
    ],
)
def test_a_formula_in_a_name_stays_as_it_is_written(name):
    person = only(f'Name,Email,Duration\n"{name}",,60\n')

    assert person.name == " ".join(name.replace('""', '"').split())
    assert is_like_a_formula(person.name)


@pytest.mark.parametrize("name", ["Member 01", "+504 9999-0001", "Member (=)", "- 12"])
def test_a_name_or_the_number_of_a_telephone_is_no_formula(name):
    assert not is_like_a_formula(name)


def test_a_name_of_signs_alone_is_nobody():
    with pytest.raises(Refusal, match="lists nobody"):
        read(f"{ZOOM_HEADER}\n=,,2020-09-15 09:00,2020-09-15 10:00,60,No,No\n")


def test_text_in_brackets_stays_unless_it_is_a_mark_of_the_program():
    person = only("Name,Email,Duration\nMember 01 (SEDIS) (External),m@example.org,60\n")

    assert person.name == "Member 01 (SEDIS)"


# What cannot be true, or says nothing


@pytest.mark.parametrize(
    ("rows", "times"),
    [
        ([("10:00", "09:00")], (None, None, None)),
        ([("09:00", "09:30"), ("11:00", "10:00")], (at(9), at(9, 30), 30)),
    ],
)
def test_leaving_before_joining_is_marked_and_its_times_left_out(rows, times):
    lines = [
        f"Member 01,m@example.org,2020-09-15 {joined},2020-09-15 {left}" for joined, left in rows
    ]

    person = only("\n".join(["Name,Email,Join Time,Leave Time", *lines]))

    assert (person.joined, person.left, person.minutes) == times
    assert person.leaves_first


def test_a_departure_far_before_the_arrival_is_no_night():
    (person,) = read("First name,Time joined,Time exited\nA,10:00,09:00\n").people

    assert (person.joined, person.left, person.leaves_first) == (None, None, True)


def test_rows_that_name_nobody_are_counted():
    rows = [
        "Member 01,,2020-09-15 09:00,2020-09-15 10:00,60,No,No",
        ",,2020-09-15 09:00,2020-09-15 10:00,60,No,No",
        ",,2020-09-15 08:00,2020-09-15 09:00,60,No,Yes",  # waited and was somebody else
    ]

    reading = read("\n".join([ZOOM_HEADER, *rows]))

    assert ([person.name for person in reading.people], reading.rows_of_nobody) == (
        ["Member 01"],
        1,
    )


@pytest.mark.parametrize(
    ("header", "cell", "unread"),
    [
        ("Ankunft", "2020-09-15 09:00", ("Ankunft",)),
        ("Join Time", "the 15th at 9", ("Join Time",)),
        ("Duration", "one 1", ("Duration",)),
        ("Join Time", "n/a", ()),
        ("Guest", "No", ()),
        ("Join Time", "2020-09-15 09:00", ()),
    ],
)
def test_heads_whose_times_are_not_understood_are_named(header, cell, unread):
    reading = read(f"Name,Email,{header}\nMember 01,,{cell}\n")

    assert reading.unread == unread


# Refusals


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b" \r\n", "is empty"),
        (b"%PDF-1.7 ...", "not a list of participants"),
        (b"<html><table>", "not a list of participants"),
        (b"PK\x03\x04....", "save it as CSV"),
        (b"\xd0\xcf\x11\xe0....", "save it as CSV"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not a list of participants"),
        (b"just words\nwithout columns", "no column for the names"),
        (b"Product,Price\nPen,1", "no column for the names"),
        (ZOOM_HEADER.encode(), "lists nobody"),
        (f"{ZOOM_HEADER}\n,,,,,,\n,x\n".encode(), "lists nobody"),
        (f"{ZOOM_HEADER}\n{'x' * 5001}".encode(), "too long"),
        (f"{ZOOM_HEADER}\n{'x' * 201},a".encode(), "longer than 200"),
        (f"{ZOOM_HEADER}\n{',' * 61}".encode(), "larger than a list"),
        (b"a\n" * 10_001, "larger than a list"),
        (b"\xff\xfea", "not a list of participants"),
    ],
)
def test_each_refusal_says_what_to_do(content, sentence):
    with pytest.raises(Refusal, match=sentence):
        read_participants(io.BytesIO(content))


def test_a_list_of_too_many_people_is_refused():
    rows = "\n".join(f"Member {n},,2020-09-15 09:00,2020-09-15 10:00,60,No,No" for n in range(301))

    with pytest.raises(Refusal, match="more people"):
        read(f"{ZOOM_HEADER}\n{rows}")


class Endless(io.RawIOBase):
    """A file of 200 MB of which nobody may read a byte."""

    def seek(self, offset, whence=0):
        return 200_000_000 if whence else offset

    def read(self, size=-1):
        raise AssertionError("read before its size was asked")


def test_a_file_of_200_mb_is_refused_before_it_is_read():
    with pytest.raises(Refusal, match="200"):
        read_participants(Endless())


@given(
    st.one_of(
        st.binary(max_size=400),
        st.binary(max_size=200).map(lambda tail: ZOOM.encode() + tail),
        st.binary(max_size=200).map(lambda tail: TEAMS.encode("utf-16") + tail),
    ),
    st.sampled_from([None, "dmy", "mdy"]),
)
def test_whatever_the_bytes_nothing_but_a_refusal_is_raised(content, order):
    try:
        reading = read_participants(io.BytesIO(content), date_order=order)
    except Refusal:
        return
    assert reading.people


CELLS = st.sampled_from(
    [
        *["", "x", "Member 01", "member 01", "m01@example.org", "Yes", "60", "1h 2m", "10:00 AM"],
        *["15/09/2020 9:00", "9/15/20, 9:00 PM", "3/9/2020 10:00", "2020-09-15T09:00:00Z", "Left"],
        *["Name", "Nom (nom original)", "Email", "Join Time", "Leave Time", "First Join"],
        *["Last Leave", "Duration", "User Action", "Timestamp", "Prénom", "In waiting room"],
    ]
)


@given(st.lists(st.lists(CELLS, max_size=7), max_size=12), st.sampled_from([None, "dmy", "mdy"]))
def test_whatever_the_table_nothing_but_a_refusal_is_raised(rows, order):
    text = "\n".join("\t".join(row) for row in rows)
    try:
        reading = read(text, date_order=order)
    except Refusal:
        return
    for person in reading.people:
        assert person.minutes is None or person.minutes >= 0
        assert not (person.joined and person.left) or person.joined <= person.left


MINUTES = st.integers(0, 200)


@given(st.lists(st.tuples(MINUTES, MINUTES).map(sorted), max_size=8))
def test_overlapping_visits_count_once(visits):
    there = {minute for start, end in visits for minute in range(start, end)}
    moments = [(at(0) + timedelta(minutes=a), at(0) + timedelta(minutes=b)) for a, b in visits]

    assert union_seconds(moments) == len(there) * 60


# The command


def command(path, *options):
    out, err = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command("read_participants", str(path), *options, stdout=out, stderr=err)
    except SystemExit as end:
        code = end.code
    return code, out.getvalue(), err.getvalue().strip()


def test_the_command_prints_what_it_read(tmp_path):
    (tmp_path / "list.csv").write_text(ZOOM)

    code, out, _err = command(tmp_path / "list.csv", "--date-order", "mdy")

    assert code == 0
    assert json.loads(out) == {
        "people": [
            {
                "name": "Member 01",
                "email": "m01@example.org",
                "joined": "2020-09-15T09:00:00",
                "left": "2020-09-15T11:00:30",
                "minutes": 111,
            },
            {
                "name": "Member 02",
                "email": "",
                "joined": "2020-09-15T09:05:00",
                "left": "2020-09-15T11:00:00",
                "minutes": 115,
            },
        ],
        "needs_date_order": False,
    }


def test_the_command_says_that_the_order_of_dates_is_unknown(tmp_path):
    (tmp_path / "list.csv").write_text(zoom_on("03/09/2020 09:00", "03/09/2020 10:00"))

    code, out, _err = command(tmp_path / "list.csv")

    person = {"name": "Member 01", "email": "", "joined": None, "left": None, "minutes": 60}
    assert (code, json.loads(out)) == (0, {"people": [person], "needs_date_order": True})


def test_the_command_gives_the_time_alone_where_the_file_does(tmp_path):
    (tmp_path / "m.csv").write_text("First name,Last name,Time joined\nMember,01,10:00 AM")

    assert json.loads(command(tmp_path / "m.csv")[1])["people"][0]["joined"] == "10:00:00"


@pytest.mark.parametrize("name", ["missing.csv", "empty.csv", "."])
def test_the_command_refuses_with_a_sentence(tmp_path, name):
    (tmp_path / "empty.csv").touch()

    code, out, err = command(tmp_path / name)

    assert (code, out) == (1, "")
    assert err.endswith(".")
