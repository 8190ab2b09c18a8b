from django.urls import path

from committees.plan_urls import plan_pages
from committees.views import (
    agenda,
    agenda_prepare,
    agenda_template,
    attendance,
    calendar,
    call_attendance,
    check_in,
    committee,
    consultation,
    consultation_answer,
    document,
    extension,
    feedback,
    invitation_answer,
    invitations,
    meeting,
    minutes,
    minutes_comments,
    minutes_writing,
    resolution,
    seats,
    session,
    session_pulse,
)

app_name = "committees"

urlpatterns = [
    # /committees/
    path("committees/new/<str:code>/", committee.committee_create, name="create"),
    path("committees/<int:pk>/", committee.committee_detail, name="detail"),
    path("committees/<int:pk>/edit/", committee.committee_edit, name="edit"),
    path("committees/<int:pk>/steps/<str:verb>/", committee.committee_step, name="committee-step"),
    path("committees/<int:pk>/terms/", committee.committee_terms, name="terms"),
    path("committees/<int:pk>/terms/edit/", committee.committee_terms_edit, name="terms-edit"),
    path("committees/<int:pk>/holders/", seats.holders_change, name="holders-change"),
    path("committees/<int:pk>/handover/<int:institution_pk>/", seats.handover, name="handover"),
    path("committees/<int:pk>/seats/new/", seats.seat_create, name="seat-create"),
    path("committees/<int:pk>/meetings/new/", meeting.meeting_create, name="meeting-create"),
    # /seats/, /terms/
    path("seats/<int:pk>/edit/", seats.seat_edit, name="seat-edit"),
    path("seats/<int:pk>/remove/", seats.seat_remove, name="seat-remove"),
    path("seats/<int:pk>/terms/new/", seats.term_create, name="term-create"),
    path("terms/<int:pk>/end/", seats.term_end, name="term-end"),
    # /meetings/
    path("meetings/", meeting.meeting_list, name="meetings"),
    path("meetings/<int:pk>/", meeting.meeting_detail, name="meeting"),
    path("meetings/<int:pk>/decisions/", meeting.meeting_resolutions, name="meeting-resolutions"),
    path("meetings/<int:pk>/history/", meeting.meeting_history, name="meeting-history"),
    path("meetings/<int:pk>/edit/", meeting.meeting_edit, name="meeting-edit"),
    path("meetings/<int:pk>/steps/<str:verb>/", meeting.meeting_step, name="meeting-step"),
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
        "meetings/<int:pk>/invitations/remind/",
        invitations.meeting_invitations_remind,
        name="meeting-invitations-remind",
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
        "meetings/<int:pk>/invitations/<int:invitation_pk>/send/",
        invitations.meeting_invitation_send,
        name="meeting-invitation-send",
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
    # /calendar/
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/new/", calendar.calendar_renew, name="calendar-renew"),
    path("calendar/revoke/", calendar.calendar_revoke, name="calendar-revoke"),
    path("calendar/<str:token>.ics", calendar.calendar_feed, name="calendar-feed"),
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
        call_attendance.attendance_upload,
        name="attendance-upload",
    ),
    path(
        "meetings/<int:pk>/attendance/call/check/",
        call_attendance.attendance_preview,
        name="attendance-preview",
    ),
    path(
        "meetings/<int:pk>/attendance/call/discard/",
        call_attendance.attendance_discard,
        name="attendance-discard",
    ),
    path("attendance/<int:pk>/remove/", attendance.attendance_remove, name="attendance-remove"),
    path("attendance/<int:pk>/accredit/", attendance.delegate_accredit, name="delegate-accredit"),
    path("attendance/<int:pk>/mark/", check_in.attendance_mark, name="attendance-mark"),
    # /meetings/…/session/: the live page
    path("meetings/<int:pk>/session/", session.meeting_session, name="meeting-session"),
    path("meetings/<int:pk>/session/pulse/", session_pulse.meeting_pulse, name="meeting-pulse"),
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
    # /items/: of the agenda of a meeting
    path("meetings/<int:pk>/carry-over/", agenda_prepare.agenda_carry_over, name="carry-over"),
    path("meetings/<int:pk>/risks/", agenda_prepare.agenda_risks, name="carry-over-risks"),
    path("meetings/<int:pk>/items/order/", agenda.items_order, name="items-order"),
    path("meetings/<int:pk>/items/new/", agenda.item_create, name="item-create"),
    path("items/<int:pk>/edit/", agenda.item_edit, name="item-edit"),
    path("items/<int:pk>/up/", agenda.item_move, {"direction": "up"}, name="item-up"),
    path("items/<int:pk>/down/", agenda.item_move, {"direction": "down"}, name="item-down"),
    path("items/<int:pk>/remove/", agenda.item_remove, name="item-remove"),
    path("items/<int:pk>/steps/<str:verb>/", agenda.item_step, name="item-step"),
    path("items/<int:pk>/answer/", agenda_prepare.proposal_answer, name="item-answer"),
    path("items/<int:pk>/notes/", agenda.item_notes, name="item-notes"),
    path("items/<int:pk>/notes/typed/", session.item_notes_typed, name="item-notes-typed"),
    path("items/<int:pk>/subjects/", agenda.item_subjects, name="item-subjects"),
    path("items/<int:pk>/decisions/new/", resolution.decision_create, name="decision-create"),
    path(
        "items/<int:pk>/recommendations/new/",
        resolution.recommendation_create,
        name="recommendation-create",
    ),
    # /committees/…: what members propose, and the template of the agendas
    path("committees/<int:pk>/proposals/", agenda_prepare.proposal_list, name="proposals"),
    path(
        "committees/<int:pk>/proposals/new/", agenda_prepare.proposal_create, name="proposal-create"
    ),
    path(
        "committees/<int:pk>/agenda-template/",
        agenda_template.agenda_template,
        name="agenda-template",
    ),
    path(
        "committees/<int:pk>/agenda-template/items/new/",
        agenda_template.template_item_create,
        name="template-item-create",
    ),
    path(
        "committees/<int:pk>/agenda-template/order/",
        agenda_template.template_order,
        name="template-order",
    ),
    path(
        "template-items/<int:pk>/edit/",
        agenda_template.template_item_edit,
        name="template-item-edit",
    ),
    path(
        "template-items/<int:pk>/up/",
        agenda_template.template_item_move,
        {"direction": "up"},
        name="template-item-up",
    ),
    path(
        "template-items/<int:pk>/down/",
        agenda_template.template_item_move,
        {"direction": "down"},
        name="template-item-down",
    ),
    path(
        "template-items/<int:pk>/remove/",
        agenda_template.template_item_remove,
        name="template-item-remove",
    ),
    # /committee-documents/
    path(
        "committees/<int:pk>/documents/new/",
        document.committee_document_create,
        name="committee-document-create",
    ),
    path(
        "meetings/<int:pk>/documents/new/",
        document.meeting_document_create,
        name="meeting-document-create",
    ),
    path(
        "items/<int:pk>/documents/new/", document.item_document_create, name="item-document-create"
    ),
    path(
        "committee-documents/<int:pk>/download/",
        document.document_download,
        name="document-download",
    ),
    path("committee-documents/<int:pk>/edit/", document.document_edit, name="document-edit"),
    path("committee-documents/<int:pk>/remove/", document.document_remove, name="document-remove"),
    path("subjects/<int:pk>/remove/", agenda.subject_remove, name="subject-remove"),
    # /resolutions/: decisions and recommendations
    path("resolutions/", resolution.resolution_list, name="resolutions"),
    path("resolutions/<int:pk>/", resolution.resolution_detail, name="resolution"),
    path("resolutions/<int:pk>/edit/", resolution.resolution_edit, name="resolution-edit"),
    path("resolutions/<int:pk>/subjects/", agenda.resolution_subjects, name="resolution-subjects"),
    path(
        "resolutions/<int:pk>/steps/<str:verb>/",
        resolution.resolution_step,
        name="resolution-step",
    ),
    # /written/: decisions between meetings
    path(
        "committees/<int:pk>/written/new/",
        consultation.consultation_create,
        name="consultation-create",
    ),
    path("written/<int:pk>/", consultation.consultation_detail, name="consultation"),
    path("written/<int:pk>/edit/", consultation.consultation_edit, name="consultation-edit"),
    path(
        "written/<int:pk>/steps/<slug:verb>/",
        consultation.consultation_step,
        name="consultation-step",
    ),
    path("written/<int:pk>/enter/", consultation.ballot_enter, name="consultation-enter"),
    path(
        "written/<int:pk>/answer/",
        consultation_answer.consultation_answer,
        name="consultation-answer",
    ),
    path(
        "written/link/<str:token>/",
        consultation_answer.consultation_link,
        name="consultation-link",
    ),
    path(
        "written/link/<str:token>/answer/",
        consultation_answer.consultation_link_answer,
        name="consultation-link-answer",
    ),
    path(
        "committees/<int:pk>/provisional/new/",
        consultation.provisional_create,
        name="provisional-create",
    ),
    path("resolutions/<int:pk>/ratify/", consultation.resolution_ratify, name="resolution-ratify"),
    # /meetings/…/feedback/
    path("meetings/<int:pk>/feedback/", feedback.meeting_feedback, name="meeting-feedback"),
    path("meetings/<int:pk>/feedback/ask/", feedback.feedback_ask, name="feedback-ask"),
    path("feedback/link/<str:token>/", feedback.feedback_link, name="feedback-link"),
    # /minutes/
    path("meetings/<int:pk>/minutes/", minutes.meeting_minutes, name="meeting-minutes"),
    path("meetings/<int:pk>/minutes/new/", minutes_writing.minutes_create, name="minutes-create"),
    path("minutes/<int:pk>/", minutes.minutes_detail, name="minutes"),
    path("minutes/<int:pk>/edit/", minutes_writing.minutes_edit, name="minutes-edit"),
    path("minutes/<int:pk>/steps/<slug:verb>/", minutes.minutes_step, name="minutes-step"),
    path(
        "minutes/<int:pk>/versions/<int:number>/", minutes.minutes_version, name="minutes-version"
    ),
    path(
        "minutes/<int:pk>/translations/<slug:language>/",
        minutes_writing.minutes_translate,
        name="minutes-translate",
    ),
    path("minutes/<int:pk>/errata/new/", minutes_writing.erratum_create, name="minutes-erratum"),
    path(
        "minutes/<int:pk>/annex/destroy/",
        minutes_writing.annex_destroy,
        name="minutes-annex-destroy",
    ),
    path("minutes/<int:pk>/comments/new/", minutes_comments.minutes_remark, name="minutes-remark"),
    path(
        "minutes/<int:pk>/comments/<int:remark_pk>/",
        minutes_comments.remark_settle,
        name="minutes-remark-settle",
    ),
    path("minutes/link/<str:token>/", minutes_comments.minutes_link, name="minutes-link"),
    path(
        "minutes/link/<str:token>/comment/",
        minutes_comments.minutes_link_remark,
        name="minutes-link-remark",
    ),
    # /amendments/
    path(
        "amendments/<int:pk>/take-effect/",
        extension.amendment_take_effect,
        name="amendment-take-effect",
    ),
    # /plans/, /actions/
    *plan_pages,
]
