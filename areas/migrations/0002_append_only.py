"""PostgreSQL itself refuses to change or remove an audit event."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION portal_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'Audit events are append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER portal_audit_append_only BEFORE UPDATE OR DELETE ON areas_auditevent
  FOR EACH ROW EXECUTE FUNCTION portal_audit_append_only();
"""
BACKWARD = """
DROP TRIGGER portal_audit_append_only ON areas_auditevent;
DROP FUNCTION portal_audit_append_only();
"""


def on_postgresql(sql):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql)

    return run


class Migration(migrations.Migration):
    dependencies = [("areas", "0001_initial")]
    operations = [migrations.RunPython(on_postgresql(FORWARD), on_postgresql(BACKWARD))]
