from areas.views.areas import area_nav, get_area

__all__ = ["area_nav", "get_area"]
