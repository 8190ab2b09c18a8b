# The tables of version 1.0.
from django.conf import settings
from django.db import migrations
from django.db import models
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import django_countries.fields
import kernel.files
import kernel.languages
import kernel.migration_operations
import kernel.organisation
import simple_history.models


class Migration(migrations.Migration):

    initial = True

    replaces = [('partners', '0001_baseline_8d4deeb9')]

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
                    name='Agreement',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('institution', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agreements', to='partners.institution', verbose_name='institution')),
                        ('kind', models.CharField(choices=[('contribution', 'Contribution agreement'), ('cooperation', 'Cooperation agreement'), ('grant', 'Grant agreement'), ('other', 'Other agreement')], max_length=20, verbose_name='kind')),
                        ('reference', models.CharField(max_length=100, verbose_name='reference')),
                        ('signed_on', models.DateField(blank=True, null=True, verbose_name='signed on')),
                        ('purchase_order', models.CharField(blank=True, max_length=60, verbose_name='purchase order')),
                        ('vendor_number', models.CharField(blank=True, max_length=60, verbose_name='vendor number')),
                        ('fund_code', models.CharField(blank=True, max_length=60, verbose_name='fund or cost centre')),
                        ('starts_on', models.DateField(blank=True, null=True, verbose_name='in force from')),
                        ('ends_on', models.DateField(blank=True, null=True, verbose_name='in force until')),
                        ('tells_small_counts', models.BooleanField(default=False, help_text='Whether this institution receives counts of fewer than five persons. Only if the agreement requires it.', verbose_name='small counts are disclosed to the donor')),
                        ('illustrative', models.BooleanField(default=False, verbose_name='illustrative')),
                    ],
                    options={
                        'verbose_name': 'agreement',
                        'verbose_name_plural': 'agreements',
                        'ordering': ['institution', 'starts_on', 'pk'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('starts_on', None), ('ends_on', None), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='agreement_ends_after_it_starts', violation_error_message='The agreement ends before it begins.'), models.UniqueConstraint(fields=('institution', 'kind', 'reference'), name='agreement_is_entered_once', violation_error_message='The institution already has an agreement with this kind and reference.')],
                    },
                ),
                migrations.CreateModel(
                    name='AgreementFile',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('file', models.FileField(max_length=200, upload_to=kernel.files.private_path, verbose_name='file')),
                        ('original_name', models.CharField(max_length=150, verbose_name='name of the file')),
                        ('kind', models.CharField(choices=[('pdf', 'PDF'), ('docx', 'DOCX'), ('xlsx', 'XLSX'), ('odt', 'ODT'), ('ods', 'ODS'), ('csv', 'CSV'), ('txt', 'TXT'), ('jpeg', 'JPEG'), ('png', 'PNG'), ('webp', 'WEBP')], max_length=10, verbose_name='kind')),
                        ('size', models.PositiveBigIntegerField(verbose_name='size in bytes')),
                        ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                        ('uploaded_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='uploaded at')),
                        ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='partners.agreement', verbose_name='agreement')),
                        ('added_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'file of an agreement',
                        'verbose_name_plural': 'files of agreements',
                        'ordering': ['pk'],
                        'constraints': [models.UniqueConstraint(fields=('agreement', 'sha256'), name='agreementfile_is_kept_once', violation_error_message='This file is already kept with the agreement.')],
                    },
                ),
                migrations.CreateModel(
                    name='Contact',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('institution', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contacts', to='partners.institution', verbose_name='institution')),
                        ('user', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='contacts', to=settings.AUTH_USER_MODEL)),
                        ('full_name', models.CharField(max_length=200, verbose_name='full name')),
                        ('title', models.CharField(blank=True, max_length=200, verbose_name='title or function')),
                        ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail address')),
                        ('phone', models.CharField(blank=True, max_length=40, verbose_name='telephone')),
                        ('language', models.CharField(choices=[('fr', 'French'), ('es', 'Spanish'), ('en', 'English')], default=kernel.languages.first_language, max_length=2, verbose_name='language')),
                        ('sex', models.CharField(choices=[('woman', 'Woman'), ('man', 'Man'), ('other', 'Other'), ('unsaid', 'Not said')], default='unsaid', max_length=10, verbose_name='sex')),
                        ('is_minor', models.BooleanField(default=False, verbose_name='is a minor')),
                        ('is_pseudonymous', models.BooleanField(default=False, verbose_name='pseudonymous')),
                        ('may_be_named', models.BooleanField(default=False, help_text="Only with the person's consent. Minors are never named.", verbose_name='may be named in documents')),
                        ('ended_on', models.DateField(blank=True, null=True, verbose_name='left on')),
                    ],
                    options={
                        'verbose_name': 'contact',
                        'verbose_name_plural': 'contacts',
                        'ordering': ['full_name'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('is_minor', False), ('may_be_named', False), _connector='OR'), name='contact_minor_is_never_named', violation_error_message='A minor is never named in documents.'), models.UniqueConstraint(models.F('institution'), django.db.models.functions.text.Lower('full_name'), django.db.models.functions.text.Lower('email'), condition=models.Q(('ended_on', None)), name='contact_is_entered_once', violation_error_message='The institution already has this contact.')],
                    },
                ),
                migrations.CreateModel(
                    name='HistoricalAgreement',
                    fields=[
                        ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('contribution', 'Contribution agreement'), ('cooperation', 'Cooperation agreement'), ('grant', 'Grant agreement'), ('other', 'Other agreement')], max_length=20, verbose_name='kind')),
                        ('reference', models.CharField(max_length=100, verbose_name='reference')),
                        ('signed_on', models.DateField(blank=True, null=True, verbose_name='signed on')),
                        ('purchase_order', models.CharField(blank=True, max_length=60, verbose_name='purchase order')),
                        ('vendor_number', models.CharField(blank=True, max_length=60, verbose_name='vendor number')),
                        ('fund_code', models.CharField(blank=True, max_length=60, verbose_name='fund or cost centre')),
                        ('starts_on', models.DateField(blank=True, null=True, verbose_name='in force from')),
                        ('ends_on', models.DateField(blank=True, null=True, verbose_name='in force until')),
                        ('tells_small_counts', models.BooleanField(default=False, help_text='Whether this institution receives counts of fewer than five persons. Only if the agreement requires it.', verbose_name='small counts are disclosed to the donor')),
                        ('illustrative', models.BooleanField(default=False, verbose_name='illustrative')),
                        ('institution', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.institution', verbose_name='institution')),
                        ('history_id', models.AutoField(primary_key=True, serialize=False)),
                        ('history_date', models.DateTimeField(db_index=True)),
                        ('history_change_reason', models.CharField(max_length=100, null=True)),
                        ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                        ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'historical agreement',
                        'verbose_name_plural': 'historical agreements',
                        'ordering': ('-history_date', '-history_id'),
                        'get_latest_by': ('history_date', 'history_id'),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name='HistoricalInstitution',
                    fields=[
                        ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('state', 'State institution'), ('civil_society', 'Civil society'), ('donor', 'Donor'), ('embassy', 'Embassy'), ('multilateral', 'Multilateral organisation'), ('academic', 'Academic institution'), ('implementer', 'Implementer')], max_length=20, verbose_name='kind')),
                        ('country', django_countries.fields.CountryField(default=kernel.organisation.home_country, max_length=2, verbose_name='country')),
                        ('identifier', models.CharField(blank=True, help_text='From a register of organisations, such as CA-CRA_ACR-…; never invented.', max_length=80, verbose_name='organisation identifier')),
                        ('safeguarding_signed_on', models.DateField(blank=True, null=True, verbose_name='safeguarding policy signed on')),
                        ('is_guarded', models.BooleanField(default=False, editable=False)),
                        ('illustrative', models.BooleanField(default=False, verbose_name='illustrative')),
                        ('history_id', models.AutoField(primary_key=True, serialize=False)),
                        ('history_date', models.DateTimeField(db_index=True)),
                        ('history_change_reason', models.CharField(max_length=100, null=True)),
                        ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                        ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'historical institution',
                        'verbose_name_plural': 'historical institutions',
                        'ordering': ('-history_date', '-history_id'),
                        'get_latest_by': ('history_date', 'history_id'),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name='HistoricalInstitutionName',
                    fields=[
                        ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                        ('translation_sources', models.JSONField(blank=True, default=dict, editable=False, verbose_name='sources of the translations')),
                        ('name_fr', models.CharField(blank=True, max_length=200, verbose_name='name')),
                        ('name_es', models.CharField(blank=True, max_length=200, verbose_name='name')),
                        ('name_en', models.CharField(blank=True, max_length=200, verbose_name='name')),
                        ('acronym', models.CharField(blank=True, max_length=30, verbose_name='acronym')),
                        ('since', models.DateField(blank=True, null=True, verbose_name='since')),
                        ('institution', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='partners.institution')),
                        ('history_id', models.AutoField(primary_key=True, serialize=False)),
                        ('history_date', models.DateTimeField(db_index=True)),
                        ('history_change_reason', models.CharField(max_length=100, null=True)),
                        ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                        ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'historical name of an institution',
                        'verbose_name_plural': 'historical names of institutions',
                        'ordering': ('-history_date', '-history_id'),
                        'get_latest_by': ('history_date', 'history_id'),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name='Institution',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('state', 'State institution'), ('civil_society', 'Civil society'), ('donor', 'Donor'), ('embassy', 'Embassy'), ('multilateral', 'Multilateral organisation'), ('academic', 'Academic institution'), ('implementer', 'Implementer')], max_length=20, verbose_name='kind')),
                        ('country', django_countries.fields.CountryField(default=kernel.organisation.home_country, max_length=2, verbose_name='country')),
                        ('identifier', models.CharField(blank=True, help_text='From a register of organisations, such as CA-CRA_ACR-…; never invented.', max_length=80, verbose_name='organisation identifier')),
                        ('safeguarding_signed_on', models.DateField(blank=True, null=True, verbose_name='safeguarding policy signed on')),
                        ('is_guarded', models.BooleanField(default=False, editable=False)),
                        ('illustrative', models.BooleanField(default=False, verbose_name='illustrative')),
                    ],
                    options={
                        'verbose_name': 'institution',
                        'verbose_name_plural': 'institutions',
                        'ordering': ['kind', 'pk'],
                    },
                ),
                migrations.CreateModel(
                    name='InstitutionLogo',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('institution', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='logo', to='partners.institution')),
                        ('content', models.BinaryField(max_length=60000, verbose_name='logo')),
                        ('sha256', models.CharField(editable=False, max_length=64)),
                    ],
                    options={
                        'verbose_name': 'logo of an institution',
                        'verbose_name_plural': 'logos of institutions',
                    },
                ),
                migrations.CreateModel(
                    name='InstitutionName',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('translation_sources', models.JSONField(blank=True, default=dict, editable=False, verbose_name='sources of the translations')),
                        ('institution', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='names', to='partners.institution')),
                        ('name_fr', models.CharField(blank=True, max_length=200, verbose_name='name')),
                        ('name_es', models.CharField(blank=True, max_length=200, verbose_name='name')),
                        ('name_en', models.CharField(blank=True, max_length=200, verbose_name='name')),
                        ('acronym', models.CharField(blank=True, max_length=30, verbose_name='acronym')),
                        ('since', models.DateField(blank=True, null=True, verbose_name='since')),
                    ],
                    options={
                        'verbose_name': 'name of an institution',
                        'verbose_name_plural': 'names of institutions',
                        'ordering': ['institution', 'since'],
                        'constraints': [models.UniqueConstraint(fields=('institution', 'since'), name='institutionname_one_a_day', violation_error_message='This institution already has a name from that day on.'), models.UniqueConstraint(condition=models.Q(('since', None)), fields=('institution',), name='institutionname_one_first', violation_error_message='This institution already has a name from that day on.')],
                    },
                ),
            ],
        ),
    ]
