// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/console/host_list.hpp"

#include <nlohmann/json.hpp>

namespace rescue::netboot {

void HostList::on_open(const std::shared_ptr<http::WebSocket>& socket) {
  {
    const std::lock_guard lock(mutex_);
    socket_ = socket;
  }
  opened_();
}

void HostList::on_close(std::string_view /*reason*/) noexcept {
  {
    const std::lock_guard lock(mutex_);
    socket_.reset();
  }
  closed_();
}

void HostList::show(const std::vector<ConsoleViewer>& viewers) {
  auto list = nlohmann::json::array();
  for (const auto& viewer : viewers) {
    list.push_back({{"id", connection_id(viewer)}, {"relay_url", viewer.relay_url}});
  }
  auto text = nlohmann::json{{"consoles", std::move(list)}}.dump();
  const std::lock_guard lock(mutex_);
  if (!socket_ || text == shown_) return;
  shown_ = text;
  (void)socket_->send(http::MessageKind::text, std::move(text));
}

void HostList::end() {
  const std::lock_guard lock(mutex_);
  if (socket_) socket_->close(http::CloseCode::normal, "the session has ended");
}

}  // namespace rescue::netboot
