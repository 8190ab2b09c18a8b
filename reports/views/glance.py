"""The page on which the author chooses what a report shows at a glance."""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from kernel.pages import READ_OR_SAVE, Request, ask, form_page, locked, posted, saved, trail
from reports.forms.glance import GlanceForm
from reports.models import GlanceChoice
from reports.permissions.reports import may_write
from reports.views.report_page import report_or_404

# /reports/<pk>/glance/


@READ_OR_SAVE
def report_glance(request: Request, pk: int) -> HttpResponse:
    report = report_or_404(request.user, pk)
    ask(
        may_write(request.user, report),
        _("The page can be changed by those who write the report, until it is signed off."),
    )
    rows = locked(request, GlanceChoice.objects.filter(report=report))
    choice = rows.first() or GlanceChoice(report=report, chosen_by=request.user)
    choice.report = report
    form = GlanceForm(posted(request), instance=choice)
    if form.is_valid() and form.save_or_explain():
        return saved(request, _("The choice was saved."), report)
    return form_page(
        request,
        form,
        title=_("At a glance"),
        back=report,
        crumbs=trail(report.project, report),
        intro=_(
            "Page 2 of the report shows what matters most: figures against their "
            "targets, spending, places, decisions and risks. Here you choose what the "
            "portal cannot know."
        ),
    )
