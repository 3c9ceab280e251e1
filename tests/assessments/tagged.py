"""A PDF as a screen reader gets it: the structure tree with its words, in reading order."""

import io
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pikepdf

HEADINGS = ("H1", "H2", "H3", "H4")


@dataclass
class Node:
    """One element. `words` are those of all that is in it, as lines of the sheet joined by spaces."""

    kind: str
    own: list = field(default_factory=list)  # of nodes and words, in order

    @property
    def words(self):
        said = (part if isinstance(part, str) else part.words for part in self.own)
        return " ".join(" ".join(said).split())

    @property
    def children(self):
        return [part for part in self.own if isinstance(part, Node)]

    def all(self, *kinds):
        """Every element of these kinds below this one, in reading order."""
        found = []
        for child in self.children:
            found += [child] if child.kind in kinds else []
            found += child.all(*kinds)
        return found

    @property
    def rows(self):
        """The cells of a table's rows, as words."""
        return [[cell.words for cell in row.all("TH", "TD")] for row in self.all("TR")]


def tree_of(pdf):
    """The tree of a PDF's bytes, as poppler reads it."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "report.pdf"
        file.write_bytes(pdf)
        said = subprocess.run(
            ["/usr/bin/pdfinfo", "-struct-text", str(file)], capture_output=True, check=True
        ).stdout.decode()
    root = Node("root")
    path = [(-1, root)]
    for line in said.splitlines():
        depth, text = len(line) - len(line.lstrip()), line.strip()
        while path[-1][0] >= depth:
            path.pop()
        if text.startswith('"'):
            path[-1][1].own.append(text[1:-1])
        elif text and not text.startswith("/"):
            node = Node(re.match(r"\w+", text)[0])
            path[-1][1].own.append(node)
            path.append((depth, node))
    return root


def below(root, heading):
    """What stands between the heading that begins so and the next of its kind or a higher one."""
    everything = root.all(*HEADINGS, "P", "L", "Table", "Figure")
    start = next(
        place
        for place, node in enumerate(everything)
        if node.kind in HEADINGS and node.words.startswith(heading)
    )
    kinds = HEADINGS[: HEADINGS.index(everything[start].kind) + 1]
    rest = everything[start + 1 :]
    end = next((place for place, node in enumerate(rest) if node.kind in kinds), len(rest))
    return rest[:end]


def alternatives(pdf):
    """What is said in place of each picture, in reading order."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return [str(figure.Alt) for figure in _figures(opened.Root.StructTreeRoot.K)]


def _figures(node):
    if isinstance(node, pikepdf.Array):
        return [found for child in node for found in _figures(child)]
    if not isinstance(node, pikepdf.Dictionary):
        return []
    if node.get("/S") == "/Figure":
        return [node]
    return _figures(node.K) if "/K" in node else []
