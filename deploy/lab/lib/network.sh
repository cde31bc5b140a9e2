# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# The lab's cables and addresses:
#   server eth0 --- port-server | switch (bridge `lan`) and router of the datacentre | to-customer --- eth0 customer

# in_network MACHINE COMMAND...: runs it in the network of that machine, with the process numbers of outside.
in_network() {
    read_init "$1"
    shift
    nsenter --target "$init_pid" --net -- "$@"
}

# Creates both ends in their own namespaces: the host never sees a device of the lab.
plug_server() {
    read_init server
    in_network datacentre ip link add port-server type veth \
        peer name eth0 netns "$init_pid" address "$server_mac"
    in_machine datacentre ip link set port-server master lan up
}

plug_customer() {
    read_init customer
    in_network datacentre ip link add to-customer type veth peer name eth0 netns "$init_pid"
}

configure_datacentre() {
    in_machine datacentre ip -batch - <<IP
link add lan address $router_mac type bridge stp_state 0 forward_delay 0 mcast_snooping 0
link set lan up
link set to-customer up
address add $router_v4/24 dev lan
address add $router_v6/64 dev lan nodad
address add $customer_router_v4/24 dev to-customer
address add $customer_router_v6/64 dev to-customer nodad
IP
    in_machine datacentre sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
}

configure_customer() {
    in_machine customer ip -batch - <<IP
link set eth0 up
address add $customer_v4/24 dev eth0
address add $customer_v6/64 dev eth0 nodad
route add default via $customer_router_v4
route add ::/0 via $customer_router_v6
IP
}

# Configures the server as the network boot leaves it: addresses set once, no DHCP client running.
configure_server() {
    in_machine server sysctl -q -w net.ipv6.conf.eth0.accept_ra=0
    in_machine server ip -batch - <<IP
link set eth0 up
address add $server_v4/24 broadcast + dev eth0
address add $server_v6/64 dev eth0 nodad
route add default via $router_v4
route add ::/0 via $router_v6
IP
    in_machine server bash -c 'cat >/etc/hosts' <<<$'127.0.0.1 localhost\n127.0.1.1 '"$server_name"
    in_machine server bash -c 'rm -f /etc/resolv.conf; cat >/etc/resolv.conf' <<<"nameserver $router_v4"
}

# Duplicate address detection (RFC 4862) takes a second; until then the network's state differs.
addresses_are_settled() { [ -z "$(in_machine server ip -6 -brief address show tentative)" ]; }

# The switch, the router and the customer behind it.
make_network() {
    plug_customer
    configure_datacentre
    configure_customer
}
