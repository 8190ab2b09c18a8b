# The tables of version 1.0.
from django.conf import settings
from django.db import migrations
from django.db import models
import django.db.models.deletion
import django.utils.timezone
import django_countries.fields
import kernel.languages
import kernel.migration_operations
import kernel.organisation_row
import uuid


class Migration(migrations.Migration):

    initial = True

    replaces = [('kernel', '0001_baseline_16c13e42')]

    dependencies = [
        ('account', '0009_emailaddress_unique_primary_email'),
        ('accounts', '__first__'),
        ('admin', '0003_logentry_add_action_flag_choices'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
        ('mfa', '0003_authenticator_type_uniq'),
        ('sessions', '0001_initial'),
        ('socialaccount', '0006_alter_socialaccount_extra_data'),
        ('usersessions', '0001_initial'),
    ]

    operations = [
        kernel.migration_operations.CreateModels(
            models=[
                migrations.CreateModel(
                    name='Installation',
                    fields=[
                        ('id', models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                        ('key', models.UUIDField(default=uuid.uuid4, editable=False)),
                        ('since', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='installation_is_one')],
                    },
                ),
                migrations.CreateModel(
                    name='Organisation',
                    fields=[
                        ('translation_sources', models.JSONField(blank=True, default=dict, editable=False, verbose_name='sources of the translations')),
                        ('id', models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                        ('name_fr', models.CharField(blank=True, max_length=200, verbose_name='name')),
                        ('name_es', models.CharField(blank=True, max_length=200, verbose_name='name')),
                        ('name_en', models.CharField(blank=True, max_length=200, verbose_name='name')),
                        ('about_fr', models.TextField(blank=True, help_text='For visitors, on the first page of the portal.', max_length=1500, verbose_name='who you are')),
                        ('about_es', models.TextField(blank=True, help_text='For visitors, on the first page of the portal.', max_length=1500, verbose_name='who you are')),
                        ('about_en', models.TextField(blank=True, help_text='For visitors, on the first page of the portal.', max_length=1500, verbose_name='who you are')),
                        ('controller', models.CharField(blank=True, help_text='As named on the privacy page, such as the legal name with the address. Empty: the name above.', max_length=300, verbose_name='responsible for personal data')),
                        ('privacy_contact', models.EmailField(help_text='Of an office, never of a person. Shown on the privacy page.', max_length=254, verbose_name='address for questions about data')),
                        ('safeguarding_contact', models.EmailField(help_text='Shown at the foot of every page. Somebody must read it every day.', max_length=254, verbose_name='address for safeguarding concerns')),
                        ('country', django_countries.fields.CountryField(max_length=2, verbose_name='country')),
                        ('time_zone', models.CharField(default='UTC', max_length=50, validators=[kernel.organisation_row.validate_time_zone], verbose_name='time zone')),
                        ('languages', models.JSONField(default=kernel.organisation_row.every_language, validators=[kernel.languages.validate_languages], verbose_name='working languages')),
                        ('iati_type', models.CharField(choices=[('10', 'Government'), ('21', 'International NGO'), ('22', 'National NGO'), ('23', 'Regional NGO'), ('24', 'NGO of the partner country'), ('40', 'Multilateral organisation'), ('60', 'Foundation'), ('80', 'Academic institution')], default='21', max_length=2, verbose_name='type of organisation')),
                        ('iati_identifier', models.CharField(blank=True, help_text='As registered with IATI, such as CA-CRA_ACR-…; never invented. Without it nothing is published to IATI.', max_length=80, verbose_name='IATI identifier')),
                        ('public_email', models.EmailField(blank=True, help_text='Of an office, never of a person. Named in IATI files.', max_length=254, verbose_name='public e-mail address')),
                        ('website', models.URLField(blank=True, verbose_name='website')),
                        ('signatory', models.CharField(blank=True, help_text='The name; a committee may have its own. Empty: the coordination signs.', max_length=120, verbose_name='who signs certificates of attendance')),
                        ('signatory_role_fr', models.CharField(blank=True, max_length=120, verbose_name='function of the signatory')),
                        ('signatory_role_es', models.CharField(blank=True, max_length=120, verbose_name='function of the signatory')),
                        ('signatory_role_en', models.CharField(blank=True, max_length=120, verbose_name='function of the signatory')),
                        ('logo', models.BinaryField(blank=True, default=bytes, max_length=60000, verbose_name='logo')),
                        ('logo_sha256', models.CharField(blank=True, editable=False, max_length=64)),
                        ('is_demonstration', models.BooleanField(default=False, editable=False)),
                    ],
                    options={
                        'verbose_name': 'organisation',
                        'verbose_name_plural': 'organisations',
                        'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='organisation_is_one')],
                    },
                ),
                migrations.CreateModel(
                    name='SentForm',
                    fields=[
                        ('digest', models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ('led_to', models.CharField(max_length=2000)),
                        ('sent_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                    ],
                ),
                migrations.CreateModel(
                    name='StatusChange',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('content_type', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contenttypes.contenttype')),
                        ('object_id', models.PositiveBigIntegerField()),
                        ('verb', models.CharField(max_length=40)),
                        ('from_status', models.CharField(max_length=20)),
                        ('to_status', models.CharField(max_length=20)),
                        ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('happened_on', models.DateField()),
                        ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('why', models.TextField(blank=True)),
                    ],
                    options={
                        'verbose_name': 'status change',
                        'verbose_name_plural': 'status changes',
                        'ordering': ['pk'],
                        'indexes': [models.Index(fields=['content_type', 'object_id'], name='kernel_stat_content_762d09_idx'), models.Index(fields=['content_type', 'recorded_at'], name='kernel_stat_content_9cc2ba_idx')],
                    },
                ),
                migrations.CreateModel(
                    name='UnwantedFile',
                    fields=[
                        ('name', models.CharField(max_length=500, primary_key=True, serialize=False)),
                        ('since', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                    ],
                ),
            ],
        ),
    ]
