"""Triggers that keep the table of news as the rows of other tables are.

Whoever changes a row, by a form, in bulk, by `update` or as release 1.0, has its news written in the
same transaction. After a change of a thing its rows are deleted and selected again, so that what was
withdrawn, approved or corrected is right. SQLite loses the triggers of a table that a later migration
makes anew: such a migration has to run the operation of that table again.
"""

from collections.abc import Mapping
from typing import NamedTuple

from kernel.migration_operations import SQLByVendor, after_changes

NEWS = "ibcr_portal_newsitem"
OWN = "= row.id"


class Stored(NamedTuple):
    """How the rows of one kind are selected."""

    kind: int
    tables: str
    thing: str
    columns: Mapping[str, str]
    condition: str
    changed_by: Mapping[str, str]
    """By table, which things have to be selected again after a change of a `row` of it."""


PROJECT_OF_MEETING = "JOIN committees_committee committee ON committee.id = meeting.committee_id"


def _type(app: str, model: str) -> str:
    return f"SELECT id FROM django_content_type WHERE app_label = '{app}' AND model = '{model}'"


def _added(table: str, **columns: str) -> Mapping[str, str]:
    """Return the columns of what somebody recorded, which `added` is."""
    return {"at": f"{table}.recorded_at", "by_key": f"{table}.by_id", **columns}


def _step(kind: int, app: str, model: str, verbs: str, tables: str, **columns: str) -> Stored:
    """What somebody took a step with. The model is the first of the tables, and called `thing`."""
    table = f"{app}_{model}"
    is_one = f"row.content_type_id IN ({_type(app, model)})"
    condition = columns.pop("condition", "1 = 1")
    return Stored(
        kind,
        f"kernel_statuschange step JOIN {table} thing ON thing.id = step.object_id {tables}",
        "thing.id",
        _added("step", **columns),
        f"step.content_type_id IN ({_type(app, model)}) AND step.verb IN ({verbs}) AND {condition}",
        {"kernel_statuschange": f"= row.object_id AND {is_one}", table: OWN},
    )


# --- Plans ---

PLAN = "JOIN committees_actionplan plan ON plan.id = {}.plan_id"
OF_PLAN = {"project_id": "plan.project_id", "place": "plan.id", "plan_id": "plan.id"}


def _of_answer(table: str) -> dict[str, str]:
    return OF_PLAN | {
        "institution_id": f"{table}.institution_id",
        "audience": f"{table}.audience",
    }


def _answer(kind: int, table: str, condition: str) -> Stored:
    return Stored(
        kind,
        f"{table} thing {PLAN.format('thing')}",
        "thing.id",
        _added("thing", **_of_answer("thing")),
        condition,
        {table: OWN},
    )


NOT_WITHDRAWN = "thing.withdrawn_at IS NULL"
OF_PLANS = [
    _answer(1, "committees_proposedchange", NOT_WITHDRAWN),
    _step(
        2,
        "committees",
        "proposedchange",
        "'accept', 'decline'",
        PLAN.format("thing"),
        **_of_answer("thing"),
        condition=NOT_WITHDRAWN,
    ),
    _answer(3, "committees_position", "1 = 1"),
    _answer(4, "committees_remark", NOT_WITHDRAWN),
    Stored(
        5,
        "committees_reply thing JOIN committees_remark remark ON remark.id = thing.remark_id "
        + PLAN.format("remark"),
        "thing.id",
        _added("thing", **_of_answer("remark")),
        "remark.withdrawn_at IS NULL",
        {
            "committees_reply": OWN,
            "committees_remark": "IN (SELECT id FROM committees_reply WHERE remark_id = row.id)",
        },
    ),
]

# --- Meetings and minutes ---

MEETING = f"JOIN committees_meeting meeting ON meeting.id = {{}}.meeting_id {PROJECT_OF_MEETING}"
OF_PROJECT = {"project_id": "committee.project_id"}
OF_MEETING = OF_PROJECT | {"place": "meeting.id", "meeting_id": "meeting.id"}
OF_MINUTES = OF_MEETING | {"place": "minutes.id", "minutes_id": "minutes.id"}
STEPPED_MEETING = {
    "tables": "JOIN committees_committee committee ON committee.id = thing.committee_id",
    "project_id": "committee.project_id",
    "place": "thing.id",
    "meeting_id": "thing.id",
}
STEPPED_MINUTES = {
    "tables": MEETING.format("thing"),
    **OF_MEETING,
    "place": "thing.id",
    "minutes_id": "thing.id",
}
COMMENTS = (
    "committees_minutesremark thing JOIN committees_minutes minutes ON minutes.id = thing.minutes_id "
    + MEETING.format("minutes")
)
OF_COMMENT = OF_MINUTES | {"item_id": "thing.agenda_item_id"}
OF_COMMITTEE = {**OF_PROJECT, "place": "committee.id"}
OF_MEETINGS = [
    _step(6, "committees", "meeting", "'convene', 'reconvene'", **STEPPED_MEETING),
    _step(7, "committees", "meeting", "'cancel'", **STEPPED_MEETING),
    Stored(
        8,
        f"committees_historicalagendaitem thing {MEETING.format('thing')}",
        "thing.id",
        {"at": "thing.history_date", "by_key": "thing.history_user_id"}
        | OF_MEETING
        | {"item_id": "thing.id"},
        "1 = 1",
        {"committees_historicalagendaitem": OWN},
    ),
    _step(9, "committees", "minutes", "'circulate', 'finalise'", **STEPPED_MINUTES),
    _step(10, "committees", "minutes", "'adopt'", **STEPPED_MINUTES),
    Stored(
        11,
        "committees_invitation thing JOIN partners_contact contact ON contact.id = thing.contact_id "
        + MEETING.format("thing"),
        "thing.id",
        # By a link somebody answers for themselves.
        {"at": "thing.answered_at", "by_key": "COALESCE(thing.entered_by_id, contact.user_id)"}
        | OF_MEETING,
        "thing.withdrawn_at IS NULL AND thing.answered_at IS NOT NULL",
        {
            "committees_invitation": OWN,
            "partners_contact": "IN (SELECT id FROM committees_invitation"
            " WHERE contact_id = row.id)",
        },
    ),
    Stored(
        12,
        "committees_document thing JOIN committees_committee committee"
        " ON committee.id = thing.committee_id",
        "thing.id",
        {"at": "thing.uploaded_at", "by_key": "thing.added_by_id", "audience": "thing.audience"}
        | OF_COMMITTEE
        | {"meeting_id": "thing.meeting_id", "item_id": "thing.agenda_item_id"},
        "1 = 1",
        {"committees_document": OWN},
    ),
    Stored(
        13,
        COMMENTS,
        "thing.id",
        _added("thing", **OF_COMMENT),
        NOT_WITHDRAWN,
        {"committees_minutesremark": OWN},
    ),
    Stored(
        14,
        COMMENTS,
        "thing.id",
        {"at": "thing.settled_at", "by_key": "thing.settled_by_id", **OF_COMMENT},
        f"{NOT_WITHDRAWN} AND thing.settled_at IS NOT NULL",
        {"committees_minutesremark": OWN},
    ),
]

# --- Resolutions ---

COMMITTEE = "JOIN committees_committee committee ON committee.id = thing.committee_id"
# The row of history that first had the day of the resolution.
FIRST = (
    "(SELECT earlier.history_id FROM committees_historicalresolution earlier"
    " WHERE earlier.id = thing.id AND earlier.resolved_on IS NOT NULL"
    " ORDER BY earlier.history_date LIMIT 1)"
)
OF_RESOLUTION = {**OF_PROJECT, "place": "thing.id", "resolution_id": "thing.id"}
OF_RESOLUTIONS = [
    _step(
        15,
        "committees",
        "resolution",
        "'accept', 'accept_partly', 'decline'",
        COMMITTEE,
        **OF_RESOLUTION,
    ),
    Stored(
        20,
        f"committees_historicalresolution thing {COMMITTEE}",
        "thing.id",
        {"at": "thing.history_date", "by_key": "thing.history_user_id"}
        | OF_RESOLUTION,
        f"thing.history_id = {FIRST}",
        {"committees_historicalresolution": OWN},
    ),
]

# --- Values and reports ---

RESULT = (
    "JOIN projects_indicator indicator ON indicator.id = thing.indicator_id"
    " JOIN projects_result result ON result.id = indicator.result_id"
)
OF_VALUE = {"project_id": "result.project_id", "place": "result.project_id"}
TOTAL = "thing.category_id IS NULL AND thing.second_category_id IS NULL"
REMARKS = "reports_reportremark thing JOIN reports_report report ON report.id = thing.report_id"
OF_REMARK = {
    "project_id": "report.project_id",
    "place": "report.id",
    "report_id": "report.id",
    "audience": "thing.origin",
}
OF_REPORTS = [
    Stored(
        16,
        f"projects_datapoint thing {RESULT}",
        "thing.id",
        {"at": "thing.entered_at", "by_key": "thing.entered_by_id"}
        | OF_VALUE,
        f"{TOTAL} AND thing.status <> 'draft'",
        {"projects_datapoint": OWN},
    ),
    _step(
        17,
        "projects",
        "datapoint",
        "'approve'",
        RESULT,
        **OF_VALUE,
        condition=f"{TOTAL} AND thing.status = 'approved'",
    ),
    Stored(
        18,
        REMARKS,
        "thing.id",
        _added("thing", **OF_REMARK),
        "thing.status <> 'withdrawn'",
        {"reports_reportremark": OWN},
    ),
    Stored(
        19,
        REMARKS,
        "thing.id",
        {"at": "thing.answered_at", "by_key": "thing.answered_by_id", **OF_REMARK},
        "thing.status <> 'withdrawn' AND thing.answered_at IS NOT NULL",
        {"reports_reportremark": OWN},
    ),
    _step(
        21,
        "reports",
        "report",
        "'publish'",
        "",
        project_id="thing.project_id",
        place="thing.id",
        report_id="thing.id",
    ),
]
STORED = [*OF_PLANS, *OF_MEETINGS, *OF_RESOLUTIONS, *OF_REPORTS]
TABLES = sorted({table for stored in STORED for table in stored.changed_by})


def select_again(stored: Stored, which: str) -> str:
    """Write the news of a kind anew: of which things, as the condition on their keys goes on."""
    columns = {"kind": str(stored.kind), "thing": stored.thing, "audience": "''"} | dict(
        stored.columns
    )
    return (
        f"DELETE FROM {NEWS} WHERE kind = {stored.kind} AND thing {which};"
        f" INSERT INTO {NEWS} ({', '.join(columns)}) SELECT {', '.join(columns.values())}"
        f" FROM {stored.tables} WHERE {stored.thing} {which} AND {stored.condition};"
    )


def _write(table: str) -> str:
    return " ".join(
        select_again(stored, stored.changed_by[table])
        for stored in STORED
        if table in stored.changed_by
    )


# The release before goes on writing as a role that owns no table (`ibcr_portal.database_role`): its
# changes fire the triggers as soon as these are there, before `manage.py update` grants new tables.
GRANT = f"""
DO $$
DECLARE
    role_name text;
BEGIN
    FOR role_name IN
        SELECT DISTINCT grantee FROM information_schema.role_table_grants
        WHERE table_name = 'ibcr_portal_obligation' AND privilege_type = 'INSERT'
        AND grantee <> current_user
    LOOP
        EXECUTE 'GRANT SELECT, INSERT, UPDATE, DELETE ON {NEWS} TO ' || quote_ident(role_name);
        EXECUTE 'GRANT USAGE, SELECT ON SEQUENCE {NEWS}_id_seq TO ' || quote_ident(role_name);
    END LOOP;
END
$$
"""
OPERATIONS = [
    SQLByVendor({"postgresql": [GRANT]}, {}),
    *(after_changes(table, "changes_news", _write(table)) for table in TABLES),
]
