"""Evidence may be a file, is changed by version, and can be retired."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def saved_by_who_added(apps, schema_editor):
    rows = apps.get_model("assessments", "Evidence").objects
    rows.update(saved_by=models.F("added_by"), saved_at=models.F("added_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("areas", "0002_append_only"),
        ("assessments", "0004_history"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="evidence",
            options={"ordering": ["title", "pk"], "verbose_name_plural": "evidence"},
        ),
        migrations.AddField(
            model_name="evidence",
            name="file_name",
            field=models.CharField(
                blank=True, help_text="The file's own name, made safe", max_length=120
            ),
        ),
        migrations.AddField(
            model_name="evidence",
            name="file_sha256",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="evidence",
            name="file_size",
            field=models.PositiveIntegerField(blank=True, help_text="Bytes", null=True),
        ),
        migrations.AddField(
            model_name="evidence",
            name="file_type",
            field=models.CharField(
                blank=True,
                choices=[
                    ("pdf", "PDF"),
                    ("docx", "Word"),
                    ("xlsx", "Excel"),
                    ("pptx", "PowerPoint"),
                    ("odt", "OpenDocument text"),
                    ("ods", "OpenDocument spreadsheet"),
                    ("odp", "OpenDocument presentation"),
                    ("csv", "CSV table"),
                    ("png", "PNG picture"),
                    ("jpg", "JPEG picture"),
                ],
                max_length=4,
            ),
        ),
        migrations.AddField(
            model_name="evidence",
            name="retired_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="evidence",
            name="retired_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="evidence",
            name="saved_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name="evidence",
            name="stored_as",
            field=models.CharField(
                blank=True, help_text="The file's random name in the store", max_length=60
            ),
        ),
        migrations.AddField(
            model_name="evidence",
            name="version",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AlterField(
            model_name="evidence",
            name="address",
            field=models.URLField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name="evidence",
            name="saved_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunPython(saved_by_who_added, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="evidence",
            name="saved_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("file_name", ""),
                        ("file_sha256", ""),
                        ("file_size__isnull", True),
                        ("file_type", ""),
                        ("stored_as", ""),
                        models.Q(("address", ""), _negated=True),
                    ),
                    models.Q(
                        ("file_size__gt", 0),
                        (
                            "file_type__in",
                            [
                                "pdf",
                                "docx",
                                "xlsx",
                                "pptx",
                                "odt",
                                "ods",
                                "odp",
                                "csv",
                                "png",
                                "jpg",
                            ],
                        ),
                        models.Q(("stored_as", ""), _negated=True),
                        models.Q(("file_name", ""), _negated=True),
                        models.Q(("file_type", ""), _negated=True),
                        models.Q(("file_sha256", ""), _negated=True),
                        ("address", ""),
                    ),
                    _connector="OR",
                ),
                name="evidence_file_or_link",
            ),
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("dated_on__isnull", True),
                    ("review_on__isnull", True),
                    ("review_on__gte", models.F("dated_on")),
                    _connector="OR",
                ),
                name="evidence_dates_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stored_as", ""), _negated=True),
                fields=("stored_as",),
                name="evidence_file_of_one_item",
            ),
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("retired_at__isnull", True), ("retired_by__isnull", True)),
                    models.Q(("retired_at__isnull", False), ("retired_by__isnull", False)),
                    _connector="OR",
                ),
                name="evidence_retired_at_with_by",
            ),
        ),
    ]
