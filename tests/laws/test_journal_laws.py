"""Whatever runs, kills, edits and undoings follow on each other: no edit is lost, and no run is half there."""

from __future__ import annotations

import os
import random
import tempfile
from functools import partial
from pathlib import Path

import pytest

from refkit import files
from refkit.errors import RefkitError
from tests import killing

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="needs fork and signals"),
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]
Bytes = dict[Path, bytes | None]


class Story:
    """A library and its base, notes beside it, and a manuscript elsewhere; each act is drawn at random."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.random = random.Random(seed)
        for name in ("library", "paper"):
            (folder / name).mkdir()
        library = folder / "library" / "refs.bib"
        self.named = [library, folder / "library" / "notes.md", folder / "paper" / "main.tex"]
        self.paths = [*self.named, files.base_path(library)]
        self.edited: set[bytes] = set()
        self.told: list[str] = []

    def now(self) -> Bytes:
        return {path: files.read_whole(path) for path in self.paths}

    def some(self) -> bytes:
        return self.random.randbytes(8) * self.random.choice((1, 40))

    def settle(self) -> None:
        for path in self.random.sample([self.named[0], self.named[2]], 2):
            with files.locked([path]):
                pass

    def edit(self) -> Path:
        path = self.random.choice(self.named)
        data = self.some()
        self.edited.add(data)
        path.write_bytes(data)
        return path

    def run(self, *, killed: bool) -> None:
        """refkit writes some of the files; killed, somebody may edit one before the next run puts things right."""
        before = self.now()
        after = dict(before)
        for path in self.random.sample(self.paths, self.random.randint(1, 4)):
            after[path] = None if self.random.random() < 0.1 else self.some()
        changes = [files.FileChange(p, files.fingerprint(before[p]), after[p]) for p in after if after[p] != before[p]]
        act = partial(files.commit, changes, command="refkit", keep=self.random.random() < 0.8)
        mine = None
        if killed:
            killing.killed_at(self.random.randrange(110), act)
            assert all(data in (before[path], after[path]) for path, data in self.now().items()), self.told
            mine = self.edit() if self.random.random() < 0.4 else None
            typed = files.read_whole(mine) if mine else None
            self.settle()
            assert mine is None or files.read_whole(mine) == typed, self.told
        else:
            act()
            assert self.now() == after, self.told
        others = {path: data for path, data in self.now().items() if path != mine}
        assert others in ({p: before[p] for p in others}, {p: after[p] for p in others}), self.told

    def undo(self, *, killed: bool) -> None:
        before = self.now()
        path = self.random.choice(self.named)

        def act() -> None:
            try:
                files.undo(path)
            except RefkitError as error:
                self.told.append(str(error))

        if killed:
            killing.killed_at(self.random.randrange(160), act)
            self.settle()
        else:
            act()
        for each, data in before.items():
            assert data not in self.edited or files.read_whole(each) == data, self.told

    def tell(self) -> None:
        for _ in range(8):
            act = self.random.choice(("run", "run", "killed", "killed", "edit", "undo", "killed undo"))
            self.told.append(act)
            match act:
                case "edit":
                    self.edit()
                case "run" | "killed":
                    self.run(killed=act == "killed")
                case _:
                    self.undo(killed=act != "undo")


@pytest.mark.parametrize("seed", range(20))
def test_no_edit_is_lost_and_no_run_is_half_there(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    with tempfile.TemporaryDirectory() as name:
        story = Story(Path(name), seed)
        story.tell()
        story.settle()
        left = [p.name for p in Path(name).rglob("*") if p.suffix in (".new", ".old", ".part", ".pending", ".lock")]
        assert not left, story.told
