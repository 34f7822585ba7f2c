#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns the files of data/ into C, so that the program runs from anywhere.

embed.py ids  OUT.h  data/parameters/*.csv   -> the enum of parameters
embed.py data OUT.c  DATA_DIR  FILES...      -> the files as byte arrays, found by name
"""
import csv
import os
import sys


def write_ids(out, files):
    names = []
    for name in files:
        with open(name, newline="", encoding="utf-8") as stream:
            names += [row["name"] for row in csv.DictReader(stream)]
    twice = {n for n in names if names.count(n) > 1}
    if twice:
        sys.exit(f"parameters named twice: {', '.join(sorted(twice))}")
    lines = [f"    ST_P_{n.upper()}," for n in names]
    out.write("/* made by tools/embed.py from data/parameters */\n"
              "#ifndef STASIS_PARAMETER_IDS_H\n#define STASIS_PARAMETER_IDS_H\n\n"
              "typedef enum {\n" + "\n".join(lines) + "\n    ST_PARAMETER_COUNT\n} st_parameter_id;\n\n#endif\n")


def write_data(out, root, files):
    out.write("/* made by tools/embed.py from data/ */\n#include \"embedded.h\"\n\n")
    entries = []
    for i, name in enumerate(files):
        with open(name, "rb") as stream:
            content = stream.read()
        body = ",".join(str(b) for b in content + b"\0")
        out.write(f"static const unsigned char file_{i}[] = {{{body}}};\n")
        short = os.path.relpath(name, root).replace(os.sep, "/")
        entries.append(f'    {{"{short}", file_{i}, {len(content)}}},')
    out.write("\nconst st_embedded_file st_embedded[] = {\n" + "\n".join(entries) + "\n};\n"
              f"const size_t st_embedded_count = {len(files)};\n")


def main():
    kind, target, *rest = sys.argv[1:]
    with open(target, "w", encoding="utf-8") as out:
        if kind == "ids":
            write_ids(out, rest)
        else:
            write_data(out, rest[0], rest[1:])


main()
