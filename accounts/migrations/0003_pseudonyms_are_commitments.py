"""Keys of the access log become commitments to the people behind them.

Release 1.0 goes on making keys at random and without a secret; the next sweep records whose they
are. It can no longer delete one: that takes an event which it does not record.
"""

from django.db import migrations, models

from kernel.migration_operations import SQLByVendor

REFUSED = "Whose a key of the access log is stays as it is"
KINDS = [
    ("sign_in", "Sign-in"),
    ("sign_in_failed", "Sign-in failed"),
    ("account", "Password or second step changed"),
    ("refused", "Access refused"),
    ("role", "Role changed"),
    ("link_issued", "Access link issued"),
    ("link_revoked", "Access links revoked"),
    ("link", "Access link used"),
    ("download", "Download"),
    ("export", "Export"),
    ("pruned", "Old events deleted"),
    ("identity", "Identity of a person"),
]

# A key goes once an event says that its person is forgotten. Whoever forges such an event is found
# out by its hash. The secret of a key of 1.0 is entered once.
PSEUDONYMS_STAY = SQLByVendor(
    {
        "postgresql": [
            f"""
CREATE FUNCTION accounts_pseudonyms_stay() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF EXISTS (
            SELECT 1 FROM accounts_accessevent
            WHERE thing_label = 'accounts.user' AND thing_key = OLD.key::text
                AND kind = 'identity' AND details ->> 'change' = 'identity erased'
        ) THEN
            RETURN OLD;
        END IF;
    ELSIF OLD.secret = '' AND NEW.key = OLD.key AND NEW.user_id = OLD.user_id THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'check_violation';
END;
$$ LANGUAGE plpgsql;
CREATE TRIGGER accounts_pseudonyms_stay BEFORE UPDATE OR DELETE ON accounts_pseudonym
    FOR EACH ROW EXECUTE FUNCTION accounts_pseudonyms_stay();
"""
        ],
        "sqlite": [
            f"""
CREATE TRIGGER accounts_pseudonyms_stay_changed BEFORE UPDATE ON accounts_pseudonym
    WHEN OLD.secret <> '' OR NEW.key <> OLD.key OR NEW.user_id <> OLD.user_id
    BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END;
""",
            f"""
CREATE TRIGGER accounts_pseudonyms_stay_deleted BEFORE DELETE ON accounts_pseudonym
    WHEN NOT EXISTS (
        SELECT 1 FROM accounts_accessevent
        WHERE thing_label = 'accounts.user' AND replace(thing_key, '-', '') = OLD.key
            AND kind = 'identity' AND json_extract(details, '$.change') = 'identity erased'
    )
    BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END;
""",
            # REPLACE deletes the row in its way without asking the trigger above.
            f"""
CREATE TRIGGER accounts_pseudonyms_stay_replaced BEFORE INSERT ON accounts_pseudonym
    WHEN EXISTS (
        SELECT 1 FROM accounts_pseudonym WHERE key = NEW.key OR user_id = NEW.user_id
    )
    BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END;
""",
        ],
    },
    {
        "postgresql": [
            "DROP TRIGGER accounts_pseudonyms_stay ON accounts_pseudonym",
            "DROP FUNCTION accounts_pseudonyms_stay()",
        ],
        "sqlite": [
            "DROP TRIGGER accounts_pseudonyms_stay_changed",
            "DROP TRIGGER accounts_pseudonyms_stay_deleted",
            "DROP TRIGGER accounts_pseudonyms_stay_replaced",
        ],
    },
)


class Migration(migrations.Migration):
    dependencies = [('accounts', '0002_mail_refused_by_policy')]

    operations = [
        migrations.AddField(
            "pseudonym", "secret", models.CharField(db_default="", editable=False, max_length=64)
        ),
        migrations.AlterField(
            "pseudonym",
            "key",
            models.UUIDField(editable=False, primary_key=True, serialize=False),
        ),
        migrations.AlterField(
            "accessevent",
            "kind",
            models.CharField(choices=KINDS, max_length=20, verbose_name="kind"),
        ),
        PSEUDONYMS_STAY,
    ]
