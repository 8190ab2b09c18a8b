"""Adds two reasons why a document was superseded: only their words, nothing in the database."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='rendition',
            name='superseded_for',
            field=models.CharField(blank=True, choices=[('naming', 'An institution in it may no longer be named to its readers'), ('precaution', 'An institution in it was hidden as a precaution'), ('restored', 'A precaution was lifted: the earlier document counts again'), ('consent', 'The consent to a photograph or a quotation in it was withdrawn'), ('erasure', 'Data about a person were erased')], editable=False, max_length=10),
        ),
    ]
