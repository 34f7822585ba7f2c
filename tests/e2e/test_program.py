# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user meets first: help, man pages, completion, the documented exit codes, the links."""
import re
import shutil
import subprocess
import unittest

import support
from support import SOURCE




class Program(support.Case):
    def test_help_of_every_subcommand(self):
        names = support.subcommands()
        self.assertIn("run", names)
        for name in names:
            done = self.succeed(*name.split(), "--help")
            self.assertEqual(done.stderr, "")
            self.assertIn(f"stasis {name}", done.stdout)

    def test_no_arguments_is_misuse(self):
        done = support.stasis()
        self.assertEqual((done.returncode, done.stdout), (1, ""))

    def test_man_pages(self):
        for name in ["", *support.subcommands()]:
            page = self.succeed("man", *([name.replace(" ", "-")] if name else [])).stdout
            self.assertTrue(page.startswith(".TH"), name)
            if shutil.which("groff"):
                done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z"], input=page, text=True, check=False,
                                      capture_output=True)
                self.assertEqual(done.stderr, "", name)

    def test_man_pages_name_what_json_holds(self):
        examples = SOURCE / "examples"
        for name, arguments in {
                "pool": [examples / "responses.csv", "--measure", "PLO", "--bias", "--influence", "--subgroup", "arm",
                         "--levels", "study", "--bayes", "--bootstrap", 10, "--cumulative", "year"],
                "survival": [examples / "follow-up-simulated.csv", "--time", "months", "--status", "died", "--group", "arm",
                             "--cox", "age", "--zph", "km"],
                "medians": [examples / "medians.csv", "--median", "months", "--n", "n"],
                "audit": [], "tables": ["--table", "outcomes"]}.items():
            page = self.succeed("man", f"evidence-{name}").stdout.replace("\\-", "-").split(".SH OUTPUT")[1]
            answer = self.answer("evidence", name, *arguments)
            for member in answer if isinstance(answer, dict) else answer[0]:
                self.assertRegex(page, rf"\b{re.escape(member)}\b", f"{name}: {member}")

    def test_completion(self):
        script = self.write("completion", self.succeed("completion").stdout)
        subprocess.run(["bash", "-n", script], check=True)
        probe = f"source {script}; COMP_WORDS=(stasis tr); COMP_CWORD=1; " \
                "$(complete -p stasis | sed 's/.*-F \\([^ ]*\\).*/\\1/'); echo \"${COMPREPLY[*]}\""
        done = subprocess.run(["bash", "-c", probe], text=True, capture_output=True, check=False)
        self.assertEqual(done.stdout.split(), ["tree"], done.stderr)

    def test_exit_codes_are_documented(self):
        header = (SOURCE / "include/stasis/base.h").read_text()
        codes = re.findall(r'X\(ST_\w+, (\d+), "([^"]*)"\)', header)
        page = re.findall(r"^\| (\d+) \| ([^|]*) \|", (SOURCE / "docs/exit-codes.md").read_text(), re.M)
        self.assertEqual(codes, page)
        for code, text in codes:
            self.assertIn(f"{code}  {text}", support.stasis("--help").stdout)

    def test_agents(self):
        own = SOURCE / "examples/agents.csv"
        listed = self.answer("agents", "--agents", own)
        agents = {agent["name"]: agent for agent in listed["agents"]}
        self.assertEqual(agents.keys() - {a["name"] for a in self.answer("agents")["agents"]}, {"example-beads"})
        self.assertAlmostEqual(agents["rigid-spheres"]["particles_per_ml"] / 1.184e6, 1, places=3)
        self.assertEqual(agents["deb-100-300"]["drug_mg_per_ml"], 37.5)
        self.assertIsNone(agents["pva-75-150"]["resorption_days"])
        self.assertEqual(agents["example-beads"]["distribution"], "normal")
        for protocol in listed["protocols"]:
            for step in protocol["steps"]:
                self.assertIn(step["agent"], agents.keys() | {"*"})
        told = self.succeed("agents", "--agents", own).stdout
        for name in agents:
            self.assertIn(name, told)

    def test_links_of_the_pages(self):
        for page in [*SOURCE.glob("*.md"), *(SOURCE / "docs").rglob("*.md")]:
            for link in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
                if not link.startswith("http"):
                    self.assertTrue((page.parent / link).exists(), f"{page.name}: {link}")


if __name__ == "__main__":
    support.main()
