"""How far the PDF of a report is; the stored one refuses to change."""

import hashlib

from django.db import migrations, models

# What was handed out once stays as it is; only who may not change it is new, so no data moves but
# the hashes of what is stored.
SNAPSHOT = """
CREATE OR REPLACE FUNCTION portal_snapshot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (NEW.assessment_id, NEW.facts, NEW.sha256, NEW.rule_version)
     IS DISTINCT FROM (OLD.assessment_id, OLD.facts, OLD.sha256, OLD.rule_version) THEN
    RAISE EXCEPTION 'A snapshot is never changed' USING ERRCODE = 'restrict_violation';
  END IF;
{stored}  RETURN NEW;
END $$;
"""
STORED = """\
  IF OLD.pdf IS NOT NULL AND (NEW.pdf, NEW.programme_pdf, NEW.pdf_sha256, NEW.programme_pdf_sha256)
     IS DISTINCT FROM (OLD.pdf, OLD.programme_pdf, OLD.pdf_sha256, OLD.programme_pdf_sha256) THEN
    RAISE EXCEPTION 'A stored PDF is never changed' USING ERRCODE = 'restrict_violation';
  END IF;
"""


def hash_stored(apps, schema_editor):
    rows = apps.get_model("assessments", "StoredReport").objects.filter(pdf__isnull=False)
    for row in rows.only("pdf", "programme_pdf").iterator(chunk_size=10):
        row.pdf_sha256 = hashlib.sha256(row.pdf).hexdigest()
        row.programme_pdf_sha256 = hashlib.sha256(row.programme_pdf).hexdigest()
        row.save(update_fields=["pdf_sha256", "programme_pdf_sha256"])


def guard(schema_editor, stored):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(SNAPSHOT.format(stored=stored))


def forward(apps, schema_editor):
    guard(schema_editor, STORED)


def backward(apps, schema_editor):
    guard(schema_editor, "")


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0006_reminders"),
    ]

    operations = [
        migrations.AddField(
            model_name="storedreport",
            name="pdf_attempts",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="storedreport",
            name="pdf_failed_at",
            field=models.DateTimeField(blank=True, help_text="When it was given up", null=True),
        ),
        migrations.AddField(
            model_name="storedreport",
            name="pdf_made_with",
            field=models.CharField(
                blank=True, help_text="Version of WeasyPrint and of our layout", max_length=80
            ),
        ),
        migrations.AddField(
            model_name="storedreport",
            name="pdf_sha256",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="storedreport",
            name="pdf_try_at",
            field=models.DateTimeField(blank=True, help_text="The next attempt", null=True),
        ),
        migrations.AddField(
            model_name="storedreport",
            name="programme_pdf_sha256",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddConstraint(
            model_name="storedreport",
            constraint=models.CheckConstraint(
                name="stored_report_made_or_failed",
                condition=models.Q(pdf_made_at__isnull=True, pdf_failed_at__isnull=True)
                | models.Q(pdf_try_at__isnull=True, pdf_made_at__isnull=True)
                | models.Q(pdf_try_at__isnull=True, pdf_failed_at__isnull=True),
            ),
        ),
        migrations.RunPython(hash_stored, migrations.RunPython.noop),
        migrations.RunPython(forward, backward),
    ]
