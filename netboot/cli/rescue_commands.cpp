// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/cli/rescue_commands.hpp"

#include "core/base64.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/sealed_box.hpp"
#include "netboot/cli/answers.hpp"
#include "netboot/cli/requester_key.hpp"
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
  put_if_given(body, "code", rescue.code);
  if (!rescue.link.empty()) body["link"] = rescue.link == "yes";
  if (!rescue.notify.empty()) {
    body["notify"] = {{"address", rescue.notify}};
    put_if_given(body["notify"], "language", rescue.language);
  }
  for (const auto& file : rescue.ssh_key_files) body["ssh_keys"].push_back(first_line(file));
  if (rescue.keys_only) body["auth"] = "keys-only";
  return tasks_.followed(client_.call("POST", server_path(rescue.server) + "/rescue", body.dump()).body, rescue.wait);
}

std::string RescueCommands::show(const std::string& server) {
  auto answer = client_.call("GET", server_path(server) + "/rescue").body;
  return json_ ? answer : session_facts(parsed(answer));
}

std::string RescueCommands::extend(const RescueExtension& extension) {
  auto body = json::object();
  put_if_given(body, "ttl", extension.ttl);
  put_if_given(body, "until", extension.until);
  auto answer = client_.call("POST", server_path(extension.server) + "/rescue/extend", body.dump()).body;
  if (json_) return answer;
  const auto lease = parsed(answer).value("lease", json::object());
  return facts({{"server", extension.server}, {"lease ends", text_of(lease, "expires_at")}});
}

std::string RescueCommands::finish(const RescueEnd& end) {
  auto path = server_path(end.server) + "/rescue";
  std::string query;
  if (!end.then.empty()) query += "&then=" + http::percent_encode(end.then);
  if (!end.changes.empty()) query += "&changes=" + http::percent_encode(end.changes);
  if (end.force) query += "&force=true";
  if (!query.empty()) path += "?" + query.substr(1);
  return tasks_.followed(client_.call("DELETE", path).body, end.wait);
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
  require_requesters_key(client_, order.server, order.secret_key_file, key);
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

json RescueCommands::waiting_code(const std::string& server) {
  const auto answer = parsed(client_.call("GET", server_path(server) + "/secrets?limit=1000").body);
  for (const auto& secret : answer.value("secrets", json::array())) {
    if (text_of(secret, "state") == "waiting" && !text_of(secret, "sealed_code").empty()) return secret;
  }
  throw Error(
      ErrorCode::not_found, fmt::format("no one-time link of {} waits with a code", server),
      fmt::format("Look at them: netbootctl secret list {}. New ones: netbootctl rescue reissue {}", server, server));
}

std::string RescueCommands::code(const CodeOrder& order) {
  const auto key = secret_key_from(order.secret_key_file);
  const auto secret = waiting_code(order.server);
  require_requesters_key(client_, order.server, order.secret_key_file, key);
  const auto content = opened_object(text_of(secret, "sealed_code"), key, "a link");
  auto text = text_of(content, "link") + "\n";
  if (const auto code = text_of(content, "code"); !code.empty()) text += code + "\n";
  if (json_) {
    text = json{{"secret", text_of(secret, "id")},
                {"link", content["link"]},
                {"code", content.value("code", json())},
                {"expires_at", text_of(secret, "expires_at")}}
               .dump(2) +
           "\n";
  }
  if (order.output.empty()) return text;
  if (std::filesystem::exists(order.output)) {
    throw Error(ErrorCode::conflict, order.output + " exists", "Name a new file.");
  }
  write_file_atomically(order.output, text, 0600);
  wipe(text);
  return fmt::format("link and code of {} are in {}\n", order.server, order.output);
}

std::string RescueCommands::reissue(const std::string& server, bool wait) {
  return tasks_.followed(client_.call("POST", server_path(server) + "/rescue/reissue").body, wait);
}

std::string RescueCommands::task_show(const std::string& id, bool wait) {
  auto answer = client_.call("GET", task_path(id)).body;
  if (wait) return tasks_.followed(std::move(answer), true);
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
  return tasks_.followed(client_.call("POST", server_path(change.server) + "/power", body.dump()).body, change.wait);
}

}  // namespace rescue::netboot::cli
