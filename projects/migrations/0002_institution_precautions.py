"""Adds precautions about the names of institutions. Release 1.0 can run beside it: it neither reads
nor writes these tables, and a choice that it records is not marked as the institution's own."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0001_initial'),
        ('projects', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='namingchoice',
            name='is_own',
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.CreateModel(
            name='NamingPrecaution',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.TextField(help_text='The institution, the coordinators of its projects and administrators read it on the portal.', max_length=500, verbose_name='reason')),
                ('taken_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='taken at')),
                ('institution', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='naming_precautions', to='partners.institution')),
                ('taken_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'precaution about the name of an institution',
                'verbose_name_plural': 'precautions about the names of institutions',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='PrecautionLift',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('agreed_on', models.DateField(verbose_name='agreed on')),
                ('channel', models.CharField(choices=[('letter', 'Letter'), ('email', 'E-mail'), ('telephone', 'Telephone'), ('meeting', 'In person'), ('portal', 'On the portal, by itself'), ('precaution', 'Not asked yet: out of caution')], max_length=20, verbose_name='how it was communicated')),
                ('reason', models.TextField(blank=True, help_text='Who agreed for the institution, and where that is kept.', max_length=500, verbose_name='evidence that it agreed')),
                ('lifted_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='lifted at')),
                ('lifted_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('precaution', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lifts', to='projects.namingprecaution')),
                ('project', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
            ],
            options={
                'verbose_name': 'end of a precaution',
                'verbose_name_plural': 'ends of precautions',
                'ordering': ['-pk'],
            },
        ),
    ]
