"""Saving leaves the old file or the new one; walking never traps; inputs are only read."""

from __future__ import annotations

import io
import os
import stat
import sys
from pathlib import Path

import pytest

from refkit import files
from refkit.errors import InputError, LibraryError, ReadError

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
not_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the super-user may write everywhere"
)


def absent() -> str:
    return files.fingerprint(None)


def test_save_writes_a_new_file_with_the_usual_permissions(tmp_path: Path) -> None:
    target = tmp_path / "refs.bib"
    files.save(target, b"@book{a}\n", expected=absent())
    assert target.read_bytes() == b"@book{a}\n"
    assert list(tmp_path.iterdir()) == [target]
    ordinary = tmp_path / "ordinary"
    ordinary.write_bytes(b"")
    assert stat.S_IMODE(target.stat().st_mode) == stat.S_IMODE(ordinary.stat().st_mode)


@posix
def test_save_keeps_permissions_and_links(tmp_path: Path) -> None:
    real = tmp_path / "real.bib"
    real.write_bytes(b"old")
    real.chmod(0o640)
    link = tmp_path / "link.bib"
    link.symlink_to(real)
    files.save(link, b"new", expected=files.fingerprint(b"old"))
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_save_refuses_a_file_that_changed_meanwhile(tmp_path: Path) -> None:
    target = tmp_path / "refs.bib"
    target.write_bytes(b"somebody else's")
    with pytest.raises(LibraryError, match="changed while"):
        files.save(target, b"mine", expected=absent())
    assert target.read_bytes() == b"somebody else's"
    assert [p.name for p in tmp_path.iterdir()] == ["refs.bib"]


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "refs.bib"
    target.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LibraryError, match="the disk is full"):
        files.save(target, b"new", expected=files.fingerprint(b"old"))
    assert target.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["refs.bib"]


def test_what_a_killed_save_left_is_removed_by_the_next(tmp_path: Path) -> None:
    target = tmp_path / "refs.bib"
    left, fresh, other = (tmp_path / f".{name}.refkit" for name in ("refs.bib.abcd1234", "refs.bib.fresh123", "mine"))
    for path in (left, fresh, other):
        path.write_bytes(b"half")
    for path in (left, other):
        os.utime(path, (0, 0))
    files.save(target, b"new", expected=absent())
    assert sorted(p.name for p in tmp_path.iterdir()) == [other.name, fresh.name, "refs.bib"]


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="cannot be written"):
        files.save(tmp_path / "none" / "refs.bib", b"x", expected=absent())


def test_walk_is_sorted_and_leaves_hidden_and_output_out(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a/y.txt", ".hidden", ".git/config", "out.bib"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    found = files.walk(tmp_path, frozenset({(tmp_path / "out.bib").resolve()}))
    assert [p.relative_to(tmp_path).as_posix() for p in found] == ["a/y.txt", "a/z.txt", "b.txt"]


@posix
def test_walk_does_not_follow_a_loop(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "f.txt").write_text("x", encoding="utf-8")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    assert [p.name for p in files.walk(tmp_path)] == ["f.txt"]


def test_walking_nothing_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be listed"):
        list(files.walk(tmp_path / "none"))


@not_root
def test_an_unreadable_file_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "secret.txt"
    path.write_text("x", encoding="utf-8")
    path.chmod(0)
    with pytest.raises(ReadError, match="permission denied"):
        files.open_input(path, "secret.txt")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="not a regular file"):
        files.open_input(tmp_path, str(tmp_path))


def test_siblings_stay_inside_the_folder(tmp_path: Path) -> None:
    (tmp_path / "paper").mkdir()
    (tmp_path / "secret.tex").write_text("x", encoding="utf-8")
    (tmp_path / "paper" / "part.tex").write_text("y", encoding="utf-8")
    open_sibling = files.opener_beside(tmp_path / "paper" / "main.tex")
    assert open_sibling("part.tex") == b"y"
    for name in ("../secret.tex", "/etc/passwd", "none.tex", "nul\0byte", "."):
        assert open_sibling(name) is None


def test_spooled_input_is_a_file_that_can_be_removed() -> None:
    path = files.spool(io.BytesIO(b"10.1/x"))
    assert path.read_bytes() == b"10.1/x"
    files.remove(path)
    assert not path.exists()


def test_kinds_of_path(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"")
    kinds = [files.kind_of_path(p) for p in (tmp_path, tmp_path / "f", tmp_path / "n", tmp_path / ("x" * 5000))]
    assert kinds == ["folder", "file", "absent", "absent"]
    assert files.kind_of_path(Path("nul\0byte")) == "absent"
