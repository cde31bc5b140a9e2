// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/vm/guest_agent.hpp"

#include "core/back_off.hpp"
#include "core/base64.hpp"
#include "core/error.hpp"
#include "core/peer_json.hpp"
#include "core/printable.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::vm {
namespace {

using nlohmann::json;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t longest_answer = std::size_t{1} << 20U;
constexpr std::size_t file_part = 48'000;  ///< bytes of a file in one command
constexpr char sentinel = '\xff';          ///< comes before the answer to guest-sync-delimited
constexpr std::size_t longest_text = 500;

[[noreturn]] void refuse_answer(const std::string& command, const std::string& why) {
  throw Error(ErrorCode::guest_agent, fmt::format("the guest agent, {}: {}", command, why));
}

/// The answer behind the last sentinel of a line.
std::string_view behind_sentinel(std::string_view line) {
  const auto at = line.rfind(sentinel);
  return at == std::string_view::npos ? line : line.substr(at + 1);
}

/// The member `return` of an answer. Throws the guest's own error.
json result_of(const std::string& command, std::string_view answer) {
  auto document = parse_peer_json(answer, longest_answer);
  if (!document.is_object()) refuse_answer(command, "the answer is not a JSON object");
  if (const auto error = document.find("error"); error != document.end()) {
    const auto desc = error->is_object() ? error->value("desc", json()) : json();
    refuse_answer(command, desc.is_string() ? printable(desc.get_ref<const std::string&>(), longest_text) : "refused");
  }
  const auto found = document.find("return");
  if (found == document.end()) refuse_answer(command, "the answer has no result");
  return std::move(*found);
}

const std::string& text_member(const std::string& command, const json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  if (!object.is_object() || found == object.end() || !found->is_string()) {
    refuse_answer(command, std::string(key) + " is missing or not text");
  }
  return found->get_ref<const std::string&>();
}

std::int64_t number_member(const std::string& command, const json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  if (!object.is_object() || found == object.end() || !found->is_number_integer()) {
    refuse_answer(command, std::string(key) + " is missing or not an integer");
  }
  return found->get<std::int64_t>();
}

GuestInterface interface_of(const std::string& command, const json& entry) {
  GuestInterface found;
  found.name = printable(text_member(command, entry, "name"), longest_text);
  if (entry.contains("hardware-address")) {
    found.mac = printable(text_member(command, entry, "hardware-address"), longest_text);
  }
  const auto addresses = entry.find("ip-addresses");
  if (addresses == entry.end() || !addresses->is_array()) return found;
  constexpr std::size_t most_addresses = 64;
  for (const auto& address : *addresses) {
    if (found.addresses.size() == most_addresses) break;
    found.addresses.push_back(printable(text_member(command, address, "ip-address"), longest_text) + "/" +
                              std::to_string(number_member(command, address, "prefix")));
  }
  return found;
}

}  // namespace

GuestAgent::GuestAgent(FileDescriptor socket) : channel_(std::move(socket), "the guest agent", longest_answer) {}

bool GuestAgent::sync(Milliseconds limit) {
  const auto deadline = SteadyClock::now() + limit;
  in_step_ = false;
  const auto id = ++last_sync_;
  // The sentinel ends whatever an earlier command has left in the agent's parser.
  auto request = sentinel + json{{"execute", "guest-sync-delimited"}, {"arguments", {{"id", id}}}}.dump();
  try {
    channel_.send(request, deadline);
    for (;;) {
      const auto line = channel_.receive(deadline);
      if (!line) return false;
      const auto answer = parse_peer_json(behind_sentinel(*line), longest_answer);
      if (!answer.is_object() || answer.value("return", json()) != id) continue;
      in_step_ = true;
      return true;
    }
  } catch (const Error& error) {
    if (error.code() == ErrorCode::unavailable) throw;
    return false;  // a full channel, or a line without an end
  }
}

bool GuestAgent::wait_until_ready(Milliseconds limit) {
  constexpr Milliseconds one_answer{3'000};
  const auto deadline = SteadyClock::now() + limit;
  // Requests wait in the channel until the agent opens it: a few unanswered ones do no harm.
  for (;;) {
    const auto left = std::chrono::duration_cast<Milliseconds>(deadline - SteadyClock::now());
    if (left <= Milliseconds(0)) return false;
    if (sync(std::min(one_answer, left))) return true;
  }
}

bool GuestAgent::pings(Milliseconds limit) {
  try {
    (void)execute("guest-ping", json::object(), limit);
    return true;
  } catch (const Error&) {
    return false;
  }
}

std::string GuestAgent::converse(std::string_view request, const std::string& command, Milliseconds limit) {
  const auto deadline = SteadyClock::now() + limit;
  const auto silent = [&] {
    return Error(ErrorCode::timeout,
                 fmt::format("the guest agent did not answer {} within {} ms", command, limit.count()));
  };
  if (!in_step_ && !sync(limit)) throw silent();
  in_step_ = false;
  channel_.send(request, deadline);
  std::optional<std::string> line;
  try {
    line = channel_.receive(deadline);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::io) throw;
    refuse_answer(command, error.what());  // too long
  }
  if (!line) throw silent();
  in_step_ = true;
  return std::move(*line);
}

json GuestAgent::execute(const std::string& command, json arguments, Milliseconds limit) {
  json request{{"execute", command}};
  if (!arguments.empty()) request["arguments"] = std::move(arguments);
  return result_of(command, converse(request.dump(-1, ' ', false, json::error_handler_t::replace), command, limit));
}

std::string GuestAgent::version() {
  return printable(text_member("guest-info", execute("guest-info"), "version"), longest_text);
}

agent::CommandResult GuestAgent::run(const std::vector<std::string>& argv, Milliseconds limit) {
  SystemClock clock;
  BackOff back_off(clock, limit, {Milliseconds(10), Milliseconds(500)});
  const auto next_limit = [&] { return std::clamp(back_off.left(), Milliseconds(1), usual_limit); };
  const auto started = converse(agent::exec_request(argv), "guest-exec", next_limit());
  (void)result_of("guest-exec of " + argv.front(), started);  // for the guest's reason
  const auto request = agent::exec_status_request(agent::exec_reply(started));
  // The agent sends no event when a program ends: polls, at growing intervals.
  for (;;) {
    if (auto result = agent::exec_status_reply(converse(request, "guest-exec-status", next_limit()))) return *result;
    if (back_off.is_over()) break;
    (void)back_off.wait();
  }
  throw Error(ErrorCode::timeout, fmt::format("{} did not end in the guest within {} ms; it may still run there",
                                              argv.front(), limit.count()));
}

std::string GuestAgent::read_file(const std::string& path, std::size_t largest) {
  const auto handle = execute("guest-file-open", {{"path", path}, {"mode", "r"}});
  if (!handle.is_number_integer()) refuse_answer("guest-file-open", "the handle is not an integer");
  std::string content;
  // Bounded: each answer adds bytes, or ends the loop.
  for (bool at_end = false; !at_end;) {
    const auto part = execute("guest-file-read", {{"handle", handle}, {"count", file_part}});
    const auto bytes = bytes_of_base64(text_member("guest-file-read", part, "buf-b64"));
    if (!bytes) refuse_answer("guest-file-read", "the content is not base64");
    content += *bytes;
    at_end = bytes->empty() || part.value("eof", json()) == true;
    if (content.size() > largest) {
      refuse_answer("guest-file-read", fmt::format("{} is larger than {} bytes", path, largest));
    }
  }
  (void)execute("guest-file-close", {{"handle", handle}});
  return content;
}

void GuestAgent::write_file(const std::string& path, std::string_view content) {
  const auto handle = execute("guest-file-open", {{"path", path}, {"mode", "w"}});
  if (!handle.is_number_integer()) refuse_answer("guest-file-open", "the handle is not an integer");
  while (!content.empty()) {
    const auto part = content.substr(0, file_part);
    const auto written = execute("guest-file-write", {{"handle", handle}, {"buf-b64", base64_of(part)}});
    const auto count = number_member("guest-file-write", written, "count");
    if (count <= 0 || static_cast<std::size_t>(count) > part.size()) {
      refuse_answer("guest-file-write", "it wrote an impossible number of bytes");
    }
    content.remove_prefix(static_cast<std::size_t>(count));
  }
  (void)execute("guest-file-close", {{"handle", handle}});
}

void GuestAgent::set_password(const std::string& user, const Secret& password) {
  if (password.empty()) throw Error(ErrorCode::usage, "a password is not empty");
  // Assembled in protected memory: the JSON library would leave copies. base64 needs no quoting.
  const auto head = fmt::format(R"({{"execute":"guest-set-user-password","arguments":{{"crypted":false,"username":{},)"
                                R"("password":")",
                                json(user).dump(-1, ' ', false, json::error_handler_t::replace));
  constexpr std::string_view tail = "\"}}";
  auto encoded = base64_of(password.reveal());
  Secret request(head.size() + encoded.size() + tail.size());
  auto* end = std::copy(head.begin(), head.end(), request.data());
  end = std::copy(encoded.begin(), encoded.end(), end);
  std::copy(tail.begin(), tail.end(), end);
  wipe(encoded);
  std::string answer;
  answer = converse(request.reveal(), "guest-set-user-password", usual_limit);
  try {
    (void)result_of("guest-set-user-password", answer);
  } catch (const Error& error) {
    // A hostile guest may quote the password.
    if (std::string_view(error.what()).find(password.reveal()) == std::string_view::npos) throw;
    throw Error(error.code(), "the guest agent refused the password of " + printable(user, longest_text));
  }
}

std::vector<GuestInterface> GuestAgent::interfaces() {
  const std::string command = "guest-network-get-interfaces";
  const auto list = execute(command);
  if (!list.is_array()) refuse_answer(command, "the answer is not a list");
  constexpr std::size_t most_interfaces = 64;
  std::vector<GuestInterface> found;
  for (const auto& entry : list) {
    if (found.size() == most_interfaces) break;
    if (!entry.is_object()) refuse_answer(command, "an interface is not an object");
    found.push_back(interface_of(command, entry));
  }
  return found;
}

void GuestAgent::request_shutdown(Shutdown how) {
  if (!in_step_ && !sync(usual_limit)) {
    throw Error(ErrorCode::timeout, "the guest agent did not answer before the shutdown");
  }
  in_step_ = false;
  const json request{{"execute", "guest-shutdown"},
                     {"arguments", {{"mode", how == Shutdown::reboot ? "reboot" : "powerdown"}}}};
  channel_.send(request.dump(), SteadyClock::now() + usual_limit);
}

}  // namespace rescue::vm
