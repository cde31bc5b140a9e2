# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# The lab's addresses (documentation ranges: RFC 5737, RFC 3849) and names. All labs use the same ones: each has its
# own networks.

readonly server_name=web-01
readonly server_mac=52:54:00:71:13:10
readonly server_v4=203.0.113.10
readonly server_v6=2001:db8:113::10
readonly router_v4=203.0.113.1
readonly router_v6=2001:db8:113::1
readonly router_mac=52:54:00:71:13:01
readonly customer_v4=198.51.100.2
readonly customer_v6=2001:db8:198::2
readonly customer_router_v4=198.51.100.1
readonly customer_router_v6=2001:db8:198::1
netboot_url="http://$router_v4:8080"
readonly netboot_url
readonly disk_label=customer-data
readonly customer_mail=anna@customer.example
