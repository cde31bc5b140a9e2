#!/bin/bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Whole sessions as seen by operator, customer and network: one with the provider's DHCP, in which the disks are written, and
# one of which is a copy of the rescue image; one without, in which what was written is discarded. A file comes over SFTP while
# the VM runs on overlays, and when it is off.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source=../../deploy/lab/lib/lab.sh
source "$root/deploy/lab/lib/lab.sh"
# shellcheck source=../../deploy/lab/lib/customer.sh
source "$root/deploy/lab/lib/customer.sh"
# shellcheck source=../../deploy/lab/lib/observations.sh
source "$root/deploy/lab/lib/observations.sh"
# shellcheck source=../lib/secrets.sh
source "$root/tests/lib/secrets.sh"
readonly state=/run/rescue-lab/$lab_name

equal() { [ "$2" = "$3" ] || die "$1: '$2', not '$3'"; }

plan_is_valid() {
    lab exec server -- rescuectl plan --xml >"$scratch/domain.xml"
    virt-xml-validate "$scratch/domain.xml" domain >"$scratch/validate" 2>&1 || {
        indent <"$scratch/validate"
        die "the planned domain is not valid"
    }
    good "rescuectl plan --xml passes virt-xml-validate"
}

disks_are_looked_into() {
    local before code=0
    before=$(sha256sum "$state"/disks/*.img)
    lab exec server -- rescuectl disks --json >"$scratch/disks.json"
    equal "disks with facts" "$(jq '[.usable[] | select(.facts != null)] | length' "$scratch/disks.json")" \
        "$(jq '.usable | length' "$scratch/disks.json")"
    equal "findings that a disk was not inspected" "$(jq '[.findings[] | select(.code == "not-inspected")] | length' "$scratch/disks.json")" 0
    lab exec server -- rescuectl why >"$scratch/why" || code=$?
    equal "exit code of why" "$code" "$expected_code"
    grep -q "$expected_link" "$scratch/why" || die "why has no $expected_link: $(<"$scratch/why")"
    equal "the disks after they were inspected" "$(sha256sum "$state"/disks/*.img)" "$before"
    good "rescuectl disks and why: each disk was read, and none was written"
}

# Gives the second disk an EFI system partition with a boot configuration and a boot manager.
make_system_partition() {
    local device partition=$scratch/system.img folder
    device=$(losetup --noheadings --output NAME --associated "$state/disks/disk2.img")
    mformat -C -i "$partition" -T 131072 -h 64 -s 32 ::
    for folder in EFI EFI/Microsoft EFI/Microsoft/Boot; do mmd -i "$partition" "::/$folder"; done
    gunzip <"$root/tests/fixtures/boot/BCD-efi.gz" >"$scratch/BCD"
    printf 'MZ boot manager' >"$scratch/bootmgfw.efi"
    mcopy -i "$partition" "$scratch/BCD" "$scratch/bootmgfw.efi" ::/EFI/Microsoft/Boot
    sgdisk --new=1:2048:+64M --typecode=1:ef00 --change-name=1:System "$device" >/dev/null
    dd if="$partition" of="$device" bs=1M seek=1 conv=notrunc,fsync status=none
    rm "$partition"
}

# Gives the second disk an NTFS volume with a backup of a database.
make_data_volume() {
    local device partition=$scratch/data.img
    device=$(losetup --noheadings --output NAME --associated "$state/disks/disk2.img")
    truncate -s 64M "$partition"
    mkntfs --quiet --fast --force --label Data "$partition" >/dev/null
    head -c 5000000 /dev/urandom >"$scratch/shop.bak"
    ntfscp --quiet "$partition" "$scratch/shop.bak" /shop.bak
    sgdisk --new=2:0:+64M --typecode=2:0700 "$device" >/dev/null
    dd if="$partition" of="$device" bs=1M seek=65 conv=notrunc,fsync status=none
    rm "$partition"
    data_folder=/${device##*/}2
}

sftp_says() { grep -q '^host key' "$state/server/log/files.log"; }

# The customer fetches the backup with OpenSSH's client at the server's own address. The host key is the one that the operator
# reads out.
backup_comes_over_sftp() { # WHEN
    local line announced
    rm -f "$state/server/log/files.log" "$state"/customer/{files_hosts,fetched}
    start_daemon server files rescuectl files serve
    wait_until 20 "SFTP to be served" sftp_says
    announced=$(awk '/^host key/ { print $3 }' "$state/server/log/files.log")
    line=$(in_machine customer ssh-keyscan -T 20 -p 21322 "$server_v4" 2>/dev/null | grep -v '^#')
    equal "host key of SFTP" "$(ssh-keygen -l -f - <<<"$line" | cut -d ' ' -f 2)" "$announced"
    printf '%s\n' "$line" >"$state/customer/files_hosts"
    in_machine customer timeout 120 sftp -q -b - -P 21322 -i /run/lab/key -o IdentitiesOnly=yes \
        -o UserKnownHostsFile=/run/lab/files_hosts -o StrictHostKeyChecking=yes "rescue@$server_v4" \
        <<<"get $data_folder/shop.bak /run/lab/fetched" >"$scratch/sftp" 2>&1 || die "sftp: $(<"$scratch/sftp")"
    cmp "$scratch/shop.bak" "$state/customer/fetched" || die "the backup that came over SFTP is not the one on the disk"
    stop_daemon server files TERM
    good "a file of an NTFS volume came over SFTP, $1"
}

# The customer changes the path of a boot entry, and a file beside it.
change_boot_entry() {
    # shellcheck disable=SC2016 # expanded in the guest
    gunzip <"$root/tests/fixtures/boot/BCD-exe.gz" | base64 | in_guest -- 'set -e
        sudo mkdir -p /mnt/system
        sudo mount "$(lsblk --raw --noheadings --output PATH,PARTLABEL | awk "\$2 == \"System\" { print \$1 }")" /mnt/system
        base64 -d | sudo tee /mnt/system/EFI/Microsoft/Boot/BCD >/dev/null
        printf "MZ another one!" | sudo tee /mnt/system/EFI/Microsoft/Boot/bootmgfw.efi >/dev/null
        sudo umount /mnt/system'
}

# The report of the session says this as text and as JSON.
report_says() { # CHANGE...
    lab exec server -- rescuectl report >"$scratch/report"
    lab exec server -- rescuectl report --json >"$scratch/report.json"
    equal "what is not known" "$(jq -c .report.unknown "$scratch/report.json")" '[]'
    equal "the changes" "$(jq -r '.report.changes[] | "\(.code) \(.partition)"' "$scratch/report.json")" "$(printf '%s\n' "$@")"
    indent <"$scratch/report"
    if [ $# = 0 ]; then
        grep -q '^changed *nothing of what was compared' "$scratch/report" || die "the report does not say that nothing changed"
    else
        grep -q "entry 'Windows Server': path changed from '.*winload.efi' to '.*winload.exe'" "$scratch/report" ||
            die "the report does not name the boot entry"
        grep -q 'bootmgfw.efi was replaced' "$scratch/report" || die "the report does not name the file"
    fi
    good "the report says what the customer changed: ${*:-nothing}"
}

start() { # MODE
    make_customer_key
    lab exec server -- rescuectl start --wait --credentials-file /run/lab/credentials.json --disk-mode "$1" \
        --ssh-key /run/lab/customer.pub --keyboard de --language de
    deliver_credentials "$state/server/credentials.json"
    equal phase "$(status .phase)" serving
    equal "what failed" "$(status .failure)" null
    equal "the mode of the credentials' file" "$(stat -c %a "$state/server/credentials.json")" 600
}

fingerprints_are_announced() {
    lab exec server -- rescuectl disks >"$scratch/disks"
    grep -q 'not shown: a session runs' "$scratch/disks" || die "disks are inspected while a guest writes: $(<"$scratch/disks")"
    pin_host_key || die "OpenSSH sees another host key than $(delivered ssh_host_key)"
    equal "SSH host key in status" "$(status .connection.ssh_host_key)" "$(delivered ssh_host_key)"
    equal "RDP certificate in status" "$(status .connection.rdp_certificate)" "$(delivered rdp_certificate)"
    equal "RDP certificate that FreeRDP sees" "$(rdp_fingerprint_seen)" "$(delivered rdp_certificate)"
    good "the fingerprints that were announced are what the clients see"
}

wishes_came_true() {
    equal "SSH keys in status" "$(status .guest.ssh_keys)" proven
    equal "keyboard in status" "$(status .guest.keyboard)" set
    equal "who logs in with the key" "$(in_guest_by_key -- whoami)" Administrator
    equal "keys in the guest" "$(in_guest -- cat .ssh/authorized_keys)" "$(<"$state/customer/key.pub")"
    # shellcheck disable=SC2016 # expanded in the guest
    equal "layout in the guest" "$(in_guest -- '. /etc/default/keyboard && echo "$XKBLAYOUT"')" de
    in_guest -- cat /etc/motd >"$scratch/motd"
    grep -q '^RETTUNGSSYSTEM' "$scratch/motd" || die "the text of the login is not German: $(<"$scratch/motd")"
    good "the customer's key logs in, ours is gone, and the texts are in the customer's language"
}

rotation_replaces_the_password() {
    cp "$state/customer/password" "$state/customer/old-password"
    lab exec server -- rescuectl credentials rotate --credentials-file /run/lab/new.json
    deliver_credentials "$state/server/new.json"
    pin_host_key || die "the host key changed with the password"
    equal "who logs in with the new password" "$(in_guest -- whoami)" Administrator
    if in_guest /run/lab/old-password -- true 2>"$scratch/denied"; then die "the old password still works"; fi
    grep -q 'Permission denied' "$scratch/denied" || die "the old password failed otherwise: $(<"$scratch/denied")"
    good "rotated: the new password works, the old one does not"
}

no_secret_is_elsewhere() {
    local file found
    lab exec server -- test -s /var/lib/rescue/session.json || die "there is no journal"
    for file in password old-password; do
        found=$(places_of "$state/customer/$file" "$state"/*/log)
        [ -z "$found" ] || die "the password is in $found"
        found=$(places_in server "$state/customer/$file" /var/lib/rescue /var/log /run/rescue /run/libvirt /etc/rescue /etc/libvirt /tmp)
        [ -z "$found" ] || die "the password is in the server's $found"
    done
    good "no password in logs, journal, files, command lines or environments"
}

digest_of_disks() { sha256sum "$state"/disks/*.img; }

# The first disk takes nothing until the end.
changes_are_apart() {
    equal "the disks while the guest writes" "$(digest_of_disks)" "$1"
    lab exec server -- rescuectl disks --json >"$scratch/disks.json"
    [ "$(jq '.changes[0].bytes' "$scratch/disks.json")" -gt 65536 ] || die "no changes are kept apart: $(<"$scratch/disks.json")"
    good "what the customer wrote is kept apart from the disks"
}

# Makes the second disk a copy of the rescue image, byte for byte: both come from one template.
copy_image_to_disk() {
    local device
    device=$(losetup --noheadings --output NAME --associated "$state/disks/disk1.img")
    truncate -s "$(qemu-img info --output json "$image/standin.qcow2" | jq '."virtual-size"')" "$state/disks/disk1.img"
    losetup --set-capacity "$device"
    qemu-img convert -n -O raw "$image/standin.qcow2" "$device"
    write_identity "$state/disks/disk1.img" >"$scratch/identity-of-image"
}

# write_identity FILE: numbers of a disk, as the host sees them.
write_identity() {
    local number
    blkid --probe --output value --match-tag PTUUID "$1"
    for number in 1 2; do sfdisk --part-uuid "$1" $number | tr '[:upper:]' '[:lower:]'; done
    blkid --probe --output value --match-tag UUID --offset 1048576 "$1"
}

# identity_is_new NAME: what the guest sees of its system disk, no other has: not the image, the copy of it that the server
# has as a disk, nor the guest of the session before.
identity_is_new() {
    # shellcheck disable=SC2016 # expanded in the guest
    in_guest -- 'value() { sudo blkid --probe --output value --match-tag "$1" "$2"; }
        value PTUUID /dev/sda; value PART_ENTRY_UUID /dev/sda1; value PART_ENTRY_UUID /dev/sda2; value UUID /dev/sda1' \
        >"$scratch/identity-of-$1"
    equal "numbers that the guest sees" "$(grep -c . "$scratch/identity-of-$1")" 4
    equal "numbers that two disks have" "$(sort "$scratch"/identity-of-* | uniq --repeated)" ''
    status '.steps[] | select(.name == "start-guest") | .detail' | grep -q "$(head -n 1 "$scratch/identity-of-$1")" ||
        die "the identity is not in the session's record"
    [ "$1" != rw ] || equal "identity of the copy in the guest" \
        "$(in_guest -- sudo blkid --probe --output value --match-tag PTUUID /dev/sdc)" "$(head -n 1 "$scratch/identity-of-image")"
    good "the guest's system disk has an identity of its own"
}

finish() { # OPTION...
    lab exec server -- rescuectl finish --then stay "$@"
    plan_is_valid
    disks_are_looked_into
    equal "what was not undone" "$(status .rollback_failures)" '[]'
    write_network_state "$scratch/network-after"
    same_network_state "$scratch/network-before" "$scratch/network-after" || die "the server's network is not as before"
    equal "boot mode" "$(boot_mode)" disk
    equal "boot script" "$(boot_script | grep -v '^#')" "exit 1"
    expect_nothing_left
}

# session DHCP MODE OPTION-OF-FINISH...: runs a session, from the server's boot mode to its disk.
session() {
    # The copy of the image has a system partition without Windows' files; the other one has an entry that leads nowhere.
    local disks data_folder expected_code=3 expected_link='^broken'
    section "DHCP: $1; disk mode $2"
    lab_up_for_test --dhcp "$1" --disks 3
    make_system_partition
    make_data_volume
    if [ "$2" = rw ]; then
        copy_image_to_disk
    else
        expected_code=0 expected_link='^hidden *windows-partition'
    fi
    remember_network
    write_network_state "$scratch/network-before"
    equal "boot mode" "$(boot_mode)" rescue-windows
    plan_is_valid
    disks=$(digest_of_disks)
    start "$2"
    fingerprints_are_announced
    equal "who logs in" "$(in_guest -- whoami)" Administrator
    identity_is_new "$2"
    wishes_came_true
    write_on_disk proof.txt "by $1" >/dev/null
    change_boot_entry
    check_neighbour
    check_switch_port
    [ "$1" != provider ] || desktop_over_rdp
    rotation_replaces_the_password
    no_secret_is_elsewhere
    if [ "$2" = overlay ]; then
        changes_are_apart "$disks"
        backup_comes_over_sftp "while the VM runs on overlays"
    fi
    finish "${@:3}"
    backup_comes_over_sftp "while the VM is off"
    if [ "$2" = overlay ]; then
        equal "the disks after the changes were discarded" "$(digest_of_disks)" "$disks"
        report_says
    else
        equal "the customer's file on the disk" "$(read_from_disk 0 /proof.txt)" "by $1"
        equal "the copy of the image after the session" "$(digest_of_disks | sed -n 2p)" "$(sed -n 2p <<<"$disks")"
        report_says "boot-entry-changed 1" "file-changed 1"
    fi
    lab down
}

desktop_over_rdp() {
    start_rdp
    wait_until 120 "the desktop to run in the guest" guest_has_desktop
    rm -f "$state/customer/rdp.light"
    wait_until 120 "the desktop to show on the customer's screen" rdp_shows_something
    end_rdp
    good "a desktop over RDP, at the pinned certificate"
}

session provider rw
session none overlay --discard-changes
