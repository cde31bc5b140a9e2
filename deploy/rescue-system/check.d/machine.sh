# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with check
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Runs the virtual server, and the web server that it boots from.

readonly ovmf=/usr/share/OVMF/OVMF_CODE_4M.fd
readonly mac=52:54:00:12:34:56

clean_up() {
    local code=$?
    trap - EXIT
    [ -z "${qemu_pid:-}" ] || kill "$qemu_pid" 2>/dev/null || true
    [ -z "${web_pid:-}" ] || kill "$web_pid" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf --one-file-system "$work"
    exit "$code"
}

# Sets `web`: the address of DIR as the virtual server sees this machine's loopback.
start_web_server() {
    python3 -u -m http.server --bind 127.0.0.1 --directory "$directory" 0 >"$work/web.log" 2>&1 &
    web_pid=$!
    wait_until 20 "the web server" grep --quiet 'port [0-9]' "$work/web.log"
    web=http://10.0.2.2:$(sed -n 's/.*port \([0-9]*\).*/\1/p' "$work/web.log" | head -n 1)
}

# Makes the second initrd, as the control plane does for each boot, with a unit that checks the system from inside.
# It needs no login: the second initrd may do anything in the system, like the first.
make_second_initrd() {
    local tree=$work/second
    [ ! -e "$work/second.cpio" ] || return 0
    mkdir -p "$tree/rescue-boot" "$tree/scripts/init-bottom" "$tree/check"
    printf '{"url": "http://10.0.2.2:9", "server": "check", "boot_token": "rescue_nothing"}\n' >"$tree/rescue-boot/control-plane.json"
    cp "$here/check.d/init-bottom" "$tree/check/init-bottom"
    cp "$here/check.d/inside" "$here/check.d/screen-inside" "$tree/check/"
    cp "$here/check.d/rescue-check.service" "$tree/check/"
    # init reads this file to know what to run; Debian's own part stays.
    printf '/check/init-bottom\n/scripts/init-bottom/udev "$@"\n' >"$tree/scripts/init-bottom/ORDER"
    chmod 755 "$tree/check/init-bottom" "$tree/check/inside"
    (cd "$tree" && find . | cpio --quiet --create --format=newc) >"$work/second.cpio"
    # Align like a boot loader: each archive begins at a multiple of four.
    cp "$directory/initrd.img" "$work/initrd"
    truncate -s %4 "$work/initrd"
    cat "$work/second.cpio" >>"$work/initrd"
}

# start_machine CASE QEMU-ARGUMENT...: the console goes to CASE.console, the unit's findings to CASE.inside.
start_machine() {
    local name=$1
    shift
    : >"$work/$name.console"
    # --no-reboot: a restart ends QEMU, which makes it visible.
    qemu-system-x86_64 -machine q35 -accel tcg,thread=multi -cpu max -smp 2 -m "$memory" -display none -no-reboot \
        -chardev "socket,id=console,path=$work/console.sock,server=on,wait=off,logfile=$work/$name.console" \
        -serial chardev:console -serial "file:$work/$name.inside" \
        -monitor "unix:$work/monitor.sock,server=on,wait=off" \
        -device virtio-rng-pci "$@" >"$work/$name.qemu" 2>&1 &
    qemu_pid=$!
}

# boot CASE NIC-BACKEND KERNEL-ARGUMENT...: with the disks in `attached`, QEMU's arguments.
attached=()
boot() {
    local name=$1 network=$2
    shift 2
    make_second_initrd
    start_machine "$name" -kernel "$directory/vmlinuz" -initrd "$work/initrd" \
        -append "panic=1 rescue.mac=$mac console=tty0 console=ttyS0,115200 $*" \
        -netdev "$network,id=net" -device "virtio-net-pci,netdev=net,mac=$mac" "${attached[@]}"
}

machine_ended() { ! kill -0 "$qemu_pid" 2>/dev/null; }

# end_of_machine SECONDS: waits until the machine is off; a server that never restarts fails the case.
end_of_machine() {
    wait_until "$1" "the server to restart or to go off" machine_ended || {
        kill "$qemu_pid" 2>/dev/null
        return 1
    }
}

console_has() { grep --quiet --fixed-strings -- "$1" "$work/$name.console"; }
says() {
    if console_has "$1"; then say "console: $1"; else complain "the console does not say: $1" && return 1; fi
}
says_not() { ! console_has "$1" || { complain "the console says: $1" && return 1; }; }

# type_line TEXT: types at the serial console. Waits for the line's echo: bytes that the port has not read yet are lost when
# the other end closes.
type_line() {
    python3 - "$work/console.sock" "$1" <<'PYTHON'
import socket, sys
line = sys.argv[2].encode()
with socket.socket(socket.AF_UNIX) as console:
    console.settimeout(20)
    console.connect(sys.argv[1])
    console.sendall(line + b"\n")
    seen = b""
    try:
        while b"\n" not in seen.partition(line)[2]:
            seen += console.recv(4096)
    except TimeoutError:
        pass
PYTHON
}

# order COMMAND: gives QEMU's monitor a command, and waits until it is done.
order() {
    python3 - "$work/monitor.sock" "$1" <<'PYTHON'
import socket, sys
with socket.socket(socket.AF_UNIX) as monitor:
    monitor.settimeout(60)
    monitor.connect(sys.argv[1])
    for line in ("", sys.argv[2] + "\n"):
        monitor.sendall(line.encode())
        seen = b""
        while not seen.endswith(b"(qemu) "):
            part = monitor.recv(4096)
            if not part:
                sys.exit("QEMU's monitor has ended")
            seen += part
PYTHON
}

# Presses a key, or several at once: ctrl-alt-f1.
press() { order "sendkey $1"; }
