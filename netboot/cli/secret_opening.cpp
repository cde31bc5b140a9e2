// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/base64.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/handle.hpp"
#include "core/secret.hpp"
#include "core/sigpipe.hpp"
#include "credentials/one_time_secret.hpp"
#include "netboot/cli/answers.hpp"
#include "netboot/cli/secret_commands.hpp"
#include "netboot/cli/terminal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <iostream>
#include <optional>
#include <utility>

namespace rescue::netboot::cli {
namespace {

using nlohmann::json;

struct Link {
  std::string base_url;
  std::string id;
  Secret key;
};

Link link_from(std::string_view text) {
  constexpr std::string_view folder = "/s/";
  const Error refused(ErrorCode::usage, "this is not a whole link of a secret",
                      "Copy all of it, with what comes after '#': https://rescue.example/s/ID#KEY.");
  const auto hash = text.find('#');
  const auto page = text.substr(0, hash);
  const auto at = page.rfind(folder);
  if (hash == std::string_view::npos || at == std::string_view::npos || !page.starts_with("http")) throw refused;
  const auto id = page.substr(at + folder.size());
  Link link{std::string(page.substr(0, at)), std::string(id), Secret(text.substr(hash + 1))};
  if (!credentials::is_secret_id(id) || !credentials::is_link_key(link.key)) throw refused;
  return link;
}

Secret line_of_input() {
  std::string line;
  std::getline(std::cin, line);
  if (!line.empty() && line.back() == '\r') line.pop_back();
  Secret secret{std::string_view(line)};
  wipe(line);
  return secret;
}

/// True if the link and its code are typed, thus asked for without echo.
bool is_typed() { return ::isatty(STDIN_FILENO) == 1; }

Secret link_of(const SecretOrder& order) {
  if (order.link != "-") return Secret(std::string_view(order.link));
  return is_typed() ? asked_without_echo("Link: ") : line_of_input();
}

/// Writes all of a text and flushes it. Returns the error's number if not all of it is out, else 0.
int fault_of_writing(std::FILE* file, std::string_view text) {
  const WithoutSigpipe no_signal;  // its end changes errno
  const bool is_written = std::fwrite(text.data(), 1, text.size(), file) == text.size() && std::fflush(file) == 0;
  if (is_written && std::ferror(file) == 0) return 0;
  return errno != 0 ? errno : EIO;
}

/// A new file for a secret, of mode 0600 and with room for the longest one. It is removed unless the secret is in it.
class SecretFile {
public:
  explicit SecretFile(const std::string& path)
      : path_(path), fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)) {
    if (!fd_ && errno == EEXIST) throw Error(ErrorCode::conflict, path + " exists", "Name a new file.");
    if (!fd_) throw system_error("cannot create " + path, errno, unused_hint);
    const auto fault = fault_of_room();
    if (fault == 0) return;
    ::unlink(path.c_str());
    throw system_error("cannot reserve room in " + path, fault, unused_hint);
  }
  SecretFile(const SecretFile&) = delete;
  SecretFile& operator=(const SecretFile&) = delete;
  ~SecretFile() {
    if (!is_kept_) ::unlink(path_.c_str());
  }

  /// Keeps the file even where a later step fails: it has the only copy then.
  void write(std::string_view text) {
    is_kept_ = true;
    for (auto rest = text; !rest.empty();) {
      const auto count = ::write(fd_.get(), rest.data(), rest.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail();
      rest.remove_prefix(static_cast<std::size_t>(count));
    }
    if (::ftruncate(fd_.get(), static_cast<off_t>(text.size())) != 0 || ::fsync(fd_.get()) != 0) fail();
  }

private:
  /// Reserves room for the longest box, and makes the file's name survive a power cut. Returns an error's number or 0.
  [[nodiscard]] int fault_of_room() const {
    constexpr off_t longest_box = off_t{64} << 10;
    if (const auto fault = ::posix_fallocate(fd_.get(), 0, longest_box); fault != 0) return fault;
    const auto parent = std::filesystem::path(path_).parent_path();
    const FileDescriptor folder(::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder || ::fchmod(fd_.get(), 0600) != 0 || ::fsync(folder.get()) != 0) return errno;
    return 0;
  }
  static constexpr auto unused_hint = "The secret is not used up. Name a file in another folder.";
  [[noreturn]] void fail() const {
    throw system_error("the secret was handed out, and is not safely in " + path_, errno,
                       "It is used up. Look into the file; ask for a new link if the secret is not there.");
  }

  std::string path_;
  FileDescriptor fd_;
  bool is_kept_ = false;
};

/// Refuses what can be known to fail before the secret is handed out.
void require_place(const SecretOrder& order, std::FILE* out) {
  pollfd output{::fileno(out), POLLOUT, 0};
  if (order.output.empty() && output.fd >= 0 && ::poll(&output, 1, 0) == 1 &&
      (output.revents & (POLLERR | POLLNVAL)) != 0) {
    throw Error(ErrorCode::io, "standard output is closed", "The secret is not used up. Use --output FILE.");
  }
  if (order.output.empty() && !order.show && ::isatty(::fileno(out)) == 1) {
    throw Error(ErrorCode::usage, "secrets are not printed to a terminal unless you ask for it",
                "Add --show, or name a file for it: --output FILE (created with mode 0600).");
  }
  if (!order.output.empty() && std::filesystem::exists(order.output)) {
    throw Error(ErrorCode::conflict, order.output + " exists", "Name a new file.");
  }
}

void require_waiting(const json& seen, const Clock& clock) {
  const auto revealed = text_of(seen, "revealed_at");
  if (!revealed.empty()) {
    throw Error(ErrorCode::not_found, fmt::format("the secret was revealed at {}", revealed),
                "It is revealed once. If that was not you, somebody else has it: ask for a new one now.");
  }
  const auto expires = text_of(seen, "expires_at");
  if (expires <= rfc3339(clock.wall())) {
    throw Error(ErrorCode::not_found, fmt::format("the link expired at {}", expires), "Ask for a new link.");
  }
}

/// The code: from the command line, the second line of standard input, or the terminal.
Secret code_for(const SecretOrder& order) {
  if (!order.code.empty()) return Secret(std::string_view(order.code));
  if (order.link == "-" && !is_typed()) {
    auto code = line_of_input();
    if (!code.empty()) return code;
  }
  return asked_without_echo("Code: ");
}

/// Has the sealed secret handed out: from here on it is used up.
json handed_out(http::Client& client, const Link& link, const std::optional<Secret>& code) {
  json body{{"link_proof", base64_of(credentials::proof_of_link(link.id, link.key).reveal())}};
  if (code) body["proof"] = base64_of(credentials::proof_of_code(link.id, link.key, *code).reveal());
  return parsed(client.call("POST", "/v1/links/" + link.id + "/reveal", body.dump()).body);
}

Secret opened(const json& answer, const Link& link, const std::optional<Secret>& code) {
  const auto sealed = credentials::SealedSecret::parse(
      Document::from_value("answer", answer.value("sealed", json::object()), [](const std::string&) { return 0; }));
  auto text = credentials::open(sealed, link.id, link.key, code ? &*code : nullptr);
  if (text) return *std::move(text);
  throw Error(ErrorCode::denied, "the secret was handed out, and does not open with the key of this link",
              "It is used up. Ask for a new link, and copy the whole of it.");
}

/// The secret as it is printed.
Secret shown_secret(const Secret& text, const json& answer, bool as_json) {
  std::string shown;
  if (as_json) {
    json body{{"secret", text.reveal()}, {"revealed_at", text_of(answer, "revealed_at")}};
    shown = body.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
    wipe(body["secret"].get_ref<std::string&>());
  } else {
    shown.reserve(text.size() + 1);
    shown = text.reveal();
    if (!shown.ends_with('\n')) shown += '\n';
  }
  Secret secret{std::string_view(shown)};
  wipe(shown);
  return secret;
}

void print(const Secret& text, std::FILE* out) {
  const auto fault = fault_of_writing(out, text.reveal());
  if (fault == 0) return;
  throw system_error("the secret was handed out, and standard output did not take it", fault,
                     "It is used up. Ask for a new link, and use --output FILE, which reserves its room before.");
}

}  // namespace

std::string open_secret(const SecretOrder& order, http::ClientOptions connection, bool as_json, std::FILE* out,
                        const Clock& clock) {
  require_place(order, out);
  const auto link = link_from(link_of(order).reveal());
  connection.base_url = link.base_url;
  http::Client client(std::move(connection));
  const auto seen = parsed(client.call("GET", "/v1/links/" + link.id).body);
  require_waiting(seen, clock);
  std::optional<Secret> code;
  if (seen.value("needs_code", true)) code = code_for(order);
  std::optional<SecretFile> file;
  if (!order.output.empty()) file.emplace(order.output);
  const auto answer = handed_out(client, link, code);
  const auto text = opened(answer, link, code);
  if (!file) {
    print(shown_secret(text, answer, as_json), out);
    return {};
  }
  file->write(text.reveal());
  return as_json ? json{{"file", order.output}}.dump(2) + "\n" : fmt::format("the secret is in {}\n", order.output);
}

}  // namespace rescue::netboot::cli
