// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/session/request.hpp"

#include "contract/keyboard.hpp"
#include "contract/link.hpp"
#include "core/error.hpp"
#include "credentials/ssh_key.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace rescue::session {
namespace {

/// Sets `value` to the enumerator with this word; an empty word keeps the configured value.
template <class Enum>
void choose(const char* what, const std::string& word, Enum& value) {
  if (word.empty()) return;
  if (const auto known = parse_word<Enum>(word)) {
    value = *known;
    return;
  }
  throw Error(ErrorCode::precondition, fmt::format("the request asks for {} '{}', which is unknown here", what, word),
              fmt::format("Ask for one of: {}. Or is this rescue system older than the control plane?",
                          fmt::join(choices<Enum>(), ", ")));
}

/// Throws `precondition`: a control plane that is older than this host may have checked less.
void require_known_wishes(const domain::SessionRequest& request) {
  constexpr std::size_t most_keys = 16;
  auto auth = domain::SshAuth::password;
  choose("auth", request.auth, auth);
  if (request.ssh_keys.size() > most_keys) {
    throw Error(ErrorCode::precondition, fmt::format("the request has more than {} SSH keys", most_keys));
  }
  try {
    for (const auto& key : request.ssh_keys) (void)credentials::canonical_ssh_key(key);
    if (!request.keyboard.empty()) (void)contract::keyboard_of(request.keyboard);
  } catch (const Error& error) {
    throw Error(ErrorCode::precondition, error.what(), error.hint());
  }
}

}  // namespace

domain::SessionSettings with_request(domain::SessionSettings configured,
                                     const std::optional<domain::SessionRequest>& request) {
  if (!request) return configured;
  choose("on_shutdown", request->on_shutdown, configured.on_shutdown);
  choose("then", request->then, configured.ending);
  if (auto policy = contract::CodePolicy::panel; request->link) choose("code", request->link->code, policy);
  auto mode = configured.disk_mode;
  choose("disk_mode", request->disk_mode, mode);
  // A control plane's default is rw: the operator's protection of the disks stays.
  if (mode != domain::DiskMode::read_write) configured.disk_mode = mode;
  require_known_wishes(*request);
  return configured;
}

domain::ImageWish image_wish(const std::optional<domain::SessionRequest>& request) {
  domain::ImageWish wish;
  if (request) wish.name = request->image;
  return wish;
}

void require_image(const std::optional<domain::SessionRequest>& request, const domain::RescueImage& image) {
  if (!request || request->image.empty() || request->image == "default" || request->image == image.name) return;
  throw Error(ErrorCode::precondition,
              fmt::format("the request asks for the image {}, this host has {}", request->image, image.name),
              "Ask for the image 'default', or give the host that image (image.url or image.manifest).");
}

}  // namespace rescue::session
