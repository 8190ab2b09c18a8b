"""Addresses of action plans and of their actions, of the namespace of `committees.urls`."""

from django.urls import path

from committees.views import (
    action,
    action_link,
    digest,
    plan,
    plan_follow,
    plan_link,
    plan_proposals,
    plan_review,
    plan_steps,
    plan_table,
    plan_workbook,
    plan_writing,
    shift,
)

plan_pages = [
    # /plans/
    path("plans/", plan.plan_list, name="plans"),
    path("plans/new/<str:code>/", plan_writing.plan_create, name="plan-create"),
    path("plans/<int:pk>/", plan.plan_detail, name="plan"),
    path("plans/<int:pk>/changes/", plan.plan_changes, name="plan-changes"),
    path("plans/<int:pk>/positions/", plan.plan_positions, name="plan-positions"),
    path("plans/<int:pk>/history/", plan.plan_history, name="plan-history"),
    path("plans/<int:pk>/timeline/", plan_follow.plan_timeline, name="plan-timeline"),
    path("plans/<int:pk>/progress/", plan_follow.plan_progress, name="plan-progress"),
    path("plans/<int:pk>/messages/", plan_follow.plan_messages, name="plan-messages"),
    # /plans/…/write/: the table in which rows are written in place
    path("plans/<int:pk>/write/", plan_table.plan_write, name="plan-write"),
    path("plans/<int:pk>/write/new/", plan_table.row_create, name="plan-row-create"),
    path("plans/<int:pk>/write/dates/", plan_table.plan_dates, name="plan-dates"),
    path("plans/<int:pk>/write/last-year/", plan_table.plan_carry_over, name="plan-carry-over"),
    path("plans/<int:pk>/write/<int:terms_pk>/", plan_table.row_edit, name="plan-row"),
    path(
        "plans/<int:pk>/write/<int:terms_pk>/duplicate/",
        plan_table.row_duplicate,
        name="plan-row-duplicate",
    ),
    path(
        "plans/<int:pk>/write/<int:terms_pk>/up/",
        plan_table.row_move,
        {"direction": "up"},
        name="plan-row-up",
    ),
    path(
        "plans/<int:pk>/write/<int:terms_pk>/down/",
        plan_table.row_move,
        {"direction": "down"},
        name="plan-row-down",
    ),
    # /plans/…/workbook/
    path("plans/<int:pk>/workbook/", plan_workbook.plan_workbook, name="plan-workbook"),
    path(
        "plans/<int:pk>/workbook/download/",
        plan_workbook.plan_workbook_download,
        name="plan-workbook-download",
    ),
    path(
        "plans/<int:pk>/workbook/check/",
        plan_workbook.plan_workbook_check,
        name="plan-workbook-check",
    ),
    path(
        "plans/<int:pk>/workbook/problems/",
        plan_workbook.plan_workbook_problems,
        name="plan-workbook-problems",
    ),
    path(
        "plans/<int:pk>/workbook/discard/",
        plan_workbook.plan_workbook_discard,
        name="plan-workbook-discard",
    ),
    # /plans/…/actions/
    path("plans/<int:pk>/actions/new/", plan_writing.action_create, name="action-create"),
    path(
        "plans/<int:pk>/actions/<int:terms_pk>/edit/", plan_writing.action_edit, name="action-edit"
    ),
    path(
        "plans/<int:pk>/actions/<int:terms_pk>/remove/",
        plan_writing.action_remove,
        name="action-remove",
    ),
    # /plans/…: its steps
    path("plans/<int:pk>/submit/", plan_steps.plan_submit, name="plan-submit"),
    path("plans/<int:pk>/extend/", plan_steps.plan_extend, name="plan-extend"),
    path("plans/<int:pk>/extend/institution/", plan_steps.plan_extend_for, name="plan-extend-for"),
    path("plans/<int:pk>/return/", plan_steps.plan_return, name="plan-return"),
    path("plans/<int:pk>/present/", plan_steps.plan_present, name="plan-present"),
    path("plans/<int:pk>/validate/", plan_steps.plan_validate, name="plan-validate"),
    path(
        "plans/<int:pk>/submit-to-donor/",
        plan_steps.plan_submit_to_donor,
        name="plan-submit-to-donor",
    ),
    path("plans/<int:pk>/donor-answer/", plan_steps.plan_donor_answer, name="plan-donor-answer"),
    path("plans/<int:pk>/start/", plan_steps.plan_start, name="plan-start"),
    path("plans/<int:pk>/close/", plan_steps.plan_close, name="plan-close"),
    # /plans/…: what institutions answer
    path("plans/<int:pk>/position/", plan_review.plan_position, name="plan-position"),
    path("plans/<int:pk>/remark/", plan_review.plan_remark, name="plan-remark"),
    path(
        "plans/<int:pk>/enter/position/",
        plan_review.plan_enter_position,
        name="plan-enter-position",
    ),
    path("plans/<int:pk>/enter/remark/", plan_review.plan_enter_remark, name="plan-enter-remark"),
    path(
        "plans/<int:pk>/remarks/<int:remark_pk>/",
        plan_review.remark_reply,
        name="plan-remark-reply",
    ),
    # /plans/…: what institutions propose
    path("plans/<int:pk>/proposals/", plan_proposals.plan_proposals, name="plan-proposals"),
    path(
        "plans/<int:pk>/proposals/<int:proposal_pk>/",
        plan_proposals.proposal_settle,
        name="plan-proposal-settle",
    ),
    path(
        "plans/<int:pk>/actions/<int:action_pk>/propose/",
        plan_proposals.plan_propose,
        name="plan-propose",
    ),
    path(
        "plans/<int:pk>/actions/<int:action_pk>/enter/",
        plan_proposals.plan_enter_proposal,
        name="plan-enter-proposal",
    ),
    # /plans/…: the links of the reviewers
    path("plans/<int:pk>/links/", plan_review.plan_links, name="plan-links"),
    path(
        "plans/<int:pk>/links/people/<int:user_pk>/new/",
        plan_review.plan_link_create,
        name="plan-link-create",
    ),
    path(
        "plans/<int:pk>/links/<int:link_pk>/revoke/",
        plan_review.plan_link_revoke,
        name="plan-link-revoke",
    ),
    # /plans/link/: for those who come by an access link, without signing in
    path("plans/link/<str:token>/", plan_link.plan_link, name="plan-link"),
    path(
        "plans/link/<str:token>/position/", plan_link.plan_link_position, name="plan-link-position"
    ),
    path("plans/link/<str:token>/remark/", plan_link.plan_link_remark, name="plan-link-remark"),
    path(
        "plans/link/<str:token>/remarks/<int:remark_pk>/",
        plan_link.plan_link_reply,
        name="plan-link-reply",
    ),
    path(
        "plans/link/<str:token>/actions/<int:action_pk>/propose/",
        plan_link.plan_link_propose,
        name="plan-link-propose",
    ),
    path("plans/<int:pk>/actions/<int:terms_pk>/shift/", shift.action_shift, name="action-shift"),
    # /actions/
    path("actions/", digest.my_actions, name="actions"),
    path("actions/digest/", digest.digest_choice, name="digest"),
    path("actions/digest/<str:token>/", digest.digest_link, name="digest-link"),
    path("actions/link/<str:token>/", action_link.action_link, name="action-link"),
    path("actions/<int:pk>/", action.action_detail, name="action"),
    path("actions/<int:pk>/progress/", action.action_progress, name="action-progress"),
    path("actions/<int:pk>/files/<int:file_pk>/", action.note_file, name="note-file"),
    path(
        "resolutions/<int:pk>/action/",
        plan_writing.action_from_resolution,
        name="action-from-resolution",
    ),
]
