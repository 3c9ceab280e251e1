from areas.actions.areas import load_areas
from areas.actions.audit import record
from areas.actions.partners import add_partner

__all__ = ["add_partner", "load_areas", "record"]
