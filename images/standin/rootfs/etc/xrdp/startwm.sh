#!/bin/sh
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
# The session: a window manager and one terminal; it ends when the terminal does.
cd "$HOME" || exit 1
lwm &
exec xterm -geometry 100x30+40+40 -T 'rescue stand-in guest (not Windows)'
