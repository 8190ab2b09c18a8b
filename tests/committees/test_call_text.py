"""What a pasted invitation says of its call."""

import pytest

from committees.meetings.forms.call import Call, call_of

ZOOM = "https://us02web.zoom.us/j/81234567890?pwd=Q1w2E3r4"


@pytest.mark.parametrize(
    ("text", "call"),
    [
        (
            "Comité is inviting you to a scheduled Zoom meeting.\n\nTopic: Comité\n\nJoin Zoom"
            f" Meeting\n{ZOOM}\n\nMeeting ID: 812 3456 7890\nPasscode: 123456\n\n---\n\nOne tap"
            " mobile\n+13052241968,,81234567890#,,,,*123456# US",
            Call(ZOOM, "812 3456 7890", "123456"),
        ),
        (
            "Tema: Comité\nEntrar Zoom Reunión\n" + ZOOM + "\n\nID de reunión: 812 3456 7890\n"
            "Código de acceso: aB3$x9\n",
            Call(ZOOM, "812 3456 7890", "aB3$x9"),
        ),
        (
            f"Participer à la réunion Zoom\r\n{ZOOM}\r\n\r\nID de réunion\xa0: 812 3456 7890\r\n"
            "Code secret\xa0: 4321",
            Call(ZOOM, "812 3456 7890", "4321"),
        ),
        # Pasted into one line.
        (
            f"Unirse a la reunión Zoom{ZOOM}ID de reunión: 812 3456 7890Código de acceso: 123456",
            Call(ZOOM, "812 3456 7890", "123456"),
        ),
        (
            "Microsoft Teams\nUnirse: https://teams.microsoft.com/l/meetup-join/19%3ameeting_A\n"
            "Id. de reunión: 123 456 789 012\nCódigo de acceso: Xy7Za9\n"
            "¿Necesita ayuda? https://aka.ms/JoinTeamsMeeting",
            Call(
                "https://teams.microsoft.com/l/meetup-join/19%3ameeting_A",
                "123 456 789 012",
                "Xy7Za9",
            ),
        ),
        (
            "Más información: https://example.org/ayuda\nhttps://meet.google.com/abc-defg-hij",
            Call("https://meet.google.com/abc-defg-hij"),
        ),
        (" https://example.org/call ", Call("https://example.org/call")),
        ("mañana en la sala", Call("mañana en la sala")),
    ],
)
def test_a_pasted_invitation(text, call):
    assert call_of(text) == call
