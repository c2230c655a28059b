"""Documents of libvirt's: read safely, printed as libvirt prints them, and checked against its schemas.

1. ``surface`` reads a document and is its surface: paths such as ``source/@file`` lead to its values. Size, entities
   and document type definitions are refused before anything is made of a text.
2. ``tree`` has the elements of a document that is being written, which are quicker to make than lxml's and print as
   libvirt prints.
3. ``metadata`` is this project's element in ``<metadata>``: what libvirt's XML has no words for is written there, and
   read back. A path that begins with ``meta:`` leads to the part of it that belongs to the element.
4. ``schema`` validates against the schemas that libvirt has installed; ``xpath`` is for the command line's ``--xpath``.
"""
