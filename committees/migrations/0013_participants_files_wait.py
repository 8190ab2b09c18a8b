import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import kernel.files


class Migration(migrations.Migration):
    dependencies = [
        ("committees", "0012_sealed_minutes_stay"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ParticipantsUpload",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "file",
                    models.FileField(
                        max_length=200, upload_to=kernel.files.private_path, verbose_name="file"
                    ),
                ),
                (
                    "original_name",
                    models.CharField(max_length=150, verbose_name="name of the file"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("pdf", "PDF"),
                            ("docx", "DOCX"),
                            ("xlsx", "XLSX"),
                            ("odt", "ODT"),
                            ("ods", "ODS"),
                            ("csv", "CSV"),
                            ("txt", "TXT"),
                            ("jpeg", "JPEG"),
                            ("png", "PNG"),
                            ("webp", "WEBP"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("size", models.PositiveBigIntegerField(verbose_name="size in bytes")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                (
                    "uploaded_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="uploaded at"
                    ),
                ),
                (
                    "date_order",
                    models.CharField(
                        blank=True,
                        choices=[("dmy", "Day first"), ("mdy", "Month first")],
                        max_length=3,
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="committees.meeting",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "participants file",
                "verbose_name_plural": "participants files",
            },
        ),
        migrations.AddConstraint(
            model_name="participantsupload",
            constraint=models.UniqueConstraint(
                fields=("meeting", "owner"), name="participantsupload_one_per_owner"
            ),
        ),
    ]
