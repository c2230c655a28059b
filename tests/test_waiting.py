"""Threads that may not wait for a host."""

import threading

import pytest

from esxdriver.waiting import WouldWaitError, held, require_may_wait, without_waiting


def test_the_outer_block_decides_when_a_thread_may_wait_again():
    with without_waiting():
        with without_waiting():
            pass
        with pytest.raises(WouldWaitError):
            require_may_wait()
    require_may_wait()


def test_another_thread_may_wait_meanwhile():
    found = []
    with without_waiting():
        thread = threading.Thread(target=lambda: found.append(require_may_wait()))
        thread.start()
        thread.join()
    assert found == [None]


def test_a_lock_that_somebody_holds_is_not_waited_for():
    lock = threading.Lock()
    with without_waiting(), held(lock), pytest.raises(WouldWaitError), held(lock):
        pass
    assert not lock.locked()
