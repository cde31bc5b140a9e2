// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/boot/netboot.hpp"

#include "core/document.hpp"
#include "core/error.hpp"

#include <fmt/format.h>

namespace rescue::boot {

NetbootControlPlane::NetbootControlPlane(std::string url, http::ClientOptions options)
    : url_(std::move(url)), options_(std::move(options)) {}

void NetbootControlPlane::check(Milliseconds limit, std::stop_token stop) {
  auto options = options_;
  options.time_limit = limit;
  options.connect_limit = limit;
  http::Client client(std::move(options));
  const auto response = client.request("GET", "/healthz", {}, std::move(stop));
  if (response.status != 200) {
    throw Error(ErrorCode::unavailable,
                fmt::format("the control plane {} answers with status {}", url_, response.status),
                "Check that control_plane.url is the address of netbootd, and that netbootd works.");
  }
}

NetbootBootControl::NetbootBootControl(const std::string& server, http::ClientOptions options, Secret token, Ends ends)
    : path_("/v1/servers/" + http::percent_encode(server) + "/boot-mode"),
      client_(std::move(options), std::move(token)), ends_(ends) {}

std::string NetbootBootControl::mode(std::stop_token stop) {
  const auto response = client_.call("GET", path_, {}, std::move(stop));
  return Document::from_json("answer of netbootd", response.body).root().at("mode").text();
}

std::string NetbootBootControl::mode() { return mode({}); }

std::string NetbootBootControl::restore_disk(const std::string&, std::stop_token stop) {
  const auto before = mode(stop);
  if (before == "disk") return {};
  (void)client_.call("PUT", path_, R"({"mode":"disk"})", stop);
  if (const auto now = mode(stop); now != "disk") {
    if (ends_ == Ends::own_lease) return fmt::format("netboot: own lease ended; {} by another's", now);
    throw Error(ErrorCode::unavailable, fmt::format("netbootd accepted the boot mode disk, but still answers {}", now),
                "See netbootd's log.");
  }
  return fmt::format("netboot: {} -> disk", before);
}

}  // namespace rescue::boot
