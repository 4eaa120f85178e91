from __future__ import annotations

import os
import time

import pytest

from refkit import workers
from refkit.errors import ReadError


def double(number: int) -> int:
    if number == 13:
        os._exit(3)
    if number == 17:
        time.sleep(60)
    if number == 19:
        raise ValueError("no nineteens")
    if number == 23:
        raise ReadError("It is encrypted.", "Save a copy.")
    print("noise on standard output")
    return 2 * number


def test_every_item_gets_its_result() -> None:
    results = dict(workers.each(double, range(10), processes=2, seconds=20))
    assert results == {number: 2 * number for number in range(10)}


def test_a_dying_hanging_or_failing_task_only_loses_its_own_item() -> None:
    items = [1, 13, 2, 17, 3, 19, 23, 4]
    results = dict(workers.each(double, items, processes=2, seconds=2))
    assert [results[index] for index in (0, 2, 4, 7)] == [2, 4, 6, 8]
    assert "died" in str(results[1])
    assert "longer than 2 seconds" in str(results[3])
    assert "no nineteens" in str(results[5])
    assert isinstance(results[6], ReadError)
    assert results[6].hint == "Save a copy."


def test_items_are_taken_only_as_workers_become_free() -> None:
    taken = []

    def items() -> object:
        for number in range(1000):
            taken.append(number)
            yield 1

    results = workers.each(double, items(), processes=2, seconds=20)  # type: ignore[arg-type]  # a plain generator
    next(results)
    assert len(taken) < 20
    results.close()  # type: ignore[attr-defined]  # it is a generator


def test_an_error_of_the_items_reaches_the_caller() -> None:
    def items() -> object:
        yield 1
        raise RuntimeError("the folder went away")

    with pytest.raises(RuntimeError, match="went away"):
        list(workers.each(double, items(), processes=1, seconds=20))  # type: ignore[arg-type]  # a plain generator


def test_without_processes_the_task_runs_here() -> None:
    results = dict(workers.each(double, [1, 19, 2], processes=0, seconds=20))
    assert results[0] == 2
    assert "no nineteens" in str(results[1])
    assert results[2] == 4
