// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/cli/rescue_commands.hpp"

#include "core/base64.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/sealed_box.hpp"
#include "netboot/cli/answers.hpp"
#include "netboot/cli/table.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <filesystem>

namespace rescue::netboot::cli {
namespace {

using nlohmann::json;

std::string first_line(const std::string& path) {
  auto text = read_file(path);
  return text.substr(0, text.find_first_of("\r\n"));
}

Secret secret_key_from(const std::string& path) {
  const auto text = read_secret_file(path);
  auto bytes = bytes_of_base64(text.reveal());
  if (!bytes || bytes->size() != box_key_size) {
    throw Error(ErrorCode::usage, path + " holds no secret key", "'netbootctl keygen FILE' creates one.");
  }
  Secret key{std::string_view(*bytes)};
  wipe(*bytes);
  return key;
}

std::string public_key_for(const NewRescue& rescue) {
  if (!rescue.new_key_file.empty()) {
    (void)make_key_pair(rescue.new_key_file, false);
    return first_line(rescue.new_key_file + ".pub");
  }
  return rescue.public_key_file.empty() ? std::string{} : first_line(rescue.public_key_file);
}

/// Path of a task; "7" is short for t-7.
std::string task_path(const std::string& id) {
  const bool is_number = !id.empty() && id.find_first_not_of("0123456789") == std::string::npos;
  return "/v1/tasks/" + http::percent_encode(is_number ? "t-" + id : id);
}

/// Prints one line for each step whose state has changed.
void print_progress(std::FILE* err, const json& task, json& seen) {
  for (const auto& step : task.value("steps", json::array())) {
    const auto name = text_of(step, "name");
    const auto state = text_of(step, "state");
    if (state == "pending" || seen.value(name, "") == state) continue;
    seen[name] = state;
    fmt::print(err, "{}: {}\n", shown(name), shown(state));
  }
}

}  // namespace

std::string make_key_pair(const std::string& file, bool json_wanted) {
  const auto public_file = file + ".pub";
  for (const auto& path : {file, public_file}) {
    if (std::filesystem::exists(path)) {
      throw Error(ErrorCode::conflict, path + " exists", "Name a new file: keys are never overwritten.");
    }
  }
  const auto keys = make_box_keys();
  auto text = base64_of(keys.secret_key.reveal()) + "\n";
  write_file_atomically(file, text, 0600);
  wipe(text);
  const auto public_key = base64_of(keys.public_key);
  write_file_atomically(public_file, public_key + "\n", 0644);
  if (json_wanted) {
    return json{{"secret_key_file", file}, {"public_key_file", public_file}, {"public_key", public_key}}.dump(2) + "\n";
  }
  return fmt::format("the secret key is in {}, the public key in {}\n", file, public_file);
}

std::string RescueCommands::followed(std::string answer, bool wait) {
  auto task = parsed(answer);
  if (wait) {
    constexpr Milliseconds look(1'000);
    auto seen = json::object();
    const auto path = "/v1/tasks/" + http::percent_encode(text_of(task, "id"));
    print_progress(err_, task, seen);
    while (text_of(task, "ended_at").empty()) {
      (void)clock_.sleep_for(look);
      answer = client_.call("GET", path).body;
      task = parsed(answer);
      print_progress(err_, task, seen);
    }
  }
  const auto state = text_of(task, "state");
  if (state == "failed" || state == "cancelled") {
    fmt::print(out_, "{}", json_ ? answer : task_facts(task));
    const auto error = task.value("error", json::object());
    throw Error(error_code_of(text_of(error, "code")), text_of(error, "detail"), text_of(error, "hint"));
  }
  return json_ ? answer : task_facts(task);
}

std::string RescueCommands::start(const NewRescue& rescue) {
  auto body = json::object();
  put_if_given(body, "public_key", public_key_for(rescue));
  put_if_given(body, "policy", rescue.policy);
  put_if_given(body, "ttl", rescue.ttl);
  put_if_given(body, "reason", rescue.reason);
  put_if_given(body, "on_shutdown", rescue.on_shutdown);
  put_if_given(body, "disk_mode", rescue.disk_mode);
  put_if_given(body, "then", rescue.then);
  put_if_given(body, "image", rescue.image);
  put_if_given(body, "power", rescue.power);
  put_if_given(body, "keyboard", rescue.keyboard);
  if (!rescue.notify.empty()) {
    body["notify"] = {{"address", rescue.notify}};
    put_if_given(body["notify"], "language", rescue.language);
  }
  for (const auto& file : rescue.ssh_key_files) body["ssh_keys"].push_back(first_line(file));
  return followed(client_.call("POST", server_path(rescue.server) + "/rescue", body.dump()).body, rescue.wait);
}

std::string RescueCommands::show(const std::string& server) {
  auto answer = client_.call("GET", server_path(server) + "/rescue").body;
  return json_ ? answer : session_facts(parsed(answer));
}

std::string RescueCommands::finish(const RescueEnd& end) {
  auto path = server_path(end.server) + "/rescue";
  std::string query;
  if (!end.then.empty()) query += "&then=" + http::percent_encode(end.then);
  if (!end.changes.empty()) query += "&changes=" + http::percent_encode(end.changes);
  if (end.force) query += "&force=true";
  if (!query.empty()) path += "?" + query.substr(1);
  return followed(client_.call("DELETE", path).body, end.wait);
}

void RescueCommands::require_matching_key(const CredentialsOrder& order, const Secret& key) {
  const auto session = parsed(client_.call("GET", server_path(order.server) + "/rescue").body);
  const auto wanted = text_of(session, "public_key");
  if (wanted.empty() || wanted == base64_of(public_key_of(key))) return;
  throw Error(ErrorCode::usage, order.secret_key_file + " is not the secret key for the public key of this rescue",
              "Use the right key: the credentials are still there.");
}

std::string RescueCommands::credentials(const CredentialsOrder& order) {
  const auto key = secret_key_from(order.secret_key_file);
  if (order.output.empty() && ::isatty(::fileno(out_)) != 1) {
    throw Error(ErrorCode::usage, "credentials are printed to a terminal only",
                "Name a file for them: --output FILE (created with mode 0600).");
  }
  if (!order.output.empty() && std::filesystem::exists(order.output)) {
    throw Error(ErrorCode::conflict, order.output + " exists", "Name a new file.");
  }
  // Credentials are handed out once: key and file are checked before.
  require_matching_key(order, key);
  if (!order.output.empty()) write_file_atomically(order.output, "", 0600);
  try {
    const auto answer = parsed(client_.call("POST", server_path(order.server) + "/rescue/credentials").body);
    const auto opened = open_sealed(bytes_of_base64(text_of(answer, "sealed")).value_or(""), key);
    if (order.output.empty()) {
      fmt::print(out_, "{}\n", opened.reveal());
      return {};
    }
    write_file_atomically(order.output, opened.reveal(), 0600);
  } catch (...) {
    if (!order.output.empty()) remove_file_durably(order.output);
    throw;
  }
  return json_ ? json{{"server", order.server}, {"file", order.output}}.dump(2) + "\n"
               : fmt::format("the credentials of {} are in {}\n", order.server, order.output);
}

std::string RescueCommands::task_show(const std::string& id, bool wait) {
  auto answer = client_.call("GET", task_path(id)).body;
  if (wait) return followed(std::move(answer), true);
  return json_ ? answer : task_facts(parsed(answer));
}

std::string RescueCommands::task_cancel(const std::string& id) {
  auto answer = client_.call("POST", task_path(id) + "/cancel").body;
  return json_ ? answer : task_facts(parsed(answer));
}

std::string RescueCommands::task_list(const TaskFilter& filter) {
  std::string query;
  const auto limit = filter.limit == 0 ? std::string{} : std::to_string(filter.limit);
  for (const auto& [name, value] :
       {std::pair("server", filter.server), {"kind", filter.kind}, {"state", filter.state}, {"limit", limit}}) {
    if (!value.empty()) query += fmt::format("{}{}={}", query.empty() ? '?' : '&', name, http::percent_encode(value));
  }
  auto answer = client_.call("GET", "/v1/tasks" + query).body;
  if (json_) return answer;
  std::vector<std::vector<std::string>> rows{{"TASK", "KIND", "SERVER", "STATE", "CREATED", "ENDED"}};
  for (const auto& task : parsed(answer).value("tasks", json::array())) {
    rows.push_back({text_of(task, "id"), text_of(task, "kind"), text_of(task, "server"), text_of(task, "state"),
                    text_of(task, "created_at"), text_of(task, "ended_at")});
  }
  return table(rows);
}

std::string RescueCommands::power_show(const std::string& server) {
  auto answer = client_.call("GET", server_path(server) + "/power").body;
  const auto body = parsed(answer);
  return json_ ? answer : facts({{"server", text_of(body, "server")}, {"power", text_of(body, "power")}});
}

std::string RescueCommands::power_set(const PowerChange& change) {
  json body{{"action", change.action}};
  put_if_given(body, "boot_device", change.boot_device);
  if (change.force) body["force"] = true;
  return followed(client_.call("POST", server_path(change.server) + "/power", body.dump()).body, change.wait);
}

}  // namespace rescue::netboot::cli
