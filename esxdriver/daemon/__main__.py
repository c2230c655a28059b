"""``python -m esxdriver.daemon`` is ``virtesxd``."""

from esxdriver.daemon.command import main

main()
