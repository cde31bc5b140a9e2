// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/v1/representation.hpp"

#include "contract/session.hpp"
#include "core/base64.hpp"
#include "core/error.hpp"
#include "core/sealed_box.hpp"
#include "credentials/ssh_key.hpp"
#include "netboot/api/body.hpp"
#include "netboot/api/moment.hpp"
#include "netboot/api/v1/nullable.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace rescue::netboot::api {
namespace {

constexpr std::size_t longest_reason = 200;

std::string reason_from(const Field& field) {
  auto reason = field.string();
  if (reason.size() > longest_reason) field.fail(fmt::format("must have {} bytes at most", longest_reason));
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; };
  if (std::any_of(reason.begin(), reason.end(), is_control)) field.fail("must be one line without control characters");
  return reason;
}

std::string login_from(const Field& field, std::size_t longest) {
  auto text = field.text();
  const auto is_printable = [](char c) { return c >= 0x20 && c < 0x7f; };
  if (text.size() > longest) field.fail(fmt::format("must have {} characters at most", longest));
  if (!std::all_of(text.begin(), text.end(), is_printable)) field.fail("must hold printable ASCII only");
  return text;
}

std::string ca_from(const Field& field) {
  constexpr std::size_t longest = 32'768;
  auto pem = field.text();
  const auto is_allowed = [](char c) { return (c >= 0x20 && c < 0x7f) || c == '\n' || c == '\r'; };
  if (pem.size() > longest) field.fail(fmt::format("must have {} bytes at most", longest));
  if (pem.find("-----BEGIN CERTIFICATE-----") == std::string::npos ||
      !std::all_of(pem.begin(), pem.end(), is_allowed)) {
    field.fail("is not a certificate in PEM");
  }
  return pem;
}

/// The name of a member of the Systems collection, found by its last path segment.
std::string system_from(const Field& field) {
  constexpr std::size_t longest = 64;
  auto id = login_from(field, longest);
  if (id.find('/') != std::string::npos) field.fail("is the Id of a computer system, not a path");
  return id;
}

void refuse_fields(const Field& root, std::initializer_list<const char*> keys, std::string_view other_kind) {
  for (const auto* const key : keys) {
    if (const auto field = root.find(key)) field->fail(fmt::format("is for BMCs of kind {} only", other_kind));
  }
}

/// Reads user and password: 16 and 20 bytes at most (IPMI 2.0, 22.28 and 22.30).
void read_ipmi(const Field& root, BmcEndpoint& endpoint) {
  refuse_fields(root, {"url", "fingerprint", "ca", "system"}, name_of(BmcKind::redfish));
  endpoint.address = parsed(root.at("address"), canonical_host);
  if (const auto port = root.find("port")) endpoint.port = static_cast<std::uint16_t>(port->integer(1, UINT16_MAX));
  if (const auto suite = root.find("cipher_suite")) {
    constexpr std::int64_t newest_suite = 17;
    endpoint.cipher_suite = static_cast<unsigned>(suite->integer(1, newest_suite));
  }
}

void read_redfish(const Field& root, BmcEndpoint& endpoint) {
  refuse_fields(root, {"address", "port", "cipher_suite"}, name_of(BmcKind::ipmi));
  (void)parsed(root.at("url"), [&endpoint](const std::string& url) {
    set_url(endpoint, url);
    return true;
  });
  if (const auto pinned = root.find("fingerprint")) endpoint.fingerprint = parsed(*pinned, canonical_fingerprint);
  if (const auto ca = root.find("ca")) endpoint.ca = ca_from(*ca);
  if (const auto system = root.find("system")) endpoint.system = system_from(*system);
}

Milliseconds ttl_from(const Field& field, Milliseconds longest_ttl) {
  const auto duration = field.duration();
  constexpr Milliseconds shortest{1'000};
  constexpr auto hint = "Write it as 4h, 90m or 3600s.";
  const auto longest = std::chrono::duration_cast<std::chrono::minutes>(longest_ttl).count();
  if (duration < shortest) field.fail(fmt::format("must be from 1s to {}m, which is lease.longest_ttl", longest), hint);
  if (duration > longest_ttl) {
    field.fail(fmt::format("is longer than the {} minutes that lease.longest_ttl allows", longest), hint);
  }
  return duration;
}

LeaseTerms read_terms(const Field& root, Milliseconds longest_ttl) {
  LeaseTerms terms;
  if (const auto policy = root.find("policy")) {
    terms.policy = policy->word<LeasePolicy>();
  }
  if (const auto ttl = root.find("ttl")) terms.time_to_live = ttl_from(*ttl, longest_ttl);
  if (const auto reason = root.find("reason")) terms.reason = reason_from(*reason);
  return terms;
}

BootMode mode_from(const Field& field, const Catalogue& catalogue) {
  const auto name = field.string();
  const auto mode = BootMode::try_parse(name);
  if (mode && catalogue.find(*mode) != nullptr) return *mode;
  const auto [problem, hint] = unknown_mode(catalogue, name);
  field.fail(problem, hint);
}

BootModeChange read_change(const Field& root, Milliseconds longest_ttl, const Catalogue& catalogue) {
  root.only({"mode", "policy", "ttl", "reason", "force"});
  BootModeChange change;
  if (const auto force = root.find("force")) change.force = force->boolean();
  change.mode = mode_from(root.at("mode"), catalogue);
  for (const auto* const key : {"policy", "ttl"}) {
    const auto field = root.find(key);
    if (field && change.mode == BootMode::disk) field->fail("is for rescue modes only: the disk needs no lease");
  }
  change.terms = read_terms(root, longest_ttl);
  return change;
}

std::string chosen(const Field& root, const char* key, std::span<const std::string_view> words,
                   std::string_view fallback) {
  const auto field = root.find(key);
  return std::string(field ? words[field->choice(words)] : fallback);
}

/// The name of an image, which becomes part of paths.
std::string image_from(const Field& field) {
  auto name = field.text();
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  constexpr std::size_t longest = 100;
  if (name.size() > longest || name.front() == '.' || !std::all_of(name.begin(), name.end(), is_allowed)) {
    field.fail("is not the name of an image", "Use lower-case letters, digits, '-', '_' and '.'.");
  }
  return name;
}

std::string public_key_from(const Field& field) {
  auto text = field.text();
  const auto key = bytes_of_base64(text);
  if (!key || key->size() != box_key_size || !is_box_key(*key)) {
    field.fail("is not an X25519 public key in base64", "netbootctl keygen makes one.");
  }
  return text;
}

void read_notify(const Field& root, RescueRequest& rescue) {
  root.only({"address", "language"});
  rescue.notify_address = parsed(root.at("address"), canonical_mail_address);
  const auto language = root.find("language");
  rescue.notify_language = language ? parsed(*language, canonical_language) : "en";
}

std::vector<std::string> ssh_keys_from(const Field& field) {
  constexpr std::size_t most_keys = 16;
  const auto items = field.items();
  if (items.size() > most_keys) field.fail(fmt::format("must hold {} keys at most", most_keys));
  std::vector<std::string> keys;
  keys.reserve(items.size());
  for (const auto& item : items) keys.push_back(parsed(item, credentials::canonical_ssh_key));
  return keys;
}

/// Whether a one-time link is made, and how its code reaches the customer: each needs somebody to go to.
void read_link_wish(const Field& root, RescueRequest& rescue) {
  const auto link = root.find("link");
  const auto code = root.find("code");
  rescue.link = link ? link->boolean() : !rescue.notify_address.empty();
  if (code) {
    rescue.code = code->word<contract::CodePolicy>();
    if (!rescue.link) code->fail("is of a one-time link, and none is made", "Send \"link\": true, or no code.");
  }
  if (!rescue.link || rescue.code == contract::CodePolicy::webhook || !rescue.public_key.empty()) return;
  if (rescue.code == contract::CodePolicy::panel) {
    root.fail("public_key is missing: the code of the one-time link is sealed to it, for your panel",
              "Send public_key ('netbootctl keygen' makes one). Or choose \"code\": \"webhook\" or \"none\", or "
              "\"link\": false for no link.");
  }
  if (rescue.notify_address.empty()) {
    link.value_or(root).fail("there is nobody to get the one-time link", "Send notify, or public_key for your panel.");
  }
}

constexpr std::array<std::string_view, 2> ssh_auth{"password", "keys-only"};

LeaseExtension read_extension(const Field& root, Milliseconds longest_ttl) {
  root.only({"ttl", "until"});
  const auto ttl = root.find("ttl");
  const auto until = root.find("until");
  if (ttl.has_value() == until.has_value()) {
    root.fail("needs either ttl or until", R"(Send {"ttl": "4h"}, or {"until": "2026-11-30T18:00:00Z"}.)");
  }
  LeaseExtension extension{std::nullopt, std::nullopt, longest_ttl};
  if (ttl) extension.time_to_live = ttl_from(*ttl, longest_ttl);
  if (until) {
    const auto text = until->string();
    try {
      extension.until = moment_from(text);
    } catch (const Error& error) {
      until->fail(error.what(), error.hint());
    }
  }
  return extension;
}

RescueOrder read_order(const Field& root, Milliseconds longest_ttl) {
  root.only({"policy", "ttl", "reason", "public_key", "on_shutdown", "disk_mode", "then", "image", "power", "notify",
             "link", "code", "keyboard", "ssh_keys", "auth"});
  RescueOrder order;
  order.terms = read_terms(root, longest_ttl);
  auto& rescue = order.rescue;
  if (const auto key = root.find("public_key")) rescue.public_key = public_key_from(*key);
  rescue.on_shutdown = chosen(root, "on_shutdown", choices<contract::ShutdownPolicy>(), rescue.on_shutdown);
  rescue.disk_mode = chosen(root, "disk_mode", choices<contract::DiskMode>(), rescue.disk_mode);
  rescue.then = chosen(root, "then", choices<contract::Ending>(), rescue.then);
  if (const auto image = root.find("image")) rescue.image = image_from(*image);
  if (const auto notify = root.find("notify")) read_notify(*notify, rescue);
  read_link_wish(root, rescue);
  if (const auto keyboard = root.find("keyboard")) rescue.keyboard = parsed(*keyboard, canonical_keyboard);
  if (const auto keys = root.find("ssh_keys")) rescue.ssh_keys = ssh_keys_from(*keys);
  rescue.auth = chosen(root, "auth", ssh_auth, rescue.auth);
  if (rescue.auth != ssh_auth.front() && rescue.ssh_keys.empty()) {
    root.at("auth").fail("needs ssh_keys: nobody could log in over SSH", "Send the customer's public keys, too.");
  }
  if (const auto power = root.find("power")) order.cycle = power->choice({"cycle", "none"}) == 0;
  return order;
}

}  // namespace

NewBmc read_bmc(const Field& root) {
  root.only({"kind", "address", "port", "url", "user", "password", "cipher_suite", "fingerprint", "ca", "system"});
  NewBmc bmc;
  auto& endpoint = bmc.endpoint;
  if (const auto kind = root.find("kind")) {
    endpoint.kind = kind->word<BmcKind>();
  }
  const bool is_ipmi = endpoint.kind == BmcKind::ipmi;
  if (is_ipmi) {
    read_ipmi(root, endpoint);
  } else {
    read_redfish(root, endpoint);
  }
  constexpr std::size_t longest_of_ipmi[] = {16, 20};
  constexpr std::size_t longest_of_redfish[] = {64, 128};
  const auto& longest = is_ipmi ? longest_of_ipmi : longest_of_redfish;
  endpoint.user = login_from(root.at("user"), longest[0]);
  auto password = login_from(root.at("password"), longest[1]);
  bmc.password = Secret(std::string_view(password));
  wipe(password);
  return bmc;
}

nlohmann::json bmc_json(const std::optional<BmcEndpoint>& bmc) {
  if (!bmc) return {};
  if (bmc->kind == BmcKind::ipmi) {
    return {{"kind", name_of(bmc->kind)},
            {"address", bmc->address},
            {"port", bmc->port},
            {"user", bmc->user},
            {"cipher_suite", bmc->cipher_suite}};
  }
  return {{"kind", name_of(bmc->kind)}, {"url", url_of(*bmc)},
          {"user", bmc->user},          {"fingerprint", or_null(shown_fingerprint(bmc->fingerprint))},
          {"ca", or_null(bmc->ca)},     {"system", or_null(bmc->system)}};
}

nlohmann::json boot_mode_json(const ServerState& state, const LeaseLimits& limits, WallTime now) {
  nlohmann::json lease;
  if (state.lease) {
    const auto& held = *state.lease;
    const auto allowed = held.policy == LeasePolicy::once ? 1U : limits.boots;
    lease = {{"mode", held.mode.name()},
             {"state", name_of(state_of(held, limits, now))},
             {"policy", name_of(held.policy)},
             {"requested_by", held.requested_by},
             {"reason", or_null(held.reason)},
             {"granted_at", rfc3339(held.granted)},
             {"expires_at", rfc3339(held.expires)},
             {"boots", held.boots},
             {"boots_left", allowed > held.boots ? allowed - held.boots : 0U},
             {"last_boot_at", or_null(held.last_boot)},
             {"last_heard_at", or_null(held.last_heard)}};
  }
  return {{"server", state.server.name.text()}, {"mode", state.mode.name()}, {"lease", lease}};
}

nlohmann::json boot_modes_json(const Catalogue& catalogue) {
  auto modes = nlohmann::json::array();
  for (const auto& choice : catalogue.choices()) {
    const auto why = why_unavailable(choice);
    modes.push_back({{"name", choice.mode.name()},
                     {"description", or_null(choice.description)},
                     {"available", why.empty()},
                     {"unavailable_because", or_null(why)},
                     {"host_agent", choice.has_agent}});
  }
  return {{"boot_modes", modes}};
}

NewBmc bmc_from(const std::string& body) { return read_body(body, read_bmc); }

RescueOrder rescue_order_from(const std::string& body, Milliseconds longest_ttl) {
  return read_body(body.empty() ? "{}" : body,
                   [longest_ttl](const Field& root) { return read_order(root, longest_ttl); });
}

LeaseExtension lease_extension_from(const std::string& body, Milliseconds longest_ttl) {
  return read_body(body, [longest_ttl](const Field& root) { return read_extension(root, longest_ttl); });
}

BootModeChange boot_mode_change_from(const std::string& body, Milliseconds longest_ttl, const Catalogue& catalogue) {
  return read_body(body, [&](const Field& root) { return read_change(root, longest_ttl, catalogue); });
}

}  // namespace rescue::netboot::api
