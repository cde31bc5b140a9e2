#!/bin/bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# The whole chain on a virtual bare-metal server with UEFI, by the demo, which checks the result of each of its steps.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
readonly root
image=${RESCUE_IMAGE:-$root/build/standin/bios}
exec "$root/deploy/lab/demo" --firmware uefi --build "${RESCUE_BUILD:-$root/build/dev}" --image "$image" \
    --rescue-system "${RESCUE_SYSTEM:-$root/build/rescue-system}" --output "${RESCUE_RESULTS:-$root/build}/chain-uefi"
