"""PostgreSQL itself refuses to change a published framework version."""

from django.db import migrations

# Table, and how its rows find their framework.
PARTS = {
    "frameworksource": "SELECT subject.framework_id",
    "ingredient": "SELECT subject.framework_id",
    "sourcepoint": "SELECT subject.framework_id",
    "measure": "SELECT subject.framework_id",
    "statement": "SELECT i.framework_id FROM ingredients_ingredient i"
    " WHERE i.id = subject.ingredient_id",
    "leveldescriptor": "SELECT i.framework_id FROM ingredients_statement s"
    " JOIN ingredients_ingredient i ON i.id = s.ingredient_id WHERE s.id = subject.statement_id",
}
PART = """
CREATE FUNCTION portal_frozen_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE subject ingredients_{table};
BEGIN
  IF TG_OP = 'INSERT' THEN subject := NEW; ELSE subject := OLD; END IF;
  IF EXISTS (SELECT 1 FROM ingredients_framework WHERE status <> 'draft' AND id = ({lookup})) THEN
    RAISE EXCEPTION 'Published framework content cannot be changed' USING ERRCODE = 'restrict_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER portal_frozen_{table} BEFORE INSERT OR UPDATE OR DELETE ON ingredients_{table}
  FOR EACH ROW EXECUTE FUNCTION portal_frozen_{table}();
"""
FRAMEWORK = """
CREATE FUNCTION portal_frozen_framework() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status <> 'draft' AND (TG_OP = 'DELETE' OR NEW.status = 'draft'
     OR (NEW.slug, NEW.version, NEW.title, NEW.plain_title, NEW.summary, NEW.plain_summary,
         NEW.content::text, NEW.fingerprint)
     IS DISTINCT FROM (OLD.slug, OLD.version, OLD.title, OLD.plain_title, OLD.summary,
         OLD.plain_summary, OLD.content::text, OLD.fingerprint)) THEN
    RAISE EXCEPTION 'Published framework content cannot be changed' USING ERRCODE = 'restrict_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER portal_frozen_framework BEFORE UPDATE OR DELETE ON ingredients_framework
  FOR EACH ROW EXECUTE FUNCTION portal_frozen_framework();
"""


def forward(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for table, lookup in PARTS.items():
        # Without params the percent sign of %ROWTYPE is left alone.
        schema_editor.execute(PART.format(table=table, lookup=lookup), params=None)
    schema_editor.execute(FRAMEWORK, params=None)


def backward(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for table in [*PARTS, "framework"]:
        schema_editor.execute(f"DROP TRIGGER portal_frozen_{table} ON ingredients_{table}")
        schema_editor.execute(f"DROP FUNCTION portal_frozen_{table}()")


class Migration(migrations.Migration):
    dependencies = [("ingredients", "0001_initial")]
    operations = [migrations.RunPython(forward, backward)]
