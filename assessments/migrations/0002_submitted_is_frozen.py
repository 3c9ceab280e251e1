"""PostgreSQL itself refuses to change scores after the reveal, and anything submitted."""

from django.db import migrations

# Rows that hang on an assessment and freeze when it is submitted.
WITH_ASSESSMENT = [
    "partnerreturn", "quorumreason", "agreedscore", "dissent", "evidencelink", "signoff",
]  # fmt: skip
ROW = """
CREATE FUNCTION portal_submitted_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE subject bigint;
BEGIN
  IF TG_OP = 'INSERT' THEN subject := NEW.assessment_id; ELSE subject := OLD.assessment_id; END IF;
  IF EXISTS (SELECT 1 FROM assessments_assessment WHERE id = subject AND stage = 'submitted') THEN
    RAISE EXCEPTION 'A submitted assessment cannot be changed' USING ERRCODE = 'restrict_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER portal_submitted_{table} BEFORE INSERT OR UPDATE OR DELETE ON assessments_{table}
  FOR EACH ROW EXECUTE FUNCTION portal_submitted_{table}();
"""
SCORE = """
CREATE FUNCTION portal_revealed_score() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE subject bigint;
BEGIN
  IF TG_OP = 'INSERT' THEN subject := NEW.partner_return_id; ELSE subject := OLD.partner_return_id; END IF;
  IF EXISTS (SELECT 1 FROM assessments_partnerreturn r JOIN assessments_assessment a
             ON a.id = r.assessment_id WHERE r.id = subject AND a.revealed_at IS NOT NULL) THEN
    RAISE EXCEPTION 'Scores cannot be changed after the reveal' USING ERRCODE = 'restrict_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER portal_revealed_score BEFORE INSERT OR UPDATE OR DELETE ON assessments_score
  FOR EACH ROW EXECUTE FUNCTION portal_revealed_score();
"""
# Consent (dfe_sees_partners) may change after submission: it says who reads, not what.
ASSESSMENT = """
CREATE FUNCTION portal_submitted_assessment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.stage = 'submitted' AND (TG_OP = 'DELETE'
     OR to_jsonb(NEW) - 'dfe_sees_partners' IS DISTINCT FROM to_jsonb(OLD) - 'dfe_sees_partners') THEN
    RAISE EXCEPTION 'A submitted assessment cannot be changed' USING ERRCODE = 'restrict_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER portal_submitted_assessment BEFORE UPDATE OR DELETE ON assessments_assessment
  FOR EACH ROW EXECUTE FUNCTION portal_submitted_assessment();
"""
SNAPSHOT = """
CREATE FUNCTION portal_snapshot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (NEW.assessment_id, NEW.facts, NEW.sha256, NEW.rule_version)
     IS DISTINCT FROM (OLD.assessment_id, OLD.facts, OLD.sha256, OLD.rule_version) THEN
    RAISE EXCEPTION 'A snapshot is never changed' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER portal_snapshot BEFORE UPDATE OR DELETE ON assessments_storedreport
  FOR EACH ROW EXECUTE FUNCTION portal_snapshot();
"""


def forward(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for table in WITH_ASSESSMENT:
        schema_editor.execute(ROW.format(table=table))
    for sql in (SCORE, ASSESSMENT, SNAPSHOT):
        schema_editor.execute(sql)


def backward(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    triggers = [(f"portal_submitted_{table}", table) for table in WITH_ASSESSMENT]
    triggers += [
        ("portal_revealed_score", "score"),
        ("portal_submitted_assessment", "assessment"),
        ("portal_snapshot", "storedreport"),
    ]
    for name, table in triggers:
        schema_editor.execute(f"DROP TRIGGER {name} ON assessments_{table}")
        schema_editor.execute(f"DROP FUNCTION {name}()")


class Migration(migrations.Migration):
    dependencies = [("assessments", "0001_initial")]
    operations = [migrations.RunPython(forward, backward)]
