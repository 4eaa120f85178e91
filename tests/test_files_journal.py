"""Several files at once: all as before or all as after, whatever kills a run, what fails, or who saves in between."""

from __future__ import annotations

import json
import os
import random
import signal
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from refkit import files
from refkit.errors import LibraryError, UsageError
from refkit.files import journal, locks, steps
from refkit.files.locks import hold, place
from refkit.files.saving import real_path
from tests import killing

posix = pytest.mark.skipif(os.name != "posix", reason="needs fork and signals")
Bytes = dict[Path, bytes | None]


class Case:
    """A library, what refkit remembers of it, and a manuscript in another folder; and a run that changes all three."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.library = folder / "refs.bib"
        self.base = files.base_path(self.library)
        self.manuscript = folder / "thesis" / "chapter.tex"
        self.manuscript.parent.mkdir()
        self.old: Bytes = {self.library: b"@old\n" * 9, self.base: None, self.manuscript: b"10.1/x"}
        self.new: Bytes = {self.library: b"@new\n" * 7, self.base: b"{}\n", self.manuscript: b"\\cite{x}"}
        for path in (self.library, self.manuscript):
            path.write_bytes(self.old[path] or b"")

    def changes(self) -> list[files.FileChange]:
        return [files.FileChange(p, files.fingerprint(self.old[p]), new) for p, new in self.new.items()]

    def run(self) -> None:
        files.commit(self.changes(), command="refkit cite chapter.tex --library refs.bib")

    def now(self) -> Bytes:
        return {path: files.read_whole(path) for path in self.old}

    def waiting(self) -> list[str]:
        names = [p.name for folder in (self.folder, self.manuscript.parent) for p in steps.children(place(folder))]
        return [name for name in names if not name.endswith((".step", ".gitignore"))]


@pytest.fixture(autouse=True)
def _without_fsync(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written survives the end of a process anyway, and a thousand of them take a while."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def cases(tmp_path: Path) -> Callable[[], Case]:
    number = 0

    def make() -> Case:
        nonlocal number
        number += 1
        folder = tmp_path / str(number)
        folder.mkdir()
        return Case(folder)

    return make


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def settle(case: Case, path: Path) -> tuple[str, ...]:
    with files.locked([path]) as notes:
        pass
    return tuple(note.code for note in notes)


# --- killed ------------------------------------------------------------------------------------------


@posix
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_run_killed_at_any_point_leaves_all_old_or_all_new(cases: Callable[[], Case]) -> None:
    seen = set()
    for point in range(killing.count(cases().run) + 1):
        case = cases()
        killed = killing.killed_at(point, case.run)
        left = case.now()
        assert all(left[path] in (case.old[path], case.new[path]) for path in left), f"torn at {point}"
        settle(case, (case.library, case.manuscript)[point % 2])
        now = case.now()
        assert now in (case.old, case.new), f"a mixture at {point}"
        seen.add((killed, left == now, now == case.new))
        if now == case.old:
            case.run()  # the next run completes
        settle(case, case.library)
        settle(case, case.manuscript)
        assert case.now() == case.new
        assert not case.waiting()
        files.undo(case.manuscript)
        assert case.now() == case.old
    # Both finished and taken back, with and without something to put right, and the run that was not killed.
    assert {(True, True, False), (True, False, True), (True, True, True), (False, True, True)} <= seen


@posix
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_putting_right_may_itself_be_killed_at_any_point(cases: Callable[[], Case]) -> None:
    halfway = []
    for point in range(killing.count(cases().run)):
        case = cases()
        killing.killed_at(point, case.run)
        if case.now() not in (case.old, case.new):
            halfway.append(point)
    assert halfway
    for point in (halfway[0], halfway[-1]):
        again, killed = 0, True
        while killed:
            case = cases()
            killing.killed_at(point, case.run)
            killed = killing.killed_at(again, partial(settle, case, case.manuscript))
            settle(case, case.library)
            assert case.now() in (case.old, case.new), f"a mixture at {point}, then {again}"
            again += 3


@posix
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_undo_killed_at_any_point_leaves_all_old_or_all_new(cases: Callable[[], Case]) -> None:
    first = cases()
    first.run()
    for point in range(0, killing.count(lambda: files.undo(first.library)) + 1, 2):
        case = cases()
        case.run()
        killing.killed_at(point, partial(files.undo, case.library))
        settle(case, case.manuscript)
        assert case.now() in (case.old, case.new), f"a mixture at {point}"
        settle(case, case.library)
        if case.now() == case.new:
            files.undo(case.library)
        assert case.now() == case.old
        assert not case.waiting()


DRIVER = """
    import sys
    from pathlib import Path
    from refkit import files
    library, manuscript = Path(sys.argv[1]), Path(sys.argv[2])
    while True:
        with files.locked([library, manuscript]):
            texts = [files.open_text(path) for path in (library, manuscript)]
            number = int(texts[0].text.split()[0]) + 1
            changes = [files.FileChange(t.path, t.fingerprint, f"{number} {'x' * 50000}".encode()) for t in texts]
            files.commit(changes, command="refkit test", most=3)
"""


def driver(tmp_path: Path, code: str, *arguments: Path) -> subprocess.Popen[bytes]:
    script = tmp_path / "driver.py"
    script.write_text(textwrap.dedent(code), encoding="utf-8")
    return subprocess.Popen([sys.executable, str(script), *map(str, arguments)])


@posix
def test_a_run_killed_at_random_moments_leaves_no_mixture(tmp_path: Path) -> None:
    pair = [tmp_path / "a" / "refs.bib", tmp_path / "b" / "paper.tex"]
    for path in pair:
        path.parent.mkdir()
        path.write_bytes(b"0 x")
    for _ in range(4):
        child = driver(tmp_path, DRIVER, *pair)
        time.sleep(0.5 + random.random() / 2)
        child.send_signal(signal.SIGKILL)
        child.wait()
        with files.locked(pair):
            one, other = (path.read_bytes() for path in pair)
            assert one == other
            assert len(one) in {3, *range(50_002, 50_009)}
    assert not [p for p in tmp_path.rglob("*") if p.suffix in (".new", ".old", ".part", ".pending")]


ADDER = """
    import sys
    from pathlib import Path
    from refkit import files
    path = Path(sys.argv[1])
    for _ in range(25):
        while True:
            text = files.open_text(path)
            change = files.FileChange(path, text.fingerprint, str(int(text.text) + 1).encode())
            try:
                files.commit([change], command="refkit test", keep=len(text.text) % 2 == 0)
                break
            except files.Changed:
                continue
"""


def test_two_runs_on_one_file_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "refs.bib"
    path.write_bytes(b"0")
    runs = [driver(tmp_path, ADDER, path) for _ in range(2)]
    assert [run.wait(timeout=60) for run in runs] == [0, 0]
    assert path.read_bytes() == b"50"


def test_threads_that_lock_in_opposite_order_wait_for_each_other(case: Case) -> None:
    case.library.write_bytes(b"0")
    case.manuscript.write_bytes(b"0")

    def add(first: Path, second: Path) -> None:
        for _ in range(15):
            with files.locked([first, second]), files.locked([second]):
                number = b"%d" % (int(first.read_bytes()) + 1)
                changes = [files.FileChange(p, files.open_text(p).fingerprint, number) for p in (first, second)]
                files.commit(changes, command="refkit test", most=2)

    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(add, *pair) for pair in ((case.library, case.manuscript), (case.manuscript, case.library))]
        for one in runs:
            one.result(timeout=60)
    assert case.library.read_bytes() == case.manuscript.read_bytes() == b"30"


# --- failing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [28, 13, 5], ids=["disk full", "permission denied", "share lost"])
def test_whatever_call_fails_nothing_is_changed(cases: Callable[[], Case], number: int) -> None:
    failures = 0
    for point in range(killing.count(cases().run)):
        case = cases()
        said = None
        try:
            with killing.failing_at(point, OSError(number, os.strerror(number))):
                case.run()
        except LibraryError as error:
            failures += 1
            said = error
        assert case.now() == (case.old if said else case.new), f"at {point}: {said}"
        settle(case, case.library)
        settle(case, case.manuscript)
        assert case.now() in (case.old, case.new)
        assert not case.waiting()
    assert failures > 10


@posix
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize(("size", "name"), [(100_000, "chapter.tex"), (40_000, "refs.bib")], ids=["file", "step"])
def test_what_may_not_grow_so_large_leaves_everything_as_it_was(case: Case, size: int, name: str) -> None:
    case.new[case.manuscript] = os.urandom(size)
    case.new[case.base] = os.urandom(40_000)
    case.new[case.library] = os.urandom(40_000)  # with what is kept for undo, too much for one file

    def limited() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
        with pytest.raises(LibraryError, match=rf"{name} cannot be written: the file is too large"):
            case.run()

    assert not killing.killed_at(1_000_000, limited)
    assert case.now() == case.old
    assert not case.waiting()


def test_a_file_saved_by_somebody_else_refuses_the_whole_step(case: Case) -> None:
    changes = case.changes()
    case.manuscript.write_bytes(b"somebody else's")
    with pytest.raises(files.Changed, match="changed while refkit was working"):
        files.commit(changes, command="refkit cite")
    assert case.now() == {**case.old, case.manuscript: b"somebody else's"}


def test_a_file_saved_at_the_last_moment_refuses_the_whole_step(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    real = steps.write

    def write(step: steps.Step) -> None:
        real(step)
        case.manuscript.write_bytes(b"just now")

    monkeypatch.setattr(steps, "write", write)
    with pytest.raises(files.Changed):
        case.run()
    assert case.now() == {**case.old, case.manuscript: b"just now"}
    assert not case.waiting()


def half_done(case: Case, swapped: int) -> None:
    """The run as a kill leaves it after so many swaps."""
    step, _ = journal._step(
        {real_path(c.path): (c, files.fingerprint(c.data)) for c in case.changes()}, "refkit cite", True, ""
    )
    with hold([case.folder, case.manuscript.parent]):
        for file in step.files:
            journal._write_fresh(step, file)
        steps.write(step)
        for file in step.files[:swapped]:
            journal._put(step, file)


def test_what_was_edited_after_a_kill_is_kept_and_the_rest_follows_it(cases: Callable[[], Case]) -> None:
    case = cases()
    half_done(case, 2)  # the manuscript still waits
    case.manuscript.write_bytes(b"edited from the old one")
    assert settle(case, case.library) == ("recovered",)
    assert case.now() == {**case.old, case.manuscript: b"edited from the old one"}
    case = cases()
    half_done(case, 2)
    case.library.write_bytes(b"edited from the new one")
    settle(case, case.manuscript)
    assert case.now() == {**case.new, case.library: b"edited from the new one"}
    case = cases()
    half_done(case, 1)
    next(place(case.manuscript.parent).glob("*.new")).unlink()  # so that it cannot go on
    settle(case, case.library)
    assert case.now() == case.old


def test_a_step_from_a_stranger_reaches_no_other_folder(tmp_path: Path) -> None:
    strange, mine = tmp_path / "strange", tmp_path / "mine"
    for folder in (strange, mine):
        folder.mkdir()
    (strange / "refs.bib").write_bytes(b"new")
    (mine / "keys").write_bytes(b"mine")
    there = locks.make_place(strange)
    row = {"refkit": 1, "id": "20260101T000000000000-abcdef", "command": "x", "when": "x", "keep": True, "drops": ""}
    fingerprint = files.fingerprint
    targets = [(".", "refs.bib", b"old", b"new"), ("../mine", "keys", b"mine", b"evil"), ("../mine", "new", None, b"x")]
    row["files"] = [
        {"folder": f, "name": n, "old": fingerprint(old), "new": fingerprint(new), "sizes": [None, 1]}
        for f, n, old, new in targets
    ]
    (there / f"{row['id']}.pending").write_text(json.dumps(row) + "\n", encoding="utf-8")
    settle(Case.__new__(Case), strange / "refs.bib")
    assert (mine / "keys").read_bytes() == b"mine"
    assert sorted(p.name for p in mine.iterdir()) == ["keys"]
    for name in ("../mine/keys", "/etc/passwd", "..", ".refkit/../x", ".refkit/undo/x"):
        row["files"] = [{"folder": ".", "name": name, "old": "absent", "new": "absent", "sizes": [None, None]}]
        (there / f"{row['id']}.pending").write_text(json.dumps(row) + "\n", encoding="utf-8")
        assert steps.listed(strange, steps.PENDING) == []


@posix
def test_where_anybody_may_put_files_only_ones_own_steps_count(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    half_done(case, 1)
    case.folder.chmod(0o1777)
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    (step,) = place(case.folder).glob("*.pending")
    if mine == 0:
        os.chown(step, 4321, -1)
    assert settle(case, case.library) == ()
    monkeypatch.undo()
    case.folder.chmod(0o755)
    assert settle(case, case.library) == ("recovered",)


@pytest.mark.parametrize("garbage", [b"", b"\n", b"{", b"[]\n", b'{"files": 3}\n', b"[" * 100_000, b"\xff\xfe\n"])
def test_a_damaged_step_is_none(case: Case, garbage: bytes) -> None:
    there = locks.make_place(case.folder)
    for suffix in (".step", ".pending"):
        (there / f"20260101T000000000000-abcdef{suffix}").write_bytes(garbage)
    assert settle(case, case.library) == ()
    case.run()
    files.undo(case.library)
    assert case.now() == case.old


# --- where files are, and what they are --------------------------------------------------------------


def test_no_change_leaves_no_trace(case: Case) -> None:
    same = [files.FileChange(p, files.fingerprint(b), b) for p, b in case.old.items() if b is not None]
    assert files.commit(same, command="refkit enrich") == ()
    with files.locked([case.library, case.manuscript]), files.locked([case.library]):
        pass
    assert not (case.folder / ".refkit").exists()


def test_without_memory_no_trace_is_left_either(case: Case) -> None:
    changes = [change for change in case.changes() if change.path != case.base]
    files.commit(changes, command="refkit cite", keep=False)
    assert case.library.read_bytes() == case.new[case.library]
    assert case.manuscript.read_bytes() == case.new[case.manuscript]
    assert not list(case.folder.rglob(".refkit"))


def test_steps_are_left_out_of_git(case: Case) -> None:
    case.run()
    assert (place(case.folder) / ".gitignore").read_text(encoding="ascii") == "*\n"


@posix
def test_links_and_permissions_stay(case: Case) -> None:
    real = case.folder / "elsewhere" / "real.bib"
    real.parent.mkdir()
    real.write_bytes(b"old")
    real.chmod(0o640)
    link = case.folder / "link.bib"
    link.symlink_to(real)
    files.commit([files.FileChange(link, files.fingerprint(b"old"), b"new")], command="refkit enrich")
    assert link.is_symlink()
    assert (real.read_bytes(), stat.S_IMODE(real.stat().st_mode)) == (b"new", 0o640)
    assert files.base_path(link) == real.parent / ".refkit" / "real.bib.json"
    kept = next(place(real.parent).glob("*.step"))
    assert stat.S_IMODE(kept.stat().st_mode) == 0o640
    files.undo(link)
    assert (real.read_bytes(), stat.S_IMODE(real.stat().st_mode)) == (b"old", 0o640)


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs the super-user")
def test_what_the_super_user_makes_belongs_to_the_folders_owner(case: Case) -> None:
    os.chown(case.folder, 4321, 4321)
    os.chown(case.library, 4321, 4321)
    case.run()
    for path in (case.library, case.folder / ".refkit", place(case.folder)):
        assert (path.stat().st_uid, path.stat().st_gid) == (4321, 4321)


@pytest.mark.skipif(sys.platform != "linux", reason="extended attributes")
def test_extended_attributes_stay(case: Case) -> None:
    try:
        os.setxattr(case.library, "user.note", b"mine")
    except OSError:  # some file systems for temporary files have none, and then there is nothing to keep
        pytest.skip("this file system has no extended attributes")
    case.run()
    assert os.getxattr(case.library, "user.note") == b"mine"


@posix
def test_other_names_of_a_file_are_said(case: Case) -> None:
    os.link(case.library, case.folder / "other.bib")
    notes = files.commit(case.changes(), command="refkit cite")
    assert [note.code for note in notes] == ["hard-links"]


@posix
def test_refkits_own_folder_is_never_a_link(case: Case) -> None:
    elsewhere = case.folder / "elsewhere"
    elsewhere.mkdir()
    (case.folder / ".refkit").symlink_to(elsewhere)
    with pytest.raises(LibraryError, match="cannot be written"):
        case.run()
    assert case.now() == {**case.old}
    (case.folder / ".refkit").unlink()
    (case.folder / ".refkit").mkdir()
    victim = case.folder / "victim"
    victim.write_bytes(b"mine")
    case.base.symlink_to(victim)
    changes = case.changes()
    changes[1] = files.FileChange(case.base, files.fingerprint(b"mine"), b"{}")
    files.commit(changes, command="refkit cite")
    assert victim.read_bytes() == b"mine"
    assert not case.base.is_symlink()


def test_a_file_in_the_way_of_refkits_folder_is_said(case: Case) -> None:
    (case.folder / ".refkit").write_bytes(b"")
    with pytest.raises(LibraryError, match=r"\.refkit is no folder"):
        case.run()
    assert case.library.read_bytes() == case.old[case.library]


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes")
def test_names_of_any_bytes_and_any_length(tmp_path: Path) -> None:
    for raw in (b"caf\xe9.bib", b"\xff\xfe", "文献.bib".encode(), b"x" * 251 + b".bib", b"a b'c\"$.bib", b"-n"):
        path = tmp_path / os.fsdecode(raw)
        path.write_bytes(b"old")
        base = files.base_path(path)
        changes = [files.FileChange(path, files.fingerprint(b"old"), b"new"), files.FileChange(base, "absent", b"{}")]
        files.commit(changes, command="refkit enrich")
        assert (path.read_bytes(), base.read_bytes()) == (b"new", b"{}")
        files.undo(path)
        assert (path.read_bytes(), base.exists()) == (b"old", False)


@posix
def test_what_is_no_file_of_its_own_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path in (tmp_path, tmp_path / "pipe", Path(os.devnull), Path("nul\0byte"), tmp_path / "loop"):
        with pytest.raises(LibraryError):
            files.open_text(path)
        with pytest.raises(LibraryError):
            files.commit([files.FileChange(path, files.fingerprint(b""), b"x")], command="x")


def test_a_read_only_file_stays(case: Case) -> None:
    case.manuscript.chmod(0o444)
    with pytest.raises(LibraryError, match="is read-only"):
        case.run()
    case.manuscript.chmod(0o644)
    assert case.now() == case.old


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the super-user may write everywhere")
def test_a_folder_that_may_not_be_written_to_is_named(case: Case) -> None:
    for folder, name in ((case.folder, "refs.bib"), (case.manuscript.parent, "chapter.tex")):
        folder.chmod(0o555)
        with (
            files.locked([case.library]),
            pytest.raises(LibraryError, match=f"{name} cannot be written: nothing may be"),
        ):
            case.run()
        folder.chmod(0o755)
        assert case.now() == case.old
    case.run()
    place(case.folder).chmod(0)
    with pytest.raises(LibraryError, match="may not be read"):
        files.undo(case.library)
    place(case.folder).chmod(0o755)


def test_a_folder_that_is_gone_is_said(case: Case) -> None:
    gone = case.folder / "gone" / "refs.bib"
    with pytest.raises(LibraryError, match="there is no folder"):
        files.commit([files.FileChange(gone, "absent", b"x"), *case.changes()], command="x")
    assert case.now() == case.old


# --- locks -------------------------------------------------------------------------------------------


HOLDER = """
    import sys, time
    from pathlib import Path
    from refkit import files
    with files.locked([Path(sys.argv[1])]):
        print("held", flush=True)
        time.sleep(60)
"""


@posix
def test_a_lock_keeps_others_out_and_dies_with_its_owner(case: Case, tmp_path: Path) -> None:
    script = tmp_path / "driver.py"
    script.write_text(textwrap.dedent(HOLDER), encoding="utf-8")
    with subprocess.Popen([sys.executable, str(script), str(case.library)], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        with pytest.raises(LibraryError, match="Another run of refkit is busy"), hold([case.folder], 0.1):
            pass
        child.kill()
    with hold([case.folder], 5):
        case.run()
    assert case.now() == case.new


def test_a_file_system_without_locks_still_saves(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    import filelock

    def refuses(self: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(filelock.FileLock, "_acquire", refuses)
    case.run()
    assert case.now() == case.new
    assert not [name for name in case.waiting() if "lock" in name]


# --- how much is kept --------------------------------------------------------------------------------


def rewrite(path: Path, data: bytes, most: int = journal.STEPS) -> list[str]:
    change = files.FileChange(path, files.fingerprint(files.read_whole(path)), data)
    return [note.code for note in files.commit([change], command=f"refkit write {len(data)}", most=most)]


def test_so_many_steps_are_kept_of_each_file(tmp_path: Path) -> None:
    one, other = tmp_path / "one.bib", tmp_path / "other.bib"
    rewrite(other, b"first")
    for number in range(6):
        rewrite(one, b"%d" % number, most=3)
    for number in (4, 3, 2):
        files.undo(one)
        assert one.read_bytes() == b"%d" % number
    with pytest.raises(UsageError, match="no change of refkit"):
        files.undo(one)
    files.undo(other)
    assert not other.exists()


def test_what_is_too_large_is_written_but_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "_MOST_BYTES", 60_000)
    path = tmp_path / "refs.bib"
    rewrite(path, b"small")
    assert rewrite(path, os.urandom(100_000)) == ["undo-not-kept"]
    with pytest.raises(LibraryError, match="too large"):
        files.undo(path)
    rewrite(path, b"")
    assert sum(p.stat().st_size for p in place(tmp_path).iterdir()) < 2_000  # the large one stood alone


def test_old_steps_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "_MOST_BYTES", 100_000)
    path = tmp_path / "refs.bib"
    for _ in range(6):
        assert rewrite(path, os.urandom(20_000)) == []
    assert 2 <= len(steps.listed(tmp_path, steps.DONE)) <= 5


def test_steps_are_in_order_whatever_the_clock_says(tmp_path: Path) -> None:
    path = tmp_path / "refs.bib"
    rewrite(path, b"first")
    (step,) = place(tmp_path).glob("*.step")
    future = step.with_name("29991231T235959999999-abcdef.step")
    future.write_bytes(step.read_bytes().replace(step.stem.encode(), future.stem.encode(), 1))
    step.unlink()
    rewrite(path, b"second")
    files.undo(path)
    assert path.read_bytes() == b"first"
