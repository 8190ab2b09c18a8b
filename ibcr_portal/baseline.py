"""What the baseline migration does beside the tables of the models: triggers that note of which
project the obligations have to be written anew.

Services change rows in bulk and by `update`, which no signal of a model reports; the database misses
none of them. SQLite loses the triggers of a table that a later migration makes anew: such a migration
has to run the operation of that table again.
"""

from kernel.migration_operations import SQLByVendor

NEEDS = ("committees", "partners", "projects", "reports")

NOTED = "ibcr_portal_obligationchange"


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


def _note(table: str, row: str) -> str:
    projects = PROJECTS_OF[table].replace("row.", f"{row}.")
    return f"INSERT INTO {NOTED} (project_key) {projects};"


def _on_postgresql(table: str) -> str:
    name = f"{table}_changes_obligations"
    return f"""
CREATE FUNCTION {name}() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN {_note(table, "OLD")} ELSE {_note(table, "NEW")} END IF;
    RETURN NULL;
END;
$$ LANGUAGE plpgsql;
CREATE TRIGGER {name} AFTER INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {name}();
"""


def _on_sqlite(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_changes_obligations_{event} AFTER {event} ON {table}"
        f" BEGIN {_note(table, 'OLD' if event == 'DELETE' else 'NEW')} END;"
        for event in ("INSERT", "UPDATE", "DELETE")
    ]


def _noting(table: str) -> SQLByVendor:
    name = f"{table}_changes_obligations"
    events = ("INSERT", "UPDATE", "DELETE")
    return SQLByVendor(
        {"postgresql": [_on_postgresql(table)], "sqlite": _on_sqlite(table)},
        {
            "postgresql": [f"DROP TRIGGER {name} ON {table}", f"DROP FUNCTION {name}()"],
            "sqlite": [f"DROP TRIGGER {name}_{event}" for event in events],
        },
    )


OPERATIONS = [_noting(table) for table in PROJECTS_OF]
