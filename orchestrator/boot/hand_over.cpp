// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/boot/hand_over.hpp"

#include "core/document.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/peer_json.hpp"
#include "orchestrator/domain/json.hpp"

#include <nlohmann/json.hpp>
#include <sodium.h>

#include <array>
#include <cstring>
#include <filesystem>

namespace rescue::boot {
namespace {

using Json = nlohmann::json;

std::string sha256_of(std::string_view bytes) {
  if (::sodium_init() < 0) throw std::bad_alloc();
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  const void* const data = bytes.data();
  ::crypto_hash_sha256(digest.data(), static_cast<const unsigned char*>(data), bytes.size());
  std::array<char, crypto_hash_sha256_BYTES * 2 + 1> hex{};
  ::sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
  return hex.data();
}

/// 32 random bytes as hex digits, which fit into a header.
Secret fresh_token() {
  if (::sodium_init() < 0) throw std::bad_alloc();
  constexpr std::size_t bytes = 32;
  Secret raw(bytes);
  ::randombytes_buf(raw.data(), raw.size());
  Secret hex(bytes * 2 + 1);
  const void* const data = raw.data();
  ::sodium_bin2hex(hex.data(), hex.size(), static_cast<const unsigned char*>(data), raw.size());
  return Secret(std::string_view(hex.data(), bytes * 2));
}

/// Removes the member `key` from `json` and returns it, so that nothing parsed later holds a copy.
Secret take_secret(Json& json, const char* key) {
  if (!json.is_object() || !json.contains(key) || !json[key].is_string()) return {};
  auto& text = json[key].get_ref<std::string&>();
  Secret secret(text);
  wipe(text);
  json.erase(key);
  return secret;
}

bool is_http(const std::string& url) { return url.starts_with("http://") || url.starts_with("https://"); }

}  // namespace

std::optional<HandOver> HandOver::find(const HandOverPaths& paths) {
  HandOver found;
  found.paths_ = paths;
  found.read_boot_token();
  found.read_redemption();
  if (found.url_.empty()) return std::nullopt;
  const auto ca_file = paths.boot_folder + "/ca.pem";
  if (std::filesystem::exists(ca_file)) found.ca_file_ = ca_file;
  found.keep_agent_token();
  return found;
}

void HandOver::read_boot_token() {
  auto text = read_file_if_exists(handed_over());
  if (!text) return;
  auto json = parse_peer_json(*text);
  wipe(*text);
  boot_token_ = take_secret(json, "boot_token");
  const auto document = Document::from_json(handed_over(), json.is_discarded() ? "" : json.dump());
  const auto root = document.root();
  url_ = root.at("url").text();
  if (!is_http(url_)) root.at("url").fail("must start with http:// or https://");
  read_boot_url(root);
  read_relay_urls(root);
  server_ = root.at("server").text();
  if (boot_token_.empty()) root.fail("has no boot_token", "Boot the server again from the control plane.");
  boot_token_sha256_ = sha256_of(boot_token_.reveal());
}

/// Reads the boot URL; an older netbootd does not send it.
void HandOver::read_boot_url(const Field& root) {
  const auto field = root.find("boot_url");
  boot_url_ = field ? field->string() : std::string();
  if (!boot_url_.empty() && !is_http(boot_url_)) field->fail("must start with http:// or https://");
}

void HandOver::read_relay_urls(const Field& root) {
  constexpr std::size_t most = 64;
  relay_urls_.clear();
  const auto field = root.find("relay_urls");
  if (!field) return;
  for (const auto& url : field->items()) {
    if (!is_http(url.text())) url.fail("must start with http:// or https://");
    relay_urls_.push_back(url.text());
  }
  if (relay_urls_.size() > most) field->fail("are too many");
}

void HandOver::read_redemption() {
  const auto text = read_file_if_exists(kept());
  if (!text) return;
  const auto document = Document::from_json(kept(), *text);
  const auto root = document.root();
  const auto of_boot = root.at("boot_token_sha256").text();
  if (!boot_token_.empty() && of_boot != boot_token_sha256_) {
    // A file of another boot: its token is no longer valid.
    remove_file_durably(kept());
    remove_file_durably(paths_.runtime_folder + "/agent.token");
    return;
  }
  boot_token_sha256_ = of_boot;
  url_ = root.at("url").text();
  read_boot_url(root);
  read_relay_urls(root);
  server_ = root.at("server").text();
  redemption_.emplace();
  redemption_->session = root.at("session").string();
  redemption_->heartbeat_interval = Milliseconds(root.at("heartbeat_interval_ms").integer(100, 3'600'000));
  if (const auto request = root.find("request")) redemption_->request = domain::request_from_json(request->json());
  boot_token_.wipe();
  remove_file_durably(handed_over());
}

void HandOver::keep_agent_token() {
  const auto path = paths_.runtime_folder + "/agent.token";
  if (std::filesystem::exists(path)) {
    agent_token_ = read_secret_file(path);
    return;
  }
  agent_token_ = fresh_token();
  make_folder(paths_.runtime_folder, 0755);
  write_file_atomically(path, agent_token_.reveal(), 0600);
}

std::string HandOver::agent_token_sha256() const { return sha256_of(agent_token_.reveal()); }

void HandOver::redeemed(ports::Redemption redemption) {
  Json json{{"url", url_},
            {"boot_url", boot_url_},
            {"relay_urls", relay_urls_},
            {"server", server_},
            {"boot_token_sha256", boot_token_sha256_},
            {"session", redemption.session},
            {"heartbeat_interval_ms", redemption.heartbeat_interval.count()}};
  if (redemption.request) json["request"] = domain::to_json(*redemption.request);
  write_file_atomically(kept(), json.dump(1) + "\n", 0600);
  remove_file_durably(handed_over());
  boot_token_.wipe();
  redemption_ = std::move(redemption);
}

}  // namespace rescue::boot
