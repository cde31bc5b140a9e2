# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with check
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Cases of the check. A case succeeds or fails; the console's log is $work/CASE.console.

check_case() {
    local name=$1
    case $name in
        netboot) check_netboot ;;
        static) check_static ;;
        screen) check_screen ;;
        wrong-digest) check_wrong_digest ;;
        away) check_away ;;
        no-dhcp) check_no_dhcp ;;
        ext4 | fat) check_partition "$name" ;;
        iso-bios | iso-uefi) check_iso "${name#iso-}" ;;
        *) fail 2 "there is no case '$name' (see --help)" ;;
    esac
}

# Reports the findings of the unit inside, which writes "done" last.
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

# Sees what a KVM over IP shows: the server's own screen, and types on its keyboard.
check_screen() {
    local key
    boot "$name" user "rescue.squashfs=$web/filesystem.squashfs rescue.check=screen"
    watch_screen || { kill "$qemu_pid" && return 1; }
    end_of_machine 180 || return 1
    report_inside
}

inside_says() { grep --no-messages --quiet "^$1" "$work/$name.inside"; }

# picture_matches SCREEN.PY-ARGUMENT...: takes a picture of the server's screen into CASE.ppm and looks at it.
picture_matches() {
    order "screendump $work/$name.ppm" && "$here/../lab/lib/screen.py" "$1" "$work/$name.ppm" "${@:2}" >>"$work/$name.pictures" 2>&1
}

watch_screen() {
    wait_until 420 "the VM to be on the screen" inside_says 'screen: type' || return 1
    for key in r e s c u e; do press "$key"; done
    wait_until 120 "the VM's own picture" inside_says 'screen: picture' || return 1
    sed -n 's/^screen: picture //p' "$work/$name.inside" | tr -d '\r' | base64 --decode | gunzip >"$work/$name.guest.ppm"
    wait_until 30 "the server's screen to show the VM's picture" picture_matches picture "$work/$name.guest.ppm" || return 1
    mv "$work/$name.ppm" "$work/$name.shown.ppm"
    press ctrl-alt-f1
    wait_until 60 "the status after the chord" inside_says 'screen: status' || return 1
    wait_until 30 "the server's screen to show the status" picture_matches status || return 1
    press alt-f7
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

# asked N: true if the console has requested network settings at least N times.
asked() { [ "$(grep --count 'restarts after' "$work/$name.console")" -ge "$1" ]; }

check_no_dhcp() {
    # An empty hub: a link, and no answer.
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

# make_partition KIND LABEL FILE: puts the system's files into the only partition of a disk. ext4's journal is dirty, as
# after a power cut: a plain mount would write to the disk.
make_partition() {
    local kind=$1 label=$2 file=$3 file_system=$3.fs files=("$directory"/{vmlinuz,initrd.img,filesystem.squashfs})
    truncate -s 400M "$file_system"
    if [ "$kind" = ext4 ]; then
        mkdir -p "$work/partition"
        cp --reflink=auto "${files[@]}" "$work/partition/"
        mke2fs -q -t ext4 -L "$label" -d "$work/partition" "$file_system"
        rm -r "$work/partition"
        printf 'jo\njw -b 1000 /dev/zero\njc\n' | debugfs -w "$file_system" >/dev/null 2>&1
        dumpe2fs -h "$file_system" 2>/dev/null | grep --quiet needs_recovery || {
            complain "the journal could not be made dirty" && return 1
        }
    else
        mkfs.fat -F 32 -n "$label" "$file_system" >/dev/null
        mcopy -i "$file_system" "${files[@]}" ::
    fi
    truncate -s 402M "$file"
    sgdisk --new 1:2048:+400M "$file" >/dev/null
    dd if="$file_system" of="$file" bs=1M seek=1 conv=notrunc,sparse status=none
    rm "$file_system"
}

check_partition() {
    local disk=$work/$name.img label before
    label=RSC$(sha256sum "$directory/filesystem.squashfs" | cut -c 1-8 | tr a-f A-F)
    make_partition "$1" "$label" "$disk" || return 1
    before=$(sha256sum <"$disk")
    attached=(-drive "file=$disk,format=raw,if=virtio")
    boot "$name" user "rescue.medium=LABEL=$label rescue.check=dhcp"
    attached=()
    end_of_machine 420 || return 1
    says 'copying filesystem.squashfs from /dev/vda1' || return 1
    report_inside || return 1
    [ "$(sha256sum <"$disk")" = "$before" ] || { complain "the disk with the partition was changed" && return 1; }
    say "the disk with the partition is unchanged"
    rm "$disk"
}

check_iso() {
    local firmware=()
    [ "$1" = bios ] || firmware=(-drive "if=pflash,format=raw,readonly=on,file=$ovmf")
    # There is no second initrd here, and no unit inside: check the console only.
    start_machine "$name" "${firmware[@]}" -cdrom "$iso" -netdev user,id=net -device virtio-net-pci,netdev=net
    wait_until 300 "rescued to serve" console_has 'rescue: rescued is ready after' || { kill "$qemu_pid" && return 1; }
    says 'copying filesystem.squashfs from' || { kill "$qemu_pid" && return 1; }
    grep --only-matching 'rescue: .* after .*' "$work/$name.console" | indent
    kill "$qemu_pid"
    end_of_machine 20
}
