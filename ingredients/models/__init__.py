from ingredients.models.framework import (
    Framework,
    FrameworkSource,
    FrozenError,
    Ingredient,
    LevelDescriptor,
    Measure,
    SourcePoint,
    Statement,
    framework_with_content,
)
from ingredients.models.library import GlossaryTerm, Guidance, LibraryItem, Page, SupportPackage
from ingredients.models.maps import StatementMap

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
    "StatementMap",
    "SupportPackage",
    "framework_with_content",
]
