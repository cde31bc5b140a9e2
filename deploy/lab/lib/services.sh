# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# The daemons of the datacentre (dnsmasq, netbootd) and of the server (virtlogd, libvirtd, rescued).

# dnsmasq's configuration for both labs: DNS and router advertisements.
lan_configuration() {
    cat <<DNSMASQ
interface=lan
bind-interfaces
no-resolv
no-hosts
user=root
domain=dc.example
host-record=netboot.dc.example,$router_v4,$router_v6
enable-ra
dhcp-range=$router_v6,ra-only,64,1h
dhcp-leasefile=/run/dnsmasq.leases
log-dhcp
DNSMASQ
}

# Gives addresses only to known MAC addresses.
dhcp_configuration() {
    cat <<DNSMASQ
dhcp-authoritative
dhcp-range=203.0.113.0,static,255.255.255.0,1h
dhcp-option=option:router,$router_v4
dhcp-option=option:dns-server,$router_v4
DNSMASQ
}

dnsmasq_configuration() {
    lan_configuration
    printf 'host-record=%s\n' "$server_name.dc.example,$server_v4,$server_v6"
    [ "$1" != none ] || return 0
    dhcp_configuration
    printf 'dhcp-host=%s\n' "$server_mac,$server_v4,$server_name"
}

start_dnsmasq() {
    dnsmasq_configuration "$1" >"$state/datacentre/dnsmasq.conf"
    start_daemon datacentre dnsmasq dnsmasq --keep-in-foreground --log-facility=- --conf-file=/run/lab/dnsmasq.conf
}

# The pages of a build folder; an installed netbootd finds its own.
web_configuration() { [ ! -e "$build/web/manifest.json" ] || printf "web:\n  folder: '%s'\n" "$(realpath "$build/web")"; }

netbootd_configuration() {
    web_configuration
    cat <<YAML
listen:
  address: $router_v4
  port: 8080
database:
  path: /run/lab/netbootd.sqlite
boot:
  rescue-windows:
    base_url: http://$router_v4/rescue
YAML
}

netbootd_answers() { in_machine datacentre curl --silent --fail --output /dev/null "$netboot_url/healthz"; }

start_netbootd() {
    start_daemon datacentre netbootd netbootd --config /run/lab/netbootd.yaml
    wait_until 20 "netbootd to answer" netbootd_answers
}

# Starts a control plane with a token for its panel.
initialise_netbootd() {
    in_machine datacentre netbootd --config /run/lab/netbootd.yaml --init-admin-token /run/lab/admin.token \
        2>"$state/datacentre/log/token.log"
    start_netbootd
}

# Starts a control plane, registers the server and sets its boot mode to the rescue, as a panel does.
prepare_netbootd() {
    local firmware=$1
    netbootd_configuration >"$state/datacentre/netbootd.yaml"
    initialise_netbootd
    in_machine datacentre netbootctl server add "$server_name" --mac "$server_mac" --firmware "$firmware" \
        --address "$server_v4"
    in_machine datacentre netbootctl server agent-token "$server_name" --output /run/lab/agent.token
    in_machine server install -m 600 /dev/stdin /etc/rescue/agent.token <"$state/datacentre/agent.token"
    rm -f "$state/datacentre/agent.token"
    in_machine datacentre netbootctl boot-mode set "$server_name" rescue-windows --reason 'the lab'
}

# The server has no systemd, no D-Bus, no polkit and no AppArmor profile of libvirt.
libvirt_configuration() {
    in_machine server bash -c 'cat >/etc/libvirt/libvirtd.conf' <<'CONF'
auth_unix_ro = "none"
auth_unix_rw = "none"
unix_sock_rw_perms = "0700"
CONF
    in_machine server bash -c 'cat >/etc/libvirt/qemu.conf' <<'CONF'
security_driver = "none"
cgroup_controllers = [ ]
CONF
}

libvirt_answers() { in_machine server virsh --quiet --connect qemu:///system version >/dev/null 2>&1; }

start_libvirt() {
    start_daemon server virtlogd virtlogd
    start_daemon server libvirtd libvirtd
    wait_until 30 "libvirtd to answer" libvirt_answers
}

# Prints rescued's settings in the lab, "section.key=value" each; those of the caller come later and override them.
default_settings() {
    local devices=$1 dhcp=$2 addressing=provider
    [ "$dhcp" != none ] || addressing=local
    cat <<SETTINGS
server.name=$server_name
log.level=info
control_plane.url=$netboot_url
memory.minimum_mib=1024
memory.host_reserve_mib=1024
memory.guest_ceiling_mib=2048
disks.only=[$devices]
network.interface=eth0
network.addressing=$addressing
finish.then=stay
SETTINGS
}

# Converts the lines on stdin to YAML: each section once, its keys in their order.
settings_to_yaml() {
    local line section key
    declare -A values=()
    local order=() sections=()
    while IFS= read -r line; do
        key=${line%%=*}
        [ -n "${values[$key]+set}" ] || order+=("$key")
        values[$key]=${line#*=}
        section=${key%%.*}
        case " ${sections[*]} " in *" $section "*) ;; *) sections+=("$section") ;; esac
    done
    for section in "${sections[@]}"; do
        printf '%s:\n' "$section"
        for key in "${order[@]}"; do
            [ "${key%%.*}" != "$section" ] || printf '  %s: %s\n' "${key#*.}" "${values[$key]}"
        done
    done
}

# write_rescued_configuration DHCP [SETTING...]
write_rescued_configuration() {
    local dhcp=$1 devices
    shift
    devices=$(disk_devices | paste -s -d , -)
    {
        default_settings "$devices" "$dhcp"
        [ $# = 0 ] || printf '%s\n' "$@"
    } | settings_to_yaml >"$state/server/rescued.yaml"
    in_machine server install -m 600 /run/lab/rescued.yaml /etc/rescue/rescued.yaml
}

rescued_answers() { in_machine server rescuectl status --json >/dev/null 2>&1; }

start_rescued() {
    start_daemon server rescued rescued --config /etc/rescue/rescued.yaml
    wait_until 30 "rescued to answer" rescued_answers
}
