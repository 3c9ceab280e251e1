from ingredients.actions.framework import VersionExistsError, load_framework, publish, retire
from ingredients.actions.library import load_library
from ingredients.actions.problems import FrameworkFilesError

__all__ = [
    "FrameworkFilesError",
    "VersionExistsError",
    "load_framework",
    "load_library",
    "publish",
    "retire",
]
