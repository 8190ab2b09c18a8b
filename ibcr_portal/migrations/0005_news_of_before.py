from django.db import migrations

from ibcr_portal.migrations._news_operations import STORED, select_again

# What was recorded before there was a table of news. Done a second time, it changes nothing.
FILL = [part for stored in STORED for part in select_again(stored, "IS NOT NULL").split(";") if part]


class Migration(migrations.Migration):
    dependencies = [
        ("ibcr_portal", "0004_news_items"),
    ]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
