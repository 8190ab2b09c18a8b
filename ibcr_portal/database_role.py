"""The role of PostgreSQL in which web server and worker run: it reads and writes rows, and no more.

The tables belong to another role, in which `manage.py update` runs. Triggers that keep sealed
records from being changed can be dropped or disabled by their owner alone, and TRUNCATE would pass
them by.
"""

from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from psycopg2 import sql

ROWS = "SELECT, INSERT, UPDATE, DELETE"


@transaction.atomic
def grant_rows(role: str, password: str) -> None:
    """Create the role if it is missing, and let it use all tables that there are now."""
    database = sql.Identifier(str(connection.settings_dict["NAME"]))
    names = {"role": sql.Identifier(role), "database": database, "password": sql.Literal(password)}
    with connection.cursor() as cursor:
        asked = "SELECT rolname = current_user OR rolsuper FROM pg_roles WHERE rolname = %s"
        cursor.execute(asked, [role])
        found = cursor.fetchone()
        if found and found[0]:
            raise ImproperlyConfigured(
                f"DATABASE_APP_USER is {role!r}, which may do everything: choose another name."
            )
        for statement in (
            "ALTER ROLE {role} PASSWORD {password}"
            if found
            else "CREATE ROLE {role} PASSWORD {password}",
            "ALTER ROLE {role} LOGIN",
            # A temporary table of the same name would come before the one that a trigger reads.
            "REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC",
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
            "GRANT CONNECT ON DATABASE {database} TO {role}",
            "GRANT USAGE ON SCHEMA public TO {role}",
            f"GRANT {ROWS} ON ALL TABLES IN SCHEMA public TO {{role}}",
            # To read them as well: a backup has the last key that each gave out.
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
            "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}",
            # Events are appended, and the oldest go; none ever changes.
            "REVOKE UPDATE ON accounts_accessevent FROM {role}",
        ):
            cursor.execute(sql.SQL(statement).format(**names).as_string(connection.connection))
