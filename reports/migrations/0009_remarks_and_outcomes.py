import django.db.models.deletion
import django.utils.timezone
import kernel.files
import kernel.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('committees', '0023_calls_are_spoken_of'),
        ('projects', '0019_workbooks_of_frameworks_wait'),
        ("reports", "0008_every_report_has_a_preset"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReportFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.FileField(max_length=200, upload_to=kernel.files.private_path, verbose_name='file')),
                ('original_name', models.CharField(max_length=150, verbose_name='name of the file')),
                ('kind', models.CharField(choices=[('pdf', 'PDF'), ('docx', 'DOCX'), ('xlsx', 'XLSX'), ('odt', 'ODT'), ('ods', 'ODS'), ('csv', 'CSV'), ('txt', 'TXT'), ('jpeg', 'JPEG'), ('png', 'PNG'), ('webp', 'WEBP')], max_length=10, verbose_name='kind')),
                ('size', models.PositiveBigIntegerField(verbose_name='size in bytes')),
                ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                ('uploaded_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='uploaded at')),
                ('category', models.CharField(choices=[('remark', 'Returned file'), ('acceptance', "Donor's letter")], max_length=20, verbose_name='kind of document')),
            ],
            options={
                'verbose_name': 'file of a report',
                'verbose_name_plural': 'files of reports',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='ReportRemark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('section', models.CharField(blank=True, choices=[("summary", "Executive summary"), ("context", "Context"), ("progress", "Progress by outcome"), ("activities", "Outputs and activities"), ("cross_cutting", "Cross-cutting themes"), ("changes", "Changes made or to be made"), ("risks", "Risks"), ("governance", "Management and governance"), ("plan", "Action plan"), ("finances", "Financial report"), ("lessons", "Lessons learned"), ("next_year", "Next year"), ("annex_logic", "Logic model"), ("annex_framework", "Performance measurement framework with values"), ("annex_schedule", "Schedule of activities"), ("annex_risks", "Risk register"), ("annex_decisions", "Decisions of the committee"), ("annex_stories", "Success stories"), ("annex_products", "Products of the project")], max_length=20, verbose_name='section')),
                ('language', models.CharField(choices=[('fr', 'French'), ('es', 'Spanish'), ('en', 'English')], max_length=2, verbose_name='language')),
                ('origin', models.CharField(choices=[('internal', 'Internal review'), ('donor', 'Donor'), ('committee', 'Committee')], max_length=20, verbose_name='who says it')),
                ('text', models.TextField(blank=True, max_length=4000, verbose_name='remark')),
                ('channel', models.CharField(choices=[('portal', 'Online'), ('link', 'Access link'), ('telephone', 'Telephone'), ('letter', 'Letter'), ('messenger', 'Messenger'), ('meeting', 'At a meeting')], default='portal', max_length=20, verbose_name='channel')),
                ('evidence', models.CharField(blank=True, max_length=300, verbose_name='evidence')),
                ('given_on', models.DateField(default=django.utils.timezone.localdate, verbose_name='given on')),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('entry_key', models.UUIDField(editable=False, null=True, unique=True)),
                ('status', models.CharField(choices=[('open', 'Open'), ('answered', 'Answered'), ('settled', 'Settled'), ('withdrawn', 'Withdrawn')], default='open', editable=False, max_length=20, verbose_name='status')),
                ('answer', models.TextField(blank=True, max_length=4000, verbose_name='answer')),
                ('answered_at', models.DateTimeField(editable=False, null=True)),
            ],
            options={
                'verbose_name': 'remark on a report',
                'verbose_name_plural': 'remarks on reports',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='SectionWriting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[("summary", "Executive summary"), ("context", "Context"), ("progress", "Progress by outcome"), ("activities", "Outputs and activities"), ("cross_cutting", "Cross-cutting themes"), ("changes", "Changes made or to be made"), ("risks", "Risks"), ("governance", "Management and governance"), ("plan", "Action plan"), ("finances", "Financial report"), ("lessons", "Lessons learned"), ("next_year", "Next year"), ("annex_logic", "Logic model"), ("annex_framework", "Performance measurement framework with values"), ("annex_schedule", "Schedule of activities"), ("annex_risks", "Risk register"), ("annex_decisions", "Decisions of the committee"), ("annex_stories", "Success stories"), ("annex_products", "Products of the project")], max_length=20)),
                ('language', models.CharField(choices=[('fr', 'French'), ('es', 'Spanish'), ('en', 'English')], max_length=2)),
                ('since', models.DateTimeField(default=django.utils.timezone.now)),
                ('seen_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'writing of a section',
                'verbose_name_plural': 'writings of sections',
                'ordering': ['since', 'pk'],
            },
        ),
        migrations.AddField(
            model_name='report',
            name='acceptance_reference',
            field=models.CharField(blank=True, editable=False, max_length=200, verbose_name='reference of the acceptance'),
        ),
        migrations.AddField(
            model_name='report',
            name='accepted_on',
            field=models.DateField(editable=False, null=True, verbose_name='accepted on'),
        ),
        migrations.AddField(
            model_name='report',
            name='committee_outcome',
            field=models.CharField(blank=True, choices=[('validated', 'Validated by the committee'), ('noted', 'Noted by the committee')], editable=False, max_length=20, verbose_name='outcome in the committee'),
        ),
        migrations.AddField(
            model_name='report',
            name='noted_at',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='committees.meeting'),
        ),
        migrations.AddField(
            model_name='report',
            name='outcome_on',
            field=models.DateField(editable=False, null=True, verbose_name='day of the committee’s outcome'),
        ),
        migrations.AddField(
            model_name='report',
            name='outcome_recorded_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='report',
            name='outcome_recorded_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='report',
            name='resolution',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='committees.resolution'),
        ),
        migrations.AddField(
            model_name='report',
            name='version_note_en',
            field=models.TextField(blank=True, max_length=3000, validators=[kernel.text.validate_markdown], verbose_name='what is different in this version'),
        ),
        migrations.AddField(
            model_name='report',
            name='version_note_es',
            field=models.TextField(blank=True, max_length=3000, validators=[kernel.text.validate_markdown], verbose_name='what is different in this version'),
        ),
        migrations.AddField(
            model_name='report',
            name='version_note_fr',
            field=models.TextField(blank=True, max_length=3000, validators=[kernel.text.validate_markdown], verbose_name='what is different in this version'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('committee_outcome', ''), ('noted_at', None), ('resolution', None)), models.Q(('committee_outcome', 'validated'), ('noted_at', None), ('resolution__isnull', False)), models.Q(('committee_outcome', 'noted'), ('noted_at', None), ('resolution__isnull', False)), models.Q(('committee_outcome', 'noted'), ('noted_at__isnull', False), ('resolution', None)), _connector='OR'), name='report_outcome_has_its_reason', violation_error_message='Say by which decision, or at which meeting.'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('committee_outcome', ''), ('outcome_on', None), ('outcome_recorded_at', None)), models.Q(models.Q(('committee_outcome', ''), _negated=True), ('outcome_on__isnull', False), ('outcome_recorded_at__isnull', False), ('outcome_recorded_by__isnull', False)), _connector='OR'), name='report_outcome_is_dated'),
        ),
        migrations.AddField(
            model_name='reportfile',
            name='added_by',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='reportfile',
            name='report',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='reports.report'),
        ),
        migrations.AddField(
            model_name='reportremark',
            name='answered_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='reportremark',
            name='by',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='reportremark',
            name='report',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='remarks', to='reports.report'),
        ),
        migrations.AddField(
            model_name='reportfile',
            name='remark',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='files', to='reports.reportremark'),
        ),
        migrations.AddField(
            model_name='sectionwriting',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='sectionwriting',
            name='report',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='writing', to='reports.report'),
        ),
        migrations.AddConstraint(
            model_name='reportremark',
            constraint=models.CheckConstraint(condition=models.Q(('channel__in', ['portal', 'link']), models.Q(('evidence', ''), _negated=True), _connector='OR'), name='reportremark_entered_with_evidence', violation_error_message='Say how you know: who called and when, or which letter it was.'),
        ),
        migrations.AddConstraint(
            model_name='reportremark',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at', None), ('answered_by', None)), models.Q(models.Q(('answer', ''), _negated=True), ('answered_at__isnull', False), ('answered_by__isnull', False)), _connector='OR'), name='reportremark_answer_is_dated'),
        ),
        migrations.AddConstraint(
            model_name='reportremark',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'answered'), _negated=True), models.Q(('answer', ''), _negated=True), _connector='OR'), name='reportremark_answered_has_its_answer', violation_error_message='Write the answer.'),
        ),
        migrations.AddConstraint(
            model_name='reportfile',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('category', 'remark'), ('remark__isnull', False)), models.Q(('category', 'acceptance'), ('remark', None)), _connector='OR'), name='reportfile_is_of_a_remark_or_a_letter'),
        ),
        migrations.AddConstraint(
            model_name='sectionwriting',
            constraint=models.UniqueConstraint(fields=('report', 'kind', 'language', 'person'), name='sectionwriting_once_a_person'),
        ),
    ]
