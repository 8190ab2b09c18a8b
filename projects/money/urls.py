from typing import Any

from django.urls import path
from django.views.decorators.http import require_safe

from kernel.pages import READ_OR_SAVE
from projects.money.views import advances, budget, donor_forms, expenditures, spending, vouchers
from projects.money.views.expenditures import ExpenditurePages

SAMPLES = "<str:code>/audit/samples/"
BUDGET = "<str:code>/budget/"
DONOR_FORM = f"{BUDGET}forms/<int:pk>/"
EXPENDITURE = f"{BUDGET}expenditure/<int:pk>/"
CATEGORY = f"{BUDGET}categories/<int:pk>/"
ADVANCE = f"{BUDGET}advances/<int:pk>/"
ADVANCE_VOUCHER = f"{ADVANCE}vouchers/<int:voucher_pk>/"
CATEGORY_PAGES: list[tuple[Any, str, str, str]] = [
    (require_safe, "index", f"{BUDGET}categories/", "budget-categories"),
    (READ_OR_SAVE, "create", f"{BUDGET}categories/new/", "budget-category-create"),
    (READ_OR_SAVE, "edit", f"{CATEGORY}edit/", "budget-category-edit"),
    (READ_OR_SAVE, "delete", f"{CATEGORY}delete/", "budget-category-delete"),
]

urlpatterns = [
    # /projects/…/budget/
    path(BUDGET, budget.budget, name="budget"),
    path(f"{BUDGET}settings/", budget.budget_settings, name="budget-settings"),
    path(f"{BUDGET}approval/", budget.budget_approve, name="budget-approve"),
    path(f"{BUDGET}years/<int:pk>/", budget.budget_year, name="budget-year"),
    path(
        f"{BUDGET}categories/usual/", budget.budget_usual_categories, name="budget-usual-categories"
    ),
    path(CATEGORY, budget.budget_lines, name="budget-lines"),
    *[
        path(route, wrap(budget.BudgetCategoryPages.as_view(role=role)), name=name)
        for wrap, role, route, name in CATEGORY_PAGES
    ],
    path(f"{CATEGORY}comments/<int:period_pk>/", budget.budget_comment, name="budget-comment"),
    # /projects/…/budget/expenditure/
    *ExpenditurePages.urls(f"{BUDGET}expenditure/"),
    path(f"{EXPENDITURE}correct/", spending.expenditure_adjust, name="expenditure-adjust"),
    path(f"{EXPENDITURE}approve/", vouchers.expenditure_approve, name="expenditure-approve"),
    path(f"{EXPENDITURE}send-back/", vouchers.expenditure_return, name="expenditure-return"),
    path(f"{EXPENDITURE}ask-again/", vouchers.expenditure_ask, name="expenditure-ask"),
    path(f"{EXPENDITURE}scans/new/", vouchers.scan_add, name="scan-add"),
    path(f"{EXPENDITURE}scans/<int:scan_pk>/", vouchers.scan_file, name="scan-file"),
    path(f"{EXPENDITURE}scans/<int:scan_pk>/delete/", vouchers.scan_delete, name="scan-delete"),
    # /projects/…/budget/import/
    path(f"{BUDGET}import/", spending.import_start, name="import"),
    path(f"{BUDGET}import/columns/", spending.import_columns, name="import-columns"),
    path(f"{BUDGET}import/check/", spending.import_check, name="import-check"),
    path(f"{BUDGET}import/problems/", spending.import_problems, name="import-problems"),
    path(f"{BUDGET}import/discard/", spending.import_discard, name="import-discard"),
    path(f"{BUDGET}import/<int:pk>/undo/", spending.import_undo, name="import-undo"),
    # /projects/…/budget/locks/
    path(f"{BUDGET}locks/", spending.lock_list, name="locks"),
    path(f"{BUDGET}locks/<int:pk>/unlock/", spending.lock_lift, name="lock-lift"),
    *expenditures.RatePages.urls(),
    *expenditures.ContributionPages.urls(),
    # /projects/…/budget/advances/
    path(f"{BUDGET}advances/", advances.advance_list, name="advances"),
    path(f"{BUDGET}advances/new/", advances.advance_form, name="advance-create"),
    path(ADVANCE, advances.advance, name="advance"),
    path(f"{ADVANCE}edit/", advances.advance_form, name="advance-edit"),
    path(f"{ADVANCE}returned/", advances.advance_return, name="advance-return"),
    path(f"{ADVANCE}vouchers/new/", advances.voucher_form, name="advance-voucher-create"),
    path(ADVANCE_VOUCHER, advances.voucher, name="advance-voucher"),
    path(f"{ADVANCE_VOUCHER}edit/", advances.voucher_form, name="advance-voucher-edit"),
    path(f"{ADVANCE_VOUCHER}accept/", advances.voucher_accept, name="advance-voucher-accept"),
    path(
        f"{ADVANCE_VOUCHER}send-back/",
        advances.voucher_return,
        name="advance-voucher-return",
    ),
    path(
        f"{ADVANCE_VOUCHER}files/<int:file_pk>/",
        advances.voucher_file,
        name="advance-voucher-file",
    ),
    path("advances/link/<str:token>/", advances.advance_link, name="advance-link"),
    # /projects/…/budget/forms/
    path(f"{BUDGET}forms/", donor_forms.form_list, name="donor-forms"),
    path(f"{BUDGET}forms/new/", donor_forms.form_form, name="donor-form-create"),
    path(f"{BUDGET}forms/filled/", donor_forms.usual_form, name="donor-form-usual"),
    path(f"{BUDGET}forms/example/", donor_forms.form_example, name="donor-form-example"),
    path(DONOR_FORM, donor_forms.donor_form, name="donor-form"),
    path(f"{DONOR_FORM}edit/", donor_forms.form_form, name="donor-form-edit"),
    path(f"{DONOR_FORM}delete/", donor_forms.form_delete, name="donor-form-delete"),
    path(f"{DONOR_FORM}file/", donor_forms.form_file, name="donor-form-file"),
    path(f"{DONOR_FORM}filled/", donor_forms.form_filled, name="donor-form-filled"),
    # /projects/…/audit/samples/
    path(SAMPLES, vouchers.sample_list, name="samples"),
    path(f"{SAMPLES}<int:pk>/", vouchers.sample, name="sample"),
    path(f"{SAMPLES}<int:pk>/export/", vouchers.sample_export, name="sample-export"),
]
