// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/console/relayed_console.hpp"

#include "core/log.hpp"
#include "core/printable.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace rescue::netboot {

using http::MessageKind;
using nlohmann::json;

namespace {

constexpr std::size_t largest_control_message = 1'024;
constexpr int most_labels = 10;
constexpr std::size_t soft_limit = http::WebSocketLimits{}.drained;

std::string one_line(const json& body) { return body.dump(-1, ' ', false, json::error_handler_t::replace); }

json viewers_json(const std::vector<ConsoleViewer>& viewers, long long own) {
  auto list = json::array();
  for (const auto& viewer : viewers) {
    list.push_back({{"label", viewer.label}, {"role", name_of(viewer.role)}, {"you", viewer.id == own}});
  }
  return list;
}

/// Passes bytes on, and stops their source while they are not taken. The second look is for a queue that was emptied
/// between the two calls: nothing would resume the source.
void forward(http::WebSocket& from, http::WebSocket& to, MessageKind kind, std::string message) {
  if (!to.send(kind, std::move(message)) || to.pending() <= soft_limit) return;
  from.pause_reading();
  if (to.pending() <= soft_limit) from.resume_reading();
}

}  // namespace

class RelayedConsole::BrowserSide final : public http::WebSocketHandler {
public:
  explicit BrowserSide(std::shared_ptr<RelayedConsole> console) : console_(std::move(console)) {}
  ~BrowserSide() override {
    if (!is_told_) console_->browser_closed();  // the handshake failed
  }
  BrowserSide(const BrowserSide&) = delete;
  BrowserSide& operator=(const BrowserSide&) = delete;
  void on_open(const Socket& socket) override { console_->browser_opened(socket); }
  void on_message(MessageKind kind, std::string_view message) override { console_->browser_sent(kind, message); }
  void on_drained() override { console_->browser_drained(); }
  void on_close(std::string_view /*reason*/) noexcept override {
    is_told_ = true;
    console_->browser_closed();
  }

private:
  std::shared_ptr<RelayedConsole> console_;
  bool is_told_ = false;
};

class RelayedConsole::HostSide final : public http::WebSocketHandler {
public:
  explicit HostSide(std::shared_ptr<RelayedConsole> console) : console_(std::move(console)) {}
  void on_open(const Socket& socket) override {
    socket_ = socket;
    console_->host_opened(socket);
  }
  void on_message(MessageKind kind, std::string_view message) override { console_->host_sent(kind, message); }
  void on_drained() override { console_->host_drained(); }
  void on_close(std::string_view /*reason*/) noexcept override { console_->host_closed(socket_); }

private:
  std::shared_ptr<RelayedConsole> console_;
  Socket socket_;
};

RelayedConsole::RelayedConsole(OpenedConsole opened, Sink sink)
    : viewer_(opened.viewer), sink_(std::move(sink)),
      filter_(viewer_.role == ConsoleRole::control ? rfb::ViewerRole::control : rfb::ViewerRole::view) {
  json hello{{"type", "hello"},
             {"server", viewer_.server.text()},
             {"role", name_of(viewer_.role)},
             {"resume", opened.resume.reveal()},
             {"viewer", fmt::format("v-{}", viewer_.id)},
             {"viewers", viewers_json(opened.viewers, viewer_.id)}};
  if (!opened.keyboard.empty()) hello["keyboard"] = opened.keyboard;
  if (opened.session_ends) hello["session_ends"] = shown_end_ = rfc3339(*opened.session_ends);
  shown_viewers_ = one_line(hello["viewers"]);
  hello_ = one_line(hello);
}

std::shared_ptr<http::WebSocketHandler> RelayedConsole::browser_handler() {
  return std::make_shared<BrowserSide>(shared_from_this());
}

std::shared_ptr<http::WebSocketHandler> RelayedConsole::host_handler() {
  return std::make_shared<HostSide>(shared_from_this());
}

RelayedConsole::Socket RelayedConsole::browser() const {
  const std::lock_guard lock(mutex_);
  return browser_;
}

RelayedConsole::Socket RelayedConsole::host() const {
  const std::lock_guard lock(mutex_);
  return host_;
}

bool RelayedConsole::has_host() const { return host() != nullptr; }

void RelayedConsole::browser_opened(const Socket& socket) {
  (void)socket->send(MessageKind::text, std::exchange(hello_, {}));
  const std::lock_guard lock(mutex_);
  browser_ = socket;
  if (is_over_) return socket->close(http::CloseCode::normal, "the console has ended");
  if (host_) host_->resume_reading();
}

void RelayedConsole::browser_sent(MessageKind kind, std::string_view message) {
  Socket from;
  Socket to;
  bool is_early = false;
  {
    const std::lock_guard lock(mutex_);
    if (is_over_) return;
    from = browser_;
    to = host_;
    is_early = !has_had_host_;
  }
  if (kind == MessageKind::text) return take_control_message(message);
  if (is_early) return fail("bytes before the host was there");
  if (!to || !from) return;  // the rest of a stream that is closed
  auto passed = filter_.pass(message);
  if (!passed) return fail(filter_.fault());
  if (passed->empty()) return;
  forward(*from, *to, kind, *std::move(passed));
}

void RelayedConsole::take_control_message(std::string_view message) {
  if (message.size() > largest_control_message) return fail("a text message is too long");
  const auto body = json::parse(message, nullptr, false);
  if (!body.is_object()) return fail("a text message is not a JSON object");
  const auto type = body.find("type");
  if (type == body.end() || *type != "label") return;
  const auto text = body.find("text");
  if (text == body.end() || !text->is_string() || ++labels_ > most_labels) return;
  sink_.labelled(printable(text->get<std::string>(), longest_label));
}

void RelayedConsole::fail(const std::string& why) {
  log::warning("console v-{} of {} from {} was closed: {}", viewer_.id, viewer_.server.text(), viewer_.address, why);
  sink_.ended(ConsoleEnd::protocol);
  end(ConsoleEnd::protocol);
}

void RelayedConsole::browser_drained() {
  if (const auto from = host()) from->resume_reading();
}

void RelayedConsole::browser_closed() noexcept {
  Socket other;
  {
    const std::lock_guard lock(mutex_);
    browser_.reset();
    is_over_ = true;
    other = host_;
  }
  if (other) other->close(http::CloseCode::normal, "the browser has gone");
  sink_.browser_gone();
}

void RelayedConsole::host_opened(const Socket& socket) {
  Socket earlier;
  Socket restarted;
  {
    const std::lock_guard lock(mutex_);
    if (is_over_) return socket->close(http::CloseCode::normal, "the browser has gone");
    if (!browser_) socket->pause_reading();  // `hello` comes first
    earlier = std::exchange(host_, socket);
    if (std::exchange(has_had_host_, true)) restarted = browser_;
  }
  // Another stream in the same connection would be taken for the rest of the first one.
  if (earlier) earlier->close(http::CloseCode::normal, "the host has dialled again");
  if (restarted) restarted->close(http::CloseCode::restart, "the host has dialled again");
}

void RelayedConsole::host_sent(MessageKind kind, std::string_view message) {
  if (kind != MessageKind::binary || message.empty()) return;
  const auto to = browser();
  const auto from = host();
  if (to && from) forward(*from, *to, kind, std::string(message));
}

void RelayedConsole::host_drained() {
  if (const auto from = browser()) from->resume_reading();
}

void RelayedConsole::host_closed(const Socket& socket) noexcept {
  Socket restarted;
  {
    const std::lock_guard lock(mutex_);
    if (host_ != socket) return;
    host_.reset();
    if (!is_over_) restarted = browser_;
  }
  if (!restarted) return;
  notice("The connection to the server's screen was closed; it is opened again.");
  restarted->close(http::CloseCode::restart, "the host's side was closed");
}

void RelayedConsole::show(const std::vector<ConsoleViewer>& viewers, const std::optional<WallTime>& session_ends) {
  auto list = viewers_json(viewers, viewer_.id);
  auto text = one_line(list);
  const auto ends = session_ends ? rfc3339(*session_ends) : std::string{};
  const std::lock_guard lock(mutex_);
  if (!browser_ || is_over_) return;
  if (text != shown_viewers_) {
    shown_viewers_ = std::move(text);
    (void)browser_->send(MessageKind::text, one_line({{"type", "viewers"}, {"viewers", std::move(list)}}));
  }
  if (ends != shown_end_ && !ends.empty()) {
    shown_end_ = ends;
    (void)browser_->send(MessageKind::text, one_line({{"type", "session"}, {"session_ends", ends}}));
  }
}

void RelayedConsole::notice(const std::string& text) {
  if (const auto to = browser()) (void)to->send(MessageKind::text, one_line({{"type", "notice"}, {"text", text}}));
}

void RelayedConsole::end(ConsoleEnd reason) {
  Socket browser;
  Socket host;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(is_over_, true)) return;
    browser = browser_;
    host = host_;
  }
  if (browser) {
    (void)browser->send(MessageKind::text, one_line({{"type", "ending"}, {"reason", name_of(reason)}}));
    browser->close(http::CloseCode::normal, name_of(reason));
  }
  if (host) host->close(http::CloseCode::normal, name_of(reason));
}

}  // namespace rescue::netboot
