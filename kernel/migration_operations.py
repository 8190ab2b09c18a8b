"""Operations of the migrations of 1.0, which go on using them: all tables of an app at once, and what
an engine does in its own way."""

from collections.abc import Sequence
from typing import Any

from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class CreateModels(Operation):
    """Create the tables of many models, whatever order they refer to each other in.

    With one `CreateModel` after another Django builds the classes of all related models anew
    each time, and here nearly every model is related to every other: that took 15 s of
    processor time for an empty database. This operation adds all models to the state first, and
    their classes are built once.
    """

    serialization_expand_args = ["models"]

    def __init__(self, models: Sequence[CreateModel]) -> None:
        self.models = models

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__qualname__, [], {"models": self.models}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        # To a state without built classes models are added at no cost, and no change of a model
        # waits to be seen in them (`is_delayed`): that would have them built twice.
        state.__dict__.pop("apps", None)
        state.is_delayed = False
        for model in self.models:
            model.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        for model in self.models:
            model.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        for model in reversed(self.models):
            model.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Create {len(self.models)} models"


class SQLByVendor(Operation):
    """Statements that differ from engine to engine; none on an engine that is not named.

    `RunSQL` knows no engines, and each `RunPython` may build the classes of all models anew.
    """

    reduces_to_sql = True

    def __init__(
        self, forwards: dict[str, Sequence[str]], backwards: dict[str, Sequence[str]]
    ) -> None:
        self.forwards = forwards
        self.backwards = backwards

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """No model is changed."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        self._run(self.forwards, schema_editor)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        self._run(self.backwards, schema_editor)

    def _run(self, statements: dict[str, Sequence[str]], schema_editor: Any) -> None:
        for statement in statements.get(schema_editor.connection.vendor, ()):
            schema_editor.execute(statement)

    def describe(self) -> str:
        return "Run SQL of one engine"


def after_changes(table: str, name: str, statement: str) -> SQLByVendor:
    """Make triggers that run a statement in the transaction of each change of a table. In it `row`
    is the changed row: as it is now, or as it was if it was deleted."""
    function = f"{table}_{name}"
    events = {"INSERT": "NEW", "UPDATE": "NEW", "DELETE": "OLD"}
    now, before = statement.replace("row.", "NEW."), statement.replace("row.", "OLD.")
    on_postgresql = f"""
CREATE FUNCTION {function}() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN {before} ELSE {now} END IF;
    RETURN NULL;
END;
$$ LANGUAGE plpgsql;
CREATE TRIGGER {function} AFTER INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {function}();
"""
    on_sqlite = [
        f"CREATE TRIGGER {function}_{event} AFTER {event} ON {table}"
        f" BEGIN {before if row == 'OLD' else now} END;"
        for event, row in events.items()
    ]
    return SQLByVendor(
        {"postgresql": [on_postgresql], "sqlite": on_sqlite},
        {
            "postgresql": [f"DROP TRIGGER {function} ON {table}", f"DROP FUNCTION {function}()"],
            "sqlite": [f"DROP TRIGGER {function}_{event}" for event in events],
        },
    )


def after_deletion(
    table: str, name: str, statement: str, condition: str | None = None
) -> SQLByVendor:
    """Make triggers that run a statement once a row of a table is deleted, or changed so that a
    condition holds. In both `row` is that row."""
    function = f"{table}_{name}"
    statements = {"DELETE": statement.replace("row.", "OLD.")}
    conditions = {"DELETE": ""}
    if condition:
        statements["UPDATE"] = statement.replace("row.", "NEW.")
        conditions["UPDATE"] = f" WHEN ({condition.replace('row.', 'NEW.')})"
    on_postgresql, on_sqlite, off_postgresql, off_sqlite = [], [], [], []
    for event, done in statements.items():
        trigger = f"{function}_{event.lower()}"
        on_postgresql.append(
            f"CREATE FUNCTION {trigger}() RETURNS trigger AS $$ BEGIN {done}; RETURN NULL; END; $$"
            f" LANGUAGE plpgsql; CREATE TRIGGER {trigger} AFTER {event} ON {table}"
            f" FOR EACH ROW{conditions[event]} EXECUTE FUNCTION {trigger}();"
        )
        on_sqlite.append(
            f"CREATE TRIGGER {trigger} AFTER {event} ON {table}{conditions[event]}"
            f" BEGIN {done}; END;"
        )
        off_postgresql += [f"DROP TRIGGER {trigger} ON {table}", f"DROP FUNCTION {trigger}()"]
        off_sqlite.append(f"DROP TRIGGER {trigger}")
    return SQLByVendor(
        {"postgresql": on_postgresql, "sqlite": on_sqlite},
        {"postgresql": off_postgresql, "sqlite": off_sqlite},
    )
