from django.db import migrations, models

from ibcr_portal.migrations._acceptance_operations import OPERATIONS


class Migration(migrations.Migration):
    dependencies = [
        ("ibcr_portal", "0008_closing_decided"),
    ]

    operations = [
        migrations.AlterField(
            model_name="newsitem",
            name="kind",
            field=models.PositiveSmallIntegerField(
                choices=[
                    (1, "Proposal"),
                    (2, "Settled Proposal"),
                    (3, "Position"),
                    (4, "Remark"),
                    (5, "Reply"),
                    (6, "Convened"),
                    (7, "Cancelled"),
                    (8, "Agenda Item"),
                    (9, "Circulated"),
                    (10, "Adopted"),
                    (11, "Invitation"),
                    (12, "Document"),
                    (13, "Comment"),
                    (14, "Comment Answered"),
                    (15, "Recommendation"),
                    (16, "Value"),
                    (17, "Approved Value"),
                    (18, "Report Remark"),
                    (19, "Report Remark Answered"),
                    (20, "Resolved"),
                    (21, "Published"),
                    (22, "Accepted"),
                ]
            ),
        ),
        *OPERATIONS,
    ]
