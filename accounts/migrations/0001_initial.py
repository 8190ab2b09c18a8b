# The tables of version 1.0.
from django.conf import settings
from django.db import migrations
from django.db import models
import accounts.migrations._initial_operations
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import kernel.languages
import kernel.migration_operations
import kernel.organisation
import kernel.organisation_row
import uuid


class Migration(migrations.Migration):

    initial = True

    replaces = [('accounts', '0001_baseline_9e9544a4')]

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
    ]

    operations = [
        kernel.migration_operations.CreateModels(
            models=[
                migrations.CreateModel(
                    name='AccessChain',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveBigIntegerField(default=0)),
                        ('head', models.CharField(default='0000000000000000000000000000000000000000000000000000000000000000', max_length=64)),
                    ],
                ),
                migrations.CreateModel(
                    name='AccessEvent',
                    fields=[
                        ('number', models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                        ('kind', models.CharField(choices=[('sign_in', 'Sign-in'), ('sign_in_failed', 'Sign-in failed'), ('account', 'Password or second step changed'), ('refused', 'Access refused'), ('role', 'Role changed'), ('link_issued', 'Access link issued'), ('link_revoked', 'Access links revoked'), ('link', 'Access link used'), ('download', 'Download'), ('export', 'Export'), ('pruned', 'Old events deleted')], max_length=20, verbose_name='kind')),
                        ('key', models.UUIDField(null=True)),
                        ('thing_label', models.CharField(blank=True, max_length=100, verbose_name='about')),
                        ('thing_key', models.CharField(blank=True, max_length=64)),
                        ('details', models.JSONField(default=dict)),
                        ('at', models.DateTimeField(verbose_name='at')),
                        ('hash', models.CharField(max_length=64)),
                    ],
                    options={
                        'verbose_name': 'access event',
                        'verbose_name_plural': 'access events',
                        'ordering': ['-number'],
                        'indexes': [models.Index(fields=['thing_label', 'thing_key'], name='accounts_ac_thing_l_6b1ecc_idx'), models.Index(fields=['kind', 'at'], name='accounts_ac_kind_223028_idx')],
                    },
                ),
                migrations.CreateModel(
                    name='AccessLink',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('token_hash', models.CharField(editable=False, max_length=64, unique=True)),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='access_links', to=settings.AUTH_USER_MODEL)),
                        ('purpose', models.CharField(max_length=40, verbose_name='purpose')),
                        ('content_type', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='contenttypes.contenttype')),
                        ('object_id', models.PositiveBigIntegerField()),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('expires_at', models.DateTimeField(verbose_name='expires')),
                        ('revoked_at', models.DateTimeField(null=True, verbose_name='revoked')),
                    ],
                    options={
                        'verbose_name': 'access link',
                        'verbose_name_plural': 'access links',
                        'ordering': ['-pk'],
                        'indexes': [models.Index(fields=['content_type', 'object_id'], name='accounts_ac_content_c0a405_idx')],
                    },
                ),
                migrations.CreateModel(
                    name='FactorReset',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='factor_resets', to=settings.AUTH_USER_MODEL)),
                        ('reason', models.CharField(max_length=300, verbose_name='How do you know that it is this person?')),
                        ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('ended_at', models.DateTimeField(null=True)),
                    ],
                    options={
                        'verbose_name': 'removal of a second step',
                        'verbose_name_plural': 'removals of second steps',
                        'ordering': ['-asked_at'],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('asked_by', models.F('person')), _negated=True), models.Q(('confirmed_by', None), models.Q(models.Q(('confirmed_by', models.F('person')), _negated=True), models.Q(('confirmed_by', models.F('asked_by')), _negated=True)), _connector='OR')), name='factor_reset_takes_two_others'), models.CheckConstraint(condition=models.Q(('confirmed_by', None), ('ended_at__isnull', False), _connector='OR'), name='factor_reset_confirmed_has_ended'), models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('person',), name='factor_reset_is_one_at_a_time')],
                    },
                ),
                migrations.CreateModel(
                    name='FormDraft',
                    fields=[
                        ('key', models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('content', models.JSONField(default=dict, verbose_name='draft')),
                        ('saved_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                    ],
                    options={
                        'verbose_name': 'draft of a form',
                        'verbose_name_plural': 'drafts of forms',
                    },
                ),
                migrations.CreateModel(
                    name='Hold',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('content_type', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contenttypes.contenttype')),
                        ('object_id', models.PositiveBigIntegerField(editable=False, null=True)),
                        ('reason', models.TextField(help_text='Who asks for it, and in which letter.', max_length=2000, verbose_name='reason')),
                        ('until', models.DateField(blank=True, help_text='Empty: until somebody lifts it.', null=True, verbose_name='until')),
                        ('placed_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('placed_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ('lifted_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('lifted_at', models.DateTimeField(editable=False, null=True)),
                    ],
                    options={
                        'verbose_name': 'hold',
                        'verbose_name_plural': 'holds',
                        'ordering': ['-pk'],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('content_type', None), ('object_id', None)), models.Q(('content_type__isnull', False), ('object_id__isnull', False)), _connector='OR'), name='hold_covers_one_thing_or_everything'), models.CheckConstraint(condition=models.Q(('lifted_at', None), ('lifted_by__isnull', False), _connector='OR'), name='hold_lifted_says_by_whom')],
                    },
                ),
                migrations.CreateModel(
                    name='IncomingMail',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('fingerprint', models.CharField(editable=False, max_length=64, unique=True)),
                        ('received_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now, verbose_name='received')),
                        ('kind', models.CharField(choices=[('answer', 'Answer from a calendar'), ('reply', 'Reply'), ('automatic', 'Automatic message'), ('bounce', 'Message that came back'), ('delay', 'Message that is late'), ('unreadable', 'Unreadable')], max_length=20, verbose_name='kind')),
                        ('outcome', models.CharField(choices=[('taken', 'Taken'), ('dropped', 'Dropped'), ('refused', 'Refused'), ('quarantined', 'In quarantine')], max_length=20, verbose_name='outcome')),
                        ('reason', models.CharField(blank=True, choices=[('unsigned', "It came to an address that is not one of the portal's."), ('sender', 'The sender is not the person to whom the address belongs.'), ('unproved', 'The mail server does not confirm the sender.'), ('attendee', 'It is the answer of somebody else.'), ('event', 'It answers another event than this invitation.'), ('unclear', 'It is not one answer of one person to one event.'), ('other_address', 'It reports an address to which nothing was sent.'), ('revoked', 'The links of the person to it were revoked.'), ('not_asked', 'Nothing can be answered there by mail.'), ('not_now', 'No answer is taken there any more; the sender was told so.'), ('too_many', 'The person sent very many messages within an hour.'), ('empty', 'It held nothing but quoted text or attachments.'), ('automatic', 'No person wrote it.'), ('delayed', 'A mail server is still trying to deliver a message.'), ('too_large', 'It is too large, or its parts are too deeply nested.'), ('encrypted', 'It is encrypted, or in a form that only Outlook reads.'), ('broken', 'It could not be read. Tell whoever maintains the portal.')], max_length=20, verbose_name='reason')),
                        ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('content_type', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='contenttypes.contenttype')),
                        ('object_id', models.PositiveBigIntegerField(null=True)),
                        ('content', models.BinaryField(null=True)),
                    ],
                    options={
                        'verbose_name': 'incoming message',
                        'verbose_name_plural': 'incoming messages',
                        'ordering': ['-pk'],
                    },
                ),
                migrations.CreateModel(
                    name='OutgoingMail',
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
                        ('requested_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ('started_at', models.DateTimeField(editable=False, null=True)),
                        ('finished_at', models.DateTimeField(editable=False, null=True)),
                        ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='mail', to=settings.AUTH_USER_MODEL)),
                        ('key', models.CharField(blank=True, max_length=150, null=True, unique=True)),
                        ('address', models.EmailField(blank=True, max_length=254, verbose_name='e-mail address')),
                        ('subject', models.CharField(max_length=200, verbose_name='subject')),
                        ('sender', models.CharField(blank=True, max_length=200, verbose_name='sender')),
                        ('reply_to', models.EmailField(blank=True, max_length=254, verbose_name='answers go to')),
                        ('thread', models.CharField(blank=True, max_length=100)),
                        ('text', models.TextField(blank=True, verbose_name='text')),
                        ('html', models.TextField(blank=True)),
                        ('attachments', models.JSONField(blank=True, default=list)),
                        ('unsubscribe_url', models.CharField(blank=True, max_length=300)),
                        ('is_daily', models.BooleanField(default=False, editable=False)),
                        ('failure', models.CharField(blank=True, choices=[('refused', 'The mail server refused the address.'), ('unreachable', 'The mail server could not be reached for days.'), ('unclear', 'The connection to the mail server broke off: the message may have gone out.'), ('worker_died', 'The work was interrupted several times. Try again.'), ('broken', 'Something in the portal failed. Try again, or tell your administrator.'), ('training', 'Not sent: this project is for training.')], editable=False, max_length=20)),
                        ('handed_over_at', models.DateTimeField(editable=False, null=True)),
                        ('sent_at', models.DateTimeField(editable=False, null=True, verbose_name='sent')),
                        ('bounced_at', models.DateTimeField(editable=False, null=True, verbose_name='came back')),
                        ('bounce_reason', models.CharField(blank=True, max_length=300)),
                    ],
                    options={
                        'verbose_name': 'message',
                        'verbose_name_plural': 'messages',
                        'ordering': ['-pk'],
                        'indexes': [models.Index(condition=models.Q(('state__in', ['queued', 'working'])), fields=['next_attempt_at'], name='mail_to_be_sent')],
                    },
                ),
                migrations.CreateModel(
                    name='Pseudonym',
                    fields=[
                        ('key', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='pseudonym', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'pseudonym',
                        'verbose_name_plural': 'pseudonyms',
                    },
                ),
                migrations.CreateModel(
                    name='User',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('password', models.CharField(max_length=128, verbose_name='password')),
                        ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                        ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                        ('email', models.EmailField(blank=True, max_length=254, null=True, unique=True, verbose_name='e-mail address')),
                        ('full_name', models.CharField(max_length=200, verbose_name='full name')),
                        ('language', models.CharField(choices=[('fr', 'French'), ('es', 'Spanish'), ('en', 'English')], default=kernel.languages.first_language, max_length=2, verbose_name='language')),
                        ('time_zone', models.CharField(default=kernel.organisation.home_time_zone, max_length=50, validators=[kernel.organisation_row.validate_time_zone], verbose_name='time zone')),
                        ('titles_in_mail', models.BooleanField(blank=True, choices=[(None, 'As usual: named for the team and the donor, neutral for everybody else'), (True, 'Name the project'), (False, 'Name neither project nor organisation')], help_text='Telephones lie on tables, and others may see your calendar.', null=True, verbose_name='subjects, senders and titles in calendars')),
                        ('returned_address', models.EmailField(blank=True, editable=False, max_length=254)),
                        ('returned_at', models.DateTimeField(editable=False, null=True)),
                        ('is_staff', models.BooleanField(default=False, verbose_name='administrator')),
                        ('is_active', models.BooleanField(default=True, verbose_name='active')),
                        ('date_joined', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='joined')),
                        ('news_read_until', models.DateTimeField(editable=False, null=True)),
                        ('devices_forgotten_at', models.DateTimeField(editable=False, null=True)),
                        ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                        ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                    ],
                    options={
                        'verbose_name': 'person',
                        'verbose_name_plural': 'people',
                        'ordering': ['full_name'],
                        'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email_is_one_persons', violation_error_message='Somebody else already uses this e-mail address.')],
                    },
                ),
            ],
        ),
        *accounts.migrations._initial_operations.OPERATIONS,
    ]
