#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes the label maps of examples/ from the human liver that Debian ships in libcgal-demo, with synthetic metastases:
# debian-liver.sh STASIS DIR writes DIR/liver.nii.gz (nine) and DIR/single-lesion.nii.gz (one). What is there is kept.
set -eu

stasis=$1
dir=$2
mkdir -p "$dir"

if [ ! -s "$dir/liver.inr.gz" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    get() {
        (cd "$work" && apt-get download -qq -o APT::Sandbox::User="$(id -un)" libcgal-demo) 2>/dev/null
    }
    update() {
        if [ "$(id -u)" = 0 ]; then apt-get update -qq; else sudo -n apt-get update -qq; fi
    }
    get || { update 2>/dev/null && get; } || {
        echo "stasis: the Debian package libcgal-demo, which holds the liver, could not be downloaded (is there a" \
            "network?); put its data/images/liver.inr.gz at $dir/liver.inr.gz to go on without" >&2
        exit 1
    }
    dpkg-deb -x "$work"/libcgal-demo_*.deb "$work/package"
    tar -xzf "$(find "$work/package" -name data.tar.gz)" -C "$work" data/images/liver.inr.gz
    mv "$work/data/images/liver.inr.gz" "$dir/liver.inr.gz"
fi

plain=$dir/liver-without-lesions.nii.gz
[ -s "$plain" ] || "$stasis" import "$dir/liver.inr.gz" -o "$plain" --axes LPS
[ -s "$dir/liver.nii.gz" ] ||
    "$stasis" metastases "$plain" -o "$dir/liver.nii.gz" --preset cgal --count 9 --burden 15 --seed 1
[ -s "$dir/single-lesion.nii.gz" ] ||
    "$stasis" metastases "$plain" -o "$dir/single-lesion.nii.gz" --preset cgal --count 1 --burden 1 --seed 1
