from django.urls import include, path

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

of_plan = [
    path("sheet/", plans.plan_sheet, name="plan-sheet"),
    path("changes/", plans.plan_changes, name="plan-changes"),
    path("positions/", plans.plan_positions, name="plan-positions"),
    path("history/", plans.plan_history, name="plan-history"),
    path("timeline/", follow.plan_timeline, name="plan-timeline"),
    path("progress/", follow.plan_progress, name="plan-progress"),
    path("messages/", follow.plan_messages, name="plan-messages"),
    path("actions/new/", writing.action_create, name="action-create"),
    path("actions/<int:terms_pk>/edit/", writing.action_edit, name="action-edit"),
    path("actions/<int:terms_pk>/remove/", writing.action_remove, name="action-remove"),
    path("delete/", writing.plan_delete, name="plan-delete"),
    path("submit/", steps.plan_submit, name="plan-submit"),
    path("extend/", steps.plan_extend, name="plan-extend"),
    path("extend/institution/", steps.plan_extend_for, name="plan-extend-for"),
    path("return/", steps.plan_return, name="plan-return"),
    path("validate/", steps.plan_validate, name="plan-validate"),
    path("donor-answer/", steps.plan_donor_answer, name="plan-donor-answer"),
    path("steps/submit_to_donor/", steps.plan_to_donor, name="plan-to-donor"),
    path("steps/<slug:verb>/", steps.plan_press, name="plan-press"),
    path("position/", review.plan_position, name="plan-position"),
    path("remark/", review.plan_remark, name="plan-remark"),
    path("enter/position/", review.plan_enter_position, name="plan-enter-position"),
    path("enter/remark/", review.plan_enter_remark, name="plan-enter-remark"),
    path("remarks/<int:remark_pk>/", review.remark_reply, name="plan-remark-reply"),
    path("proposals/", proposals.plan_proposals, name="plan-proposals"),
    path("proposals/<int:proposal_pk>/", proposals.proposal_settle, name="plan-proposal-settle"),
    path("actions/<int:action_pk>/propose/", proposals.plan_propose, name="plan-propose"),
    path(
        "actions/<int:action_pk>/enter/", proposals.plan_enter_proposal, name="plan-enter-proposal"
    ),
    path("links/", review.plan_links, name="plan-links"),
    path("links/people/<int:user_pk>/new/", review.plan_link_create, name="plan-link-create"),
    path("links/<int:link_pk>/revoke/", review.plan_link_revoke, name="plan-link-revoke"),
    path("withdraw/<str:kind>/<int:answer_pk>/", review.plan_withdraw, name="plan-withdraw"),
    path("actions/<int:terms_pk>/shift/", follow.action_shift, name="action-shift"),
]
of_writing = [
    path("", table.plan_write, name="plan-write"),
    path("new/", table.row_create, name="plan-row-create"),
    path("dates/", table.plan_dates, name="plan-dates"),
    path("last-year/", table.plan_carry_over, name="plan-carry-over"),
    path("copy/", table.plan_copy, name="plan-copy"),
    path("<int:terms_pk>/", table.row_edit, name="plan-row"),
    path("<int:terms_pk>/duplicate/", table.row_duplicate, name="plan-row-duplicate"),
    path("<int:terms_pk>/move/", table.row_move, name="plan-row-move"),
]
of_workbook = [
    path("", writing.plan_workbook, name="plan-workbook"),
    path("download/", writing.plan_workbook_download, name="plan-workbook-download"),
    path("check/", writing.plan_workbook_check, name="plan-workbook-check"),
    path("problems/", writing.plan_workbook_problems, name="plan-workbook-problems"),
    path("discard/", writing.plan_workbook_discard, name="plan-workbook-discard"),
]
by_link = [
    path("", link.plan_link, name="plan-link"),
    path("position/", link.plan_link_position, name="plan-link-position"),
    path("remark/", link.plan_link_remark, name="plan-link-remark"),
    path("remarks/<int:remark_pk>/", link.plan_link_reply, name="plan-link-reply"),
    path(
        "withdraw/<str:kind>/<int:answer_pk>/", link.plan_link_withdraw, name="plan-link-withdraw"
    ),
    path("actions/<int:action_pk>/propose/", link.plan_link_propose, name="plan-link-propose"),
]
urlpatterns = [
    *plans.PlanPages.urls(),
    path("plans/new/<str:code>/", writing.plan_create, name="plan-create"),
    path("plans/<int:pk>/", include(of_plan)),
    path("plans/<int:pk>/write/", include(of_writing)),
    path("plans/<int:pk>/workbook/", include(of_workbook)),
    path("plans/link/<str:token>/", include(by_link)),
    path("actions/", follow.my_actions, name="actions"),
    path("actions/digest/", follow.digest_choice, name="digest"),
    path("actions/<int:pk>/ask/", actions.action_ask, name="action-ask"),
    path("actions/link/<str:token>/", actions.action_link, name="action-link"),
    path("actions/<int:pk>/progress/", actions.action_progress, name="action-progress"),
    path("actions/<int:pk>/files/<int:file_pk>/", actions.note_file, name="note-file"),
    path(
        "resolutions/<int:pk>/action/",
        writing.action_from_resolution,
        name="action-from-resolution",
    ),
]
