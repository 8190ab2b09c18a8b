from django.db import migrations

from ibcr_portal.migrations._record_operations import followed


class Migration(migrations.Migration):
    dependencies = [("ibcr_portal", "0006_search_kinds"), ("projects", "0007_lessons")]
    operations = followed("projects_lesson", "lesson")
