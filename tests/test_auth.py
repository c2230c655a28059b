import traceback

import libvirt
import pytest

from esxdriver import auth, uri
from esxdriver.auth import Credentials

SECRET = "hunter2%(x)s#;="
ALL_TYPES = [libvirt.VIR_CRED_AUTHNAME, libvirt.VIR_CRED_PASSPHRASE]


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    """Nobody's own settings: no variables, an empty home, no file of the system."""
    for name in ("LIBVIRT_AUTH_FILE", "GOVC_USERNAME", "GOVC_PASSWORD", "GOVC_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.setattr(auth, "_SYSTEM_AUTH_FILE", tmp_path / "etc" / "auth.conf")


def conf(path, name="root", password=SECRET, group="auth-esx-default"):
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(f"# ours\n[{group}]\ncredentials=c\n\n[credentials-c]\nusername={name}\npassword={password}\n")
    return path


def found(text="esx://esx1/", given=None):
    got = auth.find(uri.parse(text), given)
    return got.username, got.password


def failure(text="esx://esx1/", given=None):
    with pytest.raises(libvirt.libvirtError) as caught:
        found(text, given)
    assert "hunter2" not in everything_of(caught.value)
    return caught.value.get_error_code(), str(caught.value)


def everything_of(error):
    """Return whatever an error shows, with all that it is chained to."""
    shown = "".join(traceback.format_exception(error))
    while error is not None:
        shown += repr(error) + repr(error.args) + repr(vars(error))
        error = error.__cause__ or error.__context__
    return shown


def answering(*answers, status=0):
    """Return a callback that gives the answers in turn, and the questions it was asked."""
    left, asked = list(answers), []

    def callback(credentials, opaque):
        asked.append(([list(each) for each in credentials], opaque))
        for credential in credentials:
            credential[4] = left.pop(0)
        return status

    return callback, asked


def test_the_password_is_not_in_the_repr():
    assert "hunter2" not in repr(Credentials("root", SECRET)) + repr(auth._Found("root", SECRET))


# --- auth.conf


def test_the_first_auth_file_in_libvirts_order_counts(monkeypatch, tmp_path):
    text = f"esx://esx1/?authfile={conf(tmp_path / 'named', password='2')}"
    places = [
        (lambda: monkeypatch.delenv("LIBVIRT_AUTH_FILE"), "1", text),
        (lambda: None, "2", text),
        ((tmp_path / "xdg" / "libvirt" / "auth.conf").unlink, "3", "esx://esx1/"),
        (auth._SYSTEM_AUTH_FILE.unlink, "4", "esx://esx1/"),
    ]
    monkeypatch.setenv("LIBVIRT_AUTH_FILE", str(conf(tmp_path / "env", password="1")))
    conf(tmp_path / "xdg" / "libvirt" / "auth.conf", password="3")
    conf(auth._SYSTEM_AUTH_FILE, password="4")
    for remove, password, given in places:
        assert found(given) == ("root", password)
        remove()
    assert failure()[0] == libvirt.VIR_ERR_AUTH_FAILED


def test_home_is_used_without_xdg(monkeypatch, tmp_path):
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    conf(tmp_path / ".config" / "libvirt" / "auth.conf")
    assert found() == ("root", SECRET)


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("esx://esx1/", "auth-esx-default"),
        ("esx://Esx1.example.com/", "auth-esx-Esx1.example.com"),
        ("esx://[2001:db8::7]/", "auth-esx-2001:db8::7"),
        ("vpx://vc/dc", "auth-esx-vc"),
    ],
)
def test_the_group_of_a_host(text, group, tmp_path):
    path = conf(tmp_path / "a", group=group)
    assert found(f"{text}?authfile={path}") == ("root", SECRET)


def test_a_hosts_own_group_goes_before_the_default(tmp_path):
    path = conf(tmp_path / "a")
    path.write_text(path.read_text() + "[auth-esx-esx2]\ncredentials=d\n[credentials-d]\nusername=u\npassword=\n")
    assert found(f"esx://esx2/?authfile={path}") == ("u", "")
    assert found(f"esx://esx1/?authfile={path}") == ("root", SECRET)


def test_a_password_of_somebody_else_is_not_used(tmp_path):
    path = conf(tmp_path / "a")
    assert found(f"esx://root@esx1/?authfile={path}") == ("root", SECRET)
    code, text = failure(f"esx://guest@esx1/?authfile={path}")
    assert code == libvirt.VIR_ERR_AUTH_FAILED
    assert "no password for guest" in text
    assert "which is for root" in text


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("hunter2\n[auth-esx-default]\n", "not in auth.conf's format"),
        ("[auth-esx-default]\nhunter2\n", "not in auth.conf's format"),
        (b"[auth-esx-default]\nhunter2 \xff\n", "not in auth.conf's format: line 2"),
        ("[auth-esx-default]\n", "credentials=NAME"),
        ("[auth-esx-default]\ncredentials=gone\n", "credentials=NAME"),
        (None, "No such file"),
    ],
)
def test_an_unusable_auth_file(content, part, tmp_path):
    path = tmp_path / "a"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    code, text = failure(f"esx://esx1/?authfile={path}")
    assert code == libvirt.VIR_ERR_INVALID_ARG
    assert part in text
    assert str(path) in text


@pytest.mark.parametrize(
    "content",
    [
        "  [auth-esx-default]\n\tcredentials = c\n[credentials-c]\nusername=root\n    password=hunter2\n",
        "[credentials-c]\r\nusername = root\r\n  password = hunter2\r\n[auth-esx-default]\r\ncredentials=c\r\n",
        "[credentials-c]\npassword=old\n[auth-esx-default]\ncredentials=c\n[credentials-c]\nusername=root\npassword=hunter2",
        "[credentials-c]\nusername=root\npassword=hun\\x\\ter2\n[auth-esx-default]\ncredentials=c\n",
    ],
)
def test_auth_conf_is_read_as_libvirt_reads_it(content, tmp_path):
    path = tmp_path / "a"
    path.write_text(content)
    user, password = found(f"esx://esx1/?authfile={path}")
    assert (user, password.replace("\\x", "").replace("\t", "t")) == ("root", "hunter2")


@pytest.mark.parametrize("user", ["root password=hunter2", "root:hunter2", "root\\npassword=hunter2"])
def test_a_secret_in_the_place_of_a_user_name_is_not_shown(user, tmp_path):
    path = conf(tmp_path / "a", name=user)
    assert "for (a name that is not shown)" in failure(f"esx://other@esx1/?authfile={path}")[1]
    path.write_text(f"[auth-esx-default]\ncredentials=c\n[credentials-c]\nusername={user}\n")
    assert "no password for (a name that is not shown)" in failure(f"esx://esx1/?authfile={path}")[1]


# A secret that cannot be sent: bytes that are no UTF-8, halves of a character, what XML has no character for.
UNSENDABLE = [b"hunter2\xff", b"hunter2\xed\xa0\x80", b"hunter2\x01", b"hunter2\xef\xbf\xbf"]


@pytest.mark.parametrize("secret", UNSENDABLE)
@pytest.mark.parametrize("source", ["file", "callback", "bytes of the callback", "govc"])
def test_a_password_that_cannot_be_sent_leaves_no_trace(secret, source, tmp_path, monkeypatch):
    given, text = None, "esx://root@esx1/"
    if source == "file":
        (tmp_path / "a").write_bytes(conf(tmp_path / "a").read_bytes().replace(SECRET.encode(), secret))
        text += f"?authfile={tmp_path / 'a'}"
    elif source == "govc":
        monkeypatch.setenv("GOVC_USERNAME", "root")
        monkeypatch.setenv("GOVC_PASSWORD", secret.decode(errors="surrogateescape"))
    else:
        answer = secret if source.startswith("bytes") else secret.decode(errors="surrogateescape")
        given = [ALL_TYPES, answering(answer)[0], None]
    code, said = failure(text, given)
    assert code == libvirt.VIR_ERR_AUTH_FAILED
    assert "the password from" in said
    assert "no host takes it" in said


def test_a_file_without_an_end_is_no_auth_file():
    code, text = failure("esx://esx1/?authfile=/dev/zero")
    assert (code, "larger than 1 MiB" in text) == (libvirt.VIR_ERR_INVALID_ARG, True)


def test_nobody_has_to_have_a_home(monkeypatch):
    monkeypatch.delenv("XDG_CONFIG_HOME")

    def homeless():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(auth.Path, "home", homeless)
    assert failure()[0] == libvirt.VIR_ERR_AUTH_FAILED


# --- the callback


@pytest.mark.parametrize(("text", "default"), [("esx://h/", "root"), ("vpx://h/", "administrator")])
def test_the_callback_is_asked_for_both(text, default):
    callback, asked = answering("me", SECRET)
    assert found(text, [ALL_TYPES, callback, "opaque"]) == ("me", SECRET)
    (name, opaque), (password, _) = asked
    assert name == [[libvirt.VIR_CRED_AUTHNAME, f"User name for h [{default}]", "h", default, None]]
    assert password == [[libvirt.VIR_CRED_PASSPHRASE, "Password of me on h", "h", None, None]]
    assert opaque == "opaque"


@pytest.mark.parametrize("answer", [None, ""])
def test_an_empty_user_name_is_the_default(answer):
    assert found(given=[ALL_TYPES, answering(answer, SECRET)[0], None]) == ("root", SECRET)


def test_the_user_of_the_uri_is_not_asked_for():
    callback, asked = answering(SECRET)
    assert found("esx://u@h/", [[libvirt.VIR_CRED_NOECHOPROMPT], callback, None]) == ("u", SECRET)
    assert [credentials[0][0] for credentials, _ in asked] == [libvirt.VIR_CRED_NOECHOPROMPT]


def test_auth_conf_goes_before_the_callback(tmp_path):
    path = conf(tmp_path / "a")
    callback, asked = answering("no", "no")
    assert found(f"esx://h/?authfile={path}", [ALL_TYPES, callback, None]) == ("root", SECRET)
    assert not asked


def test_whoever_declines_is_not_bypassed(monkeypatch):
    monkeypatch.setenv("GOVC_USERNAME", "root")
    monkeypatch.setenv("GOVC_PASSWORD", SECRET)
    code, text = failure(given=[ALL_TYPES, answering("root", status=-1)[0], None])
    assert code == libvirt.VIR_ERR_AUTH_FAILED
    assert "declined" in text


# --- govc


@pytest.mark.parametrize(
    ("text", "url", "fits"),
    [
        ("esx://esx1/", None, True),
        ("esx://me@esx1/", None, True),
        ("esx://you@esx1/", None, False),
        ("esx://Esx1/", "https://me:hunter2@esx1/sdk", True),
        ("esx://esx1/", "esx1", True),
        ("esx://esx1/", "me:hunter2@esx2", False),
        ("esx://esx1/", "https://[hunter2", False),
    ],
)
def test_govcs_variables_are_for_their_user_and_host(text, url, fits, monkeypatch):
    monkeypatch.setenv("GOVC_USERNAME", "me")
    monkeypatch.setenv("GOVC_PASSWORD", SECRET)
    if url:
        monkeypatch.setenv("GOVC_URL", url)
    if fits:
        assert found(text) == ("me", SECRET)
    else:
        assert "GOVC_PASSWORD (for" in failure(text)[1]


def test_nothing_found_names_every_place():
    code, text = failure()
    assert code == libvirt.VIR_ERR_AUTH_FAILED
    for place in ("esx1", "auth.conf", "openAuth", "GOVC_PASSWORD (not set)"):
        assert place in text
