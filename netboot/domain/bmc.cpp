// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/domain/bmc.hpp"

#include "core/error.hpp"
#include "core/net/ip_address.hpp"
#include "netboot/domain/server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace rescue::netboot {
namespace {

constexpr std::size_t fingerprint_digits = 64;

[[noreturn]] void refuse_url(const std::string& url) {
  throw Error(ErrorCode::usage, fmt::format("'{}' is not the URL of a Redfish service", url),
              "Write it as https://192.0.2.20 or https://bmc-01.example.net:8443, without a path, user or password.");
}

std::uint16_t port_from(std::string_view text, const std::string& url) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) refuse_url(url);
  return port;
}

}  // namespace

std::string url_of(const BmcEndpoint& endpoint) {
  const auto host = net::host_in_url(endpoint.address);
  return endpoint.port == https_port ? "https://" + host : fmt::format("https://{}:{}", host, endpoint.port);
}

void set_url(BmcEndpoint& endpoint, const std::string& url) {
  constexpr std::string_view scheme = "https://";
  std::string_view rest = url;
  const auto is_scheme = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
  if (rest.size() < scheme.size() ||
      !std::equal(scheme.begin(), scheme.end(), rest.begin(), [&](char b, char a) { return is_scheme(a, b); })) {
    refuse_url(url);
  }
  rest.remove_prefix(scheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  std::string_view host;
  if (rest.starts_with('[')) {
    const auto end = rest.find(']');
    if (end == std::string_view::npos) refuse_url(url);
    host = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
  } else {
    host = rest.substr(0, rest.find(':'));
    rest.remove_prefix(host.size());
  }
  if (!rest.empty() && !rest.starts_with(':')) refuse_url(url);
  endpoint.port = rest.empty() ? https_port : port_from(rest.substr(1), url);
  try {
    endpoint.address = canonical_host(std::string(host));
  } catch (const Error&) {
    refuse_url(url);
  }
}

std::string canonical_fingerprint(const std::string& text) {
  std::string digits;
  for (const char c : text) {
    if (c == ':' || c == ' ') continue;
    const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool is_hex = (lower >= '0' && lower <= '9') || (lower >= 'a' && lower <= 'f');
    if (!is_hex) digits.clear();
    if (!is_hex) break;
    digits += lower;
  }
  if (digits.size() == fingerprint_digits) return digits;
  throw Error(ErrorCode::usage, fmt::format("'{}' is not the SHA-256 fingerprint of a certificate", text),
              "64 hex digits, with or without colons: openssl x509 -in certificate.pem -noout -fingerprint -sha256.");
}

std::string shown_fingerprint(const std::string& canonical) {
  std::string shown;
  for (std::size_t i = 0; i < canonical.size(); ++i) {
    if (i > 0 && i % 2 == 0) shown += ':';
    const char c = canonical[i];
    shown += c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return shown;
}

bool is_set(const BootOverride& wanted, Firmware firmware, const BootOverride& seen) noexcept {
  if (wanted.device == BootDevice::none && seen == BootOverride{BootDevice::disk, true}) return true;
  if (seen.device != wanted.device || (seen.lasting && !wanted.lasting)) return false;
  return wanted.device == BootDevice::none || !seen.mode || *seen.mode == firmware;
}

}  // namespace rescue::netboot
