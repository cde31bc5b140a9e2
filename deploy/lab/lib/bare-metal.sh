# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Virtual bare-metal servers: each a QEMU with firmware, disks, a NIC on the datacentre's switch, a logged serial
# console, and its own BMC (ipmi_sim), which switches it on and off and which it reaches by KCS. All of it runs in the
# lab's machine `datacentre`, and ends with it. Uses $state.

readonly bmc_user=admin

server_folder() { printf '%s' "$state/datacentre/servers/$1"; }
server_exists() { [ -e "$(server_folder "$1")/number" ]; }
server_number() { cat "$(server_folder "$1")/number"; }
server_address() { printf '203.0.113.%d' $((9 + $(server_number "$1"))); }
server_mac_address() { printf '52:54:00:71:13:%02x' $((15 + $(server_number "$1"))); }
bmc_address() { printf '192.0.2.%d' $((9 + $(server_number "$1"))); }
server_port() { printf 'port-%s' "$1"; }
console_log() { printf '%s' "$(server_folder "$1")/console.log"; }

list_servers() {
    local folder
    for folder in "$state"/datacentre/servers/*/; do [ ! -e "$folder/number" ] || basename "$folder"; done
}

free_server_number() {
    local number=1 used
    used=$(for name in $(list_servers); do server_number "$name" && echo; done)
    while grep --quiet --line-regexp "$number" <<<"$used"; do number=$((number + 1)); done
    printf '%d' "$number"
}

# Different drives on purpose: disks behind AHCI and NVMe disks are found and passed through in different ways.
disk_arguments() {
    local name=$1 count=$2 firmware=$3 number
    for ((number = 0; number < count; number++)); do
        printf '%s\n' -drive "if=none,id=disk$number,format=raw,cache=unsafe,file=/run/lab/servers/$name/disk$number.img"
        if [ "$number" = 1 ]; then
            printf '%s\n' -device "nvme,drive=disk1,serial=LAB-$name-NVME1"
        else
            printf '%s\n' -device "ide-hd,drive=disk$number,serial=LAB-$name-SATA$number,bus=ide.$number$(boot_place "$number" "$firmware")"
        fi
    done
}

# Boot order: set by QEMU on BIOS; on UEFI kept in the firmware's variables, as on a real server.
boot_place() { if [ "$1-$2" = 0-bios ]; then printf ',bootindex=2'; fi; }

# On BIOS the NIC's ROM is iPXE. On UEFI it has none: the firmware's own PXE fetches iPXE by TFTP.
nic_arguments() { if [ "$1" = bios ]; then printf 'bootindex=@NETWORK@'; else printf 'romfile='; fi; }

firmware_arguments() {
    [ "$2" = uefi ] || return 0
    printf '%s\n' -drive if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd \
        -drive "if=pflash,format=raw,file=/run/lab/servers/$1/firmware-variables.fd"
}

# One argument a line: @NETWORK@ is the NIC's place in the boot order, which the BMC may change. One processor: with more,
# QEMU 7.2 corrupts the flags of the first from the threads of the others, and KVM in the server crashes (README.md).
qemu_arguments() {
    local name=$1 firmware=$2 disks=$3 memory=$4 folder=/run/lab/servers/$1
    printf '%s\n' -name "$name" -machine q35 -accel tcg -cpu max -smp 1 -m "$memory" \
        -nodefaults -display none -vga std -no-user-config -rtc base=utc
    firmware_arguments "$name" "$firmware"
    disk_arguments "$name" "$disks" "$firmware"
    printf '%s\n' -netdev "tap,id=lan,ifname=$(server_port "$name"),script=no,downscript=no" \
        -device "virtio-net-pci,netdev=lan,mac=$(server_mac_address "$name"),$(nic_arguments "$firmware")" \
        -chardev "socket,id=console,path=$folder/console.sock,server=on,wait=off,logfile=$folder/console.log,logappend=on" \
        -serial chardev:console \
        -chardev "socket,id=ipmi,host=127.0.0.1,port=$(kcs_port "$name"),reconnect=1" \
        -device ipmi-bmc-extern,id=bmc,chardev=ipmi -device isa-ipmi-kcs,bmc=bmc \
        -monitor "unix:$folder/monitor.sock,server=on,wait=off"
}

kcs_port() { printf '%d' $((9000 + $(server_number "$1"))); }

# Without a GUID, ipmi_sim refuses every login by RMCP+.
bmc_configuration() {
    cat <<LAN
name "$1"
set_working_mc 0x20
startlan 1
  addr $(bmc_address "$1") 623
  priv_limit admin
  allowed_auths_callback none md2 md5 straight
  allowed_auths_user none md2 md5 straight
  allowed_auths_operator none md2 md5 straight
  allowed_auths_admin none md2 md5 straight
  guid $(printf '5253%028x' "$(server_number "$1")")
endlan
chassis_control "/run/library/bmc-control $1"
serial 15 127.0.0.1 $(kcs_port "$1") codec VM
startnow false
user 1 false "" "" user 10 md5
user 2 true "$bmc_user" "$(cat "$(server_folder "$1")/bmc-password")" admin 10 none md2 md5 straight
LAN
}

bmc_answers() { bmc "$1" power status >/dev/null 2>&1; }

# bmc SERVER COMMAND...: runs ipmitool as an administrator does. ipmi_sim does not support cipher suite 17.
bmc() {
    local name=$1
    shift
    in_machine datacentre ipmitool -I lanplus -C 3 -H "$(bmc_address "$name")" -U "$bmc_user" \
        -f "/run/lab/servers/$name/bmc-password" "$@"
}

start_bmc() {
    local name=$1 folder
    folder=$(server_folder "$name")
    mkdir -p "$folder/bmc-state"
    (umask 077 && bmc_configuration "$name" >"$folder/lan.conf")
    printf '%s\n' 'mc_setbmc 0x20' 'mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr' \
        'sel_enable 0x20 1000 0x0a' 'mc_enable 0x20' >"$folder/bmc.emu"
    in_machine datacentre ip address replace "$(bmc_address "$name")/32" dev lo
    start_daemon datacentre "bmc-$name" ipmi_sim -n -c "/run/lab/servers/$name/lan.conf" \
        -f "/run/lab/servers/$name/bmc.emu" -s "/run/lab/servers/$name/bmc-state"
    wait_until 20 "the BMC of $name to answer" bmc_answers "$name"
}

redfish_is_offered() { [ -e "$(server_folder "$1")/redfish.pem" ]; }
redfish_url() { printf 'https://%s' "$(bmc_address "$1")"; }
redfish_fingerprint() {
    openssl x509 -in "$(server_folder "$1")/redfish.pem" -noout -fingerprint -sha256 | cut --delimiter = --fields 2
}
redfish_answers() {
    in_machine datacentre curl --silent --fail --output /dev/null --cacert "/run/lab/servers/$1/redfish.pem" \
        "$(redfish_url "$1")/redfish/v1/"
}

# start_redfish SERVER: lets its BMC speak Redfish too, on the same address and for the same power switch, as real ones
# do, with a self-signed certificate.
start_redfish() {
    local name=$1 folder
    folder=$(server_folder "$name")
    (umask 077 && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "/CN=$name" \
        -addext "subjectAltName=IP:$(bmc_address "$name")" -keyout "$folder/redfish.pem" -out "$folder/redfish.pem") \
        >"$folder/redfish-setup.log" 2>&1
    start_daemon datacentre "redfish-$name" /run/library/redfish-service --profile lab --address "$(bmc_address "$name")" \
        --certificate "/run/lab/servers/$name/redfish.pem" --user "$bmc_user" \
        --password-file "/run/lab/servers/$name/bmc-password" /run/library/bmc-control "$name"
    wait_until 20 "the Redfish service of $name to answer" redfish_answers "$name"
}

connect_to_switch() {
    in_machine datacentre ip -batch - <<IP
tuntap add dev $(server_port "$1") mode tap
link set $(server_port "$1") master lan up
IP
}

# Sets the boot order that a UEFI server keeps itself. OVMF's default has all protocols of all NICs before the disk, each
# with its own timeout.
set_up_firmware() {
    local name=$1 folder arguments
    folder=$(server_folder "$name")
    cp /usr/share/OVMF/OVMF_VARS_4M.fd "$folder/firmware-variables.fd"
    mapfile -t arguments <"$folder/qemu-arguments"
    in_machine datacentre timeout 120 qemu-system-x86_64 "${arguments[@]}" -no-reboot \
        >"$folder/setup.log" 2>&1 </dev/null || true
    grep --text --quiet '^BootOrder: ' "$folder/console.log" || {
        indent <"$folder/console.log"
        fail 1 "the boot order of $name could not be set"
    }
    mv "$folder/console.log" "$folder/setup-console.log"
    : >"$folder/console.log"
}

# add_server NAME FIRMWARE DISKS MEMORY_MIB OWN_SYSTEM: adds a server, switched off. The system on its first disk prints
# `server_nonce` on the console at each boot.
add_server() {
    local name=$1 firmware=$2 disks=$3 memory=$4 own_system=$5 folder number setup=''
    [ "$firmware" != uefi ] || setup=--setup
    if server_exists "$name"; then fail 3 "there is a server '$name' already" "deploy/lab/server remove $name"; fi
    folder=$(server_folder "$name")
    mkdir -p "$folder"
    free_server_number >"$folder/number"
    printf '%s\n' "$firmware" >"$folder/firmware"
    (umask 077 && tr --complement --delete 'A-Za-z0-9' </dev/urandom | head --bytes 16 >"$folder/bmc-password") || true
    printf 'nonce-%s\n' "$(tr --complement --delete 'a-z0-9' </dev/urandom | head --bytes 20)" >"$folder/nonce" || true
    "$lab_library/../own-system/build" --disk "$folder/disk0.img" --from "$own_system" --message "$(cat "$folder/nonce")" \
        ${setup:+"$setup"}
    for ((number = 1; number < disks; number++)); do truncate -s 1G "$folder/disk$number.img"; done
    qemu_arguments "$name" "$firmware" "$disks" "$memory" >"$folder/qemu-arguments"
    : >"$folder/console.log"
    connect_to_switch "$name"
    [ "$firmware" != uefi ] || set_up_firmware "$name"
    start_bmc "$name"
}

remove_server() {
    local name=$1
    bmc "$name" power off >/dev/null 2>&1 || true
    if daemon_is_running datacentre "redfish-$name"; then stop_daemon datacentre "redfish-$name" KILL; fi
    if daemon_is_running datacentre "bmc-$name"; then stop_daemon datacentre "bmc-$name" KILL; fi
    in_machine datacentre ip link delete "$(server_port "$name")" 2>/dev/null || true
    in_machine datacentre ip address delete "$(bmc_address "$name")/32" dev lo 2>/dev/null || true
    rm -rf "$(server_folder "$name")"
}

# Prints the current end of the console's log, for console_says.
console_mark() { stat --format %s "$(console_log "$1")"; }

# console_says SERVER MARK PATTERN: succeeds if the pattern comes after the mark. Counts, since a grep that ends early
# breaks the pipe.
console_says() {
    [ "$(tail --bytes "+$(($2 + 1))" "$(console_log "$1")" | grep --text --count --extended-regexp "$3")" != 0 ]
}
