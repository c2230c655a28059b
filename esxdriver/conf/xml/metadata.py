"""The project's own elements in ``<metadata>``: what libvirt's XML has no words for.

::

    <metadata>
      <esxdriver:domain xmlns:esxdriver="urn:x-esxdriver:domain:1">
        <esxdriver:guestId>ubuntu64Guest</esxdriver:guestId>
        <esxdriver:hardwareVersion>19</esxdriver:hardwareVersion>
        <esxdriver:disk target="sdb" backing="sesparse"/>
        <esxdriver:extraConfig>
          <esxdriver:option key="disk.EnableUUID" value="TRUE"/>
        </esxdriver:extraConfig>
      </esxdriver:domain>
    </metadata>
"""

from collections.abc import Callable, Iterable, Mapping

from esxdriver.conf.xml.foreign import adopt, in_namespace, namespace_of, out_of_namespace, verbatim
from esxdriver.conf.xml.surface import METADATA, ElementSurface, companion

_ROOT = "esxdriver:domain"


class Metadata:
    """The ``<metadata>`` of one domain element; it is made when something is first put there."""

    def __init__(self, domain: ElementSurface) -> None:
        self._domain = domain

    def root(self, make: bool = False) -> ElementSurface | None:
        """Return the project's element, or None when there is none and none is to be made."""
        found = next((each for each in self._domain.children("metadata") if each.name == _ROOT), None)
        if found is not None or not make:
            return found
        return self._metadata().added(_ROOT)

    def _metadata(self) -> ElementSurface:
        found = next((each for each in self._domain.children() if each.name == "metadata"), None)
        return found or self._domain.added("metadata")

    def device(self, name: str, key: str, identity: str) -> Callable[[bool], ElementSurface | None]:
        """Return what finds (or, given True, makes) the element ``name`` whose attribute ``key`` is ``identity``."""

        def found(make: bool) -> ElementSurface | None:
            root = self.root(make)
            if root is None:
                return None
            element = companion(root, f"esxdriver:{name}", key, identity)
            if element is None and make:
                element = root.added(f"esxdriver:{name}")
                element.put(f"@{key}", identity)
            return element

        return found

    @property
    def options(self) -> Mapping[str, str] | None:
        """The ``extraConfig`` options, or None when the document says nothing of them."""
        root = self.root()
        extra = root and next((each for each in root.children() if each.name == "esxdriver:extraConfig"), None)
        if not extra:
            return None
        return {key: option.get("@value") or "" for option in extra.children() if (key := option.get("@key"))}

    def put_options(self, options: Mapping[str, str]) -> None:
        """Write the ``extraConfig`` options, in the order of their keys."""
        root = self.root(make=True)
        assert root is not None
        extra = root.added("esxdriver:extraConfig")
        for key in sorted(options):
            extra.added("esxdriver:option", key=key, value=options[key])

    @property
    def foreign(self) -> tuple[str, ...]:
        """Other applications' elements, as canonical text."""
        return tuple(verbatim(each) for each in self._domain.children("metadata") if each.name != _ROOT)

    def put_foreign(self, texts: tuple[str, ...]) -> None:
        """Write other applications' elements beside the project's own."""
        if texts:
            adopt(self._metadata(), texts)


def foreign_of(texts: Iterable[str], uri: str) -> str | None:
    """Return the element of the namespace ``uri``, as it was before it came into that, or None."""
    return next((out_of_namespace(text) for text in texts if namespace_of(text) == uri), None)


def with_foreign(texts: Iterable[str], uri: str, key: str, text: str | None) -> tuple[str, ...]:
    """Return other applications' elements with ``text`` in the namespace ``uri``; with None, without one there.

    Its prefix is ``key``. It replaces the element that is there. Raises XML_ERROR for what is no element.
    """
    others = tuple(each for each in texts if namespace_of(each) != uri)
    return others if text is None else (*others, in_namespace(text, uri, key))


def is_own(uri: str) -> bool:
    """Whether a namespace is the project's own."""
    return uri == METADATA
