# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Shared by tests with a browser. Uses $root and output.sh.

# Installs playwright-core from npm into build/web-check, once, and copies the folders of tests/web beside it: Node looks for
# packages beside the module that needs them. Prints the folder. Fails with 3 if npm is missing or can't install.
browser_modules() {
    local place=$root/build/web-check folder name
    command -v npm >/dev/null || fail 3 "npm is not installed" "apt-get install npm"
    mkdir -p "$place"
    exec {lock}>"$place/lock"
    flock "$lock"
    if ! cmp --silent "$root/tests/web/package-lock.json" "$place/package-lock.json" || [ ! -d "$place/node_modules" ]; then
        cp "$root"/tests/web/package*.json "$place"
        (cd "$place" && npm ci --ignore-scripts --no-audit --no-fund --cache "$place/cache" >npm.log 2>&1) ||
            { rm --force "$place/package-lock.json" && fail 3 "npm could not install the packages" "Look at $place/npm.log"; }
    fi
    for folder in "$root"/tests/web/*/; do
        name=$(basename "$folder")
        [ "$name" != node_modules ] || continue
        mkdir -p "$place/$name"
        cp "$folder"* "$place/$name"
    done
    exec {lock}>&-
    printf '%s\n' "$place"
}
