from django.urls import path

from committees.plans.views import (
    actions,
    follow,
    link,
    plans,
    proposals,
    review,
    steps,
    table,
    writing,
)

urlpatterns = [
    # /plans/
    path("plans/", plans.plan_list, name="plans"),
    path("plans/new/<str:code>/", writing.plan_create, name="plan-create"),
    path("plans/<int:pk>/", plans.plan_detail, name="plan"),
    path("plans/<int:pk>/sheet/", plans.plan_sheet, name="plan-sheet"),
    path("plans/<int:pk>/changes/", plans.plan_changes, name="plan-changes"),
    path("plans/<int:pk>/positions/", plans.plan_positions, name="plan-positions"),
    path("plans/<int:pk>/history/", plans.plan_history, name="plan-history"),
    path("plans/<int:pk>/timeline/", follow.plan_timeline, name="plan-timeline"),
    path("plans/<int:pk>/progress/", follow.plan_progress, name="plan-progress"),
    path("plans/<int:pk>/messages/", follow.plan_messages, name="plan-messages"),
    # /plans/…/write/: the table in which rows are written in place
    path("plans/<int:pk>/write/", table.plan_write, name="plan-write"),
    path("plans/<int:pk>/write/new/", table.row_create, name="plan-row-create"),
    path("plans/<int:pk>/write/dates/", table.plan_dates, name="plan-dates"),
    path("plans/<int:pk>/write/last-year/", table.plan_carry_over, name="plan-carry-over"),
    path("plans/<int:pk>/write/copy/", table.plan_copy, name="plan-copy"),
    path("plans/<int:pk>/write/<int:terms_pk>/", table.row_edit, name="plan-row"),
    path(
        "plans/<int:pk>/write/<int:terms_pk>/duplicate/",
        table.row_duplicate,
        name="plan-row-duplicate",
    ),
    path(
        "plans/<int:pk>/write/<int:terms_pk>/up/",
        table.row_move,
        {"direction": "up"},
        name="plan-row-up",
    ),
    path(
        "plans/<int:pk>/write/<int:terms_pk>/down/",
        table.row_move,
        {"direction": "down"},
        name="plan-row-down",
    ),
    # /plans/…/workbook/
    path("plans/<int:pk>/workbook/", writing.plan_workbook, name="plan-workbook"),
    path(
        "plans/<int:pk>/workbook/download/",
        writing.plan_workbook_download,
        name="plan-workbook-download",
    ),
    path(
        "plans/<int:pk>/workbook/check/",
        writing.plan_workbook_check,
        name="plan-workbook-check",
    ),
    path(
        "plans/<int:pk>/workbook/problems/",
        writing.plan_workbook_problems,
        name="plan-workbook-problems",
    ),
    path(
        "plans/<int:pk>/workbook/discard/",
        writing.plan_workbook_discard,
        name="plan-workbook-discard",
    ),
    # /plans/…/actions/
    path("plans/<int:pk>/actions/new/", writing.action_create, name="action-create"),
    path("plans/<int:pk>/actions/<int:terms_pk>/edit/", writing.action_edit, name="action-edit"),
    path(
        "plans/<int:pk>/actions/<int:terms_pk>/remove/",
        writing.action_remove,
        name="action-remove",
    ),
    # /plans/…: its steps
    path("plans/<int:pk>/submit/", steps.plan_submit, name="plan-submit"),
    path("plans/<int:pk>/extend/", steps.plan_extend, name="plan-extend"),
    path("plans/<int:pk>/extend/institution/", steps.plan_extend_for, name="plan-extend-for"),
    path("plans/<int:pk>/return/", steps.plan_return, name="plan-return"),
    path("plans/<int:pk>/present/", steps.plan_press, {"verb": "present"}, name="plan-present"),
    path("plans/<int:pk>/validate/", steps.plan_validate, name="plan-validate"),
    path(
        "plans/<int:pk>/submit-to-donor/",
        steps.plan_press,
        {"verb": "submit_to_donor"},
        name="plan-submit-to-donor",
    ),
    path("plans/<int:pk>/donor-answer/", steps.plan_donor_answer, name="plan-donor-answer"),
    path("plans/<int:pk>/start/", steps.plan_press, {"verb": "start"}, name="plan-start"),
    path("plans/<int:pk>/close/", steps.plan_press, {"verb": "close"}, name="plan-close"),
    # /plans/…: what institutions answer
    path("plans/<int:pk>/position/", review.plan_position, name="plan-position"),
    path("plans/<int:pk>/remark/", review.plan_remark, name="plan-remark"),
    path(
        "plans/<int:pk>/enter/position/",
        review.plan_enter_position,
        name="plan-enter-position",
    ),
    path("plans/<int:pk>/enter/remark/", review.plan_enter_remark, name="plan-enter-remark"),
    path(
        "plans/<int:pk>/remarks/<int:remark_pk>/",
        review.remark_reply,
        name="plan-remark-reply",
    ),
    # /plans/…: what institutions propose
    path("plans/<int:pk>/proposals/", proposals.plan_proposals, name="plan-proposals"),
    path(
        "plans/<int:pk>/proposals/<int:proposal_pk>/",
        proposals.proposal_settle,
        name="plan-proposal-settle",
    ),
    path(
        "plans/<int:pk>/actions/<int:action_pk>/propose/",
        proposals.plan_propose,
        name="plan-propose",
    ),
    path(
        "plans/<int:pk>/actions/<int:action_pk>/enter/",
        proposals.plan_enter_proposal,
        name="plan-enter-proposal",
    ),
    # /plans/…: the links of the reviewers
    path("plans/<int:pk>/links/", review.plan_links, name="plan-links"),
    path(
        "plans/<int:pk>/links/people/<int:user_pk>/new/",
        review.plan_link_create,
        name="plan-link-create",
    ),
    path(
        "plans/<int:pk>/links/<int:link_pk>/revoke/",
        review.plan_link_revoke,
        name="plan-link-revoke",
    ),
    # /plans/link/: for those who come by an access link, without signing in
    path("plans/link/<str:token>/", link.plan_link, name="plan-link"),
    path("plans/link/<str:token>/position/", link.plan_link_position, name="plan-link-position"),
    path("plans/link/<str:token>/remark/", link.plan_link_remark, name="plan-link-remark"),
    path(
        "plans/link/<str:token>/remarks/<int:remark_pk>/",
        link.plan_link_reply,
        name="plan-link-reply",
    ),
    path(
        "plans/link/<str:token>/withdraw/<str:kind>/<int:answer_pk>/",
        link.plan_link_withdraw,
        name="plan-link-withdraw",
    ),
    path(
        "plans/<int:pk>/withdraw/<str:kind>/<int:answer_pk>/",
        review.plan_withdraw,
        name="plan-withdraw",
    ),
    path(
        "plans/link/<str:token>/actions/<int:action_pk>/propose/",
        link.plan_link_propose,
        name="plan-link-propose",
    ),
    path("plans/<int:pk>/actions/<int:terms_pk>/shift/", follow.action_shift, name="action-shift"),
    # /actions/
    path("actions/", follow.my_actions, name="actions"),
    path("actions/digest/", follow.digest_choice, name="digest"),
    path("actions/<int:pk>/ask/", actions.action_ask, name="action-ask"),
    path("actions/link/<str:token>/", actions.action_link, name="action-link"),
    path("actions/<int:pk>/", actions.action_detail, name="action"),
    path("actions/<int:pk>/progress/", actions.action_progress, name="action-progress"),
    path("actions/<int:pk>/files/<int:file_pk>/", actions.note_file, name="note-file"),
    path(
        "resolutions/<int:pk>/action/",
        writing.action_from_resolution,
        name="action-from-resolution",
    ),
]
