"""No kind of record can be forgotten: the entries are compared with the models."""

from django.apps import apps
from django.db import models

from accounts.models import User
from ibcr_portal.kinds import KINDS
from partners.models import Contact

APPS = ("partners", "projects", "committees", "reports")
# What is neither searched nor translated nor part of the evidence chain, with the reason.
WITHOUT_ENTRY = {
    "It belongs to a record that is kept even if it is deleted.": """
        committees.Erratum committees.NoteFile committees.Shift partners.AgreementFile projects.DutyFile
        projects.Evidence reports.FiledVersion""",
    "It is in the books: its own pages and workbooks show it.": """
        projects.AccountingLock projects.Advance projects.AdvanceReturn projects.AdvanceVoucher
        projects.AdvanceVoucherFile projects.Budget projects.BudgetRevision projects.Contribution
        projects.DonorForm projects.ExchangeRate projects.Expenditure projects.ImportBatch
        projects.SampledVoucher projects.VoucherSample projects.VoucherScan""",
    "Only those who decide on a call read what was proposed.": """
        projects.Assessment projects.EligibilityCheck projects.Grant projects.GrantReport
        projects.GrantReportFile projects.Instalment projects.PanelMember projects.Proposal
        projects.ProposalFile projects.ProposalLink projects.SupportNote""",
    "It says who does what in a project, or how an institution is called.": """
        partners.Agreement partners.InstitutionName projects.Assignment projects.Direction
        projects.InstitutionChange projects.NamingChoice projects.NamingPrecaution projects.Participation
        projects.Period projects.PrecautionLift projects.Representation projects.TeamInvitation""",
    "It waits for somebody, or is a file on its way in or out.": """
        committees.DigestChoice projects.ExpenditureUpload projects.FrameworkUpload projects.HeldText
        projects.IatiImport projects.IatiPublication projects.IatiUpload projects.MailNote
        projects.MailPhoto projects.ValueRequest reports.Archive""",
    "It is made from other records.": """
        projects.LogicModelVersion projects.Translation reports.SealCertificate reports.Snapshot
        reports.WordTemplate""",
}


def test_every_model_with_texts_people_or_days_has_an_entry_or_belongs_to_one():
    forgotten = {
        model._meta.label
        for model in apps.get_models()
        if model._meta.app_label in APPS and has_something_to_say(model)
    } - set(belonging())
    assert forgotten == set(" ".join(WITHOUT_ENTRY.values()).split())


def test_every_kind_is_declared_once():
    names = [kind.called for kind in KINDS]
    assert len(names) == len(set(names))
    searched = [kind.search for kind in KINDS if kind.search]
    assert len(searched) == len(set(searched))


def test_what_an_entry_names_exists():
    for kind in KINDS:
        columns = {*kind.typed, *kind.written_in.values()} | {
            name.split("__")[0] for name in kind.named_by
        }
        translated = {f"{name}_en" for name in (*kind.titles, *kind.texts)}
        known = {field.name for field in kind.model._meta.get_fields()}
        assert columns | translated <= known, kind.called
        if kind.way:
            str(kind.with_related(kind.model._default_manager.all()).query)


def belonging():
    """Yield the models of the entries, and what is deleted with their records; of a project and a
    committee everything is, so that says nothing."""
    found = {kind.model for kind in KINDS}
    wide = {model for model in found if model.__name__ in {"Project", "Committee", "Institution"}}
    while True:
        yield from (model._meta.label for model in found)
        parts = {
            field.model
            for model in found - wide
            for field in referring(model)
            if not field.null and field.remote_field.on_delete is models.CASCADE
        }
        if parts <= found:
            return
        found |= parts


def referring(model):
    relations = model._meta.get_fields(include_hidden=True)
    return [each.field for each in relations if isinstance(each, models.ManyToOneRel)]


def has_something_to_say(model):
    if hasattr(model, "instance_type"):  # a history
        return False
    return any(
        isinstance(field, models.TextField | models.DateField)
        or (isinstance(field, models.ForeignKey) and field.related_model in {User, Contact})
        for field in model._meta.concrete_fields
    )
