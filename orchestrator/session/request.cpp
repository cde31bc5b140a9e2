// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/session/request.hpp"

#include "core/error.hpp"

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

}  // namespace

domain::SessionSettings with_request(domain::SessionSettings configured,
                                     const std::optional<domain::SessionRequest>& request) {
  if (!request) return configured;
  choose("on_shutdown", request->on_shutdown, configured.on_shutdown);
  choose("then", request->then, configured.ending);
  choose("disk_mode", request->disk_mode, configured.disk_mode);
  if (configured.disk_mode != domain::DiskMode::read_write && !request->disk_mode.empty()) {
    throw Error(ErrorCode::precondition,
                fmt::format("the request asks for disk_mode {}, which is not available yet", request->disk_mode),
                "Ask for disk_mode rw.");
  }
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
