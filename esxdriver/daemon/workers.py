"""The threads in which calls wait for hosts: a bounded number, and some more for what libvirt calls urgent."""

import logging
import threading
from collections import deque
from collections.abc import Callable

log = logging.getLogger(__name__)

Job = Callable[[], None]


class Workers:
    """Ordinary workers do any job, urgent ones first; priority workers do urgent ones only.

    Threads start when there is work for them and stay. They do not keep the process from ending.
    """

    def __init__(self, ordinary: int, priority: int) -> None:
        self._limits = {False: ordinary, True: priority}
        self._threads = {False: 0, True: 0}
        self._idle = {False: 0, True: 0}
        self._jobs: dict[bool, deque[Job]] = {False: deque(), True: deque()}
        lock = threading.Lock()
        self._wake = {False: threading.Condition(lock), True: threading.Condition(lock)}
        self._lock = lock

    def submit(self, job: Job, *, urgent: bool = False) -> None:
        """Let a worker do ``job``; an exception that it raises is only logged."""
        with self._lock:
            self._jobs[urgent].append(job)
            for kind in (False, True) if urgent else (False,):
                if self._idle[kind] >= len(self._jobs[urgent]):
                    self._wake[kind].notify()
                    return
                if self._threads[kind] < self._limits[kind]:
                    self._start(kind)
                    return

    def _start(self, kind: bool) -> None:
        self._threads[kind] += 1
        name = "priority" if kind else "worker"
        threading.Thread(target=self._work, args=(kind,), name=f"{name}-{self._threads[kind]}", daemon=True).start()

    def _work(self, kind: bool) -> None:
        while True:
            job = self._next(kind)
            try:
                job()
            except Exception:
                log.exception("a job failed")

    def _next(self, kind: bool) -> Job:
        with self._lock:
            while True:
                for jobs in (self._jobs[True],) if kind else (self._jobs[True], self._jobs[False]):
                    if jobs:
                        return jobs.popleft()
                self._idle[kind] += 1
                self._wake[kind].wait()
                self._idle[kind] -= 1
