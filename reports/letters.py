"""Messages about reports and documents."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from accounts.letters import Button, Detail, Details, Letter, Line, Lines
from accounts.links import absolute_url
from reports.models import Archive, Rendition, Report


def report_letter(report: Report, news: str, may_accept: bool = True) -> Letter:
    """`news` is a `ReportNoticeKind`. `may_accept`: whether its reader accepts for the donor."""
    subjects = {
        "submitted": _("A report is submitted to you"),
        "resubmitted": _("A report has been submitted to you again"),
        "published": _("A report is published"),
        "returned": _("The donor requests changes to a report"),
        "accepted": _("The donor accepted a report"),
    }
    sentences = {
        "submitted": _(
            "A report has been submitted to you. You can read it, comment on it and "
            "accept it after signing in."
        )
        if may_accept
        else _(
            "A report has been submitted to you. You can read it and comment on it after signing in."
        ),
        "resubmitted": _(
            "A report has been submitted to you again, with answers to your comments."
        ),
        "published": _("A report has been published. You can find its documents on its page."),
        "returned": _("The donor requests changes. The page says what to do next."),
        "accepted": _("The donor accepted the report. It can now be published."),
    }
    facts = [
        Detail(_("Report"), report),
        Detail(_("Version"), report.version),
        Detail(_("Project"), report.project.title),
    ]
    label, url = _("Open the report"), report.get_absolute_url()
    if news in ("submitted", "resubmitted", "published"):  # to the donor, who reads it
        label, url = _("Read the report"), reverse("reports:read", args=[report.pk])
    return Letter(
        subject=subjects[news],
        body=[sentences[news], Details(facts)],
        button=Button(label, absolute_url(url)),
    )


def documents_done_letter(documents: Sequence[Rendition]) -> Letter:
    lines = [Line(document, url_of(document), state_of(document)) for document in documents]
    if all(document.is_ready for document in documents):
        subject = ngettext("Your document is ready", "Your documents are ready", len(lines))
    else:
        subject = ngettext(
            "A document could not be prepared", "Some documents could not be prepared", len(lines)
        )
    label, url = _("Open the portal"), absolute_url(reverse("home"))
    if len(documents) == 1:
        label, url = _("Open the document"), url_of(documents[0])
    return Letter(
        subject=subject,
        body=[Lines(_("The documents you requested"), lines, most=100)],
        button=Button(label, url),
        after=[_("Sign in to open them.")],
    )


def url_of(document: Rendition) -> str:
    return absolute_url(reverse("reports:rendition", args=[document.pk]))


def state_of(document: Rendition) -> str:
    if document.is_ready:
        return _("ready")
    if document.failure:
        return f"{_('it could not be prepared.')} {document.get_failure_display()}"
    return str(document.get_state_display())


def archive_letter(archive: Archive) -> Letter:
    days = Archive.DAYS_KEPT
    kept = ngettext(
        "It is deleted after %(days)s day; you can ask for it again at any time.",
        "It is deleted after %(days)s days; you can ask for it again at any time.",
        days,
    )
    url = absolute_url(reverse("projects:reports", args=[archive.project.code]))
    return Letter(
        subject=_("Your files are ready"),
        body=[
            _("The files you requested are ready, in one archive."),
            Details([Detail(_("Project"), archive.project.short_title)]),
            kept % {"days": days},
        ],
        button=Button(_("Get the archive"), url),
    )


def unsealed_letter(count: int) -> Letter:
    """To administrators: the portal gave up to seal documents."""
    subject = ngettext(
        "%(count)s document could not be sealed for a day",
        "%(count)s documents could not be sealed for a day",
        count,
    )
    return Letter(
        subject=subject % {"count": count},
        body=[
            _(
                "The portal tried each hour, and tries no more. The log of the worker names the kind of "
                "error. Then request the documents again, or switch the seal off."
            )
        ],
        button=Button(_("See what waits for the seal"), absolute_url(reverse("reports:seal"))),
    )
