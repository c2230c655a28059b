"""Another application's element in <metadata>."""

import libvirt
import pytest

from esxdriver.conf.xml.metadata import foreign_of, with_foreign
from tests.helpers import failing

URI = "urn:x-other:1"


def test_an_element_comes_back_as_it_was():
    texts = with_foreign((), URI, "other", "<a b='1'>text<c/></a>")
    assert foreign_of(texts, URI) == '<a b="1">text<c></c></a>'
    assert with_foreign(texts, URI, "other", None) == ()


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE a [<!ENTITY x 'boo'>]><a b='&x;'/>",
        "<!DOCTYPE a><a/>",
        "<?xml version='1.0'?><!DOCTYPE a><a/>",
        "<a>" + "x" * (16 * 2**20) + "</a>",
        "<a>",
        "",
    ],
    ids=["entity", "doctype", "declaration", "large", "broken", "empty"],
)
def test_what_no_document_may_be_no_element_may_be(text):
    failing(libvirt.VIR_ERR_XML_ERROR, with_foreign, (), URI, "other", text)
