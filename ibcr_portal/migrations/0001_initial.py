# The tables of version 1.0.
from django.conf import settings
from django.db import migrations
from django.db import models
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import ibcr_portal.migrations._initial_operations
import ibcr_portal.models.persons
import kernel.files
import kernel.migration_operations


class Migration(migrations.Migration):

    initial = True

    replaces = [('ibcr_portal', '0001_baseline_98a6f69f')]

    dependencies = [
        ('account', '0009_emailaddress_unique_primary_email'),
        ('accounts', '__first__'),
        ('admin', '0003_logentry_add_action_flag_choices'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('committees', '__first__'),
        ('contenttypes', '0002_remove_content_type_name'),
        ('mfa', '0003_authenticator_type_uniq'),
        ('partners', '__first__'),
        ('projects', '__first__'),
        ('reports', '__first__'),
        ('sessions', '0001_initial'),
        ('socialaccount', '0006_alter_socialaccount_extra_data'),
        ('usersessions', '0001_initial'),
    ]

    operations = [
        kernel.migration_operations.CreateModels(
            models=[
                migrations.CreateModel(
                    name='Alert',
                    fields=[
                        ('kind', models.CharField(max_length=30, primary_key=True, serialize=False)),
                        ('since', models.DateTimeField(default=django.utils.timezone.now)),
                        ('told_at', models.DateTimeField(null=True)),
                    ],
                    options={
                        'ordering': ['since'],
                    },
                ),
                migrations.CreateModel(
                    name='Backup',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('data', 'Data'), ('keys', 'Keys')], default='data', max_length=10)),
                        ('at', models.DateTimeField()),
                        ('finished_at', models.DateTimeField(null=True)),
                        ('target', models.CharField(max_length=500)),
                        ('size', models.PositiveBigIntegerField(null=True)),
                        ('rows', models.PositiveBigIntegerField(null=True)),
                        ('files', models.PositiveBigIntegerField(null=True)),
                        ('missing', models.PositiveIntegerField(default=0)),
                        ('sha256', models.CharField(blank=True, max_length=64)),
                        ('keys', models.JSONField(default=list)),
                        ('failure', models.CharField(blank=True, max_length=500)),
                        ('slot', models.CharField(blank=True, max_length=20)),
                    ],
                    options={
                        'verbose_name': 'backup',
                        'verbose_name_plural': 'backups',
                        'ordering': ['-at', '-pk'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('finished_at', None), models.Q(('failure', ''), _negated=True), ('size__isnull', False), _connector='OR'), name='backup_finished_has_its_size'), models.UniqueConstraint(condition=models.Q(('slot', ''), _negated=True), fields=('slot',), name='backup_slot_has_one')],
                    },
                ),
                migrations.CreateModel(
                    name='Consent',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('user', models.ForeignKey(blank=True, help_text='Empty if the person has no account.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                        ('who', models.CharField(blank=True, max_length=200, verbose_name='who consented')),
                        ('purpose', models.CharField(choices=[('name', 'To be named'), ('picture', 'Photograph or recording'), ('quotation', 'Quotation'), ('messages', 'Messages'), ('other', 'Something else')], max_length=10, verbose_name='to what')),
                        ('details', models.TextField(help_text='Which use, where, and what was explained.', max_length=2000, verbose_name='details')),
                        ('channel', models.CharField(choices=[('telephone', 'Telephone'), ('letter', 'Letter'), ('email', 'E-mail'), ('messenger', 'Messenger'), ('meeting', 'At a meeting')], max_length=20, verbose_name='channel')),
                        ('evidence', models.CharField(max_length=300, verbose_name='evidence')),
                        ('given_on', models.DateField(default=django.utils.timezone.localdate, verbose_name='given')),
                        ('until', models.DateField(blank=True, null=True, verbose_name='until')),
                        ('withdrawn_on', models.DateField(blank=True, null=True, verbose_name='consent withdrawn')),
                        ('recorded_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'consent',
                        'verbose_name_plural': 'consents',
                        'ordering': ['-given_on', '-pk'],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('user', None), _negated=True), models.Q(('who', ''), _negated=True), _connector='OR'), name='consent_says_who', violation_error_message='Choose the person, or say who agreed.'), models.CheckConstraint(condition=models.Q(models.Q(('until', None), ('until__gte', models.F('given_on')), _connector='OR'), models.Q(('withdrawn_on', None), ('withdrawn_on__gte', models.F('given_on')), _connector='OR')), name='consent_ends_after_it_was_given', violation_error_message='It cannot end before it was given.')],
                    },
                ),
                migrations.CreateModel(
                    name='DemonstrationJob',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('state', models.CharField(choices=[('queued', 'Queued'), ('working', 'In progress'), ('ready', 'Ready'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='queued', editable=False, max_length=20, verbose_name='state')),
                        ('token', models.UUIDField(editable=False, null=True)),
                        ('lease_until', models.DateTimeField(editable=False, null=True)),
                        ('attempt', models.PositiveSmallIntegerField(default=0, editable=False)),
                        ('next_attempt_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ('stage', models.CharField(blank=True, editable=False, max_length=30)),
                        ('progress', models.PositiveIntegerField(default=0, editable=False)),
                        ('progress_of', models.PositiveIntegerField(default=0, editable=False)),
                        ('failure', models.CharField(blank=True, choices=[('too_long', 'The work took too long and was stopped. Shorten the document.'), ('too_large', 'The work needed too much memory. Shorten the document.'), ('killed', 'The machine ended the work, probably because its memory ran out. The portal tries once more in a minute.'), ('no_memory', 'The work was too large for this machine, which ended it twice. Ask your administrator for more memory, or shorten the document.'), ('disk_full', "The server's disk is full. Tell your administrator."), ('no_libraries', 'This server lacks libraries needed for documents. Ask your administrator to install libpango-1.0-0, libpangoft2-1.0-0, libharfbuzz0b and libfontconfig1: the document will then be made without another request.'), ('seal_key', 'The document could not be sealed, because the portal cannot read the key of its seal. Ask your administrator to check the file that SEAL_KEY names: the document will then be made without another request.'), ('seal_passphrase', "The document could not be sealed, because the key of the portal's seal does not open. Ask your administrator to check the file that SEAL_PASSPHRASE_FILE names: the document will then be made without another request."), ('seal_expired', "The document could not be sealed, because the certificate of the portal's seal is not valid today. Ask your administrator for a new one: the document will then be made without another request."), ('seal_broken', 'The document could not be sealed. The portal tries again each hour for a day, and then tells your administrator.'), ('worker_died', 'The work was interrupted several times. Try again.'), ('unknown_format', 'This was saved in a format that this version of the portal does not know, probably by a later version. Nothing is lost: ask your administrator to update the portal, then try again.'), ('broken', 'Something in the portal failed. Try again, or tell your administrator.')], editable=False, max_length=20)),
                        ('requested_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ('started_at', models.DateTimeField(editable=False, null=True)),
                        ('finished_at', models.DateTimeField(editable=False, null=True)),
                        ('kind', models.CharField(choices=[('load', 'Load'), ('remove', 'Remove')], max_length=10)),
                        ('why', models.CharField(blank=True, max_length=500)),
                        ('language', models.CharField(max_length=2)),
                    ],
                    options={
                        'ordering': ['-pk'],
                        'constraints': [models.UniqueConstraint(models.Value(1), condition=models.Q(('state__in', ['queued', 'working'])), name='demonstrationjob_one_at_a_time', violation_error_message='This is already being done.')],
                    },
                ),
                migrations.CreateModel(
                    name='DemonstrationThing',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('content_type', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='contenttypes.contenttype')),
                        ('object_id', models.PositiveBigIntegerField()),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('content_type', 'object_id'), name='demonstrationthing_once')],
                    },
                ),
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
                    name='Erasure',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('pseudonym', models.CharField(max_length=20, unique=True)),
                        ('done_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('done_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('changed', models.JSONField(default=dict)),
                        ('remains', models.JSONField(default=list)),
                    ],
                    options={
                        'verbose_name': 'erasure',
                        'verbose_name_plural': 'erasures',
                        'ordering': ['-pk'],
                    },
                ),
                migrations.CreateModel(
                    name='FirstVisit',
                    fields=[
                        ('id', models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                        ('key_hash', models.CharField(blank=True, max_length=64)),
                        ('session_hash', models.CharField(blank=True, max_length=64)),
                        ('used_at', models.DateTimeField(null=True)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='firstvisit_is_one'), models.CheckConstraint(condition=models.Q(('key_hash', ''), models.Q(('session_hash', ''), ('used_at', None)), _connector='OR'), name='firstvisit_key_is_good_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Intake',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='intakes', to='projects.project')),
                        ('imported_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='imported by')),
                        ('imported_at', models.DateTimeField(auto_now_add=True, verbose_name='imported at')),
                        ('rows', models.JSONField(default=list, editable=False)),
                        ('counts', models.JSONField(default=dict, editable=False)),
                        ('undone_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='undone by')),
                        ('undone_at', models.DateTimeField(null=True, verbose_name='undone at')),
                    ],
                    options={
                        'verbose_name': "import of a project's data",
                        'verbose_name_plural': "imports of projects' data",
                        'ordering': ['-pk'],
                    },
                ),
                migrations.CreateModel(
                    name='IntakeUpload',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('file', models.FileField(max_length=200, upload_to=kernel.files.private_path, verbose_name='file')),
                        ('original_name', models.CharField(max_length=150, verbose_name='name of the file')),
                        ('kind', models.CharField(choices=[('pdf', 'PDF'), ('docx', 'DOCX'), ('xlsx', 'XLSX'), ('odt', 'ODT'), ('ods', 'ODS'), ('csv', 'CSV'), ('txt', 'TXT'), ('jpeg', 'JPEG'), ('png', 'PNG'), ('webp', 'WEBP')], max_length=10, verbose_name='kind')),
                        ('size', models.PositiveBigIntegerField(verbose_name='size in bytes')),
                        ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                        ('uploaded_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='uploaded at')),
                        ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
                        ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'data of a project waiting to be imported',
                        'verbose_name_plural': 'data of projects waiting to be imported',
                        'constraints': [models.UniqueConstraint(fields=('project', 'owner'), name='intakeupload_one_per_owner')],
                    },
                ),
                migrations.CreateModel(
                    name='LockedAway',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('pseudonym', models.CharField(db_index=True, max_length=20)),
                        ('reasons', models.JSONField(default=list)),
                        ('until', models.DateField(verbose_name='until')),
                        ('content', models.TextField(blank=True)),
                        ('file', models.FileField(blank=True, max_length=200, upload_to=kernel.files.private_path)),
                        ('locked_at', models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                    options={
                        'verbose_name': 'what is locked away',
                        'verbose_name_plural': 'what is locked away',
                        'ordering': ['until', 'pk'],
                    },
                ),
                migrations.CreateModel(
                    name='Obligation',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
                        ('kind', models.CharField(choices=[('report', 'Reports to the donor'), ('value', 'Values of indicators'), ('money', 'Budget and contributions'), ('meeting', 'Meetings'), ('minutes', 'Minutes and accreditations'), ('resolution', 'Decisions and recommendations'), ('plan', 'Action plans'), ('action', 'Actions'), ('risk', 'Risks'), ('amendment', 'Amendments'), ('grant', 'Calls and grants'), ('seat', 'Seats'), ('agreement', 'Agreements'), ('safeguarding', 'Safeguarding policies'), ('access', 'Roles and invitations'), ('period', 'Periods')], max_length=20, verbose_name='kind')),
                        ('key', models.CharField(max_length=60)),
                        ('thing', models.BigIntegerField(default=0)),
                        ('on', models.DateField(null=True)),
                        ('in_time_until', models.DateField(null=True)),
                        ('since', models.BigIntegerField(null=True)),
                        ('until', models.BigIntegerField(null=True)),
                        ('done', models.BooleanField(default=False)),
                        ('is_event', models.BooleanField(default=False)),
                        ('is_listed', models.BooleanField(default=True)),
                        ('owners', models.PositiveIntegerField(default=0)),
                        ('readers', models.PositiveIntegerField(default=0)),
                        ('institution', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='partners.institution')),
                        ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('entered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('donor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='partners.institution')),
                        ('audience', models.CharField(blank=True, max_length=20)),
                        ('facts', models.JSONField(default=dict)),
                    ],
                    options={
                        'verbose_name': 'obligation',
                        'verbose_name_plural': 'obligations',
                        'ordering': [models.OrderBy(models.F('on'), nulls_last=True), 'project', 'key', 'pk'],
                        'indexes': [models.Index(fields=['project', 'on'], name='obligation_of_a_project'), models.Index(condition=models.Q(('user__isnull', False)), fields=['user'], name='obligation_of_a_person')],
                    },
                ),
                migrations.CreateModel(
                    name='ObligationChange',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('project_key', models.BigIntegerField()),
                    ],
                    options={
                        'verbose_name': 'change of obligations',
                        'verbose_name_plural': 'changes of obligations',
                        'indexes': [models.Index(fields=['project_key'], name='obligationchange_by_project')],
                    },
                ),
                migrations.CreateModel(
                    name='ObligationsWritten',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('project', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
                        ('day', models.DateField()),
                    ],
                    options={
                        'verbose_name': 'obligations recorded',
                        'verbose_name_plural': 'obligations recorded',
                    },
                ),
                migrations.CreateModel(
                    name='PersonRequest',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('see', 'See what is stored'), ('correct', 'Correct it'), ('remove', 'Remove it'), ('move', 'Get it as a file'), ('object', 'Object to a use')], max_length=10, verbose_name='kind')),
                        ('user', models.ForeignKey(blank=True, help_text='Empty if the person has no account.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                        ('who', models.CharField(blank=True, help_text='For somebody without an account: the name, and how to answer.', max_length=200, verbose_name='who asks')),
                        ('text', models.TextField(max_length=4000, verbose_name='what they ask for')),
                        ('received_on', models.DateField(default=django.utils.timezone.localdate, verbose_name='received')),
                        ('due_on', models.DateField(default=ibcr_portal.models.persons.answer_day, help_text='The law gives 30 days.', verbose_name='answer by')),
                        ('answered_on', models.DateField(blank=True, null=True, verbose_name='answered')),
                        ('outcome', models.CharField(blank=True, choices=[('granted', 'Granted'), ('partly', 'Granted in part'), ('refused', 'Refused')], max_length=10, verbose_name='outcome')),
                        ('answer', models.TextField(blank=True, help_text='What was done; if something was refused, the reason and the law.', max_length=4000, verbose_name='answer')),
                        ('recorded_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'request of a person',
                        'verbose_name_plural': 'requests of persons',
                        'ordering': ['answered_on', 'due_on', 'pk'],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('user', None), _negated=True), models.Q(('who', ''), _negated=True), _connector='OR'), name='personrequest_says_who', violation_error_message='Choose the person, or say who is asking.'), models.CheckConstraint(condition=models.Q(models.Q(('answered_on', None), ('outcome', '')), models.Q(('answered_on__isnull', False), models.Q(('outcome', ''), _negated=True), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='personrequest_answer_is_whole', violation_error_message='An answer needs a day, an outcome and a text.')],
                    },
                ),
                migrations.CreateModel(
                    name='PrivacyIncident',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('what', models.TextField(help_text='Circumstances and cause; name nobody.', max_length=4000, verbose_name='what happened')),
                        ('data', models.TextField(max_length=2000, verbose_name='which data')),
                        ('people', models.PositiveIntegerField(blank=True, null=True, verbose_name='how many people')),
                        ('happened_on', models.DateField(blank=True, null=True, verbose_name='happened')),
                        ('noticed_on', models.DateField(default=django.utils.timezone.localdate, verbose_name='noticed')),
                        ('risk', models.CharField(choices=[('open', 'Not assessed yet'), ('low', 'No risk of serious injury'), ('serious', 'Risk of serious injury')], default='open', help_text='How sensitive the data are, what the consequences may be, and how likely misuse is.', max_length=10, verbose_name='risk')),
                        ('assessed_on', models.DateField(blank=True, null=True, verbose_name='assessed')),
                        ('reported_on', models.DateField(blank=True, help_text='Promptly, if there is a risk of serious injury.', null=True, verbose_name='reported to the authority')),
                        ('notified_on', models.DateField(blank=True, null=True, verbose_name='people notified')),
                        ('measures', models.TextField(blank=True, max_length=4000, verbose_name='measures taken')),
                        ('recorded_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'privacy incident',
                        'verbose_name_plural': 'privacy incidents',
                        'ordering': ['-noticed_on', '-pk'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('risk', 'open'), ('assessed_on__isnull', False), _connector='OR'), name='incident_assessed_has_its_day', violation_error_message='Say on which day it was assessed.'), models.CheckConstraint(condition=models.Q(('happened_on', None), ('noticed_on__gte', models.F('happened_on')), _connector='OR'), name='incident_noticed_after_it_happened', violation_error_message='It cannot have been noticed before it happened.')],
                    },
                ),
                migrations.CreateModel(
                    name='ProjectClosing',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='closings', to='projects.project')),
                        ('closed_on', models.DateField(verbose_name='closed on')),
                        ('recorded_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('open_things', models.JSONField(default=dict, editable=False)),
                        ('why', models.TextField(blank=True, max_length=2000, verbose_name='why it is closed nevertheless')),
                        ('effects', models.JSONField(default=dict, editable=False)),
                        ('reopened_at', models.DateTimeField(editable=False, null=True)),
                        ('reopened_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('reopened_why', models.TextField(blank=True, max_length=2000, verbose_name='why it was reopened')),
                    ],
                    options={
                        'verbose_name': 'closing of a project',
                        'verbose_name_plural': 'closings of projects',
                        'ordering': ['-pk'],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('reopened_at', None)), fields=('project',), name='projectclosing_one_at_a_time'), models.CheckConstraint(condition=models.Q(('open_things', {}), models.Q(('why', ''), _negated=True), _connector='OR'), name='projectclosing_although_says_why'), models.CheckConstraint(condition=models.Q(('reopened_at', None), models.Q(('reopened_why', ''), _negated=True), _connector='OR'), name='projectclosing_reopened_says_why')],
                    },
                ),
                migrations.CreateModel(
                    name='ProjectStanding',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('project', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
                        ('facts', models.JSONField(default=dict)),
                    ],
                    options={
                        'verbose_name': 'figures of a project',
                        'verbose_name_plural': 'figures of projects',
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
                        ('news_sent_until', models.DateTimeField(null=True)),
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
                migrations.CreateModel(
                    name='SavedFilter',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('name', models.CharField(max_length=60, verbose_name='name')),
                        ('query', models.CharField(max_length=500)),
                    ],
                    options={
                        'verbose_name': 'saved filter',
                        'verbose_name_plural': 'saved filters',
                        'ordering': ['name', 'pk'],
                        'constraints': [models.UniqueConstraint(fields=('user', 'name'), name='savedfilter_name_is_used_once', violation_error_message='You already have a filter of this name.')],
                    },
                ),
                migrations.CreateModel(
                    name='SavedSearch',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('query', models.CharField(max_length=500)),
                    ],
                    options={
                        'verbose_name': 'saved search',
                        'verbose_name_plural': 'saved searches',
                        'ordering': ['pk'],
                        'constraints': [models.UniqueConstraint(fields=('user', 'query'), name='savedsearch_is_kept_once')],
                    },
                ),
                migrations.CreateModel(
                    name='SearchChange',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('project', 'Project'), ('institution', 'Institution'), ('person', 'Person'), ('committee', 'Committee'), ('meeting', 'Meeting'), ('item', 'Agenda item'), ('minutes', 'Minutes'), ('resolution', 'Decision or recommendation'), ('consultation', 'Written procedure'), ('action', 'Action'), ('result', 'Result'), ('indicator', 'Indicator'), ('value', 'Value'), ('activity', 'Activity'), ('risk', 'Risk'), ('amendment', 'Amendment'), ('call', 'Call for proposals'), ('section', 'Section of a report'), ('remark', 'Remark on a plan'), ('proposal', 'Proposed change'), ('comment', 'Comment on minutes'), ('document', 'Document'), ('paper', 'Committee paper'), ('filed', 'Letter or other document of a project')], max_length=20)),
                        ('thing', models.BigIntegerField()),
                    ],
                    options={
                        'verbose_name': 'change of the search',
                        'verbose_name_plural': 'changes of the search',
                        'indexes': [models.Index(fields=['kind', 'thing'], name='searchchange_by_thing')],
                    },
                ),
                migrations.CreateModel(
                    name='SearchEntry',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('project', 'Project'), ('institution', 'Institution'), ('person', 'Person'), ('committee', 'Committee'), ('meeting', 'Meeting'), ('item', 'Agenda item'), ('minutes', 'Minutes'), ('resolution', 'Decision or recommendation'), ('consultation', 'Written procedure'), ('action', 'Action'), ('result', 'Result'), ('indicator', 'Indicator'), ('value', 'Value'), ('activity', 'Activity'), ('risk', 'Risk'), ('amendment', 'Amendment'), ('call', 'Call for proposals'), ('section', 'Section of a report'), ('remark', 'Remark on a plan'), ('proposal', 'Proposed change'), ('comment', 'Comment on minutes'), ('document', 'Document'), ('paper', 'Committee paper'), ('filed', 'Letter or other document of a project')], max_length=20)),
                        ('thing', models.BigIntegerField()),
                        ('part', models.BigIntegerField(default=0)),
                        ('project', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
                        ('day', models.DateField(null=True)),
                        ('state', models.CharField(blank=True, default='', max_length=30)),
                        ('text', models.TextField(blank=True, default='')),
                        ('language', models.CharField(blank=True, default='', max_length=2)),
                    ],
                    options={
                        'verbose_name': 'entry of the search',
                        'verbose_name_plural': 'entries of the search',
                        'ordering': ['kind', 'thing', 'part'],
                        'constraints': [models.UniqueConstraint(fields=('kind', 'thing', 'part'), name='searchentry_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Watch',
                    fields=[
                        ('id', models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                        ('looked_at', models.DateTimeField(null=True)),
                        ('log_is_whole', models.BooleanField(null=True)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='watch_is_one')],
                    },
                ),
            ],
        ),
        *ibcr_portal.migrations._initial_operations.OPERATIONS,
    ]
