"""The engine of the mapping: fields, codecs, mapped enums, and the values that several kinds share."""
