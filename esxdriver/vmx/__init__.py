"""VMX's words: the text of a .vmx file, and the surface that definitions are read from and written to."""
