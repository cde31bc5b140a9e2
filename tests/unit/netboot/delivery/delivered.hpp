// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A rescue whose access is delivered, for tests.

#include "netboot/service/deliveries.hpp"

#include <string>

namespace rescue::netboot {

constexpr auto sample_link =
    "https://rescue.provider.example/s/AAECAwQFBgcICQoLDA0ODw#Kx9vB2mD5qTt0rYwJ3nHc8LzXfUeIoPaSgQ1W4E7R6k";
constexpr std::chrono::seconds sample_time(1796047500);  ///< 2026-11-30 14:05 UTC
constexpr auto sample_code = "7K3M-Q9XA";

inline DeliveryFacts sample_facts() {
  DeliveryFacts facts;
  facts.connection.server = "web-01";
  facts.connection.addresses = {{net::IpAddress::parse("203.0.113.7")}, {net::IpAddress::parse("2001:db8::7")}};
  facts.connection.user = "Administrator";
  facts.connection.host_keys = {{"ssh-ed25519", "", "SHA256:aq0Qp2w8yNsV8l7ZqZQy3m3oB1uK8mJk5pWqVxYz0R4"}};
  facts.connection.rdp_certificate =
      "3a:5f:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:10:20:30:40:50:60:70:80:90:a0:b0:c0:d0:e0";
  facts.connection.session = "s-1";
  facts.link_expires = WallTime(sample_time + std::chrono::hours(24));
  facts.ends = WallTime(sample_time + std::chrono::hours(4));
  facts.link = Secret(std::string_view(sample_link));
  return facts;
}

inline AccessDelivery sample_access() {
  AccessDelivery delivery{ServerName::parse("web-01"), "s-1", {"anna@customer.example", "de"}, sample_facts()};
  return delivery;
}

}  // namespace rescue::netboot
