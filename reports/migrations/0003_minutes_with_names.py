"""Adds minutes with an annex of names to the kinds of documents, which are about a meeting."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('committees', '0004_effects_given_back'),
        ('partners', '0001_initial'),
        ('projects', '0008_handover'),
        ('reports', '0002_reasons_of_a_precaution'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='snapshot',
            name='snapshot_is_of_one_thing',
        ),
        migrations.AlterField(
            model_name='snapshot',
            name='kind',
            field=models.CharField(choices=[('annual_report', 'Annual progress report'), ('report_persons', 'Confidential annex: persons'), ('agenda', 'Agenda'), ('pack', 'Meeting pack'), ('whole_pack', 'Meeting pack with its documents'), ('attendance_sheet', 'Attendance sheet to sign'), ('letter', 'Letter of convocation'), ('minutes', 'Minutes'), ('minutes_with_names', 'Minutes with an annex of names'), ('attendance_annex', 'Attendance list'), ('record', 'Record of decisions'), ('certificate', 'Certificate of attendance'), ('handover', 'Handover sheet'), ('register', 'Register of decisions'), ('plan', 'Action plan'), ('plan_progress', 'Progress of the action plan'), ('plan_differences', 'Differences between two versions')], default='annual_report', max_length=20, verbose_name='kind'),
        ),
        migrations.AddConstraint(
            model_name='snapshot',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['annual_report', 'report_persons']), ('attendance__isnull', True), ('committee__isnull', True), ('meeting__isnull', True), ('plan__isnull', True), ('report__isnull', False), ('seat__isnull', True)), models.Q(('kind__in', ['agenda', 'pack', 'whole_pack', 'attendance_sheet', 'letter', 'minutes', 'minutes_with_names', 'attendance_annex', 'record']), ('attendance__isnull', True), ('committee__isnull', True), ('meeting__isnull', False), ('plan__isnull', True), ('report__isnull', True), ('seat__isnull', True)), models.Q(('kind__in', ['certificate']), ('attendance__isnull', False), ('committee__isnull', True), ('meeting__isnull', True), ('plan__isnull', True), ('report__isnull', True), ('seat__isnull', True)), models.Q(('kind__in', ['handover']), ('attendance__isnull', True), ('committee__isnull', True), ('meeting__isnull', True), ('plan__isnull', True), ('report__isnull', True), ('seat__isnull', False)), models.Q(('kind__in', ['register']), ('attendance__isnull', True), ('committee__isnull', False), ('meeting__isnull', True), ('plan__isnull', True), ('report__isnull', True), ('seat__isnull', True)), models.Q(('kind__in', ['plan', 'plan_progress', 'plan_differences']), ('attendance__isnull', True), ('committee__isnull', True), ('meeting__isnull', True), ('plan__isnull', False), ('report__isnull', True), ('seat__isnull', True)), _connector='OR'), name='snapshot_is_of_one_thing'),
        ),
    ]
