"""Reading in bulk: parts, pages, and what goes wrong between two of them."""

import time
from types import SimpleNamespace

import libvirt
import pytest
from pyVmomi import vim, vmodl

from esxdriver.vsphere.query import retrieve
from esxdriver.vsphere.query.scan import scan
from esxdriver.vsphere.wire.faults import NoAnswerError, SessionClosedError, UnfinishedError, translated
from tests.vsphere.fakehost import CLOSE, ENVELOPE, NOW, Fault, Http, moref, properties

GONE = Fault("InvalidProperty", "the token is unknown", "<name>token</name>")


def page(*names, token=None):
    found = properties(*[("VirtualMachine", f"vm-{name}", {"name": name}) for name in names])
    return found.replace("<returnval>", f"<returnval><token>{token}</token>", 1) if token else found


def below(session):
    return [
        each["name"] for each in retrieve.below(session, session.content.rootFolder, {vim.VirtualMachine: ["name"]})
    ]


def scanned(session, size=2):
    return scan(session, session.content.rootFolder, vim.VirtualMachine, ["name"], size=size)


def answer_present(host, *gone):
    """Answer the list with a to e, and a part of it with those asked for; for those that are gone, as hosts do."""

    def answer(body):
        asked = [name for name in "abcde" if f">vm-{name}<" in body] or list("abcde")
        missing = next((name for name in asked if name in gone and f">vm-{name}<" in body), None)
        if missing:
            return Fault("ManagedObjectNotFound", "gone", moref("VirtualMachine", f"vm-{missing}", "obj"))
        return page(*asked)

    host.answers["RetrievePropertiesEx"] = [answer]


# -- pages that the host makes


def test_one_page(host, session):
    host.answers["RetrievePropertiesEx"] = [page("a", "b")]
    assert below(session) == ["a", "b"]
    assert "ContinueRetrievePropertiesEx" not in session.calls


def test_nothing_found(host, session):
    host.answers["RetrievePropertiesEx"] = [""]
    assert below(session) == []


def test_every_page_is_asked_for(host, session):
    host.answers["RetrievePropertiesEx"] = [page("a", token="1")]
    host.answers["ContinueRetrievePropertiesEx"] = [page("b", token="2"), page("c")]
    assert below(session) == ["a", "b", "c"]


@pytest.mark.parametrize("lost", [GONE, CLOSE, Fault("NotAuthenticated", "expired"), Http(503)])
def test_a_forgotten_token_is_started_over_once(host, session, lost):
    host.answers["RetrievePropertiesEx"] = [page("a", token="1"), page("a", token="2")]
    host.answers["ContinueRetrievePropertiesEx"] = [lost, page("b")]
    assert below(session) == ["a", "b"]


def test_a_token_that_is_forgotten_twice_fails_clearly(host, session):
    host.answers["RetrievePropertiesEx"] = [page("a", token="1")]
    host.answers["ContinueRetrievePropertiesEx"] = [GONE]
    with pytest.raises(UnfinishedError, match=r"twice forgotten the rest of a long answer \(the token is unknown"):
        below(session)
    assert session.calls["RetrievePropertiesEx"] == 2
    with pytest.raises(libvirt.libvirtError, match="ask again, or for less at once"), translated("cannot list"):
        below(session)


def test_a_host_that_is_silent_is_not_asked_again(host, session, monkeypatch):
    host.answers["RetrievePropertiesEx"] = [page("a", token="1")]
    host.answers["ContinueRetrievePropertiesEx"] = [page("b")]
    send = session.stub.send

    class Silent:
        def result(self):
            raise NoAnswerError("no answer")

    monkeypatch.setattr(
        session.stub, "send", lambda on, info, args: Silent() if "Continue" in info.wsdlName else send(on, info, args)
    )
    with pytest.raises(NoAnswerError):
        below(session)
    assert session.calls["RetrievePropertiesEx"] == 1


def test_a_truncated_answer_is_asked_for_again_and_then_is_an_error(host, session):
    half = page("a")[:-40]
    host.answers["RetrievePropertiesEx"] = [half, page("a")]
    assert below(session) == ["a"]
    host.answers["RetrievePropertiesEx"] = [half]
    with pytest.raises(libvirt.libvirtError, match="is no SOAP"), translated("cannot list"):
        below(session)


# -- parts that we make


def test_a_scan_reads_part_by_part(host, session):
    answer_present(host)
    assert [each["name"] for each in scanned(session)] == list("abcde")
    assert session.calls["RetrievePropertiesEx"] == 1 + 3


def test_the_next_part_is_asked_for_before_the_last_is_worked_on(host, session):
    answer_present(host)
    coming = scanned(session)
    assert next(coming)["name"] == "a"
    assert session.calls["RetrievePropertiesEx"] == 3  # the list and two parts
    coming.close()


def test_the_next_page_is_asked_for_before_the_last_is_worked_on(host, session):
    host.answers["RetrievePropertiesEx"] = [page("a", "b"), page("a", token="1")]
    host.answers["ContinueRetrievePropertiesEx"] = [page("b")]
    coming = scanned(session)
    assert next(coming)["name"] == "a"
    assert session.calls["ContinueRetrievePropertiesEx"] == 1
    assert [each["name"] for each in coming] == ["b"]


def test_parts_come_over_connections_that_are_used_again(host, session):
    answer_present(host)
    list(scanned(session, size=1))
    assert len(host.open) == 2  # one for the part that is worked on, one for the next


@pytest.mark.filterwarnings("error")
def test_an_abandoned_scan_leaves_no_connection(host, session):
    answer_present(host)
    coming = scanned(session)
    next(coming)
    coming.close()
    assert len(list(scanned(session))) == 5


def test_a_scan_ends_with_its_session(host, session):
    answer_present(host)
    coming = scanned(session)
    next(coming)
    session.close()
    asked = session.calls["RetrievePropertiesEx"]
    with pytest.raises(SessionClosedError):
        list(coming)
    assert session.calls["RetrievePropertiesEx"] == asked


def test_an_answer_that_is_lost_while_nobody_waits_is_asked_for_again(host, session):
    answer_present(host)
    coming = scanned(session)
    next(coming)
    host.hang_up()
    assert [each["name"] for each in coming] == list("bcde")


def renewable(host, *, empty):
    """Answer with what is asked for; return what makes the session expire after so many answers."""
    expired, answered = set(), []

    def answer(body):
        cookie = host.seen[-1][1]
        answered.append(cookie)
        if cookie in expired:
            return "" if empty else Fault("NotAuthenticated", "expired")
        asked = [name for name in "abcde" if f">vm-{name}<" in body] or list("abcde")
        return page(*asked)

    def expire(after):
        while len(answered) < after:
            time.sleep(0.01)
        expired.add(answered[-1])

    host.answers["RetrievePropertiesEx"] = [answer]
    host.answers["CurrentTime"] = [lambda _: Fault("NotAuthenticated") if host.seen[-1][1] in expired else NOW]
    return expire


@pytest.mark.parametrize("empty", [True, False])
@pytest.mark.parametrize("size", [1, 2])
def test_nothing_is_lost_when_the_session_expires_while_nobody_waits(host, session, monkeypatch, empty, size):
    """What was sent in time is believed; what was sent after the pause, or with the old session, is looked at."""
    expire = renewable(host, empty=empty)
    coming = scanned(session, size=size)
    found = [next(coming)["name"]]
    expire(after=3)
    later = time.monotonic() + 31 * 60
    monkeypatch.setattr("esxdriver.vsphere.wire.stub.time", SimpleNamespace(monotonic=lambda: later))
    found += [each["name"] for each in coming]
    assert found == list("abcde")
    assert session.calls["Login"] == 2


def test_calls_of_one_expired_session_log_in_once(host, session):
    """Two parts are on their way when the host forgets the session: the second finds that the first has renewed it."""
    old = session.stub.cookie.partition(";")[0]

    def answer(body):
        asked = [name for name in "abcde" if f">vm-{name}<" in body]
        expired = asked and old in host.seen[-1][1]
        return Fault("NotAuthenticated", "expired") if expired else page(*(asked or "abcde"))

    host.answers["RetrievePropertiesEx"] = [answer]
    assert [each["name"] for each in scanned(session, size=1)] == list("abcde")
    assert session.calls["Login"] == 2


def test_all_is_reported_when_some_have_disappeared(host, session):
    answer_present(host, "e")
    reported = []
    list(scan(session, session.content.rootFolder, vim.VirtualMachine, ["name"], progress=reported.append))
    assert reported == [20, 40, 60, 80, 100]


def test_only_what_is_left_is_asked_for_again(host, session):
    """A part whose rest is forgotten is not read from its start: what came before has been worked on."""
    host.answers["RetrievePropertiesEx"] = [page("a", "b", "c"), page("a", token="1"), page("b", "c")]
    host.answers["ContinueRetrievePropertiesEx"] = [GONE]
    assert [each["name"] for each in scanned(session, size=3)] == ["a", "b", "c"]
    assert not any(f">vm-{name}<" in host.seen[-1][3] for name in "a")
    assert all(f">vm-{name}<" in host.seen[-1][3] for name in "bc")


def test_a_part_that_is_forgotten_twice_fails_clearly(host, session):
    host.answers["RetrievePropertiesEx"] = [page("a", "b", "c"), page("a", token="1"), page("b", token="2")]
    host.answers["ContinueRetrievePropertiesEx"] = [GONE]
    with pytest.raises(UnfinishedError, match="twice forgotten"):
        list(scanned(session, size=3))


@pytest.mark.parametrize("gone", ["a", "cd", "abcde"])
def test_what_disappears_between_list_and_part_is_left_out(host, session, gone):
    answer_present(host, *gone)
    assert [each["name"] for each in scanned(session)] == [name for name in "abcde" if name not in gone]


def test_what_is_missing_is_asked_to_be_left_out(host, session):
    answer_present(host)
    list(scanned(session))
    assert "<reportMissingObjectsInResults>true<" in host.seen[-1][3]


@pytest.mark.parametrize("fields", [moref("Folder", "elsewhere", "obj"), ""])
def test_somebody_elses_absence_is_an_error(host, session, fields):
    host.answers["RetrievePropertiesEx"] = [
        page("a"), Fault("ManagedObjectNotFound", "gone", fields),
    ]  # fmt: skip
    with pytest.raises(vmodl.fault.ManagedObjectNotFound):
        list(scanned(session))


def test_a_scan_of_nothing(host, session):
    host.answers["RetrievePropertiesEx"] = [""]
    assert list(scanned(session)) == []


# -- what cannot be read, and why


NO_PERMISSION = (
    "<fault><fault xsi:type='NoPermission'><object type='VirtualMachine'>vm-a</object>"
    "<privilegeId>System.Read</privilegeId></fault><localizedMessage>Permission was denied.</localizedMessage></fault>"
)


def with_missing(path, answer):
    return answer.replace("</objects>", f"<missingSet><path>{path}</path>{NO_PERMISSION}</missingSet></objects>", 1)


def test_a_property_that_the_host_withholds_is_refused_with_the_privilege(host, session):
    host.answers["RetrievePropertiesEx"] = [with_missing("config", page("a"))]
    with pytest.raises(libvirt.libvirtError) as caught, translated("cannot read domain 'a'"):
        retrieve.properties(session, vim.VirtualMachine("vm-a", session.stub), "name", "config")["config"]
    assert caught.value.get_error_code() == libvirt.VIR_ERR_ACCESS_DENIED
    assert "Permission was denied" in str(caught.value)
    assert "System.Read" in str(caught.value)


def test_in_a_bulk_read_it_is_missing_with_the_reason(host, session):
    host.answers["RetrievePropertiesEx"] = [with_missing("config", page("a", "b"))]
    one, two = retrieve.below(session, session.content.rootFolder, {vim.VirtualMachine: ["name", "config"]})
    assert (one["name"], one["config"], type(one.missing["config"])) == ("a", None, vim.fault.NoPermission)
    assert (two["name"], two.missing) == ("b", {})
    with pytest.raises(vim.fault.NoPermission):
        one.required("config")


BAD = {
    "a control character": "\x01",
    "a reference to one": "&#1;",
    "half a character": "&#xD800;",
    "no character": "\uffff",
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_character_that_xml_does_not_have_spoils_one_property_only(bad, host, session):
    host.answers["RetrievePropertiesEx"] = [page("a", "b", "c").replace(">b<", f">b{bad}<")]
    one, two, three = retrieve.below(session, session.content.rootFolder, {vim.VirtualMachine: ["name"]})
    assert (one["name"], three["name"]) == ("a", "c")
    assert "character in its val that XML does not have" in str(two.missing["name"])


def test_so_does_a_byte_that_is_no_utf_8(host, session):
    whole = ENVELOPE.format(
        f"<RetrievePropertiesExResponse xmlns='urn:vim25'>{page('a', 'b')}</RetrievePropertiesExResponse>"
    )
    host.answers["RetrievePropertiesEx"] = [Http(200, whole.replace(">b<", ">b\udcff<"))]
    one, two = retrieve.below(session, session.content.rootFolder, {vim.VirtualMachine: ["name"]})
    assert (one["name"], two["name"], list(two.missing)) == ("a", None, ["name"])


def test_a_value_of_another_type_is_none(host, session):
    other = vim.host.DnsConfig(dhcp=True, hostName="x", domainName="x")
    host.answers["RetrievePropertiesEx"] = [
        properties(("VirtualMachine", "vm-a", {"name": other, "config": other, "runtime.powerState": other}))
    ]
    paths = ["name", "config", "runtime.powerState"]
    [found] = retrieve.below(session, session.content.rootFolder, {vim.VirtualMachine: paths})
    assert found.properties == {}
    assert "it is a vim.host.DnsConfig in the place of a" in str(found.missing["config"])
    assert list(found.missing) == paths


@pytest.mark.parametrize(
    "answer", ["<returnval xsi:type='HostDnsConfig'/>", "<other/>", "<returnval><objects/></returnval>"]
)
def test_an_answer_that_is_no_result_is_an_error_of_libvirt(answer, host, session):
    host.answers["RetrievePropertiesEx"] = [answer]
    with pytest.raises(libvirt.libvirtError), translated("cannot list"):
        below(session)
