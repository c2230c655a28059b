"""The report of ``check-host`` in a browser: with everything that can stand in one, at two widths, light and dark."""

import pytest

from esxdriver.checking.report import Finding, Outcome, Report, Status, Timing, Unread
from esxdriver.checking.steps import STEPS
from esxdriver.cli.check_page import check_page
from tests.browser.conftest import WIDTHS

LONG = "VirtualDisk (VirtualDiskRawDiskMappingVer1BackingInfo)"


def report():
    answers = {Status.OK: "", Status.FAILED: "GenericVmConfigFault", Status.SKIPPED: "not tried"}
    statuses = [*answers] * len(STEPS)
    steps = (
        Outcome(step.id, step.name, status, answers[status] or step.known, step.predicts, step.known)
        for step, status in zip(STEPS, statuses, strict=False)
    )
    text = "VIR_ERR_ACCESS_DENIED, NoPermission, privilege VirtualMachine.Interact.PutUsbScanCodes"
    return Report(
        {"apiType": "HostAgent", "version": "8.0.2", "build": "22380479", "apiVersion": "8.0.2.0", "esxdriver": "0.1.0"},
        (5, 1000),
        findings=tuple(Finding(f"domain: {status}", status, f"domain {number}", text)
                       for status in Status for number in range(3)),
        timings=tuple(Timing(f"check {number}", 5, 7, 0.5, 0.25) for number in range(30)),
        unread=tuple(Unread(LONG, f"backing.aVeryLongPropertyOfIts.andAnother{number}", "not read", 3)
                     for number in range(60)),
        operations={"SearchDatastoreSubFolders_Task": (3, 0.5)},
        versions={"state of Tools": {"guestToolsSupportedNew": 3}},
        privileges=("VirtualMachine.Inventory.Unregister",),
        probes={"keys of disks": (3, 1)},
        steps=tuple(steps),
        left=("machine 7 in the folder: VIR_ERR_ACCESS_DENIED, NoPermission",),
    )  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_it_is_whole_and_readable(show, width, scheme):
    look = show(check_page(report()))
    look.width(width)
    look.scheme(scheme)
    look.open_all()
    assert look.too_wide() == []
    assert look.violations() == []


@pytest.mark.parametrize("width", WIDTHS)
def test_the_keyboard_reaches_all_of_it_in_order(show, width):
    look = show(check_page(report()))
    look.width(width)
    assert look.out_of_order() == []
