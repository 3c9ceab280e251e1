from ingredients.models.framework import (
    Framework,
    FrameworkSource,
    FrozenError,
    Ingredient,
    LevelDescriptor,
    Measure,
    SourcePoint,
    Statement,
    with_content,
)
from ingredients.models.library import GlossaryTerm, Guidance, LibraryItem, Page, SupportPackage

__all__ = [
    "Framework",
    "FrameworkSource",
    "FrozenError",
    "GlossaryTerm",
    "Guidance",
    "Ingredient",
    "LevelDescriptor",
    "LibraryItem",
    "Measure",
    "Page",
    "SourcePoint",
    "Statement",
    "SupportPackage",
    "with_content",
]
