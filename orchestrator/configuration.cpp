// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/configuration.hpp"

#include "core/error.hpp"
#include "orchestrator/domain/listener_ports.hpp"

#include <algorithm>
#include <bit>
#include <charconv>

namespace rescue {
namespace {

/// Sets `value` if the key is there; otherwise keeps the default.
void read(const Field& section, const char* key, std::string& value) {
  if (const auto field = section.find(key)) value = field->string();
}
void read(const Field& section, const char* key, std::vector<std::string>& value) {
  if (const auto field = section.find(key)) value = field->strings();
}
void read(const Field& section, const char* key, bool& value) {
  if (const auto field = section.find(key)) value = field->boolean();
}
void read(const Field& section, const char* key, Milliseconds& value) {
  if (const auto field = section.find(key)) value = field->duration();
}
void read(const Field& section, const char* key, unsigned& value, unsigned minimum, unsigned maximum) {
  if (const auto field = section.find(key)) value = static_cast<unsigned>(field->integer(minimum, maximum));
}

void read(const Field& section, const char* key, net::IpAddress& value) {
  const auto field = section.find(key);
  if (!field) return;
  const auto text = field->string();
  try {
    value = net::IpAddress::parse(text);
  } catch (const Error& error) {
    field->fail(error.what(), error.hint());
  }
}

bool is_web_url(const std::string& url) { return url.starts_with("http://") || url.starts_with("https://"); }

/// "20480-21503": the number of ports is a power of two and the first a multiple of it, so that one mask matches them.
domain::PortRange parse_ports(const Field& field) {
  const auto text = field.text();
  domain::PortRange range;
  const auto* const end = text.data() + text.size();
  const auto [dash, first_error] = std::from_chars(text.data(), end, range.first);
  const bool has_dash = first_error == std::errc{} && dash != end && *dash == '-';
  const auto [rest, last_error] = std::from_chars(has_dash ? dash + 1 : end, end, range.last);
  const unsigned count = range.last >= range.first ? unsigned{range.last} - range.first + 1 : 0;
  const bool valid = has_dash && last_error == std::errc{} && rest == end;
  if (!valid || count < 64 || !std::has_single_bit(count) || range.first % count != 0 || range.first < 1024 ||
      range.last >= 49152) {
    field.fail("must be an aligned range of ports such as 20480-21503",
               "At least 64, a power of two in number, starting at a multiple of it, between 1024 and 49151.");
  }
  return range;
}

void read_network(const Field& section, domain::SessionSettings& session) {
  section.only({"interface", "addressing", "probe_address", "control_ports"});
  read(section, "interface", session.nic);
  read(section, "probe_address", session.probe_address);
  if (const auto field = section.find("addressing")) {
    session.addressing = field->word<domain::GuestAddressing>();
  }
  if (const auto field = section.find("control_ports")) session.control_ports = parse_ports(*field);
}

void read_guest(const Field& section, domain::SessionSettings& session) {
  section.only({"host_cpus", "cpus_ceiling", "allow_tcg", "hostname", "on_shutdown", "most_crash_restarts",
                "watchdog_interval", "watchdog_misses"});
  read(section, "host_cpus", session.host_cpus, 0, 1024);
  constexpr unsigned most_of_machine = 255;
  read(section, "cpus_ceiling", session.guest_cpus_ceiling, 1, most_of_machine);
  read(section, "allow_tcg", session.allow_tcg);
  read(section, "hostname", session.guest_hostname);
  const auto& name = session.guest_hostname;
  if (name.size() > 15 ||
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != std::string::npos) {
    section.at("hostname").fail("must be a NetBIOS name: letters, digits and dashes, 15 at most");
  }
  if (const auto field = section.find("on_shutdown")) {
    session.on_shutdown = field->word<domain::ShutdownPolicy>();
  }
  read(section, "most_crash_restarts", session.most_crash_restarts, 0, 100);
  read(section, "watchdog_interval", session.watchdog_interval);
  read(section, "watchdog_misses", session.watchdog_misses, 1, 1000);
}

void read_disks(const Field& section, domain::SessionSettings& session) {
  section.only({"mode", "only", "exclude", "discard", "overlay_mib", "overlay_folder"});
  if (const auto field = section.find("mode")) {
    session.disk_mode = field->word<domain::DiskMode>();
  }
  read(section, "only", session.disks.only);
  read(section, "exclude", session.disks.exclude);
  read(section, "discard", session.discard);
  constexpr unsigned most = 64U << 20;
  read(section, "overlay_mib", session.changes_mib, 0, most);
  if (const auto field = section.find("overlay_folder")) {
    session.changes_folder = field->text();
    if (!session.changes_folder.starts_with('/')) field->fail("must be an absolute path");
  }
}

void read_password(const Field& section, credentials::PasswordPolicy& policy) {
  section.only({"policy", "length", "upper_case", "lower_case", "digits", "symbols"});
  if (const auto field = section.find("policy")) {
    policy.form = field->word<credentials::PasswordForm>();
  }
  read(section, "length", policy.length, 12, 64);
  read(section, "upper_case", policy.upper_case);
  read(section, "lower_case", policy.lower_case);
  read(section, "digits", policy.digits);
  read(section, "symbols", policy.symbols);
  try {
    check(policy);
  } catch (const Error& error) {
    section.fail(error.what(), error.hint());
  }
}

void read_deadlines(const Field& section, domain::Deadlines& deadlines) {
  section.only({"guest_agent", "provisioning", "access", "announcement", "agent_shutdown", "acpi_shutdown",
                "boot_restore", "redemption", "image_fetch"});
  read(section, "guest_agent", deadlines.guest_agent);
  read(section, "provisioning", deadlines.provisioning);
  read(section, "access", deadlines.access);
  read(section, "announcement", deadlines.announcement);
  read(section, "agent_shutdown", deadlines.agent_shutdown);
  read(section, "acpi_shutdown", deadlines.acpi_shutdown);
  read(section, "boot_restore", deadlines.boot_restore);
  read(section, "redemption", deadlines.redemption);
  read(section, "image_fetch", deadlines.image_fetch);
}

void read_lease(const Field& section, domain::SessionSettings& session) {
  constexpr std::size_t most_warnings = 8;
  constexpr Milliseconds longest{7LL * 24 * 3'600'000};
  section.only({"warn_before"});
  const auto field = section.find("warn_before");
  if (!field) return;
  session.lease_warnings.clear();
  for (const auto& item : field->items()) {
    const auto before = item.duration();
    if (before.count() <= 0 || before > longest) item.fail("must be longer than nothing, and seven days at most");
    session.lease_warnings.push_back(before);
  }
  if (session.lease_warnings.size() > most_warnings) field->fail("may list 8 times at most");
  std::sort(session.lease_warnings.rbegin(), session.lease_warnings.rend());
}

void read_memory(const Field& section, domain::SessionSettings& session) {
  section.only({"minimum_mib", "host_reserve_mib", "overlay_mib", "guest_ceiling_mib"});
  constexpr unsigned most = 64U << 20;
  read(section, "minimum_mib", session.minimum_memory_mib, 0, most);
  read(section, "host_reserve_mib", session.host_memory_mib, 0, most);
  read(section, "overlay_mib", session.overlay_mib, 0, most);
  read(section, "guest_ceiling_mib", session.guest_memory_ceiling_mib, 1024, most);
}

void read_control(const Field& root, Configuration& configuration) {
  if (const auto section = root.find("control")) {
    section->only({"socket", "group"});
    read(*section, "socket", configuration.control_socket);
    read(*section, "group", configuration.control_group);
  }
  if (const auto section = root.find("control_plane")) {
    section->only({"url", "boot_url", "token_file", "ca_file", "boot_folder"});
    read(*section, "url", configuration.control_plane_url);
    read(*section, "boot_url", configuration.control_plane_boot_url);
    read(*section, "token_file", configuration.control_plane_token_file);
    read(*section, "ca_file", configuration.control_plane_ca_file);
    read(*section, "boot_folder", configuration.boot_folder);
    for (const auto* key : {"url", "boot_url"}) {
      const auto& url =
          key == std::string_view("url") ? configuration.control_plane_url : configuration.control_plane_boot_url;
      if (!url.empty() && !is_web_url(url)) section->at(key).fail("must start with http:// or https://");
    }
  }
}

void read_streaming(const Field& section, Configuration& configuration) {
  if (const auto field = section.find("transfer")) configuration.image_transfer = field->word<ImageTransfer>();
  read(section, "mirrors", configuration.image_mirrors);
  constexpr std::size_t most_mirrors = 15;  // beside image.url
  const auto& mirrors = configuration.image_mirrors;
  if (mirrors.size() > most_mirrors) section.at("mirrors").fail("may list 15 mirrors at most");
  if (!std::all_of(mirrors.begin(), mirrors.end(), is_web_url)) {
    section.at("mirrors").fail("must list URLs that start with http:// or https://");
  }
  constexpr unsigned least_cache_mib = 8;
  constexpr unsigned most_cache_mib = 1U << 20;
  read(section, "cache_mib", configuration.image_cache_mib, 0, most_cache_mib);
  if (configuration.image_cache_mib > 0 && configuration.image_cache_mib < least_cache_mib) {
    section.at("cache_mib").fail("must be 0 or at least 8");
  }
  read(section, "cache_folder", configuration.image_cache_folder);
  if (!configuration.image_cache_folder.empty() && !configuration.image_cache_folder.starts_with('/')) {
    section.at("cache_folder").fail("must be an absolute path");
  }
  constexpr unsigned most_mbit = 1'000'000;
  read(section, "bandwidth_mbit", configuration.image_bandwidth_mbit, 0, most_mbit);
}

/// After the network's section: a fixed port must be one of the host's listeners.
void read_ticket(const Field& section, const domain::PortRange& listeners, domain::TicketSettings& ticket) {
  section.only({"open", "ask_customer", "port", "invitation_folder"});
  constexpr unsigned last_port = 65535;
  if (const auto field = section.find("open")) ticket.open = field->word<domain::TicketPolicy>();
  read(section, "ask_customer", ticket.ask_customer);
  unsigned port = 0;
  read(section, "port", port, 0, last_port);
  ticket.port = static_cast<std::uint16_t>(port);
  if (port != 0 && !domain::contains(listeners, ticket.port)) {
    section.at("port").fail("must be 0 or one of the host's listeners, the last quarter of network.control_ports",
                            "Name one from " + std::to_string(listeners.first) + " to " +
                                std::to_string(listeners.last) + ".");
  }
  read(section, "invitation_folder", ticket.invitation_folder);
  if (!ticket.invitation_folder.empty() && !ticket.invitation_folder.starts_with('/')) {
    section.at("invitation_folder").fail("must be an absolute path");
  }
}

void read_image(const Field& section, Configuration& configuration) {
  section.only({"manifest", "public_key", "url", "folder", "ca_file", "name", "channel", "least_counter", "transfer",
                "mirrors", "cache_mib", "cache_folder", "bandwidth_mbit", "identity"});
  read(section, "manifest", configuration.image_manifest);
  read(section, "public_key", configuration.image_public_key);
  read(section, "url", configuration.image_url);
  read(section, "folder", configuration.image_folder);
  read(section, "ca_file", configuration.image_ca_file);
  read_streaming(section, configuration);
  read(section, "name", configuration.image_name);
  read(section, "channel", configuration.image_channel);
  if (const auto field = section.find("identity")) {
    configuration.session.image_identity = field->word<domain::ImageIdentity>();
  }
  if (const auto field = section.find("least_counter")) {
    configuration.image_least_counter = static_cast<std::uint64_t>(field->integer(0, std::int64_t{1} << 53));
  }
  const auto& url = configuration.image_url;
  if (url.empty()) return;
  if (!is_web_url(url)) section.at("url").fail("must start with http:// or https://");
  if (section.find("manifest")) {
    section.at("url").fail("can't be given together with image.manifest", "Keep the one to boot.");
  }
}

void read_host(const Field& root, Configuration& configuration) {
  if (const auto section = root.find("server")) {
    section->only({"name"});
    read(*section, "name", configuration.session.server_name);
    const auto& name = configuration.session.server_name;
    if (name.size() > 63 || name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") != std::string::npos) {
      section->at("name").fail("must be of lower-case letters, digits, dashes and dots, 63 at most");
    }
  }
  if (const auto section = root.find("log")) {
    section->only({"level"});
    if (const auto field = section->find("level")) {
      configuration.log_level = field->word<log::Level>();
    }
  }
  if (const auto section = root.find("paths")) {
    section->only({"state", "runtime", "rescue_hold"});
    read(*section, "state", configuration.state_directory);
    read(*section, "runtime", configuration.session.runtime_directory);
    read(*section, "rescue_hold", configuration.rescue_hold);
  }
  if (const auto section = root.find("finish")) {
    section->only({"then", "reboot_command", "poweroff_command"});
    if (const auto field = section->find("then")) {
      configuration.ending = field->word<domain::Ending>();
    }
    read(*section, "reboot_command", configuration.reboot_command);
    read(*section, "poweroff_command", configuration.poweroff_command);
  }
}

}  // namespace

Configuration Configuration::parse(const Document& document) {
  const auto root = document.root();
  root.only({"server", "log", "paths", "control", "control_plane", "boot", "libvirt", "memory", "guest", "image",
             "disks", "network", "ticket", "password", "deadlines", "finish", "lease"});
  Configuration configuration;
  auto& session = configuration.session;
  read_host(root, configuration);
  read_control(root, configuration);
  if (const auto section = root.find("libvirt")) {
    section->only({"uri"});
    read(*section, "uri", configuration.libvirt_uri);
  }
  if (const auto section = root.find("image")) {
    read_image(*section, configuration);
  }
  if (const auto section = root.find("boot")) {
    section->only({"efi", "ipmi"});
    const auto is_on = [&](const char* key) {
      return !section->find(key) || section->at(key).choice({"off", "auto"}) == 1;
    };
    configuration.efi_layer = is_on("efi");
    configuration.ipmi_layer = is_on("ipmi");
  }
  if (const auto section = root.find("memory")) read_memory(*section, session);
  if (const auto section = root.find("guest")) read_guest(*section, session);
  if (const auto section = root.find("disks")) read_disks(*section, session);
  if (const auto section = root.find("network")) read_network(*section, session);
  if (const auto section = root.find("ticket")) {
    read_ticket(*section, domain::listeners_of(session.control_ports), configuration.ticket);
  }
  if (const auto section = root.find("password")) read_password(*section, session.password);
  if (const auto section = root.find("lease")) read_lease(*section, session);
  if (const auto section = root.find("deadlines")) read_deadlines(*section, session.deadlines);
  return configuration;
}

}  // namespace rescue
