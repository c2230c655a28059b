"""The corpus of VMX files and recorded answers, which lies beside the checkout and not in it."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "shared/corpus"

needed = pytest.mark.skipif(not FOLDER.is_dir(), reason="the corpus (../shared/corpus) is not here")
