from django.urls import include, path

from committees.meetings.views import (
    attendance,
    calendar,
    check_in,
    documents,
    feedback,
    invitation_answer,
    invitations,
    meetings,
    people,
    session,
)

of_meeting = [
    path("decisions/", meetings.meeting_resolutions, name="meeting-resolutions"),
    path("history/", meetings.meeting_history, name="meeting-history"),
    path("edit/", meetings.meeting_edit, name="meeting-edit"),
    path("delete/", meetings.meeting_delete, name="meeting-delete"),
    path("steps/<str:verb>/", meetings.meeting_step, name="meeting-step"),
    path("answer/", invitation_answer.meeting_answer, name="meeting-answer"),
    path("attendance/", attendance.meeting_attendance, name="meeting-attendance"),
    path("attendance/edit/", attendance.attendance_edit, name="attendance-edit"),
    path("attendance/guests/new/", attendance.guest_create, name="guest-create"),
    path("attendance/delegates/new/", attendance.delegate_admit, name="delegate-admit"),
    path("attendance/call/", attendance.attendance_upload, name="attendance-upload"),
    path("attendance/call/check/", attendance.attendance_preview, name="attendance-preview"),
    path("attendance/call/discard/", attendance.attendance_discard, name="attendance-discard"),
    path("documents/new/", documents.meeting_document_create, name="meeting-document-create"),
    path("feedback/", feedback.meeting_feedback, name="meeting-feedback"),
    path("feedback/ask/", feedback.feedback_ask, name="feedback-ask"),
]
of_invitations = [
    path("", invitations.meeting_invitations, name="meeting-invitations"),
    path("update/", invitations.meeting_invitations_update, name="meeting-invitations-update"),
    path("send/", invitations.meeting_invitations_send, name="meeting-invitations-send"),
    path("guests/new/", invitations.meeting_invite_guest, name="meeting-invite-guest"),
    path(
        "<int:invitation_pk>/answer/",
        invitations.meeting_invitation_enter,
        name="meeting-invitation-enter",
    ),
    path(
        "<int:invitation_pk>/link/",
        invitations.meeting_invitation_link,
        name="meeting-invitation-link",
    ),
    path(
        "<int:invitation_pk>/revoke/",
        invitations.meeting_invitation_revoke,
        name="meeting-invitation-revoke",
    ),
    path(
        "<int:invitation_pk>/bounced/",
        invitations.meeting_invitation_bounced,
        name="meeting-invitation-bounced",
    ),
    path(
        "<int:invitation_pk>/withdraw/",
        invitations.meeting_invitation_withdraw,
        name="meeting-invitation-withdraw",
    ),
]
of_session = [
    path("", session.meeting_session, name="meeting-session"),
    path("pulse/", people.meeting_pulse, name="meeting-pulse"),
    path("shared-screen/", people.meeting_shared_screen, name="meeting-shared-screen"),
    path("item/", session.meeting_item, name="meeting-item"),
    path("informative/", session.meeting_informative, name="meeting-informative"),
    path("seats/expected/", check_in.seats_expected, name="meeting-seats-expected"),
    path("seats/<int:seat_pk>/", check_in.seat_record, name="meeting-seat"),
    path("seats/<int:seat_pk>/mark/", check_in.seat_mark, name="meeting-seat-mark"),
    path("interests/", session.meeting_declare, name="meeting-declare"),
    path("check-in/", check_in.meeting_check_in, name="meeting-check-in"),
]
urlpatterns = [
    path("committees/<int:pk>/meetings/new/", meetings.meeting_create, name="meeting-create"),
    *meetings.MeetingPages.urls(),
    path("meetings/<int:pk>/", include(of_meeting)),
    path("meetings/<int:pk>/invitations/", include(of_invitations)),
    path(
        "meetings/invitation/<str:token>/",
        invitation_answer.invitation_link,
        name="invitation-link",
    ),
    path(
        "meetings/invitation/<str:token>/papers/<int:pk>/",
        invitation_answer.invitation_paper,
        name="invitation-paper",
    ),
    path("calendar/", calendar.feed.page, name="calendar"),
    path("calendar/new/", calendar.feed.renew, name="calendar-renew"),
    path("calendar/revoke/", calendar.feed.revoke, name="calendar-revoke"),
    path("calendar/<str:token>.ics", calendar.feed.file, name="calendar-feed"),
    path("attendance/<int:pk>/remove/", attendance.attendance_remove, name="attendance-remove"),
    path("attendance/<int:pk>/accredit/", attendance.delegate_accredit, name="delegate-accredit"),
    path("attendance/<int:pk>/mark/", check_in.attendance_mark, name="attendance-mark"),
    path("meetings/<int:pk>/session/", include(of_session)),
    path("interests/<int:pk>/remove/", session.interest_remove, name="interest-remove"),
    path("check-in/<str:code>/", check_in.check_in, name="check-in"),
    path("items/<int:pk>/notes/", session.item_notes, name="item-notes"),
    path("items/<int:pk>/notes/typed/", session.item_notes_typed, name="item-notes-typed"),
    path(
        "committees/<int:pk>/documents/new/",
        documents.committee_document_create,
        name="committee-document-create",
    ),
    path(
        "items/<int:pk>/documents/new/", documents.item_document_create, name="item-document-create"
    ),
    path(
        "committee-documents/<int:pk>/download/",
        documents.document_download,
        name="document-download",
    ),
    path("committee-documents/<int:pk>/edit/", documents.document_edit, name="document-edit"),
    path("committee-documents/<int:pk>/remove/", documents.document_remove, name="document-remove"),
    path("feedback/link/<str:token>/", feedback.feedback_link, name="feedback-link"),
]
