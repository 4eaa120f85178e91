"""The architecture as a test: imports go one way, and only the named modules touch the world."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "refkit"

LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"apps"}),
    frozenset({"pipeline"}),
    frozenset({"readers", "sources", "sinks", "report"}),
    frozenset({"net", "files", "store", "workers"}),
    frozenset({"merging", "match", "finding", "manuscripts"}),
    frozenset({"formats", "keys"}),
    frozenset({"packages", "encodings", "charsets"}),
    frozenset({"doi", "edits"}),
    frozenset({"settings"}),
    frozenset({"model", "errors"}),
)
"""From the doors down; a module may import from any group below its own, and from its own group without cycles."""

WORLDLY = frozenset({"net", "files", "store", "workers", "apps"})
WORLDLY_IMPORTS = (
    *("socket", "http", "urllib.request", "requests", "urllib3", "httpx2", "habanero", "ftplib", "smtplib"),
    *("sqlite3", "subprocess", "multiprocessing", "concurrent", "threading", "signal"),
    *("tempfile", "shutil", "filelock", "platformdirs", "rich", "typer"),
)
WORLDLY_CALLS = frozenset({"open", "print", "input", "exec", "eval"})
WORLDLY_METHODS = frozenset(
    (
        *("read_text", "write_text", "read_bytes", "write_bytes", "touch", "unlink", "rename", "symlink_to", "chmod"),
        *("iterdir", "rglob", "mkdir", "rmdir", "is_file", "is_dir", "exists", "stat"),
    )
)
PURE_OS = frozenset({"PathLike", "fspath", "cpu_count", "sep"})
PURE_TIME = frozenset({"strftime", "struct_time"})


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def part(path: Path) -> str:
    """The top-level part that a file belongs to: `readers` for refkit/readers/pdf.py."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def level(name: str) -> int:
    return next(i for i, layer in enumerate(LAYERS) if name in layer)


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def parts_imported(path: Path) -> set[str]:
    names = imports(ast.parse(path.read_text(encoding="utf-8")))
    found = (name.split(".")[1] for name in names if name.startswith("refkit."))
    return {name for name in found if not name.startswith("_") and name in {n for layer in LAYERS for n in layer}}


def test_every_file_has_its_place() -> None:
    known = {name for layer in LAYERS for name in layer} | {"__init__", "__main__"}
    assert {part(path) for path in modules()} <= known


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_one_way(path: Path) -> None:
    name = part(path)
    if name in {"__init__", "__main__"}:
        return
    upward = {other for other in parts_imported(path) if level(other) < level(name)}
    assert not upward, f"{name} imports {upward}, which stand above it"


def test_no_cycles_within_a_group() -> None:
    graph: dict[str, set[str]] = {}
    for path in modules():
        graph.setdefault(part(path), set()).update(parts_imported(path) - {part(path)})
    finished: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, f"a cycle: {' → '.join((*trail, name))}"
        if name not in finished:
            for other in sorted(graph.get(name, ())):
                visit(other, (*trail, name))
            finished.add(name)

    for name in sorted(graph):
        if name not in {"__init__", "__main__"}:
            visit(name, ())


def worldly_acts(tree: ast.AST) -> Iterator[str]:
    for name in imports(tree):
        if any(name == bad or name.startswith(f"{bad}.") for bad in WORLDLY_IMPORTS):
            yield f"imports {name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in WORLDLY_CALLS:
            yield f"line {node.lineno} calls {node.func.id}()"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WORLDLY_METHODS:
            yield f"line {node.lineno} calls .{node.func.attr}()"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner, attr = node.value.id, node.attr
            if (owner == "os" and attr not in PURE_OS) or (owner == "time" and attr not in PURE_TIME) or owner == "sys":
                yield f"line {node.lineno} uses {owner}.{attr}"


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_the_named_modules_touch_the_world(path: Path) -> None:
    if part(path) in WORLDLY or part(path) == "__main__":  # the beginning of a door
        return
    acts = list(worldly_acts(ast.parse(path.read_text(encoding="utf-8"))))
    assert not acts, f"{path.relative_to(ROOT)}: {acts}"


def test_the_world_test_notices() -> None:
    for guilty in ("open('x')", "import sqlite3", "from pathlib import Path\nPath('x').read_text()", "os.remove('x')"):
        assert list(worldly_acts(ast.parse(guilty))), guilty


def test_no_vague_names() -> None:
    vague = {"utils", "util", "core", "common", "manager", "helpers", "misc"}
    assert not {p.stem for p in modules()} & vague
