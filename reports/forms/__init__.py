"""What is typed around reports and documents, a file per subject."""

from reports.forms.documents import AtOnceForm, DocumentForm, RenditionForm
from reports.forms.remarks import AnswerForm, EnteredRemarkForm, RemarkForm
from reports.forms.reports import (
    BaseForm,
    PeriodForm,
    ReportFilterForm,
    ReportForm,
    SectionForm,
    VersionNoteForm,
)
from reports.forms.sharing import DownloadFilterForm, SharedLinkForm
from reports.forms.steps import (
    AcceptForm,
    EnteredAcceptForm,
    EnteredReturnForm,
    OutcomeForm,
    ReturnForm,
    SignOffForm,
    StepForm,
)
from reports.forms.templates import WordTemplateForm
from reports.forms.verifying import VerifyFileForm, VerifyForm

__all__ = [
    "AcceptForm",
    "AnswerForm",
    "AtOnceForm",
    "BaseForm",
    "DocumentForm",
    "DownloadFilterForm",
    "EnteredAcceptForm",
    "EnteredRemarkForm",
    "EnteredReturnForm",
    "OutcomeForm",
    "PeriodForm",
    "RemarkForm",
    "RenditionForm",
    "ReportFilterForm",
    "ReportForm",
    "ReturnForm",
    "SectionForm",
    "SharedLinkForm",
    "SignOffForm",
    "StepForm",
    "VerifyFileForm",
    "VerifyForm",
    "VersionNoteForm",
    "WordTemplateForm",
]
