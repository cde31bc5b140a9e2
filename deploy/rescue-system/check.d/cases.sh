# shellcheck shell=bash disable=SC2154 # variables are shared with check
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# What is checked. A case is true when all is well; the console's log is $work/CASE.console.

check_case() {
    local name=$1
    case $name in
        netboot) check_netboot ;;
        static) check_static ;;
        wrong-digest) check_wrong_digest ;;
        away) check_away ;;
        no-dhcp) check_no_dhcp ;;
        iso-bios | iso-uefi) check_iso "${name#iso-}" ;;
        *) fail 2 "there is no case '$name' (see --help)" ;;
    esac
}

# What the unit inside has found; it writes "done" last.
report_inside() {
    grep '^ok' "$work/$name.inside" | indent
    if grep '^not ok' "$work/$name.inside" >&2; then return 1; fi
    grep --quiet '^done' "$work/$name.inside" || { complain "the checks inside did not end" && return 1; }
}

check_netboot() {
    boot "$name" user "rescue.squashfs=$web/filesystem.squashfs rescue.check=dhcp"
    end_of_machine 420 || return 1
    says 'rescue: multi-user after' || return 1
    grep --only-matching 'rescue: .*' "$work/$name.console" | indent
    report_inside
}

check_static() {
    boot "$name" user "rescue.squashfs=$web/filesystem.squashfs rescue.ip=10.0.2.77/24,10.0.2.2,10.0.2.3 rescue.check=static"
    end_of_machine 420 || return 1
    says '10.0.2.77/24 (by command-line)' && report_inside
}

check_wrong_digest() {
    boot "$name" user "rescue.squashfs=$web/vmlinuz rescue.fetch_attempts=1"
    end_of_machine 120 || return 1
    says 'which this initrd was built for' && says_not 'rescue: root is mounted'
}

check_away() {
    # Nothing listens on the discard port.
    boot "$name" user "rescue.squashfs=http://10.0.2.2:9/filesystem.squashfs rescue.fetch_attempts=2"
    end_of_machine 120 || return 1
    says '(2 of 2)' && says 'cannot fetch http://10.0.2.2:9/filesystem.squashfs' && says_not 'rescue: root is mounted'
}

# How often the console has asked for the network's settings, at least.
asked() { [ "$(grep --count 'restarts after' "$work/$name.console")" -ge "$1" ]; }

check_no_dhcp() {
    # A hub that nobody else is at: a link, and silence.
    boot "$name" hubport,hubid=1 \
        "rescue.squashfs=http://192.0.2.1/x rescue.dhcp_rounds=1 rescue.ask=60 rescue.fetch_attempts=1"
    wait_until 150 "the console to ask" asked 1 || { kill "$qemu_pid" && return 1; }
    type_line nonsense
    wait_until 60 "the console to ask again" asked 2 || { kill "$qemu_pid" && return 1; }
    says "'nonsense' is not ADDRESS/PREFIX" || return 1
    type_line 192.0.2.7/24,192.0.2.1
    end_of_machine 150 || return 1
    says '192.0.2.7/24 (by operator)' && says 'cannot fetch http://192.0.2.1/' || return 1
    boot "$name" hubport,hubid=1 "rescue.squashfs=http://192.0.2.1/x rescue.dhcp_rounds=1 rescue.ask=3"
    end_of_machine 150 || return 1
    says 'and nobody gave settings'
}

check_iso() {
    local firmware=()
    [ "$1" = bios ] || firmware=(-drive "if=pflash,format=raw,readonly=on,file=$ovmf")
    # No second initrd here, so nobody looks inside: the console has to do.
    start_machine "$name" "${firmware[@]}" -cdrom "$iso" -netdev user,id=net -device virtio-net-pci,netdev=net
    wait_until 300 "rescued to serve" console_has 'rescue: rescued is ready after' || { kill "$qemu_pid" && return 1; }
    says 'copying filesystem.squashfs from' || { kill "$qemu_pid" && return 1; }
    grep --only-matching 'rescue: .* after .*' "$work/$name.console" | indent
    kill "$qemu_pid"
    end_of_machine 20
}
