"""Cancelled assessments, corrections, voided signatures, comments. PostgreSQL refuses to change
what is cancelled as it does what is submitted."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

CLOSED = "('submitted', 'cancelled')"
WITH_ASSESSMENT = [
    "partnerreturn", "quorumreason", "agreedscore", "dissent", "evidencelink", "signoff",
]  # fmt: skip
# As in 0002, where {closed} was "= 'submitted'".
ROW = """
CREATE OR REPLACE FUNCTION portal_submitted_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE subject bigint; reached text;
BEGIN
  IF TG_OP = 'INSERT' THEN subject := NEW.assessment_id; ELSE subject := OLD.assessment_id; END IF;
  SELECT stage INTO reached FROM assessments_assessment WHERE id = subject AND stage {closed};
  IF reached IS NOT NULL THEN
    RAISE EXCEPTION 'A % assessment cannot be changed', reached USING ERRCODE = 'restrict_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;
"""
SCORE = """
CREATE OR REPLACE FUNCTION portal_revealed_score() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE subject bigint; reached text;
BEGIN
  IF TG_OP = 'INSERT' THEN subject := NEW.partner_return_id; ELSE subject := OLD.partner_return_id; END IF;
  SELECT CASE WHEN a.revealed_at IS NOT NULL THEN 'revealed' ELSE a.stage END INTO reached
    FROM assessments_partnerreturn r JOIN assessments_assessment a ON a.id = r.assessment_id
    WHERE r.id = subject AND (a.revealed_at IS NOT NULL OR a.stage {closed});
  IF reached = 'revealed' THEN
    RAISE EXCEPTION 'Scores cannot be changed after the reveal' USING ERRCODE = 'restrict_violation';
  ELSIF reached IS NOT NULL THEN
    RAISE EXCEPTION 'A % assessment cannot be changed', reached USING ERRCODE = 'restrict_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;
"""
ASSESSMENT = """
CREATE OR REPLACE FUNCTION portal_submitted_assessment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.stage {closed} AND (TG_OP = 'DELETE'
     OR to_jsonb(NEW) - 'dfe_sees_partners' IS DISTINCT FROM to_jsonb(OLD) - 'dfe_sees_partners') THEN
    RAISE EXCEPTION 'A % assessment cannot be changed', OLD.stage USING ERRCODE = 'restrict_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;
"""


# Comments are new, so their trigger is too.
COMMENT = """
CREATE TRIGGER portal_submitted_comment BEFORE INSERT OR UPDATE OR DELETE ON assessments_comment
  FOR EACH ROW EXECUTE FUNCTION portal_submitted_comment();
"""


def write(schema_editor, closed):
    # params=None: a percent sign in them is PostgreSQL's.
    for table in WITH_ASSESSMENT:
        schema_editor.execute(ROW.format(table=table, closed=closed), params=None)
    for sql in (SCORE, ASSESSMENT):
        schema_editor.execute(sql.format(closed=closed), params=None)


def forward(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        closed = f"IN {CLOSED}"
        write(schema_editor, closed)
        schema_editor.execute(ROW.format(table="comment", closed=closed), params=None)
        schema_editor.execute(COMMENT)


def backward(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER portal_submitted_comment ON assessments_comment")
        schema_editor.execute("DROP FUNCTION portal_submitted_comment()")
        write(schema_editor, "= 'submitted'")


class Migration(migrations.Migration):
    dependencies = [
        ("areas", "0002_append_only"),
        ("assessments", "0002_submitted_is_frozen"),
        ("ingredients", "0002_published_is_frozen"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Comment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "text",
                    models.TextField(blank=True, help_text="Emptied when the writer withdraws it"),
                ),
                (
                    "mentioned",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Names, as they were, of those who got a mail",
                    ),
                ),
                ("written_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["written_at", "pk"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="assessment",
            name="assessment_stage_matches_reveal",
        ),
        migrations.RemoveConstraint(
            model_name="assessment",
            name="assessment_one_under_way_per_area",
        ),
        migrations.AddField(
            model_name="assessment",
            name="cancel_reason",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="assessment",
            name="cancelled_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="assessment",
            name="cancelled_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="cancelled_from",
            field=models.CharField(
                blank=True,
                choices=[
                    ("setup", "Set up"),
                    ("scoring", "Score apart"),
                    ("moderation", "Agree together"),
                    ("sign_off", "Sign off"),
                    ("submitted", "Submitted"),
                    ("cancelled", "Cancelled"),
                ],
                help_text="The stage it had: who could read it then can read it still",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="correct_reason",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="assessment",
            name="corrects",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="corrections",
                to="assessments.assessment",
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="evidence_on",
            field=models.DateField(
                blank=True,
                help_text="For a correction: the day the first version was submitted, on which evidence is judged. Evidence that lapsed since does not lower a level that was not corrected.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="version",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="signoff",
            name="void_reason",
            field=models.TextField(blank=True, help_text="Why the lead reopened moderation"),
        ),
        migrations.AddField(
            model_name="signoff",
            name="voided_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="signoff",
            name="voided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="assessment",
            name="stage",
            field=models.CharField(
                choices=[
                    ("setup", "Set up"),
                    ("scoring", "Score apart"),
                    ("moderation", "Agree together"),
                    ("sign_off", "Sign off"),
                    ("submitted", "Submitted"),
                    ("cancelled", "Cancelled"),
                ],
                default="setup",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="signoff",
            name="partner_return",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sign_offs",
                to="assessments.partnerreturn",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("revealed_at__isnull", True), ("stage__in", ["setup", "scoring"])),
                    models.Q(
                        ("revealed_at__isnull", False),
                        ("stage__in", ["moderation", "sign_off", "submitted"]),
                    ),
                    models.Q(
                        ("cancelled_from__in", ["setup", "scoring"]),
                        ("revealed_at__isnull", True),
                        ("stage", "cancelled"),
                    ),
                    models.Q(
                        ("cancelled_from__in", ["moderation", "sign_off"]),
                        ("revealed_at__isnull", False),
                        ("stage", "cancelled"),
                    ),
                    _connector="OR",
                ),
                name="assessment_stage_matches_reveal",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cancelled_at__isnull", True), ("cancelled_by__isnull", True)),
                    models.Q(("cancelled_at__isnull", False), ("cancelled_by__isnull", False)),
                    _connector="OR",
                ),
                name="assessment_cancelled_at_with_by",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("cancelled_at__isnull", False),
                        ("stage", "cancelled"),
                        models.Q(("cancel_reason", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("stage", "cancelled"), _negated=True),
                        ("cancel_reason", ""),
                        ("cancelled_at__isnull", True),
                        ("cancelled_from", ""),
                    ),
                    _connector="OR",
                ),
                name="assessment_cancelled_with_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("correct_reason", ""),
                        ("corrects__isnull", True),
                        ("evidence_on__isnull", True),
                        ("version", 1),
                    ),
                    models.Q(
                        ("corrects__isnull", False),
                        ("evidence_on__isnull", False),
                        ("version__gt", 1),
                        models.Q(("correct_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="assessment_correction_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stage", "cancelled"), _negated=True),
                fields=("corrects",),
                name="assessment_corrected_once",
                violation_error_message="This report has a correction already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stage__in", ("submitted", "cancelled")), _negated=True),
                fields=("area",),
                name="assessment_one_under_way_per_area",
                violation_error_message="This area already has an assessment under way.",
            ),
        ),
        migrations.AddConstraint(
            model_name="signoff",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided_at__isnull", True)),
                fields=("partner_return",),
                name="sign_off_one_standing_per_partner",
            ),
        ),
        migrations.AddConstraint(
            model_name="signoff",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("voided_at__isnull", True), ("voided_by__isnull", True)),
                    models.Q(("voided_at__isnull", False), ("voided_by__isnull", False)),
                    _connector="OR",
                ),
                name="sign_off_voided_at_with_by",
            ),
        ),
        migrations.AddConstraint(
            model_name="signoff",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("void_reason", ""), ("voided_at__isnull", True)),
                    models.Q(
                        ("voided_at__isnull", False), models.Q(("void_reason", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="sign_off_voided_with_reason",
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="assessment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="comments",
                to="assessments.assessment",
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="partner_return",
            field=models.ForeignKey(
                blank=True,
                help_text="Whose people alone see it; empty for everyone who scored",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="comments",
                to="assessments.partnerreturn",
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="resolved_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="statement",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ingredients.statement",
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="written_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                fields=["assessment", "partner_return", "statement"], name="comment_where"
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("withdrawn_at__isnull", True), models.Q(("text", ""), _negated=True)),
                    models.Q(("text", ""), ("withdrawn_at__isnull", False)),
                    _connector="OR",
                ),
                name="comment_has_text_until_withdrawn",
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("resolved_at__isnull", True), ("resolved_by__isnull", True)),
                    models.Q(("resolved_at__isnull", False), ("resolved_by__isnull", False)),
                    _connector="OR",
                ),
                name="comment_resolved_at_with_by",
            ),
        ),
        migrations.RunPython(forward, backward),
    ]
