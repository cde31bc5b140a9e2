// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "credentials/connection_files.hpp"

#include "core/base64.hpp"
#include "core/error.hpp"
#include "core/printable.hpp"
#include "core/utf8.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <sodium.h>
#include <strings.h>

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>
#include <string_view>

namespace rescue::credentials {
namespace {

constexpr std::size_t longest_name = 256;
constexpr std::uint16_t usual_ssh_port = 22;
constexpr std::string_view alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

[[noreturn]] void refuse(const std::string& what) {
  throw Error(ErrorCode::usage, "connection data: " + what,
              "Correct it where the server or its session is registered.");
}

void require_printable(const char* name, const std::string& text) {
  if (text.size() > longest_name || printable(text, longest_name) != text) {
    refuse(fmt::format("the {} is not printable text on one line of at most {} bytes", name, longest_name));
  }
}

/// Bytes of "ab:cd:..."; none unless it is a SHA-256.
std::optional<std::string> certificate_hash(std::string_view text) {
  std::string bytes(crypto_hash_sha256_BYTES, '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  void* const data = bytes.data();
  constexpr std::size_t length = crypto_hash_sha256_BYTES * 3 - 1;
  if (text.size() != length || ::sodium_hex2bin(static_cast<unsigned char*>(data), bytes.size(), text.data(),
                                                text.size(), ":", &size, &end) != 0) {
    return std::nullopt;
  }
  if (size != bytes.size() || end != text.data() + text.size()) return std::nullopt;
  for (std::size_t at = 2; at < text.size(); at += 3) {
    if (text[at] != ':') return std::nullopt;
  }
  return bytes;
}

void require_certificate(const char* name, const std::string& text) {
  if (text.empty() || certificate_hash(text)) return;
  refuse(fmt::format("the fingerprint of the {} certificate is not a SHA-256 as ab:cd:...", name));
}

bool is_plain(std::string_view text, std::string_view more) {
  return std::all_of(text.begin(), text.end(), [more](char c) {
    return alphanumeric.find(c) != std::string_view::npos || more.find(c) != std::string_view::npos;
  });
}

/// Checks the details, and that the address is one of them.
void check(const ConnectionDetails& details, const net::IpAddress& address) {
  check(details);
  if (std::none_of(details.addresses.begin(), details.addresses.end(),
                   [&](const ConnectionAddress& one) { return one.address == address; })) {
    refuse(fmt::format("{} is not an address of the server", address));
  }
}

std::string host_and_port(const net::IpAddress& address, std::uint16_t port) {
  return fmt::format("{}:{}", net::host_in_url(address.text()), port);
}

std::string shown_name(const ConnectionDetails& details) { return printable(details.server, longest_name); }

}  // namespace

void check(const ConnectionDetails& details) {
  if (details.addresses.empty()) refuse("there is no address");
  if (details.rdp_port == 0 || details.ssh_port == 0) refuse("a port is 0");
  if (details.user.empty()) refuse("there is no user");
  require_printable("user", details.user);
  require_printable("session", details.session);
  require_printable("ticket", details.ticket);
  require_certificate("RDP", details.rdp_certificate);
  require_certificate("viewer's", details.viewer_certificate);
  for (const auto& key : details.host_keys) {
    if (const auto fault = fault_of(key)) refuse(*fault);
  }
}

std::string rdp_file(const ConnectionDetails& details, const net::IpAddress& address) {
  check(details, address);
  constexpr std::array settings = {
      "prompt for credentials:i:1", "promptcredentialonce:i:1",    "enablecredsspsupport:i:1",
      "authentication level:i:2",   "gatewayusagemethod:i:0",      "redirectclipboard:i:1",
      "drivestoredirect:s:",        "redirectdrives:i:0",          "redirectprinters:i:0",
      "redirectcomports:i:0",       "redirectsmartcards:i:0",      "redirectposdevices:i:0",
      "redirectlocation:i:0",       "redirectwebauthn:i:0",        "usbdevicestoredirect:s:",
      "devicestoredirect:s:",       "camerastoredirect:s:",        "audiomode:i:2",
      "audiocapturemode:i:0",       "autoreconnection enabled:i:1"};
  // The port is always there: clients take the last colon of an IPv6 address without one for its port.
  auto text =
      fmt::format("full address:s:{}\r\nusername:s:{}\r\n", host_and_port(address, details.rdp_port), details.user);
  for (const auto* setting : settings) text += fmt::format("{}\r\n", setting);
  const bool ascii = std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return ascii ? text : "\xFF\xFE" + utf16_of(text);
}

std::vector<std::string> freerdp_arguments(const ConnectionDetails& details, const net::IpAddress& address) {
  check(details, address);
  // FreeRDP 2.11 takes the port of "/v:[address]:port" for 1.
  std::vector<std::string> arguments{"/v:" + net::host_in_url(address.text()),
                                     fmt::format("/port:{}", details.rdp_port), "/u:" + details.user, "+clipboard",
                                     "-drives"};
  if (!details.rdp_certificate.empty()) {
    // Alone, the fingerprint is one more certificate to trust; `deny` refuses the others.
    arguments.push_back("/cert:deny,fingerprint:sha256:" + details.rdp_certificate);
  }
  return arguments;
}

std::string known_hosts(const ConnectionDetails& details) {
  check(details);
  std::vector<std::string> hosts;
  for (const auto& one : details.addresses) {
    hosts.push_back(details.ssh_port == usual_ssh_port ? one.address.text()
                                                       : fmt::format("[{}]:{}", one.address, details.ssh_port));
  }
  std::string lines;
  for (const auto& key : details.host_keys) {
    if (!key.blob.empty()) lines += fmt::format("{} {} {}\n", fmt::join(hosts, ","), key.type, key.blob);
  }
  return lines;
}

std::vector<std::string> ssh_arguments(const ConnectionDetails& details, const net::IpAddress& address,
                                       const std::string& known_hosts_file) {
  check(details, address);
  std::vector<std::string> arguments{"ssh"};
  if (!known_hosts_file.empty()) {
    const bool is_none = ::strcasecmp(known_hosts_file.c_str(), "none") == 0;
    if (printable(known_hosts_file, known_hosts_file.size()) != known_hosts_file ||
        known_hosts_file.find_first_of("\"'\\") != std::string::npos ||
        known_hosts_file.find("${") != std::string::npos || known_hosts_file.starts_with('~') || is_none) {
      throw Error(
          ErrorCode::usage, "ssh would read the name of the known_hosts file as another one",
          "Use a name without quotes, backslashes, control characters and ${, that does not begin with ~ and is "
          "not none.");
    }
    std::string name;
    for (const char c : known_hosts_file) name += c == '%' ? std::string("%%") : std::string(1, c);
    arguments.insert(arguments.end(), {"-o", fmt::format("UserKnownHostsFile=\"{}\"", name), "-o",
                                       "GlobalKnownHostsFile=/dev/null", "-o", "StrictHostKeyChecking=yes"});
  }
  if (details.ssh_port != usual_ssh_port) arguments.insert(arguments.end(), {"-p", std::to_string(details.ssh_port)});
  arguments.insert(arguments.end(), {"-l", details.user, address.text()});
  return arguments;
}

std::string shell_command(const std::vector<std::string>& arguments) {
  std::string line;
  for (const auto& argument : arguments) {
    if (argument.find('\0') != std::string::npos) throw Error(ErrorCode::usage, "an argument has a zero byte");
    if (!line.empty()) line += ' ';
    if (!argument.empty() && is_plain(argument, "-._:/+,=@")) {
      line += argument;
      continue;
    }
    line += '\'';
    for (const char c : argument) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += '\'';
  }
  return line;
}

std::string fingerprint_text(const ConnectionDetails& details) {
  check(details);
  auto text = fmt::format("Server   {}\nUser     {}\n", shown_name(details), details.user);
  for (const auto& one : details.addresses) text += fmt::format("Address  {}\n", one.address);
  if (!details.rdp_certificate.empty()) {
    text += fmt::format(
        "\nRemote Desktop, port {}: SHA-256 of the certificate\n  {}\n"
        "Your client warns of a certificate that it does not know. Compare before you accept it.\n"
        "Windows: View certificate, Details, Copy to File (DER), then in PowerShell: Get-FileHash FILE.cer\n"
        "FreeRDP shows the fingerprint itself.\n",
        details.rdp_port, details.rdp_certificate);
  }
  if (!details.host_keys.empty()) text += fmt::format("\nSSH, port {}: host keys\n", details.ssh_port);
  for (const auto& key : details.host_keys) text += fmt::format("  {} {}\n", key.type, fingerprint_of(key));
  if (!details.host_keys.empty()) text += "ssh shows the fingerprint when it asks whether to continue.\n";
  return text;
}

nlohmann::json connection_json(const ConnectionDetails& details) {
  check(details);
  auto addresses = nlohmann::json::array();
  for (const auto& one : details.addresses) {
    addresses.push_back({{"address", one.address.text()},
                         {"viewer_port", one.viewer_port},
                         {"ssh", ssh_arguments(details, one.address)},
                         {"freerdp", freerdp_arguments(details, one.address)}});
  }
  auto keys = nlohmann::json::array();
  for (const auto& key : details.host_keys) {
    keys.push_back({{"type", key.type}, {"blob", key.blob}, {"fingerprint", fingerprint_of(key)}});
  }
  return {{"server", shown_name(details)},
          {"session", details.session},
          {"ticket", details.ticket},
          {"user", details.user},
          {"addresses", std::move(addresses)},
          {"rdp_port", details.rdp_port},
          {"rdp_certificate", details.rdp_certificate},
          {"viewer_certificate", details.viewer_certificate},
          {"ssh_port", details.ssh_port},
          {"ssh_host_keys", std::move(keys)},
          {"known_hosts", known_hosts(details)}};
}

std::string invitation_xml(const ConnectionDetails& details) {
  check(details);
  if (details.ticket.empty()) refuse("there is no ticket");
  pugi::xml_document document;
  auto root = document.append_child("E");
  auto authentication = root.append_child("A");
  if (const auto hash = certificate_hash(details.viewer_certificate)) {
    authentication.append_attribute("KH2") = ("sha256:" + base64_of(*hash)).c_str();
  }
  authentication.append_attribute("ID") = details.ticket.c_str();
  auto transport = root.append_child("C").append_child("T");
  transport.append_attribute("ID") = "1";
  transport.append_attribute("SID") = "0";
  for (const auto& one : details.addresses) {
    if (one.viewer_port == 0) continue;
    auto listener = transport.append_child("L");  // readers expect P before N
    listener.append_attribute("P") = one.viewer_port;
    listener.append_attribute("N") = one.address.text().c_str();
  }
  if (!transport.first_child()) refuse("no address has a port for the ticket");
  std::ostringstream text;
  document.save(text, "", pugi::format_raw | pugi::format_no_declaration);
  return text.str();
}

}  // namespace rescue::credentials
