// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/boot/netboot_consoles.hpp"

#include "core/document.hpp"
#include "core/error.hpp"
#include "core/http/client.hpp"
#include "core/http/websocket_client.hpp"

#include <exception>
#include <memory>
#include <utility>

namespace rescue::boot {
namespace {

constexpr std::size_t most_calls = 64;
constexpr auto tls = "https://";

/// Passes lists on; a failure ends the socket, and is thrown by `listen`.
class CallReader final : public http::WebSocketHandler {
public:
  explicit CallReader(std::function<void(std::vector<ports::ConsoleCall>)> changed) : changed_(std::move(changed)) {}
  void on_open(const std::shared_ptr<http::WebSocket>& socket) override { socket_ = socket; }
  void on_message(http::MessageKind kind, std::string_view message) override {
    if (kind != http::MessageKind::text || failure_) return;
    try {
      changed_(console_calls_from(message));
    } catch (...) {
      failure_ = std::current_exception();
      socket_->close(http::CloseCode::protocol, "not a list of consoles");
    }
  }
  void on_close(std::string_view /*reason*/) noexcept override { socket_.reset(); }
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

private:
  const std::function<void(std::vector<ports::ConsoleCall>)> changed_;
  std::shared_ptr<http::WebSocket> socket_;
  std::exception_ptr failure_;
};

}  // namespace

std::vector<ports::ConsoleCall> console_calls_from(std::string_view message) {
  try {
    const auto document = Document::from_json("list of consoles", std::string(message));
    std::vector<ports::ConsoleCall> calls;
    for (const auto& item : document.root().at("consoles").items()) {
      if (calls.size() >= most_calls) break;
      calls.push_back({item.at("id").text(), item.at("relay_url").text()});
    }
    return calls;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::config_invalid) throw;
    throw Error(ErrorCode::unavailable, error.what(), "Check that control_plane.url is the address of netbootd.");
  }
}

NetbootConsoles::NetbootConsoles(std::string url, std::string ca_file, Secret agent_token)
    : url_(std::move(url)), ca_file_(std::move(ca_file)), token_(std::move(agent_token)) {}

void NetbootConsoles::listen(const std::function<void(std::vector<ports::ConsoleCall>)>& changed,
                             const std::stop_token& stop) {
  http::WebSocketTarget target;
  target.base_url = url_;
  target.path = "/v1/agent/consoles";
  target.ca_file = ca_file_;
  target.subprotocols = {"rescue-consoles"};
  const auto reader = std::make_shared<CallReader>(changed);
  http::run_websocket(target, token_, reader, stop);
  reader->rethrow();
}

std::string NetbootConsoles::serve(const ports::ConsoleCall& call, const net::IpAddress& address, FileDescriptor screen,
                                   const std::stop_token& stop) {
  if (url_.starts_with(tls) && !call.relay_url.starts_with(tls)) {
    throw Error(ErrorCode::denied, "the relay " + call.relay_url + " has no TLS, and the control plane has",
                "Set console.relay_url of that netbootd to its https URL.");
  }
  http::WebSocketTarget target;
  target.base_url = call.relay_url;
  target.path = "/v1/agent/console/" + http::percent_encode(call.id);
  target.address = address.text();
  target.ca_file = ca_file_;
  target.subprotocols = {"rescue-console"};
  return http::pump_websocket(target, token_, std::move(screen), stop);
}

}  // namespace rescue::boot
