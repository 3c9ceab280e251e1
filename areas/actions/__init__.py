from areas.actions.areas import add_partner, load_areas
from areas.actions.audit import record

__all__ = ["add_partner", "load_areas", "record"]
