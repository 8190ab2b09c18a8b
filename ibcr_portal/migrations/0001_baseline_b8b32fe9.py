# Written by `make baseline`, which writes it anew when models have changed.
from django.conf import settings
from django.db import migrations
from django.db import models
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import kernel.migration_operations


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('account', '0009_emailaddress_unique_primary_email'),
        ('accounts', '__first__'),
        ('admin', '0003_logentry_add_action_flag_choices'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
        ('mfa', '0003_authenticator_type_uniq'),
        ('projects', '__first__'),
        ('sessions', '0001_initial'),
        ('usersessions', '0001_initial'),
    ]

    operations = [
        kernel.migration_operations.CreateModels(
            models=[
                migrations.CreateModel(
                    name='DueReminder',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('key', models.CharField(max_length=60)),
                        ('stage', models.CharField(choices=[('before', 'Before the day'), ('day', 'On the day'), ('after', 'After the day')], max_length=10)),
                        ('on', models.DateField()),
                        ('sent_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                    ],
                    options={
                        'verbose_name': 'reminder of what is due',
                        'verbose_name_plural': 'reminders of what is due',
                        'ordering': ['pk'],
                        'constraints': [models.UniqueConstraint(fields=('user', 'key', 'stage', 'on'), name='duereminder_is_sent_once')],
                    },
                ),
                migrations.CreateModel(
                    name='ReminderChoice',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('stopped_at', models.DateTimeField(null=True)),
                        ('looked_on', models.DateField(null=True)),
                        ('looked_week', models.CharField(blank=True, max_length=8)),
                    ],
                    options={
                        'verbose_name': 'choice of reminders',
                        'verbose_name_plural': 'choices of reminders',
                    },
                ),
                migrations.CreateModel(
                    name='ReminderRule',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
                        ('kind', models.CharField(choices=[('report', 'Reports to the donor'), ('value', 'Values of indicators'), ('money', 'Budget and contributions'), ('meeting', 'Meetings'), ('minutes', 'Minutes and accreditations'), ('resolution', 'Decisions and recommendations'), ('plan', 'Action plans'), ('action', 'Actions'), ('risk', 'Risks'), ('amendment', 'Amendments'), ('grant', 'Calls and grants'), ('seat', 'Seats'), ('agreement', 'Agreements'), ('safeguarding', 'Safeguarding policies'), ('access', 'Roles and invitations'), ('period', 'Periods')], max_length=20, verbose_name='kind')),
                        ('is_on', models.BooleanField(default=True, verbose_name='on')),
                        ('before', models.PositiveSmallIntegerField(blank=True, default=14, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(180)], verbose_name='days before')),
                        ('on_the_day', models.BooleanField(default=True, verbose_name='on the day')),
                        ('after', models.PositiveSmallIntegerField(blank=True, default=7, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(180)], verbose_name='days after')),
                    ],
                    options={
                        'verbose_name': 'rule of reminders',
                        'verbose_name_plural': 'rules of reminders',
                        'ordering': ['project', 'kind'],
                        'constraints': [models.UniqueConstraint(fields=('project', 'kind'), name='reminderrule_one_of_a_kind'), models.CheckConstraint(condition=models.Q(models.Q(('before', None), models.Q(('before__gte', 1), ('before__lte', 180)), _connector='OR'), models.Q(('after', None), models.Q(('after__gte', 1), ('after__lte', 180)), _connector='OR')), name='reminderrule_days_are_some', violation_error_message='Between 1 and 180 days, or empty for none.')],
                    },
                ),
            ],
        ),
    ]
