# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/validation.md is what the program computes now."""
import json
import os
import subprocess
import unittest

import support


class Validation(support.Case):
    def test_page_is_current(self):
        page, answer = self.folder / "validation.md", self.folder / "validation.json"
        subprocess.run([os.environ["STASIS_VALIDATE"], page, answer], check=True)
        rows = json.loads(answer.read_text())
        self.assertGreater(sum(row["met"] is not None for row in rows), 9)
        self.assertEqual((support.SOURCE / "docs/validation.md").read_text(), page.read_text(),
                         "run `make validate` and commit the page")


if __name__ == "__main__":
    support.main()
