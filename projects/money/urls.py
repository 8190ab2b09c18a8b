from django.urls import path

from projects.money.views import (
    advance_link,
    advance_vouchers,
    advances,
    budget,
    donor_forms,
    funds,
    samples,
    spending,
    spending_import,
    vouchers,
)

urlpatterns = [
    # /projects/…/budget/
    path("<str:code>/budget/", budget.budget, name="budget"),
    path("<str:code>/budget/settings/", budget.budget_settings, name="budget-settings"),
    path("<str:code>/budget/approval/", budget.budget_approve, name="budget-approve"),
    path("<str:code>/budget/years/<int:pk>/", budget.budget_year, name="budget-year"),
    path(
        "<str:code>/budget/categories/usual/",
        budget.budget_usual_categories,
        name="budget-usual-categories",
    ),
    path("<str:code>/budget/categories/", budget.budget_categories, name="budget-categories"),
    path(
        "<str:code>/budget/categories/new/",
        budget.budget_category_create,
        name="budget-category-create",
    ),
    path("<str:code>/budget/categories/<int:pk>/", budget.budget_lines, name="budget-lines"),
    path(
        "<str:code>/budget/categories/<int:pk>/edit/",
        budget.budget_category_edit,
        name="budget-category-edit",
    ),
    path(
        "<str:code>/budget/categories/<int:pk>/delete/",
        budget.budget_category_delete,
        name="budget-category-delete",
    ),
    path(
        "<str:code>/budget/categories/<int:pk>/comments/<int:period_pk>/",
        budget.budget_comment,
        name="budget-comment",
    ),
    # /projects/…/budget/expenditure/
    path("<str:code>/budget/expenditure/", spending.expenditure_list, name="expenditures"),
    path(
        "<str:code>/budget/expenditure/new/",
        spending.expenditure_create,
        name="expenditure-create",
    ),
    path(
        "<str:code>/budget/expenditure/export/<slug:kind>/",
        spending.expenditure_export,
        name="expenditures-export",
    ),
    path("<str:code>/budget/expenditure/<int:pk>/", vouchers.expenditure, name="expenditure"),
    path(
        "<str:code>/budget/expenditure/<int:pk>/edit/",
        spending.expenditure_edit,
        name="expenditure-edit",
    ),
    path(
        "<str:code>/budget/expenditure/<int:pk>/delete/",
        spending.expenditure_delete,
        name="expenditure-delete",
    ),
    path(
        "<str:code>/budget/expenditure/<int:pk>/correct/",
        spending.expenditure_adjust,
        name="expenditure-adjust",
    ),
    path(
        "<str:code>/budget/expenditure/<int:pk>/approve/",
        vouchers.expenditure_approve,
        name="expenditure-approve",
    ),
    path(
        "<str:code>/budget/expenditure/<int:pk>/send-back/",
        vouchers.expenditure_return,
        name="expenditure-return",
    ),
    path(
        "<str:code>/budget/expenditure/<int:pk>/ask-again/",
        vouchers.expenditure_ask,
        name="expenditure-ask",
    ),
    path(
        "<str:code>/budget/expenditure/<int:pk>/scans/new/",
        vouchers.scan_add,
        name="scan-add",
    ),
    path(
        "<str:code>/budget/expenditure/<int:pk>/scans/<int:scan_pk>/",
        vouchers.scan_file,
        name="scan-file",
    ),
    path(
        "<str:code>/budget/expenditure/<int:pk>/scans/<int:scan_pk>/delete/",
        vouchers.scan_delete,
        name="scan-delete",
    ),
    # /projects/…/budget/import/
    path("<str:code>/budget/import/", spending_import.import_start, name="import"),
    path(
        "<str:code>/budget/import/columns/", spending_import.import_columns, name="import-columns"
    ),
    path("<str:code>/budget/import/check/", spending_import.import_check, name="import-check"),
    path(
        "<str:code>/budget/import/problems/",
        spending_import.import_problems,
        name="import-problems",
    ),
    path(
        "<str:code>/budget/import/discard/", spending_import.import_discard, name="import-discard"
    ),
    path(
        "<str:code>/budget/import/<int:pk>/undo/", spending_import.import_undo, name="import-undo"
    ),
    # /projects/…/budget/locks/
    path("<str:code>/budget/locks/", spending.lock_list, name="locks"),
    path("<str:code>/budget/locks/<int:pk>/unlock/", spending.lock_lift, name="lock-lift"),
    # /projects/…/budget/rates/
    path("<str:code>/budget/rates/", funds.rate_list, name="rates"),
    path("<str:code>/budget/rates/new/", funds.rate_create, name="rate-create"),
    path("<str:code>/budget/rates/<int:pk>/", funds.rate_edit, name="rate-edit"),
    path("<str:code>/budget/rates/<int:pk>/delete/", funds.rate_delete, name="rate-delete"),
    # /projects/…/budget/contributions/
    path("<str:code>/budget/contributions/", funds.contribution_list, name="contributions"),
    path(
        "<str:code>/budget/contributions/new/",
        funds.contribution_create,
        name="contribution-create",
    ),
    path(
        "<str:code>/budget/contributions/<int:pk>/",
        funds.contribution_edit,
        name="contribution-edit",
    ),
    path(
        "<str:code>/budget/contributions/<int:pk>/delete/",
        funds.contribution_delete,
        name="contribution-delete",
    ),
    # /projects/…/budget/advances/
    path("<str:code>/budget/advances/", advances.advance_list, name="advances"),
    path("<str:code>/budget/advances/new/", advances.advance_create, name="advance-create"),
    path("<str:code>/budget/advances/<int:pk>/", advances.advance, name="advance"),
    path("<str:code>/budget/advances/<int:pk>/edit/", advances.advance_edit, name="advance-edit"),
    path(
        "<str:code>/budget/advances/<int:pk>/returned/",
        advances.advance_return,
        name="advance-return",
    ),
    path(
        "<str:code>/budget/advances/<int:pk>/vouchers/new/",
        advance_vouchers.voucher_create,
        name="advance-voucher-create",
    ),
    path(
        "<str:code>/budget/advances/<int:pk>/vouchers/<int:voucher_pk>/",
        advance_vouchers.voucher,
        name="advance-voucher",
    ),
    path(
        "<str:code>/budget/advances/<int:pk>/vouchers/<int:voucher_pk>/edit/",
        advance_vouchers.voucher_edit,
        name="advance-voucher-edit",
    ),
    path(
        "<str:code>/budget/advances/<int:pk>/vouchers/<int:voucher_pk>/accept/",
        advance_vouchers.voucher_accept,
        name="advance-voucher-accept",
    ),
    path(
        "<str:code>/budget/advances/<int:pk>/vouchers/<int:voucher_pk>/send-back/",
        advance_vouchers.voucher_return,
        name="advance-voucher-return",
    ),
    path(
        "<str:code>/budget/advances/<int:pk>/vouchers/<int:voucher_pk>/files/<int:file_pk>/",
        advance_vouchers.voucher_file,
        name="advance-voucher-file",
    ),
    path("advances/link/<str:token>/", advance_link.advance_link, name="advance-link"),
    # /projects/…/budget/forms/
    path("<str:code>/budget/forms/", donor_forms.form_list, name="donor-forms"),
    path("<str:code>/budget/forms/new/", donor_forms.form_create, name="donor-form-create"),
    path("<str:code>/budget/forms/filled/", donor_forms.usual_form, name="donor-form-usual"),
    path("<str:code>/budget/forms/example/", donor_forms.form_example, name="donor-form-example"),
    path("<str:code>/budget/forms/<int:pk>/", donor_forms.donor_form, name="donor-form"),
    path("<str:code>/budget/forms/<int:pk>/edit/", donor_forms.form_edit, name="donor-form-edit"),
    path(
        "<str:code>/budget/forms/<int:pk>/delete/",
        donor_forms.form_delete,
        name="donor-form-delete",
    ),
    path("<str:code>/budget/forms/<int:pk>/file/", donor_forms.form_file, name="donor-form-file"),
    path(
        "<str:code>/budget/forms/<int:pk>/filled/",
        donor_forms.form_filled,
        name="donor-form-filled",
    ),
    # /projects/…/audit/samples/
    path("<str:code>/audit/samples/", samples.sample_list, name="samples"),
    path("<str:code>/audit/samples/<int:pk>/", samples.sample, name="sample"),
    path("<str:code>/audit/samples/<int:pk>/export/", samples.sample_export, name="sample-export"),
]
