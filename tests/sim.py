"""Starts esxsim, the vSphere endpoint of the tests, and talks to its control API."""

import contextlib
import json
import os
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self


class SimError(RuntimeError):
    """Esxsim could not be started, or refused what it was told."""


class Sim:
    """One running simulator; a context manager that ends it."""

    def __init__(self, process: subprocess.Popen, line: dict, password: str) -> None:
        self._process = process
        self.host: str = line["host"]
        self.port: int = line["port"]
        self.url: str = line["url"]
        self.control: str = line["control"]
        self.fingerprint: str = line.get("fingerprint", "")
        self.certificate: str = line.get("certificate", "")
        self.cacert_pem: str = line.get("cacert", "")
        self.model: str = line["model"]
        self.user: str = line["user"]
        self.password = password
        self._directory: tempfile.TemporaryDirectory | None = None

    @classmethod
    def start(cls, model: str = "esx", **options) -> Self:
        """Start the binary that ESXSIM names.

        Options are the binary's flags: vms=100, delay=5, page=2, free_licence=True, tls=False, user="root",
        and password="..." (handed over in the environment).
        """
        binary = os.environ.get("ESXSIM")
        if not binary:
            raise SimError("ESXSIM is not set: build it with `go build -C tests/esxsim -o /some/where .` and name it")
        password = options.pop("password", "esxsim pass")
        command = [binary, "-model", model, "-password-env", "ESXSIM_PASSWORD"]
        for name, value in options.items():
            word = str(value).lower() if isinstance(value, bool) else str(value)
            command.append(f"-{name.replace('_', '-')}={word}")
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "ESXSIM_PASSWORD": password},
        )
        line = process.stdout.readline()
        if not line:
            process.stdin.close()
            process.stdout.close()
            raise SimError(f"esxsim ended with status {process.wait()} before it was ready")
        return cls(process, json.loads(line), password)

    def stop(self) -> None:
        """End the process; it ends by itself when its standard input closes."""
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        if self._directory:
            self._directory.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def cacert(self) -> Path:
        """Return a file with the authority's certificate."""
        if self._directory is None:
            self._directory = tempfile.TemporaryDirectory(prefix="esxsim-")
        path = Path(self._directory.name) / "cacert.pem"
        path.write_text(self.cacert_pem)
        return path

    def calls(self) -> list[str]:
        """Name the SOAP calls since the last reset, in their order."""
        return self._ask("/calls")["calls"]

    def reset_calls(self) -> None:
        self._ask("/reset-calls", {})

    def fault(self, method: str, kind: str = "fault", **options) -> None:
        """Let the next calls of a method go wrong.

        ``kind`` is one of those that ``fault_kinds()`` explains; method ``*`` is any, and ``/folder`` any transfer of a
        datastore's file. Options are
        fault="NoPermission", fields={...}, message="...", times=1, skip=0, seconds=1.5, on="moid",
        execute=True (the work is done all the same) and property="config" (what is withheld or mistyped).
        """
        self._ask("/faults", {"method": method, "kind": kind, **options})

    def fault_kinds(self) -> dict[str, str]:
        """Say what each kind of fault is."""
        return self._ask("/faults")["kinds"]

    def pending_faults(self) -> list[dict]:
        """List the faults that no call has met yet."""
        return self._ask("/faults")["pending"]

    def tasks(self) -> list[dict]:
        """List every task so far: key, name, on (moid) and state."""
        return self._ask("/tasks")

    def reset_faults(self) -> None:
        self._ask("/reset-faults", {})

    def sessions(self) -> list[dict]:
        """List the live sessions."""
        return self._ask("/sessions")

    def expire_sessions(self) -> int:
        """End every session, as an idle timeout does, and say how many there were."""
        return self._ask("/expire-sessions", {})["expired"]

    def inventory(self) -> dict:
        """Return all that a refused change must leave as it was, to compare before and after."""
        return self._ask("/inventory")

    def question(
        self, vm: str, text: str = "", *, choices: tuple[str, ...] = (), default: int | None = None, now: bool = False
    ) -> str:
        """Let a machine (name or moid) ask when its next task starts, or now; returns the question's id.

        ``default`` is the place of the default choice, from 0.
        """
        question = {"vm": vm, "text": text, "choices": choices, "now": now}
        return self._ask("/question", question | ({} if default is None else {"default": default}))["id"]

    def guest(self, vm: str, **does) -> None:
        """Let the guest of a machine (name or moid) do or say something, as no client of the API would.

        power="off" (on, suspended, reset), tools=True, data={"hostName": "h"} (fields of GuestInfo, which stay),
        quick={"balloonedMemory": 64} (fields of the quick statistics), and
        counters={"net.bytesRx.average|4000": 5}: what a counter shows from now on.
        """
        self._ask("/guest", {"vm": vm, **does})

    def advance(self, seconds: int) -> None:
        """Let the host's time pass: counters get new samples."""
        self._ask("/advance", {"seconds": seconds})

    def datastore(self, name: str, **becomes) -> None:
        """Let something become of a datastore: added=True, removed=True, renamed="x", accessible=False."""
        self._ask("/datastore", {"name": name, **becomes})

    def rush(self, changes: int, rate: int) -> list[float]:
        """Rename machine after machine to "changed-N", so many a second, within the host; return when each was."""
        return self._ask("/rush", {"changes": changes, "rate": rate}, changes / rate + 30)

    def restore(self) -> None:
        """Put everything back as it was at the start: inventory, faults to come, calls, and no sessions."""
        self._ask("/restore", {})

    def _ask(self, path: str, body: dict | None = None, timeout: float = 30) -> dict | list:
        data = None if body is None else json.dumps(body).encode()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(urllib.request.Request(self.control + path, data=data), timeout=timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise SimError(f"{path}: {json.load(error)['error']}") from None
