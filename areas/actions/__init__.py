from areas.actions.areas import load_areas, load_neighbours
from areas.actions.audit import audit_event, record
from areas.actions.partners import add_partner

__all__ = ["add_partner", "audit_event", "load_areas", "load_neighbours", "record"]
