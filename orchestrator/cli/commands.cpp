// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/commands.hpp"

#include "contract/session.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "credentials/spelling.hpp"
#include "orchestrator/cli/connection_view.hpp"
#include "orchestrator/cli/console_screen.hpp"
#include "orchestrator/cli/disks_view.hpp"
#include "orchestrator/cli/report_view.hpp"
#include "orchestrator/cli/session_view.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <cstdio>
#include <thread>

namespace rescue::cli {
namespace {

using Json = nlohmann::json;

http::ClientOptions client_options(const std::string& socket) {
  http::ClientOptions options;
  options.base_url = "http://rescued";
  options.unix_path = socket;
  options.time_limit = std::chrono::minutes(10);  // rotate proves the new credentials before it answers
  return options;
}

bool stdout_is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }
bool stderr_is_terminal() { return ::isatty(STDERR_FILENO) == 1; }

std::string text(const Json& value) { return value.get<std::string>(); }

/// True if the finished session reboots or powers off the host: rescued then stops answering, which is no error.
bool is_going_down(const Json& status) {
  return text(status.at("phase")) == name_of(contract::Phase::finished) &&
         text(status.at("ending")) != name_of(contract::Ending::stay);
}

bool is_active(const Json& status) {
  const auto phase = parse_word<contract::Phase>(text(status.at("phase")));
  return phase && is_active(*phase);
}

void report_failure(const Json& failure, const char* what) {
  fmt::print(stderr, "{}: {}{}{}\n", what, text(failure.at("step")), text(failure.at("step")).empty() ? "" : ": ",
             text(failure.at("message")));
  if (const auto hint = text(failure.at("hint")); !hint.empty()) fmt::print(stderr, "  hint: {}\n", hint);
}

/// Reports what could not be undone and returns the exit code; 0 if everything was undone.
int rollback_outcome(const Json& status) {
  const auto& left = status.at("rollback_failures");
  for (const auto& failure : left) report_failure(failure, "not undone");
  return left.empty() ? 0 : exit_code_of(ErrorCode::rollback_incomplete);
}

/// Reports the session's failure and what could not be undone; returns the exit code.
int session_outcome(const Json& status) {
  const auto& failure = status.at("failure");
  if (!failure.is_null()) report_failure(failure, "failed");
  if (const int left = rollback_outcome(status); left != 0) return left;
  return failure.is_null() ? 0 : exit_code_of(error_code_of(text(failure.at("code"))));
}

/// Password in a file that hand_over wrote. Throws `usage`.
Secret password_in(const std::string& file) {
  const auto content = read_secret_file(file);
  auto json = Json::parse(content.reveal(), nullptr, false);
  if (!json.is_object() || !json.contains("password") || !json["password"].is_string()) {
    throw Error(ErrorCode::usage, fmt::format("{} has no password", file),
                "Name a file that --credentials-file has written.");
  }
  auto& text = json["password"].get_ref<std::string&>();
  Secret password{std::string_view(text)};
  wipe(text);
  return password;
}

/// Adds the password in words as `password_spelled`.
void add_spelling(std::string& body) {
  auto json = Json::parse(body);
  wipe(body);
  auto& password = json.at("password").get_ref<std::string&>();
  const auto spelling = credentials::spelled(Secret(std::string_view(password)));
  json["password_spelled"] = spelling.reveal();
  body = json.dump();
  for (const auto* const name : {"password", "password_spelled"}) wipe(json[name].get_ref<std::string&>());
}

/// Prints the lines of a spelled password below the others, and wipes them.
void print_spelling(std::string& lines) {
  std::size_t at = 0;
  for (std::size_t end = 0; (end = lines.find('\n', at)) != std::string::npos; at = end + 1) {
    fmt::print("{:<11}{}\n", at == 0 ? "spelled" : "", std::string_view(lines).substr(at, end - at));
  }
  wipe(lines);
}

/// First line of a file with a public key.
std::string public_key_in(const std::string& file) {
  const auto text = read_file(file);
  return text.substr(0, text.find_first_of("\r\n"));
}

/// Body of the request for a session.
Json start_order(const Options& options, bool collect) {
  Json body{{"collect", collect}};
  for (const auto& file : options.ssh_key_files) body["ssh_keys"].push_back(public_key_in(file));
  if (options.keys_only) body["auth"] = "keys-only";
  if (!options.keyboard.empty()) body["keyboard"] = options.keyboard;
  if (!options.language.empty()) body["language"] = options.language;
  if (!options.disk_mode.empty()) body["disk_mode"] = options.disk_mode;
  return body;
}

}  // namespace

Commands::Commands(Options options) : options_(std::move(options)), client_(client_options(options_.socket)) {}

http::Response Commands::ask(const std::string& method, const std::string& path, const std::string& body) {
  http::Response response;
  try {
    response = client_.request(method, path, body);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unavailable) throw;
    throw Error(ErrorCode::precondition, fmt::format("rescued does not answer on {}", options_.socket),
                "Start it (systemctl start rescued), and run rescuectl as root or as a member of its control group.");
  }
  http::throw_if_problem(response);
  return response;
}

Json Commands::call(const std::string& method, const std::string& path, const Json& body) {
  return Json::parse(ask(method, path, body.is_null() ? "" : body.dump()).body);
}

void Commands::print(const Json& json, const std::string& text) const {
  const auto line = options_.json ? json.dump(2) + "\n" : text;
  std::fputs(line.c_str(), stdout);
}

int Commands::doctor() {
  const auto answer = call("GET", "/v1/doctor");
  std::string lines;
  for (const auto& check : answer.at("checks")) {
    lines +=
        fmt::format("{:<8} {:<14} {}\n", text(check.at("verdict")), text(check.at("name")), text(check.at("detail")));
    if (const auto remedy = text(check.at("remedy")); !remedy.empty()) lines += fmt::format("{:<24}{}\n", "", remedy);
  }
  print(answer, lines);
  return answer.at("passed").get<bool>() ? 0 : exit_code_of(ErrorCode::precondition);
}

int Commands::disks() {
  const auto answer = call("GET", "/v1/disks");
  print(answer, disks_text(answer));
  return 0;
}

int Commands::why() {
  const auto disks = call("GET", "/v1/disks");
  if (const auto why = text(disks.at("not_inspected")); !why.empty()) {
    throw Error(ErrorCode::conflict, "the disks can't be looked into now: " + why,
                "Finish the session first: rescuectl finish --then stay");
  }
  const auto& chain = disks.at("boot_chain");
  print(chain, boot_chain_text(chain));
  const bool broken =
      std::any_of(chain.begin(), chain.end(), [](const Json& check) { return text(check.at("verdict")) == "broken"; });
  return broken ? exit_code_of(ErrorCode::precondition) : 0;
}

int Commands::plan() {
  const auto plan = call("GET", "/v1/plan");
  if (options_.xml) {
    std::fputs(text(plan.at("domain_xml")).c_str(), stdout);
    return 0;
  }
  const auto& guest = plan.at("guest");
  const auto& network = plan.at("network");
  auto lines =
      fmt::format("image    {} {}\nguest    {}: {}, {} vCPUs, {} MiB\nmemory   {} MiB for the image, {} for the "
                  "throw-away disk, {} for the host\nnetwork  {} {} on {}, address by {}\n",
                  text(plan.at("image").at("name")), text(plan.at("image").at("version")), text(guest.at("name")),
                  text(guest.at("accelerator")), guest.at("vcpus").get<unsigned>(),
                  guest.at("memory_mib").get<unsigned>(), plan.at("image").at("memory_mib").get<unsigned>(),
                  plan.at("overlay_mib").get<unsigned>(), plan.at("host_mib").get<unsigned>(), text(guest.at("mac")),
                  text(plan.at("address")), text(network.at("original").at("nic")), text(network.at("addressing")));
  for (const auto& disk : guest.at("disks")) {
    lines += fmt::format("disk     {} ({}, {})\n", text(disk.at("path")), size_text(disk.at("size_bytes")),
                         text(guest.at("disk_mode")));
  }
  for (const auto& step : plan.at("steps")) lines += fmt::format("step     {}\n", text(step));
  print(plan, lines);
  return 0;
}

Json Commands::wait_for_change(const Json& status) {
  // Poll each second for a display that counts seconds; a script's log needs only the changes.
  const int seconds = stderr_is_terminal() ? 1 : 30;
  return call("GET", fmt::format("/v1/status?after={}&wait={}", status.at("revision").get<std::uint64_t>(), seconds));
}

void Commands::require_somewhere_for_credentials() const {
  if (!options_.credentials_file.empty() || stdout_is_terminal()) return;
  throw Error(ErrorCode::usage, "the password is shown on a terminal only, and stdout is not one",
              "Name a file for it, readable by you alone: --credentials-file FILE");
}

void Commands::hand_over(http::Response response) {
  if (options_.spell) add_spelling(response.body);
  if (!options_.credentials_file.empty()) {
    write_file_atomically(options_.credentials_file, response.body, 0600);
    fmt::print(stderr, "credentials written to {}\n", options_.credentials_file);
  } else if (options_.json) {
    std::fputs(response.body.c_str(), stdout);
  } else {
    auto credentials = Json::parse(response.body);
    fmt::print("address    {}\nuser       {}\npassword   {}\nssh        {} ({})\nrdp        {} ({})\n",
               text(credentials.at("address")), text(credentials.at("user")), text(credentials.at("password")),
               text(credentials.at("ssh_host_key")), text(credentials.at("ssh_host_key_type")),
               text(credentials.at("rdp_certificate")), text(credentials.at("rdp_proof")));
    wipe(credentials.at("password").get_ref<std::string&>());
    if (options_.spell) print_spelling(credentials.at("password_spelled").get_ref<std::string&>());
    std::fputs("The password is shown only once; `rescuectl credentials rotate` sets a new one.\n", stderr);
  }
  wipe(response.body);
}

void Commands::collect_credentials() { hand_over(ask("POST", "/v1/session/collect")); }

int Commands::follow(Json status, bool from_now) {
  ProgressDisplay progress(stderr_is_terminal());
  if (from_now) progress.skip(status);
  while (status.at("busy").get<bool>() || (!from_now && is_active(status))) {
    progress.show(status);
    try {
      status = wait_for_change(status);
    } catch (const Error&) {
      if (!is_going_down(status)) throw;
      progress.close();
      fmt::print(stderr, "the session is finished, and the host goes down ({})\n", text(status.at("ending")));
      return 0;
    }
  }
  progress.show(status);
  progress.close();
  if (options_.json) std::fputs((status.dump(2) + "\n").c_str(), stdout);
  // Finishing a session that had failed before is a success.
  return from_now ? rollback_outcome(status) : session_outcome(status);
}

int Commands::follow_start(Json status) {
  ProgressDisplay progress(stderr_is_terminal());
  bool collected = false;
  while (status.at("busy").get<bool>()) {
    progress.show(status);
    if (!collected && status.value("collectable", false)) {
      progress.close();
      collect_credentials();
      collected = true;
    }
    status = wait_for_change(status);
  }
  progress.show(status);
  progress.close();
  if (options_.json && !options_.credentials_file.empty()) std::fputs((status.dump(2) + "\n").c_str(), stdout);
  return session_outcome(status);
}

int Commands::start() {
  if (!options_.wait && !options_.credentials_file.empty()) {
    throw Error(ErrorCode::usage, "--credentials-file needs --wait",
                "Without --wait the command ends before there are credentials.");
  }
  if (!options_.wait && options_.spell) {
    throw Error(ErrorCode::usage, "--spell needs --wait",
                "Without --wait the command ends before there are credentials.");
  }
  if (!options_.wait) {
    const auto status = call("POST", "/v1/session", start_order(options_, false));
    print(status, fmt::format("session {} started; watch it with `rescuectl status --watch`\n", text(status.at("id"))));
    return 0;
  }
  require_somewhere_for_credentials();
  return follow_start(call("POST", "/v1/session", start_order(options_, true)));
}

int Commands::status() {
  auto status = call("GET", "/v1/status");
  if (!options_.watch) {
    print(status, summary(status));
    return 0;
  }
  if (options_.json) {
    for (;;) {
      std::fputs((status.dump() + "\n").c_str(), stdout);
      std::fflush(stdout);
      status = wait_for_change(status);
    }
  }
  if (!is_active(status)) std::fputs(summary(status).c_str(), stdout);
  return follow(std::move(status), false);
}

Json Commands::serving_status() {
  auto status = call("GET", "/v1/status");
  if (status.at("connection").is_null() || text(status.at("phase")) != name_of(contract::Phase::serving)) {
    throw Error(ErrorCode::conflict,
                fmt::format("there are no credentials: the session is {}", text(status.at("phase"))),
                "Start one with `rescuectl start --wait`.");
  }
  return status;
}

int Commands::credentials_show() {
  const auto status = serving_status();
  const auto& connection = status.at("connection");
  print({{"connection", connection}, {"announced", status.at("announced")}},
        fmt::format("address    {}\nuser       {}\nssh        {}\nrdp        {}\n{}\n"
                    "The password is not stored; `rescuectl credentials rotate` sets a new one.\n",
                    text(connection.at("address")), text(connection.at("user")), text(connection.at("ssh_host_key")),
                    text(connection.at("rdp_certificate")),
                    status.at("announced").is_null()
                        ? "announced  to nobody yet"
                        : fmt::format("announced  {} to {}", text(status.at("announced").at("at").at("at")),
                                      text(status.at("announced").at("to")))));
  return 0;
}

int Commands::credentials_rotate() {
  require_somewhere_for_credentials();
  hand_over(ask("POST", "/v1/credentials/rotate"));
  return 0;
}

int Commands::credentials_spell() {
  if (!stdout_is_terminal()) {
    throw Error(ErrorCode::usage, "the password is shown on a terminal only, and stdout is not one",
                "Run the command on a terminal, without a pipe.");
  }
  const auto spelling = credentials::spelled(password_in(options_.credentials_file));
  const auto lines = spelling.reveal();
  std::fwrite(lines.data(), 1, lines.size(), stdout);
  return 0;
}

int Commands::credentials_files() {
  auto files = Json::array();
  std::string lines;
  for (const auto& [name, content] : connection_files(connection_details(serving_status()))) {
    const auto path = options_.folder + "/" + name;
    write_file_atomically(path, content, 0644);
    files.push_back(path);
    lines += path + "\n";
  }
  print({{"files", std::move(files)}}, lines);
  return 0;
}

int Commands::logs() {
  const auto answer = call("GET", "/v1/logs");
  std::string lines;
  for (const auto& line : answer.at("lines")) lines += text(line) + "\n";
  print(answer, lines);
  return 0;
}

int Commands::finish() {
  auto body = Json::object();
  if (!options_.then.empty()) body["then"] = options_.then;
  if (options_.keep_changes) body["changes"] = name_of(contract::Changes::keep);
  if (options_.discard_changes) body["changes"] = name_of(contract::Changes::discard);
  return follow(call("POST", "/v1/session/finish", body), true);
}

int Commands::report() {
  const auto status = call("GET", "/v1/status");
  if (text(status.at("id")).empty()) {
    throw Error(ErrorCode::precondition, "there was no session to report",
                "A session begins with `rescuectl start --wait`; its report is made when it ends.");
  }
  const auto report = session_report(status);
  print(report, session_report_text(report));
  return 0;
}

/// Adds the number of a ticket whose helper the customer lets in. One that opens without a question stays hidden.
void Commands::add_ticket_number(Json& status) {
  auto& ticket = status["ticket"];
  if (!ticket.is_object() || !ticket.value("open", false) || !ticket.value("asks_customer", true)) return;
  try {
    ticket["number"] = call("GET", "/v1/ticket").at("number");
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;  // it has just ended
  }
}

int Commands::console_status() {
  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  // Turn off the console's screen blanking and its cursor.
  if (terminal) std::fputs("\033[9;0]\033[?25l", stdout);
  std::string drawn;
  Json status;
  for (;;) {
    try {
      status = status.is_object()
                   ? call("GET", fmt::format("/v1/status?after={}&wait=30", status.at("revision").get<std::uint64_t>()))
                   : call("GET", "/v1/status");
      add_ticket_number(status);
    } catch (const Error&) {
      status = nullptr;
    }
    if (auto screen = console_screen(status, host_addresses(), guest_is_on_screen()); screen != drawn) {
      std::fputs(((terminal ? "\033[H\033[2J" : "") + screen).c_str(), stdout);
      std::fflush(stdout);
      drawn = std::move(screen);
    }
    if (!terminal) return 0;
    // Poll: rescued has no socket yet or restarts, and nothing notifies when it is there.
    if (!status.is_object()) std::this_thread::sleep_for(std::chrono::seconds(1));
  }
}

int Commands::restore_boot() {
  const auto answer = call("POST", "/v1/boot/restore");
  const auto changed = text(answer.at("changed"));
  print(answer, changed.empty() ? "there is no boot layer to restore\n" : changed);
  return 0;
}

}  // namespace rescue::cli
