"""What the baseline migration does beside the tables of the models: triggers that note of which
project the obligations have to be written anew, and which things the search has to read again, and
that delete what the translation queue knows of a text with its thing.

Services change rows in bulk and by `update`, which no signal of a model reports; the database misses
none of them. SQLite loses the triggers of a table that a later migration makes anew: such a migration
has to run the operation of that table again.
"""

from collections.abc import Sequence

from kernel.migration_operations import SQLByVendor, after_changes, after_deletion

NEEDS = ("committees", "partners", "projects", "reports")

NOTED = "ibcr_portal_obligationchange"
NOTED_THINGS = "ibcr_portal_searchchange"


def of(table: str, column: str, way: str = "project_id") -> str:
    """Select the project of another table's row, to which a column of the changed row leads."""
    return f"SELECT {way} FROM {table} WHERE id = row.{column}"


def _of_call(call: str) -> str:
    return f"SELECT project_id FROM projects_callforproposals WHERE id = {call}"


def _of_committee(select: str) -> str:
    return f"SELECT project_id FROM committees_committee WHERE id = ({select})"


OWN = "SELECT row.project_id"
OF_MEETING = _of_committee(of("committees_meeting", "meeting_id", "committee_id"))
OF_INSTITUTION = "SELECT project_id FROM projects_participation WHERE {} = row.id"

# By table, the statement that finds the projects of a changed `row`.
PROJECTS_OF = {
    "projects_project": "SELECT row.id",
    "projects_participation": OWN,
    "projects_assignment": OWN,
    "projects_teaminvitation": OWN,
    "projects_period": OWN,
    "projects_reportingduty": OWN,
    "projects_dutydone": of("projects_reportingduty", "duty_id"),
    "projects_contribution": of("projects_participation", "participation_id"),
    "projects_expenditure": OWN,
    "projects_advance": OWN,
    "projects_advancevoucher": of("projects_advance", "advance_id"),
    "projects_amendment": OWN,
    "projects_risk": OWN,
    "projects_riskrating": of("projects_risk", "risk_id"),
    "projects_indicator": of("projects_result", "result_id"),
    "projects_datapoint": "SELECT project_id FROM projects_result WHERE id = "
    f"({of('projects_indicator', 'indicator_id', 'result_id')})",
    "projects_valuerequest": OWN,
    "projects_callforproposals": OWN,
    "projects_proposal": _of_call("row.call_id"),
    "projects_panelmember": _of_call("row.call_id"),
    "projects_assessment": _of_call(f"({of('projects_panelmember', 'member_id', 'call_id')})"),
    "projects_grant": OWN,
    "projects_instalment": of("projects_grant", "grant_id"),
    "projects_grantreport": of("projects_grant", "grant_id"),
    "committees_committee": OWN,
    "committees_meeting": of("committees_committee", "committee_id"),
    "committees_minutes": OF_MEETING,
    "committees_writtenconsultation": of("committees_committee", "committee_id"),
    "committees_attendance": OF_MEETING,
    "committees_agendaitem": OF_MEETING,
    "committees_resolution": of("committees_committee", "committee_id"),
    "committees_seat": of("committees_committee", "committee_id"),
    "committees_seatterm": _of_committee(of("committees_seat", "seat_id", "committee_id")),
    "committees_actionplan": OWN,
    "committees_reviewextension": of("committees_actionplan", "plan_id"),
    "committees_position": of("committees_actionplan", "plan_id"),
    "committees_proposedchange": of("committees_actionplan", "plan_id"),
    "committees_actionterms": of("committees_actionplan", "plan_id"),
    "committees_action": OWN,
    "reports_report": OWN,
    "partners_institution": OF_INSTITUTION.format("institution_id"),
    "partners_agreement": OF_INSTITUTION.format("agreement_id"),
}


def _note(table: str) -> str:
    return f"INSERT INTO {NOTED} (project_key) {PROJECTS_OF[table]};"


def _thing(kind: str, column: str = "id") -> str:
    return f"SELECT '{kind}', row.{column}"


def _things(kind: str, table: str, column: str) -> str:
    """Select what refers to the changed row and shows something of it."""
    return f"SELECT '{kind}', id FROM {table} WHERE {column} = row.id"


# By table, what the search has to read again after a changed `row`.
THINGS_OF = {
    "projects_project": [_thing("project")],
    "partners_institution": [_thing("institution")],
    "partners_institutionname": [_thing("institution", "institution_id")],
    "partners_contact": [_thing("person")],
    "committees_committee": [
        _thing("committee"),
        _things("meeting", "committees_meeting", "committee_id"),
    ],
    "committees_meeting": [
        _thing("meeting"),
        _things("item", "committees_agendaitem", "meeting_id"),
    ],
    "committees_agendaitem": [_thing("item")],
    "committees_minutes": [_thing("minutes")],
    "committees_resolution": [_thing("resolution")],
    "committees_writtenconsultation": [_thing("consultation")],
    "committees_actionterms": [_thing("action")],
    "committees_action": [_things("action", "committees_actionterms", "action_id")],
    "committees_remark": [_thing("remark")],
    "committees_proposedchange": [_thing("proposal")],
    "committees_minutesremark": [_thing("comment")],
    "projects_result": [_thing("result")],
    "projects_indicator": [_thing("indicator")],
    "projects_datapoint": [_thing("value")],
    "projects_activity": [_thing("activity")],
    "projects_risk": [_thing("risk")],
    "projects_amendment": [_thing("amendment")],
    "projects_callforproposals": [_thing("call")],
    "committees_document": [_thing("paper")],
    "reports_fileddocument": [_thing("filed")],
    "reports_filedversion": [_thing("filed", "document_id")],
    "reports_rendition": [_thing("document")],
    "reports_report": [_thing("section")],
    "reports_section": [_thing("section", "report_id")],
}


def _note_things(table: str) -> str:
    selected = THINGS_OF[table]
    return " ".join(f"INSERT INTO {NOTED_THINGS} (kind, thing) {each};" for each in selected)


# The words of the search (`ibcr_portal.search.tables`). An entry is written once; where its text is
# changed afterwards, a name was taken out of it, and its words go with the old text.
WORDS = "ibcr_portal_searchwords"
ENTRIES = "ibcr_portal_searchentry"
CREATE: dict[str, Sequence[str]] = {
    "postgresql": [
        f"CREATE TABLE {WORDS} (entry bigint PRIMARY KEY REFERENCES {ENTRIES} (id)"
        " ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED, words tsvector NOT NULL)",
        # A list of what is not in the index yet would be read by each search.
        f"CREATE INDEX {WORDS}_words ON {WORDS} USING gin (words) WITH (fastupdate = off)",
        f"""
CREATE FUNCTION {WORDS}_forget() RETURNS trigger AS $$
BEGIN
    DELETE FROM {WORDS} WHERE entry = NEW.id;
    RETURN NULL;
END;
$$ LANGUAGE plpgsql;
CREATE TRIGGER {WORDS}_forget AFTER UPDATE ON {ENTRIES}
    FOR EACH ROW EXECUTE FUNCTION {WORDS}_forget();
""",
    ],
    "sqlite": [
        # Without positions: nothing asks where a word stands.
        f"CREATE VIRTUAL TABLE {WORDS} USING fts5 (words, detail=none,"
        " tokenize=\"unicode61 remove_diacritics 0 tokenchars '_'\")",
        f"CREATE TRIGGER {WORDS}_follow AFTER DELETE ON {ENTRIES}"
        f" BEGIN DELETE FROM {WORDS} WHERE rowid = OLD.id; END",
        f"CREATE TRIGGER {WORDS}_forget AFTER UPDATE ON {ENTRIES}"
        f" BEGIN DELETE FROM {WORDS} WHERE rowid = OLD.id; END",
    ],
}
DROP: dict[str, Sequence[str]] = {
    "postgresql": [
        f"DROP TRIGGER {WORDS}_forget ON {ENTRIES}",
        f"DROP FUNCTION {WORDS}_forget()",
        f"DROP TABLE {WORDS}",
    ],
    "sqlite": [
        f"DROP TRIGGER {WORDS}_forget",
        f"DROP TRIGGER {WORDS}_follow",
        f"DROP TABLE {WORDS}",
    ],
}


# What the translation queue knows of a text goes with its thing. A remark that is withdrawn keeps its
# row, but nobody reads it any more: neither do they read its translation.
TRANSLATED = (
    *("projects_project", "projects_result", "projects_indicator", "projects_datapoint"),
    *("projects_activity", "projects_deliverable", "projects_risk", "projects_riskrating"),
    *("projects_amendment", "projects_callforproposals", "projects_budgetcategory"),
    *("projects_reportingduty", "committees_committee", "committees_seat", "committees_agendaitem"),
    *("committees_resolution", "committees_writtenconsultation", "committees_minutes"),
    *("committees_minutesremark", "committees_remark", "committees_proposedchange"),
    *(
        "committees_actionterms",
        "committees_progressnote",
        "reports_report",
        "reports_reportremark",
    ),
)
WITHDRAWN = {
    **dict.fromkeys(
        ("committees_minutesremark", "committees_remark", "committees_proposedchange"),
        "row.withdrawn_at IS NOT NULL",
    ),
    "reports_reportremark": "row.status = 'withdrawn'",
}


def _forget_pairs(table: str) -> SQLByVendor:
    app, _underscore, model = table.partition("_")
    condition = WITHDRAWN.get(table)
    kind = f"SELECT id FROM django_content_type WHERE app_label = '{app}' AND model = '{model}'"
    forget = (
        f"DELETE FROM projects_translation WHERE object_id = row.id AND content_type_id IN ({kind})"
    )
    return after_deletion(table, "forgets_translations", forget, condition)


# What a confirmed translation adds to what is found.
FOUND_TRANSLATED = {
    "committees.resolution": "resolution",
    "committees.remark": "remark",
    "committees.proposedchange": "proposal",
    "committees.minutesremark": "comment",
    "projects.indicator": "indicator",
    "projects.datapoint": "value",
}


def _note_translated() -> str:
    cases = " ".join(f"WHEN '{model}' THEN '{kind}'" for model, kind in FOUND_TRANSLATED.items())
    labels = ", ".join(f"'{model}'" for model in FOUND_TRANSLATED)
    label = "(app_label || '.' || model)"
    return (
        f"INSERT INTO {NOTED_THINGS} (kind, thing) SELECT CASE {label} {cases} END, row.object_id"
        f" FROM django_content_type WHERE id = row.content_type_id AND {label} IN ({labels});"
    )


OPERATIONS = [
    *(after_changes(table, "changes_obligations", _note(table)) for table in PROJECTS_OF),
    SQLByVendor(CREATE, DROP),
    *(after_changes(table, "changes_search", _note_things(table)) for table in THINGS_OF),
    *(_forget_pairs(table) for table in TRANSLATED),
    after_changes("projects_translation", "changes_search", _note_translated()),
]
