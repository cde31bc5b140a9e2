// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/guest_agent/protocol.hpp"

#include "core/base64.hpp"
#include "core/error.hpp"
#include "core/printable.hpp"

#include <nlohmann/json.hpp>
#include <sodium.h>

#include <algorithm>
#include <limits>

namespace rescue::agent {
namespace {

using nlohmann::json;

[[noreturn]] void refuse_reply(const std::string& why) {
  throw Error(ErrorCode::guest_agent, "the guest agent's answer is invalid: " + why);
}

/// Drops values that are nested deeper than any valid answer: copying them would recurse.
bool is_shallow(int depth, json::parse_event_t /*event*/, json& /*value*/) {
  constexpr int deepest = 8;
  return depth <= deepest;
}

json returned(const std::string& reply) {
  const auto document = json::parse(reply, is_shallow, false);
  if (!document.is_object() || !document.contains("return") || !document["return"].is_object()) {
    refuse_reply("it has no result");
  }
  return document["return"];
}

/// None when the member is missing.
std::optional<std::int64_t> integer_of(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return std::nullopt;
  if (!found->is_number_integer()) refuse_reply(std::string(key) + " is not an integer");
  // 2^63 and more would be converted to a negative number.
  if (found->is_number_unsigned() && found->get<std::uint64_t>() > INT64_MAX) return INT64_MAX;
  return found->get<std::int64_t>();
}

/// 128 + the signal, like a shell; not 0 for any number that a guest may send.
int exit_code_of_signal(std::int64_t signal) {
  constexpr std::int64_t last = 127;
  return static_cast<int>(128 + std::clamp<std::int64_t>(signal, 1, last));
}

/// A Windows NTSTATUS (such as 0xc0000005) has 32 bits. A larger number is no exit code, and no success.
int exit_code_of(std::int64_t code) {
  if (code < std::numeric_limits<std::int32_t>::min() || code > std::numeric_limits<std::uint32_t>::max()) return 255;
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(code));
}

/// The decoded stream, cut at the limit.
std::string stream_of(const json& object, const char* key, std::size_t limit) {
  const auto found = object.find(key);
  if (found == object.end() || limit == 0) return {};
  if (!found->is_string()) refuse_reply(std::string(key) + " is not text");
  const auto& encoded = found->get_ref<const std::string&>();
  std::string bytes(encoded.size() / 4 * 3 + 3, '\0');
  std::size_t length = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), encoded.data(), encoded.size(),
                        "\r\n", &length, nullptr, sodium_base64_VARIANT_ORIGINAL) != 0) {
    refuse_reply(std::string(key) + " is not base64");
  }
  bytes.resize(std::min(length, limit));
  return printable_lines(bytes, limit);
}

std::string filled_text(std::string_view text, const std::map<std::string, std::string>& values) {
  std::string result;
  while (!text.empty()) {
    const auto open = text.find('{');
    result += text.substr(0, open);
    if (open == std::string_view::npos) break;
    text.remove_prefix(open);
    const auto close = text.find('}');
    const auto found =
        close == std::string_view::npos ? values.end() : values.find(std::string(text.substr(1, close - 1)));
    const bool known = found != values.end();
    result += known ? std::string_view(found->second) : text.substr(0, 1);
    text.remove_prefix(known ? close + 1 : 1);
  }
  return result;
}

}  // namespace

std::vector<std::string> filled(const std::vector<std::string>& argv,
                                const std::map<std::string, std::string>& values) {
  std::vector<std::string> result;
  result.reserve(argv.size());
  for (const auto& argument : argv) result.push_back(filled_text(argument, values));
  return result;
}

std::string file_open_request(const std::string& path) {
  return json{{"execute", "guest-file-open"}, {"arguments", {{"path", path}, {"mode", "w"}}}}.dump(
      -1, ' ', false, json::error_handler_t::replace);
}

std::string file_write_request(std::int64_t handle, std::string_view bytes) {
  return json{{"execute", "guest-file-write"},
              {"arguments", {{"handle", handle}, {"buf-b64", base64_of(bytes.substr(0, file_part))}}}}
      .dump();
}

std::string file_close_request(std::int64_t handle) {
  return json{{"execute", "guest-file-close"}, {"arguments", {{"handle", handle}}}}.dump();
}

std::int64_t file_open_reply(const std::string& reply) {
  const auto document = json::parse(reply, is_shallow, false);
  if (!document.is_object()) refuse_reply("it is not an object");
  const auto handle = integer_of(document, "return");
  if (!handle) refuse_reply("there is no handle");
  return *handle;
}

std::size_t file_write_reply(const std::string& reply, std::size_t asked) {
  const auto count = integer_of(returned(reply), "count");
  if (!count || *count <= 0 || static_cast<std::uint64_t>(*count) > asked) {
    refuse_reply("it wrote an impossible number of bytes");
  }
  return static_cast<std::size_t>(*count);
}

std::string ping_request() { return json{{"execute", "guest-ping"}}.dump(); }

std::string exec_request(const std::vector<std::string>& argv) {
  if (argv.empty() || argv.front().empty()) throw Error(ErrorCode::usage, "no program to run in the guest");
  json arguments{{"path", argv.front()}, {"capture-output", true}};
  if (argv.size() > 1) arguments["arg"] = std::vector<std::string>(argv.begin() + 1, argv.end());
  // JSON holds only UTF-8: the guest gets a replacement character for an invalid byte.
  return json{{"execute", "guest-exec"}, {"arguments", arguments}}.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string exec_status_request(std::int64_t pid) {
  return json{{"execute", "guest-exec-status"}, {"arguments", {{"pid", pid}}}}.dump();
}

std::int64_t exec_reply(const std::string& reply) {
  const auto pid = integer_of(returned(reply), "pid");
  if (!pid) refuse_reply("there is no pid");
  return *pid;
}

std::optional<CommandResult> exec_status_reply(const std::string& reply) {
  const auto status = returned(reply);
  const auto exited = status.find("exited");
  if (exited == status.end() || !exited->is_boolean()) refuse_reply("it does not show whether the program ended");
  if (!exited->get<bool>()) return std::nullopt;
  CommandResult result;
  const auto code = integer_of(status, "exitcode");
  const auto signal = integer_of(status, "signal");
  // On Windows the signal is an exception code.
  result.exit_code = signal ? exit_code_of_signal(*signal) : exit_code_of(code.value_or(0));
  result.output = stream_of(status, "out-data", output_limit);
  result.output += stream_of(status, "err-data", output_limit - result.output.size());
  return result;
}

}  // namespace rescue::agent
