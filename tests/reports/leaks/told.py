"""Who finds what people type in a document or a file of theirs: each text of each model.

A text that is nowhere here fails the test: whoever adds a field says who is told of it, by the
rules of `docs/rules/`. The table is exact: what it lets readers have is found by them.
"""

from django.db import models

from tests.reports.leaks.planting import Place

# Letters for audiences, and for whom a letter, a certificate or a handover sheet is made.
READERS = {
    "public": "U",
    "partners": "P",
    "donor": "D",
    "committee": "C",
    "voting": "V",
    "coordination": "I",
    "addressee": "A",
    "member": "CP",  # who has a seat and is of a partner
}
EVERYBODY = "UPDCVIA"
REPORT = "PDCI"  # reports are for partners, donor, committee and coordination
MONEY = "DI"
SHARED_RISKS = "DCI"
MINUTES = "PDCVI"
AGENDA = "CVIA"
NOBODY = ""

TOLD: dict[str, dict[str, str]] = {
    "accounts.User": {"email full_name returned_address": NOBODY},
    "accounts.FactorReset": {"reason": NOBODY},
    "accounts.FormDraft": {"key content": NOBODY},
    "accounts.Hold": {"reason": NOBODY},
    "accounts.OutgoingMail": {
        "key address subject text html sender reply_to thread unsubscribe_url bounce_reason": NOBODY
    },
    "accounts.IncomingMail": {"fingerprint": NOBODY},
    "partners.Institution": {"identifier": NOBODY},
    "partners.InstitutionName": {"name": EVERYBODY, "acronym": "UPDCVI"},
    # Names stand in lists that the coordination keeps, and on paper for that person alone.
    "partners.Contact": {"full_name title": "DIA", "email phone": NOBODY},
    "partners.Agreement": {"reference purchase_order vendor_number fund_code": MONEY},
    "partners.AgreementFile": {"original_name": NOBODY},
    "projects.Project": {
        "code short_title title": EVERYBODY,
        "description source_note donor_number": REPORT,
    },
    "projects.Dimension": {"name": REPORT},
    "projects.Category": {"name": REPORT},
    "projects.Result": {"code statement": REPORT},
    "projects.Indicator": {
        "code name source method frequency": REPORT,
        "standard_code": NOBODY,
    },
    "projects.Activity": {
        "code title department place date_note": REPORT,
        "description evidence": NOBODY,
    },
    "projects.HeldText": {"source": NOBODY},
    "projects.MailNote": {"text answer": NOBODY},
    "projects.MailPhoto": {"original_name": NOBODY},
    "projects.Representation": {"reason": NOBODY},
    "projects.InstitutionChange": {"text": NOBODY},
    "projects.NamingChoice": {"reason": NOBODY},
    "projects.NamingPrecaution": {"reason": NOBODY},
    "projects.PrecautionLift": {"reason": NOBODY},
    "projects.TeamInvitation": {"typed_email typed_name": NOBODY},
    "projects.Amendment": {"title reason before after donor_reference": REPORT},
    "projects.AmendmentFile": {"original_name": NOBODY},
    "projects.BudgetCategory": {"name": MONEY, "code": NOBODY},
    "projects.BudgetLine": {"note": NOBODY},
    "projects.BudgetRevision": {"reason": MONEY},
    "projects.BudgetComment": {"text": MONEY},
    "projects.CallForProposals": {
        "code title theme eligibility files_asked contact_email date_note": NOBODY
    },
    "projects.Criterion": {"title": NOBODY},
    "projects.CallQuestion": {"question answer": NOBODY},
    "projects.CallDocument": {"title original_name": NOBODY},
    "projects.ReportingDuty": {"title": NOBODY},
    "projects.DutyDone": {"note": NOBODY},
    "projects.DutyFile": {"original_name": NOBODY},
    "projects.Deliverable": {"title": REPORT},
    "projects.Evidence": {"title": REPORT, "link original_name": NOBODY},
    "projects.IatiUpload": {"original_name": NOBODY},
    "projects.IatiImport": {"identifier file_name": NOBODY},
    "projects.FrameworkUpload": {"original_name": NOBODY},
    "projects.Proposal": {
        "organisation department groups legal_number contact_name contact_email contact_phone "
        "title summary problem activities expected late_reason decision_reason": NOBODY
    },
    "projects.ProposalLine": {"label": NOBODY},
    "projects.ProposalFile": {"original_name": NOBODY},
    "projects.EligibilityCheck": {"reason": NOBODY},
    "projects.Grant": {"title": NOBODY},
    "projects.Instalment": {"condition reference": NOBODY},
    "projects.GrantReport": {"narrative financial": NOBODY},
    "projects.GrantReportFile": {"original_name": NOBODY},
    "projects.SupportNote": {"text": NOBODY},
    "projects.LogicModelVersion": {"reference donor_reference reason": REPORT},
    "projects.Assessment": {"conflict comment": NOBODY},
    "projects.Score": {"comment": NOBODY},
    "projects.Risk": {"definition cause response": SHARED_RISKS},
    "projects.RiskRating": {"note": NOBODY},
    "projects.HandoverNote": {"text": NOBODY},
    "projects.Lesson": {"learned happened change": REPORT},
    "projects.ExchangeRate": {"source": MONEY},
    "projects.AccountingLock": {"lift_reason": NOBODY},
    "projects.ImportBatch": {"original_name": NOBODY},
    "projects.VoucherSample": {"seed": NOBODY},
    "projects.SampledVoucher": {"voucher": NOBODY},
    "projects.Expenditure": {"description voucher": NOBODY},
    "projects.VoucherScan": {"original_name": NOBODY},
    "projects.Advance": {"reference": NOBODY},
    "projects.AdvanceReturn": {"reference": NOBODY},
    "projects.AdvanceVoucher": {"number description": NOBODY},
    "projects.AdvanceVoucherFile": {"original_name": NOBODY},
    "projects.DonorForm": {"name original_name": NOBODY},
    "projects.Contribution": {"reference": MONEY},
    "projects.ExpenditureUpload": {"original_name": NOBODY},
    # Its source stands in the workbook alone, which the committee has as members have it.
    "projects.DataPoint": {"comment": REPORT, "source": "PDI", "evidence": NOBODY},
    "projects.ValueFile": {"original_name": NOBODY},
    "projects.ValueRequest": {"note": NOBODY},
    "committees.Committee": {
        "name": EVERYBODY,
        "mandate": REPORT,
        "minutes_name": MINUTES,
        "signatory signatory_role": "A",  # on certificates
        "terms_text": NOBODY,
    },
    "committees.Seat": {"label": "PDCVIA"},
    "committees.Meeting": {
        "place": "PDCVIA",
        "illustrative_note": MINUTES,
        "call_link call_number call_passcode": NOBODY,
    },
    "committees.AgendaItem": {
        "title presenter": "PDCVIA",
        "notes": MINUTES,
        "briefing": AGENDA,
        "late_consent proposal_reason proposal_answer": NOBODY,
    },
    "committees.TemplateItem": {"title": NOBODY},
    "committees.WrittenConsultation": {"title text why_written": NOBODY},
    "committees.Ballot": {"reason evidence": NOBODY},
    "committees.Resolution": {
        "text": EVERYBODY,
        "answer": REPORT,
        "rule_reason": MINUTES,
        "answer_evidence agreed_by urgency": NOBODY,
    },
    "committees.ActionPlan": {"donor_reference": NOBODY},
    "committees.ActionTerms": {"title": "PDCIA", "deliverable": REPORT},
    "committees.Remark": {"text evidence": NOBODY},
    "committees.Reply": {"text": NOBODY},
    "committees.Position": {"text": AGENDA, "evidence": NOBODY},
    "committees.ProposedChange": {"old_value new_value reason answer evidence": NOBODY},
    "committees.PlanUpload": {"original_name": NOBODY},
    "committees.ProgressNote": {"text evidence": NOBODY},
    "committees.NoteFile": {"original_name": NOBODY},
    "committees.ReviewExtension": {"why": NOBODY},
    "committees.Shift": {"reason": NOBODY},
    "committees.Attendance": {"guest_name": "I"},
    "committees.InterestDeclaration": {"text": NOBODY},
    "committees.Document": {"title": "CVI", "original_name": NOBODY},
    "committees.Feedback": {"text": NOBODY},
    "committees.Invitation": {"note evidence alternate_function": NOBODY},
    "committees.Minutes": {"opening closing": MINUTES},
    "committees.MinutesTranslation": {"texts": MINUTES},
    "committees.MinutesRemark": {"text sentence suggestion evidence reply": NOBODY},
    "committees.Erratum": {"text": MINUTES},
    "committees.ParticipantsUpload": {"original_name": NOBODY},
    "reports.ReportPreset": {"title": REPORT, "name": NOBODY},
    "reports.PresetSection": {"label": REPORT},
    "reports.Report": {"version_note acceptance_reference four_eyes_exception": NOBODY},
    "reports.Section": {"text": REPORT},
    # Shown in place of the text that they translate, wherever that is shown.
    "projects.Translation": {"field source text": NOBODY},
    "reports.GlanceChoice": {"quotation source": REPORT},
    "reports.ReportRemark": {"text evidence answer": NOBODY, "place place_title": NOBODY},
    "reports.ReportFile": {"original_name": NOBODY},
    "reports.FiledDocument": {
        "title their_reference email_from email_to email_sha256 left_out withdrawn_why": NOBODY
    },
    "reports.FiledVersion": {"original_name note": NOBODY},
    "reports.SharedLink": {"label": NOBODY},
    "reports.WordTemplate": {"name original_name": NOBODY},
}

# Rows in a state that makes another audience of theirs; what is not said of them is for nobody.
CASES: dict[tuple[str, str], dict[str, str]] = {
    # One that may be named to only the coordination, and one not to the State, which has a seat.
    ("partners.InstitutionName", "at risk"): {"name acronym": "I"},
    ("partners.InstitutionName", "not the State"): {"name acronym": "DI"},
    ("projects.Amendment", "draft"): {"title reason before after": "CI"},
    ("projects.Amendment", "submitted"): {"title reason before after": SHARED_RISKS},
    ("projects.Risk", "internal"): {"definition cause response": MONEY},
    ("projects.DataPoint", "in words"): {"comment": REPORT, "source": "PDI"},
    ("committees.Meeting", "planned"): {"place": "I"},
    ("committees.AgendaItem", "coming"): {"title presenter briefing": AGENDA},
    ("committees.AgendaItem", "public"): {
        "title presenter": "PDCVIA",
        "notes": MINUTES,
        "briefing": AGENDA,
    },
    ("committees.AgendaItem", "voting, coming"): {"title presenter briefing": "VI"},
    ("committees.AgendaItem", "coordination, coming"): {"title presenter briefing": "I"},
    ("committees.AgendaItem", "voting"): {"title presenter briefing notes": "VI"},
    ("committees.AgendaItem", "coordination"): {"title presenter briefing notes": "I"},
    ("committees.AgendaItem", "donor"): {"title presenter notes": "DI", "briefing": "I"},
    ("committees.AgendaItem", "partners"): {"title presenter notes": "PI", "briefing": "I"},
    ("committees.MinutesTranslation", "public"): {"texts": MINUTES},
    ("committees.MinutesTranslation", "voting"): {"texts": "VI"},
    ("committees.MinutesTranslation", "coordination"): {"texts": "I"},
    ("committees.MinutesTranslation", "donor"): {"texts": "DI"},
    ("committees.MinutesTranslation", "partners"): {"texts": "PI"},
    ("committees.Resolution", "public"): {
        "text": EVERYBODY,
        "answer": REPORT,
        "rule_reason": MINUTES,
    },
    # A report is for no voting seats in particular: the coordination's alone tells of them.
    ("committees.Resolution", "voting"): {"text rule_reason": "VI", "answer": "I"},
    ("committees.Resolution", "coordination"): {"text answer rule_reason": "I"},
    ("committees.Resolution", "donor"): {"text answer rule_reason": "DI"},
    ("committees.Resolution", "partners"): {"text answer rule_reason": "PI"},
    # What the meeting did not adopt stands in its minutes and in no record.
    ("committees.Resolution", "rejected"): {"text rule_reason": MINUTES},
    ("committees.Resolution", "deferred"): {"text rule_reason": MINUTES},
    ("committees.Resolution", "provisional"): {"text rule_reason": "CI"},
    ("committees.Resolution", "lapsed"): {"text rule_reason": "CI"},
    ("committees.Document", "public"): {"title": "CVI"},
    ("committees.Document", "voting"): {"title": "VI"},
    ("committees.Document", "coordination"): {"title": "I"},
    ("committees.Document", "donor"): {"title": "I"},  # they have no agenda
    ("committees.Document", "partners"): {"title": "I"},
    # A paper for all beside an item that is not.
    ("committees.Document", "beside an item: public"): {"title": "CVI"},
    ("committees.Document", "beside an item: voting"): {"title": "VI"},
    ("committees.Document", "beside an item: coordination"): {"title": "I"},
    ("committees.Document", "beside an item: donor"): {"title": "I"},
    ("committees.Document", "beside an item: partners"): {"title": "I"},
    ("committees.Position", "coordination"): {"text": "I"},
    ("committees.ActionTerms", "in review"): {"title deliverable": "PCI"},
    ("committees.ActionTerms", "draft"): {"title deliverable": "I"},
}
# Words with which a section cites a thing, by kind and case, go with what they cite.
CITED = {
    "result: ": REPORT,
    "indicator: ": REPORT,
    "activity: ": REPORT,
    "action: ": REPORT,
    "plan: ": REPORT,
    "plan: in review": "I",
    "plan: draft": "I",
    "amendment: ": REPORT,
    "amendment: draft": "CI",
    "amendment: submitted": SHARED_RISKS,
    "risk: ": SHARED_RISKS,
    "risk: internal": MONEY,
    "meeting: ": REPORT,
    "meeting: planned": "I",
    "resolution: ": REPORT,
    "resolution: public": REPORT,
    "resolution: voting": "I",
    "resolution: coordination": "I",
    "resolution: donor": "DI",
    "resolution: partners": "PI",
    "resolution: drafted": "I",
    "resolution: rejected": "CI",
    "resolution: deferred": "CI",
    "resolution: provisional": "CI",
    "resolution: lapsed": "CI",
}
CASES |= {("reports.Section", f"words about {one}"): {"text": CITED[one]} for one in CITED}
# Of persons fewer than five are not told, nor what would tell of them. What an action costs and
# what is spent is for the team and the donor; the committee recommends what an amendment moves.
NUMBERS_TOLD = {
    "contribution": "DCI",
    "budget": MONEY,
    "spent": MONEY,
    "promised": MONEY,
    "received": MONEY,
    "of an action": NOBODY,
    "amended": NOBODY,
    "target": REPORT,
    "actual": REPORT,
    "of a cell": REPORT,
    "beside a small cell": "I",
    "beside a small group": "I",
    "submitted": NOBODY,
    "draft": NOBODY,
}

# Columns of text that nobody types: the portal writes them, or they choose from a list.
NO_WORDS: dict[str, set[str]] = {
    "accounts.User": {"password", "time_zone"},
    "accounts.AccessChain": {"head"},
    "accounts.AccessEvent": {"thing_label", "thing_key", "details", "hash"},
    "accounts.AccessLink": {"purpose"},
    "accounts.OutgoingMail": {"stage", "attachments"},
    "projects.Dimension": {"code"},
    "projects.Category": {"code"},
    "projects.Amendment": {"moves"},
    "projects.CallDocument": {"language"},
    "projects.ProjectSector": {"code"},
    "projects.ProjectTag": {"code"},
    "projects.IatiImport": {"version", "left_out"},
    "projects.LogicModelVersion": {"content"},
    "projects.Expenditure": {"row_key"},
    "projects.ImportMapping": {
        "columns",
        "categories",
        "results",
        "date_order",
        "decimal_mark",
    },
    "committees.Meeting": {"time_zone", "quorum_kept", "announced"},
    "committees.Attendance": {"earlier_stays"},
    "committees.Resolution": {"number", "effects_before"},
    "committees.Action": {"reference"},
    "committees.Minutes": {"content", "annex"},
    "committees.MinutesVersion": {"content"},
    "committees.MinutesTranslation": {"source_sha256"},
    "committees.DigestChoice": {"last_week"},
    "committees.Shift": {"before", "after"},
    "projects.VoucherSample": {"population_sha256"},
    "reports.AttendanceCertificate": {"code"},
    "reports.SealCertificate": {"subject", "issuer"},
    "reports.Archive": {"stage", "rights", "renditions"},
    "reports.Rendition": {"stage", "renderer"},
    "reports.Snapshot": {"data"},
    "reports.CallGuide": {"facts"},
    "reports.MeetingPack": {"facts", "seen"},
    "reports.ReportPreset": {"key"},
    "reports.Citation": {"token"},
    "reports.Section": {"codes"},  # found in its text
    "reports.SectionWriting": {"slug"},
}
# The same in every model.
COMPUTED = {"translation_sources", "sha256", "file", "currency", "country", "token_hash"}
# What they say is planted with the row: it is not changed any more once it is there.
PLANTED_WITH_THE_ROW = {
    "projects.LogicModelVersion",
    "committees.Minutes",
    "committees.MinutesTranslation",
    "committees.MinutesRemark",
    "committees.Erratum",
}


def fields_of(told: dict[str, str]) -> dict[str, str]:
    return {field: readers for names, readers in told.items() for field in names.split()}


def has_words(model: type[models.Model], name: str) -> bool:
    """Whether people type it, by this table: what is not in it is typed."""
    return name not in COMPUTED | NO_WORDS.get(model._meta.label, set())


def readers_of(place: Place) -> str:
    if place.model == "number":
        return NUMBERS_TOLD[place.field]
    told = CASES.get((place.model, place.case), {}) if place.case else TOLD.get(place.model, {})
    return fields_of(told).get(place.field, NOBODY)
