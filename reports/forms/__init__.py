"""What is typed around reports and documents, a file per subject."""

from reports.forms.documents import DocumentForm, RenditionForm, VerifyForm, WordForm
from reports.forms.remarks import AnswerForm, EnteredRemarkForm, RemarkForm
from reports.forms.reports import (
    BaseForm,
    ReportFilterForm,
    ReportForm,
    SectionForm,
    VersionNoteForm,
)
from reports.forms.steps import (
    AcceptForm,
    EnteredAcceptForm,
    EnteredReturnForm,
    OutcomeForm,
    ReturnForm,
    SignOffForm,
    StepForm,
)

__all__ = [
    "AcceptForm",
    "AnswerForm",
    "BaseForm",
    "DocumentForm",
    "EnteredAcceptForm",
    "EnteredRemarkForm",
    "EnteredReturnForm",
    "OutcomeForm",
    "RemarkForm",
    "RenditionForm",
    "ReportFilterForm",
    "ReportForm",
    "ReturnForm",
    "SectionForm",
    "SignOffForm",
    "StepForm",
    "VerifyForm",
    "VersionNoteForm",
    "WordForm",
]
