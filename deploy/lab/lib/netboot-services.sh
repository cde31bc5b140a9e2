# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# A provider's services for network boots: DHCP and TFTP (dnsmasq), files over HTTP (nginx), and netbootd. All run in the
# lab's machine `datacentre`, which has the rescue system in /run/rescue-system and the rescue image in /run/image. Uses
# $state.

pxe_configuration() {
    lan_configuration
    dhcp_configuration
    cat <<DNSMASQ
dhcp-hostsdir=/run/lab/dhcp-hosts
enable-tftp
tftp-root=/usr/lib/ipxe
dhcp-userclass=set:ipxe,iPXE
dhcp-match=set:efi64,option:client-arch,7
dhcp-match=set:efi64,option:client-arch,9
dhcp-boot=tag:!ipxe,tag:!efi64,undionly.kpxe
dhcp-boot=tag:!ipxe,tag:efi64,snponly.efi
dhcp-boot=tag:ipxe,$netboot_url/boot/\${net0/mac:hexhyp}.ipxe
DNSMASQ
}

start_pxe() {
    mkdir -p "$state/datacentre/dhcp-hosts"
    pxe_configuration >"$state/datacentre/dnsmasq.conf"
    start_daemon datacentre dnsmasq dnsmasq --keep-in-foreground --log-facility=- --conf-file=/run/lab/dnsmasq.conf
}

files_configuration() {
    cat <<NGINX
daemon off;
worker_processes 1;
pid /run/nginx.pid;
error_log stderr;
events { }
http {
  access_log /run/lab/log/nginx-access.log;
  client_body_temp_path /run/nginx-body;
  proxy_temp_path /run/nginx-proxy;
  fastcgi_temp_path /run/nginx-fastcgi;
  uwsgi_temp_path /run/nginx-uwsgi;
  scgi_temp_path /run/nginx-scgi;
  sendfile on;
  server {
    listen $router_v4:80;
    location /rescue/ { alias /run/rescue-system/; }
    location /image/ { alias /run/image/; }
  }
}
NGINX
}

files_are_served() {
    in_machine datacentre curl --silent --fail --output /dev/null --head "http://$router_v4/rescue/vmlinuz"
}

start_files() {
    files_configuration >"$state/datacentre/nginx.conf"
    start_daemon datacentre nginx nginx -c /run/lab/nginx.conf -e stderr
    wait_until 20 "nginx to serve the rescue system" files_are_served
}

mail_is_taken() {
    in_machine datacentre curl --silent --output /dev/null --connect-timeout 2 --request NOOP "smtp://$router_v4"
}

# A certificate for the mail server's address, and the password with which netbootd logs in there.
make_mail_secrets() {
    local folder=$state/datacentre/mail
    mkdir -p "$folder"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=mail.lab.example \
        -addext "subjectAltName=IP:$router_v4" -keyout "$folder/key.pem" -out "$folder/certificate.pem" 2>/dev/null
    (umask 077 && openssl rand -base64 24 >"$folder/password")
}

# Starts a mail server with STARTTLS and AUTH. Mails become $state/datacentre/mail/N.eml.
start_mail() {
    make_mail_secrets
    start_daemon datacentre mail /run/library/smtp-service --address "$router_v4" --port 25 --folder /run/lab/mail \
        --certificate /run/lab/mail/certificate.pem --key /run/lab/mail/key.pem --user netbootd \
        --password-file /run/lab/mail/password
    wait_until 20 "the mail server to answer" mail_is_taken
}

# The kernel's arguments name the serial console that the lab logs, and the NIC that the firmware booted from.
chain_netbootd_configuration() {
    web_configuration
    cat <<YAML
listen:
  address: $router_v4
  port: 8080
database:
  path: /run/lab/netbootd.sqlite
secrets:
  key_file: /run/lab/netbootd.key
links:
  url: $netboot_url
delivery:
  provider: Lab Hosting
  support: https://help.lab.example
  receivers:
    mail:
      kind: mail
      server: $router_v4
      port: 25
      ca_file: /run/lab/mail/certificate.pem
      user: netbootd
      password_file: /run/lab/mail/password
      from: Lab Rescue <rescue@lab.example>
agent:
  url: $netboot_url
  alive: 10s
lease:
  repeat_window: 0s
  dead_man: ${dead_man:-15m}
boot:
  rescue-windows:
    base_url: http://$router_v4/rescue
    arguments: boot=rescue panic=30 console=tty0 console=ttyS0,115200 nohz=off highres=off rescue.mac=\${netX/mac}${rescue_arguments:+ $rescue_arguments}
YAML
}

configure_netbootd() {
    chain_netbootd_configuration >"$state/datacentre/netbootd.yaml"
    initialise_netbootd
}

# Registers a new server with DHCP and netbootd, as a provider does.
register_server() {
    local name=$1 firmware=$2 bmc
    if redfish_is_offered "$name"; then
        bmc=(--bmc-url "$(redfish_url "$name")" --bmc-fingerprint "$(redfish_fingerprint "$name")")
    else
        bmc=(--bmc-address "$(bmc_address "$name")" --bmc-cipher-suite 3)
    fi
    printf '%s,%s,%s\n' "$(server_mac_address "$name")" "$(server_address "$name")" "$name" \
        >"$state/datacentre/dhcp-hosts/$name"
    in_machine datacentre netbootctl server add "$name" --mac "$(server_mac_address "$name")" --firmware "$firmware" \
        --address "$(server_address "$name")" "${bmc[@]}" --bmc-user "$bmc_user" \
        --bmc-password-file "/run/lab/servers/$name/bmc-password"
}
