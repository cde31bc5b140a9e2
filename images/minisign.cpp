// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/minisign.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/subprocess.hpp"
#include "core/text.hpp"

#include <sodium.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdio>

namespace rescue::images {
namespace {

constexpr const char* signature_suffix = ".minisig";
constexpr const char* unfinished = ".new";
constexpr mode_t for_all = 0644;

void move_over(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) throw system_error("cannot write " + to, errno);
}

/// Signs `path` into the file `signature`.
void make_signature(const std::string& path, const std::string& signature, const SigningKey& key,
                    const std::string& comment) {
  Command command;
  command.argv = {"minisign", "-S", "-s", key.file, "-m", path, "-x", signature, "-t", comment};
  if (key.password) command.secret_input = &*key.password;
  command.time_limit = Milliseconds(60'000);
  const auto completed = [&] {
    try {
      return run(command);
    } catch (const Error&) {
      std::throw_with_nested(Error(ErrorCode::precondition, "minisign can't be run", "apt-get install minisign"));
    }
  }();
  if (completed.status != 0 || completed.timed_out) {
    remove_file_durably(signature);
    throw Error(ErrorCode::precondition, "minisign can't sign with " + key.file + ": " + trimmed(completed.err),
                "Check that it is a secret key of minisign, and its password (--key-password-file).");
  }
  if (::chmod(signature.c_str(), for_all) != 0) throw system_error("cannot change " + signature, errno);
}

}  // namespace

/// Layout of minisign's secret keys: "Ed", how the key is derived from the password ("Sc", or zeros), "B2", ...
bool needs_password(const std::string& key_file) {
  const auto text = read_secret_file(key_file);  // the comment; refuses keys that others may read
  auto content = read_file(key_file);
  const auto line = content.find('\n');
  std::array<unsigned char, 3> head{};
  constexpr std::size_t four_digits = 4;
  std::size_t length = 0;
  const bool is_base64 = line != std::string::npos && content.size() > line + four_digits &&
                         sodium_base642bin(head.data(), head.size(), content.data() + line + 1, four_digits, nullptr,
                                           &length, nullptr, sodium_base64_VARIANT_ORIGINAL) == 0;
  wipe(content);
  if (!text.reveal().starts_with("untrusted comment:") || !is_base64 || length != head.size() || head[0] != 'E' ||
      head[1] != 'd') {
    throw Error(ErrorCode::precondition, key_file + " is not a secret key of minisign",
                "Make one: minisign -G -p rescue.pub -s rescue.key");
  }
  return head[2] != 0;
}

void sign_file(const std::string& path, const SigningKey& key, const std::string& comment) {
  const auto signature = path + signature_suffix;
  make_signature(path, signature + unfinished, key, comment);
  move_over(signature + unfinished, signature);
}

void write_signed(const std::string& path, const std::string& text, const SigningKey& key, const std::string& comment) {
  const auto signature = path + signature_suffix;
  write_file_atomically(path + unfinished, text, for_all);
  try {
    make_signature(path + unfinished, signature + unfinished, key, comment);
  } catch (const Error&) {
    remove_file_durably(path + unfinished);
    throw;
  }
  move_over(path + unfinished, path);
  move_over(signature + unfinished, signature);
}

}  // namespace rescue::images
