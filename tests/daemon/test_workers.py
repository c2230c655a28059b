"""The threads in which calls wait."""

import threading

from esxdriver.daemon.workers import Workers

from .conftest import eventually


class Jobs:
    """Jobs that wait until they are let go, and note when they begin."""

    def __init__(self, workers):
        self.workers = workers
        self.begun = []
        self.go = threading.Event()

    def submit(self, name, *, urgent=False):
        self.workers.submit(lambda: self.begun.append(name) or self.go.wait(10), urgent=urgent)


def test_so_many_jobs_run_and_the_others_wait_in_their_order():
    jobs = Jobs(Workers(2, 1))
    for name in "abcd":
        jobs.submit(name)
    eventually(lambda: jobs.begun == ["a", "b"])
    jobs.go.set()
    eventually(lambda: jobs.begun == ["a", "b", "c", "d"])


def test_an_urgent_job_has_workers_of_its_own_when_the_others_wait():
    jobs = Jobs(Workers(1, 1))
    jobs.submit("slow")
    jobs.submit("waiting")
    eventually(lambda: jobs.begun == ["slow"])
    jobs.submit("urgent", urgent=True)
    eventually(lambda: jobs.begun == ["slow", "urgent"])
    jobs.go.set()
    eventually(lambda: jobs.begun == ["slow", "urgent", "waiting"])


def test_an_ordinary_worker_does_urgent_jobs_first():
    jobs = Jobs(Workers(1, 1))
    for name, urgent in (("slow", False), ("urgent 1", True), ("ordinary", False), ("urgent 2", True)):
        jobs.submit(name, urgent=urgent)
    eventually(lambda: len(jobs.begun) == 2)
    jobs.go.set()
    eventually(lambda: len(jobs.begun) == 4)
    assert jobs.begun.index("urgent 2") < jobs.begun.index("ordinary") or jobs.begun[-1] == "ordinary"


def test_a_job_that_fails_takes_no_worker_along(caplog):
    workers = Workers(1, 1)
    done = threading.Event()
    workers.submit(lambda: 1 / 0)
    workers.submit(done.set)
    assert done.wait(5)
    assert "a job failed" in caplog.text


def test_a_thousand_jobs_are_all_done():
    workers = Workers(4, 2)
    done = []
    for number in range(1000):
        workers.submit(lambda number=number: done.append(number), urgent=number % 3 == 0)
    eventually(lambda: len(done) == 1000)
    assert sorted(done) == list(range(1000))
