"""The figures as Prometheus reads them: text exposition format 0.0.4, written by hand, because it is a dozen lines.

https://prometheus.io/docs/instrumenting/exposition_formats/ : in a label's value backslash, quote and line feed are
escaped, in a help text backslash and line feed. Every name begins with `yixian_`, seconds are seconds, bytes bytes.
"""

from __future__ import annotations

import math
import resource
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from app.platform.web.counted import Counted
from app.upkeep.figures import Figures

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_PREFIX: Final = "yixian_"
Sample = tuple[Mapping[str, str], float]


def written(figures: Figures, counted: Counted | None = None) -> str:
    """Return everything as text; `counted` is what this process has answered, where there is one that answers."""
    lines = [*_of_house(figures), *_of_workers(figures)]
    if counted is not None:
        lines += [*_of_answers(counted), *_of_process()]
    return "".join(f"{line}\n" for line in lines)


def _of_house(now: Figures) -> Iterator[str]:
    yield from _one("clues_waiting", "Clues nobody has registered yet.", now.clues_waiting)
    yield from _age("oldest_clue_waiting_seconds", "Age of the oldest of them.", now.oldest_clue_at, now.at)
    yield from _one("jobs_due", "Jobs that could run now.", now.jobs_due)
    yield from _age(
        "jobs_lag_seconds", "For how long the oldest of them could have run.", now.oldest_job_at, now.at
    )
    yield from _one("jobs_parked", "Jobs given up after their last attempt.", now.jobs_parked)
    yield from _age("worker_silent_seconds", "Since when no worker gave a sign; NaN: none ever did.", now.worker_at, now.at, math.nan)  # fmt: skip
    yield from _one("workers", "Workers that gave a sign within a day.", len(now.workers))
    yield from _one("blobs_damaged", "Kept files known as damaged.", now.blobs_damaged)
    free = math.nan if now.free_bytes is None else now.free_bytes
    yield from _one("store_free_bytes", "Room left for new files; NaN: the store has no such figure.", free)
    yield from _one("journal_rows_sealed", "Rows of the journal that are in its chain.", now.rows_sealed)
    yield from _one("journal_has_unsealed", "1 while a row waits for its seal.", int(now.has_unsealed))
    yield from _age("journal_head_age_seconds", "Since the chain's end was last signed; NaN: never.", now.head_at, now.at, math.nan)  # fmt: skip
    yield from _age("backup_age_seconds", "Since the last whole backup; NaN: there is none.", now.backup_at, now.at, math.nan)  # fmt: skip
    is_at_head = now.migration >= now.newest_migration
    yield from _one(
        "migrations_at_head", "1 if the database stands where this code wants it.", int(is_at_head)
    )


def _of_workers(now: Figures) -> Iterator[str]:
    jobs: list[Sample] = []
    failed: list[Sample] = []
    seconds: list[Sample] = []
    for worker in now.workers:
        for handler, (count, failures, cost) in sorted(worker.tallies.items()):
            labels = {"worker": worker.id, "handler": handler}
            jobs.append((labels, count))
            failed.append((labels, failures))
            seconds.append((labels, cost))
    yield from _many("jobs_run_total", "counter", "Jobs a worker has run since it began.", jobs)
    yield from _many("jobs_failed_total", "counter", "Of these, how many failed.", failed)
    # evidence.develop is the cost of a photo: both small pictures and SM3.
    yield from _many("jobs_seconds_total", "counter", "Seconds they took, by the wall clock.", seconds)


def _of_answers(counted: Counted) -> Iterator[str]:
    answers = [
        ({"route": route, "status": kind}, float(n)) for (route, kind), n in sorted(counted.answers.items())
    ]
    yield from _many(
        "answers_total", "counter", "Answers of this process by route and kind of status.", answers
    )
    seconds = [({"route": route}, spent) for route, spent in sorted(counted.seconds.items())]
    yield from _many("answers_seconds_total", "counter", "Seconds these answers took.", seconds)


def _of_process() -> Iterator[str]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = used.ru_utime + used.ru_stime
    yield from _many("process_cpu_seconds_total", "counter", "CPU this process has used.", [({}, spent)])
    yield from _one("process_peak_bytes", "Most memory this process has held.", used.ru_maxrss * 1024)


def _age(name: str, told: str, since: datetime | None, at: datetime, without: float = 0.0) -> Iterator[str]:
    yield from _one(name, told, without if since is None else max(0.0, (at - since).total_seconds()))


def _one(name: str, told: str, value: float) -> Iterator[str]:
    yield from _many(name, "gauge", told, [({}, value)])


def _many(name: str, kind: str, told: str, samples: Iterable[Sample]) -> Iterator[str]:
    name = _PREFIX + name
    escaped = told.replace("\\", r"\\").replace("\n", r"\n")
    yield f"# HELP {name} {escaped}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples:
        inside = ",".join(f'{label}="{_label(text)}"' for label, text in labels.items())
        yield f"{name}{{{inside}}} {_number(value)}" if inside else f"{name} {_number(value)}"


def _label(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return str(int(value)) if float(value).is_integer() else repr(round(float(value), 6))
