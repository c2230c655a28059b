"""What an expression finds, and how a number, a truth value or a text is written."""

import pytest

from esxdriver.conf.xml.xpath import ExpressionError, found

DOCUMENT = "<domain><name>a</name><memory>4194304</memory><size>4294967296000</size><share>0.25</share></domain>"


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("number(//memory)", "4194304"),
        ("number(//size)", "4294967296000"),
        ("number(//share)", "0.25"),
        ("-number(//memory) - 0.5", "-4194304.5"),
        ("count(//none)", "0"),
        ("number(//name)", "NaN"),
        ("1 div 0", "Infinity"),
        ("-1 div 0", "-Infinity"),
        ("//name = 'a'", "true"),
        ("string(//name)", "a"),
        ("//name/text()", "a"),
        ("//name", "<name>a</name>"),
    ],
)
def test_what_is_found_is_written_as_xpath_does(expression, text):
    assert found(DOCUMENT, expression) == [text]


def test_what_is_no_expression_is_said_to_be_none():
    with pytest.raises(ExpressionError):
        found(DOCUMENT, "//[")
