from areas.actions.areas import add_partner, load_areas
from areas.actions.audit import audit_event, record

__all__ = ["add_partner", "audit_event", "load_areas", "record"]
