#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs the Debian packages that are missing: `packages.sh build` for the program, `packages.sh test` for the tests
# too. Says nothing when nothing is missing.
set -eu

build="gcc libc6-dev pkg-config python3 meson ninja-build libjansson-dev libgsl-dev libcairo2-dev libexpat1-dev zlib1g-dev
       libnifti2-dev librandom123-dev"
test="libcmocka-dev clang libclang-rt-14-dev libomp-dev llvm binutils r-base-core r-cran-metafor r-cran-survival
      r-cran-lme4 r-cran-biasedurn r-cran-jsonlite"

wanted=$build
[ "${1:-build}" = test ] && wanted="$build $test"

if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "stasis: this is no Debian system; please install what these packages hold:" $wanted >&2
    exit 0
fi

missing=""
for package in $wanted; do
    case $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true) in
        installed) ;;
        *) missing="$missing $package" ;;
    esac
done
[ -z "$missing" ] && exit 0

root=""
if [ "$(id -u)" != 0 ]; then
    root=sudo
    command -v sudo >/dev/null 2>&1 || {
        echo "stasis: please install as root: apt-get install$missing" >&2
        exit 1
    }
fi
echo "stasis: installing$missing" >&2
export DEBIAN_FRONTEND=noninteractive
install() {
    $root apt-get install -qq -y --no-install-recommends $missing >/dev/null
}
# The package lists may be empty or old: then, and only then, fetch them.
if ! install 2>/dev/null; then
    $root apt-get update -qq >/dev/null && install || {
        echo "stasis: apt-get could not install$missing; see its message above" >&2
        exit 1
    }
fi
