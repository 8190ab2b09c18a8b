from django.urls import path

from projects.money.views import budget, funds, samples, spending, spending_import

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
    path("<str:code>/budget/expenditure/<int:pk>/", spending.expenditure, name="expenditure"),
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
    # /projects/…/audit/samples/
    path("<str:code>/audit/samples/", samples.sample_list, name="samples"),
    path("<str:code>/audit/samples/<int:pk>/", samples.sample, name="sample"),
    path("<str:code>/audit/samples/<int:pk>/export/", samples.sample_export, name="sample-export"),
]
