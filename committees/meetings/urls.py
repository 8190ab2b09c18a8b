from django.urls import path

from committees.meetings.views import (
    attendance,
    calendar,
    check_in,
    documents,
    feedback,
    invitation_answer,
    invitations,
    meetings,
    page,
    session,
)

urlpatterns = [
    path("committees/<int:pk>/meetings/new/", meetings.meeting_create, name="meeting-create"),
    # /meetings/
    path("meetings/", meetings.meeting_list, name="meetings"),
    path("meetings/<int:pk>/", meetings.meeting_detail, name="meeting"),
    path("meetings/<int:pk>/decisions/", meetings.meeting_resolutions, name="meeting-resolutions"),
    path("meetings/<int:pk>/history/", meetings.meeting_history, name="meeting-history"),
    path("meetings/<int:pk>/edit/", meetings.meeting_edit, name="meeting-edit"),
    path("meetings/<int:pk>/steps/<str:verb>/", meetings.meeting_step, name="meeting-step"),
    # /meetings/…/invitations/
    path(
        "meetings/<int:pk>/invitations/",
        invitations.meeting_invitations,
        name="meeting-invitations",
    ),
    path(
        "meetings/<int:pk>/invitations/update/",
        invitations.meeting_invitations_update,
        name="meeting-invitations-update",
    ),
    path(
        "meetings/<int:pk>/invitations/send/",
        invitations.meeting_invitations_send,
        name="meeting-invitations-send",
    ),
    path(
        "meetings/<int:pk>/invitations/guests/new/",
        invitations.meeting_invite_guest,
        name="meeting-invite-guest",
    ),
    path(
        "meetings/<int:pk>/invitations/<int:invitation_pk>/answer/",
        invitations.meeting_invitation_enter,
        name="meeting-invitation-enter",
    ),
    path(
        "meetings/<int:pk>/invitations/<int:invitation_pk>/link/",
        invitations.meeting_invitation_link,
        name="meeting-invitation-link",
    ),
    path(
        "meetings/<int:pk>/invitations/<int:invitation_pk>/revoke/",
        invitations.meeting_invitation_revoke,
        name="meeting-invitation-revoke",
    ),
    path(
        "meetings/<int:pk>/invitations/<int:invitation_pk>/bounced/",
        invitations.meeting_invitation_bounced,
        name="meeting-invitation-bounced",
    ),
    path(
        "meetings/<int:pk>/invitations/<int:invitation_pk>/withdraw/",
        invitations.meeting_invitation_withdraw,
        name="meeting-invitation-withdraw",
    ),
    path("meetings/<int:pk>/answer/", invitation_answer.meeting_answer, name="meeting-answer"),
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
    # /calendar/
    path("calendar/", calendar.feed.page, name="calendar"),
    path("calendar/new/", calendar.feed.renew, name="calendar-renew"),
    path("calendar/revoke/", calendar.feed.revoke, name="calendar-revoke"),
    path("calendar/<str:token>.ics", calendar.feed.file, name="calendar-feed"),
    # /meetings/…/attendance/
    path("meetings/<int:pk>/attendance/", attendance.meeting_attendance, name="meeting-attendance"),
    path("meetings/<int:pk>/attendance/edit/", attendance.attendance_edit, name="attendance-edit"),
    path("meetings/<int:pk>/attendance/guests/new/", attendance.guest_create, name="guest-create"),
    path(
        "meetings/<int:pk>/attendance/delegates/new/",
        attendance.delegate_admit,
        name="delegate-admit",
    ),
    # /meetings/…/attendance/call/: from the participants file of the video call
    path(
        "meetings/<int:pk>/attendance/call/",
        attendance.attendance_upload,
        name="attendance-upload",
    ),
    path(
        "meetings/<int:pk>/attendance/call/check/",
        attendance.attendance_preview,
        name="attendance-preview",
    ),
    path(
        "meetings/<int:pk>/attendance/call/discard/",
        attendance.attendance_discard,
        name="attendance-discard",
    ),
    path("attendance/<int:pk>/remove/", attendance.attendance_remove, name="attendance-remove"),
    path("attendance/<int:pk>/accredit/", attendance.delegate_accredit, name="delegate-accredit"),
    path("attendance/<int:pk>/mark/", check_in.attendance_mark, name="attendance-mark"),
    # /meetings/…/session/: the live page
    path("meetings/<int:pk>/session/", session.meeting_session, name="meeting-session"),
    path("meetings/<int:pk>/session/pulse/", page.meeting_pulse, name="meeting-pulse"),
    path("meetings/<int:pk>/session/item/", session.meeting_item, name="meeting-item"),
    path(
        "meetings/<int:pk>/session/informative/",
        session.meeting_informative,
        name="meeting-informative",
    ),
    path(
        "meetings/<int:pk>/session/seats/<int:seat_pk>/",
        check_in.seat_record,
        name="meeting-seat",
    ),
    path(
        "meetings/<int:pk>/session/seats/<int:seat_pk>/mark/",
        check_in.seat_mark,
        name="meeting-seat-mark",
    ),
    path("meetings/<int:pk>/session/interests/", session.meeting_declare, name="meeting-declare"),
    path(
        "meetings/<int:pk>/session/interests/none/",
        session.meeting_no_interests,
        name="meeting-no-interests",
    ),
    path("interests/<int:pk>/remove/", session.interest_remove, name="interest-remove"),
    path("meetings/<int:pk>/session/check-in/", check_in.meeting_check_in, name="meeting-check-in"),
    # /check-in/: for people in the room, by the code on the wall
    path("check-in/<str:code>/", check_in.check_in, name="check-in"),
    path("items/<int:pk>/notes/", session.item_notes, name="item-notes"),
    path("items/<int:pk>/notes/typed/", session.item_notes_typed, name="item-notes-typed"),
    # /committee-documents/
    path(
        "committees/<int:pk>/documents/new/",
        documents.committee_document_create,
        name="committee-document-create",
    ),
    path(
        "meetings/<int:pk>/documents/new/",
        documents.meeting_document_create,
        name="meeting-document-create",
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
    # /meetings/…/feedback/
    path("meetings/<int:pk>/feedback/", feedback.meeting_feedback, name="meeting-feedback"),
    path("meetings/<int:pk>/feedback/ask/", feedback.feedback_ask, name="feedback-ask"),
    path("feedback/link/<str:token>/", feedback.feedback_link, name="feedback-link"),
]
