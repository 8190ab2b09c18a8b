import django.db.models.deletion
import django.utils.timezone
import kernel.files
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0017_light_versions_and_whole_packs"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="WordTemplate",
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
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "language",
                    models.CharField(
                        blank=True,
                        choices=[("fr", "French"), ("es", "Spanish"), ("en", "English")],
                        max_length=2,
                        verbose_name="language",
                    ),
                ),
                (
                    "added_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "preset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="word_templates",
                        to="reports.reportpreset",
                        verbose_name="report preset",
                    ),
                ),
            ],
            options={
                "verbose_name": "Word template",
                "verbose_name_plural": "Word templates",
                "ordering": ["name", "language", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("preset", "name", "language"),
                        name="preset_has_a_word_template_once",
                        violation_error_message="There is a template of this name already.",
                    )
                ],
            },
        ),
    ]
