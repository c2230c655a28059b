"""The command's entry: Ctrl-C while it still imports ends it as cleanly as later."""

import sys


def main() -> None:
    """Run the command line; this is the installed ``esxdriver``, and ``python -m esxdriver``."""
    try:
        from esxdriver.cli import main as run  # noqa: PLC0415

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
