import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("committees", "0010_rules_and_quorum_are_kept_whole"),
    ]

    operations = [
        migrations.AddField(
            model_name="agendaitem",
            name="seconds_spent",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="historicalagendaitem",
            name="seconds_spent",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.CreateModel(
            name="Sitting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("opened_at", models.DateTimeField(null=True, verbose_name="opened")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed")),
                ("item_since", models.DateTimeField(null=True)),
                ("interests_asked", models.BooleanField(default=False)),
                (
                    "informative_since",
                    models.DateTimeField(null=True, verbose_name="informative since"),
                ),
                ("check_in_round", models.PositiveIntegerField(default=0)),
                ("check_in_is_open", models.BooleanField(default=False)),
                (
                    "meeting",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sitting",
                        to="committees.meeting",
                    ),
                ),
            ],
            options={
                "verbose_name": "sitting",
                "verbose_name_plural": "sittings",
            },
        ),
        migrations.CreateModel(
            name="InterestDeclaration",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "text",
                    models.TextField(
                        help_text="What the interest is; a function rather than a name.",
                        max_length=1000,
                        verbose_name="interest",
                    ),
                ),
                (
                    "recused",
                    models.BooleanField(
                        default=True,
                        help_text="The seat leaves the audience, the vote and the quorum of these items.",
                        verbose_name="recused",
                    ),
                ),
                (
                    "declared_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("entry_key", models.UUIDField(editable=False, null=True)),
                (
                    "items",
                    models.ManyToManyField(
                        related_name="declarations",
                        to="committees.agendaitem",
                        verbose_name="agenda items",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="declarations",
                        to="committees.meeting",
                    ),
                ),
                (
                    "seat",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="declarations",
                        to="committees.seat",
                        verbose_name="seat",
                    ),
                ),
            ],
            options={
                "verbose_name": "declaration of interests",
                "verbose_name_plural": "declarations of interests",
                "ordering": ["meeting", "seat__position", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True),
                        name="declaration_says_what",
                    ),
                    models.UniqueConstraint(
                        fields=("meeting", "entry_key"), name="declaration_of_a_form_sent_once"
                    ),
                ],
            },
        ),
    ]
