// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/vm/qmp.hpp"

#include "core/error.hpp"
#include "core/peer_json.hpp"
#include "core/printable.hpp"

#include <fmt/format.h>

namespace rescue::vm {
namespace {

using nlohmann::json;

constexpr std::size_t longest_message = std::size_t{4} << 20U;
constexpr std::size_t most_events = 256;

[[noreturn]] void refuse_qmp(const std::string& what) { throw Error(ErrorCode::hypervisor, "QEMU's monitor: " + what); }

/// "7.2.22" of the greeting.
std::string version_of(const json& greeting) {
  try {
    const auto& version = greeting.at("QMP").at("version").at("qemu");
    return fmt::format("{}.{}.{}", version.at("major").get<int>(), version.at("minor").get<int>(),
                       version.at("micro").get<int>());
  } catch (const json::exception&) {
    refuse_qmp("the greeting is invalid");
  }
}

/// QEMU's description of an error.
std::string description_of(const json& error) {
  const auto found = error.is_object() ? error.find("desc") : error.end();
  if (!error.is_object() || found == error.end() || !found->is_string()) return "an error without a description";
  constexpr std::size_t most = 1000;
  return printable(found->get_ref<const std::string&>(), most);
}

}  // namespace

Qmp::Qmp(FileDescriptor socket, Milliseconds limit) : channel_(std::move(socket), "QEMU", longest_message) {
  const auto greeting = receive(std::chrono::steady_clock::now() + limit);
  if (!greeting) throw Error(ErrorCode::timeout, "QEMU did not greet on its monitor");
  version_ = version_of(*greeting);
  execute("qmp_capabilities", json::object(), limit);
}

std::optional<json> Qmp::receive(SteadyTime deadline) {
  const auto line = channel_.receive(deadline);
  if (!line) return std::nullopt;
  auto message = parse_peer_json(*line, longest_message);
  if (!message.is_object()) refuse_qmp("an answer is not a JSON object");
  return message;
}

bool Qmp::keep_event(json& message) {
  const auto name = message.find("event");
  if (name == message.end()) return false;
  if (!name->is_string()) refuse_qmp("an event has no name");
  auto data = message.value("data", json::object());
  if (!data.is_object()) data = json::object();
  if (events_.size() == most_events) events_.pop_front();
  events_.push_back({name->get<std::string>(), std::move(data)});
  return true;
}

json Qmp::execute(const std::string& command, json arguments, Milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  const auto id = ++last_id_;
  // JSON holds only UTF-8: a path with other bytes is refused by QEMU, not by the library.
  channel_.send(json{{"execute", command}, {"arguments", std::move(arguments)}, {"id", id}}.dump(
                    -1, ' ', false, json::error_handler_t::replace),
                deadline);
  while (auto message = receive(deadline)) {
    if (keep_event(*message)) continue;
    if (message->value("id", json()) != id) {
      // QEMU answers without an id to what it could not parse; other ids belong to commands that took too long.
      if (!message->contains("id") && message->contains("error")) refuse_qmp(description_of((*message)["error"]));
      continue;
    }
    if (message->contains("error")) refuse_qmp(command + ": " + description_of((*message)["error"]));
    if (!message->contains("return")) refuse_qmp(command + " has neither a result nor an error");
    return std::move((*message)["return"]);
  }
  throw Error(ErrorCode::timeout, fmt::format("QEMU did not answer {} within {} ms", command, limit.count()));
}

std::optional<Event> Qmp::next_event(Milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (events_.empty()) {
    auto message = receive(deadline);
    if (!message) return std::nullopt;
    keep_event(*message);  // anything else is a late answer
  }
  auto event = std::move(events_.front());
  events_.pop_front();
  return event;
}

}  // namespace rescue::vm
