# SPDX-License-Identifier: GPL-3.0-or-later
"""`make install` into a folder of its own, and a program that links with the library there."""
import os
import pathlib
import subprocess
import unittest

import support

PREFIX = "/usr/local"


class Installation(support.Case):
    def test_installation(self):
        root = self.folder / "root"
        done = subprocess.run(["make", "-C", support.SOURCE, "--no-print-directory", "install", f"PREFIX={PREFIX}",
                               f"DESTDIR={root}", f"BUILD={os.environ['STASIS_BUILD']}"], text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout)
        place = pathlib.Path(f"{root}{PREFIX}")
        for name in ["stasis", *(f"stasis-{c.replace(' ', '-')}" for c in support.subcommands())]:
            self.assertTrue((place / f"share/man/man1/{name}.1").is_file(), name)
        self.assertTrue((place / "share/bash-completion/completions/stasis").is_file())
        self.assertTrue((place / "bin/stasis").is_file())
        self.compile(place)

    def compile(self, place):
        source = self.write("mine.c", "#include <stasis/stasis.h>\n"
                            "int main(void) { st_error err = {0}; st_agent agent; puts(st_version());\n"
                            "return (int)st_agents_find(NULL, ST_DEFAULT_AGENT, &agent, &err); }\n")
        environment = {**os.environ, "PKG_CONFIG_PATH": str(place / "lib/pkgconfig")}
        flags = subprocess.run(["pkg-config", f"--define-variable=prefix={place}", "--cflags", "--libs", "stasis"],
                               env=environment, check=True, text=True, capture_output=True).stdout.split()
        program = self.folder / "mine"
        subprocess.run(["cc", "-o", program, source, *flags], check=True)
        done = subprocess.run([program], env={**os.environ, "LD_LIBRARY_PATH": str(place / "lib")}, text=True,
                              capture_output=True, check=True)
        self.assertRegex(done.stdout, r"^\d+\.\d+\.\d+$")


if __name__ == "__main__":
    support.main()
