// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// rescue-sftp: serves volumes over SFTP to the one client that is connected to its standard input. A program of its
// own, since it reads what strangers send: it has no disk, but sockets to those that read one (rescue-files).
#include "core/error.hpp"
#include "core/printable.hpp"
#include "core/ssh/sftp_server.hpp"
#include "orchestrator/files/sftp_confinement.hpp"
#include "orchestrator/files/sftp_settings.hpp"
#include "orchestrator/files/volume_tree.hpp"

#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <string_view>

namespace {

using namespace rescue;
using Json = nlohmann::json;

constexpr const char* how_to_use =
    "usage: rescue-sftp --make-host-key\n"
    "       rescue-sftp, started by `rescuectl files serve`\n"
    "Serves volumes over SFTP, read-only, to the client on its standard input; or prints a new host key as JSON.\n";

int make_host_key() {
  const auto key = ssh::make_host_key();
  auto text =
      Json{{"private_key", key.private_key.reveal()}, {"public_key", key.public_key}, {"fingerprint", key.fingerprint}}
          .dump();
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  wipe(text);
  return written ? 0 : 1;
}

std::string read_settings() {
  std::string text(files::largest_settings, '\0');
  const auto count = ::pread(files::settings_descriptor, text.data(), text.size(), 0);
  if (count < 0) throw system_error("cannot read the settings", errno);
  text.resize(static_cast<std::size_t>(count));
  ::close(files::settings_descriptor);
  return text;
}

void serve() {
  auto text = read_settings();
  auto settings = Json::parse(text);
  wipe(text);
  const Secret host_key(settings.at("host_key").get_ref<const std::string&>());
  wipe(settings.at("host_key").get_ref<std::string&>());
  ssh::SftpRules rules;
  settings.at("authorized_keys").get_to(rules.authorized_keys);
  files::VolumeTree tree;
  int descriptor = files::first_volume_descriptor;
  for (const auto& name : settings.at("volumes")) {
    tree.add(name.get<std::string>(), std::make_unique<files::VolumeReader>(FileDescriptor(descriptor++)));
  }
  files::confine_to_descriptors();
  ssh::serve_sftp(STDIN_FILENO, host_key, rules, tree);
}

bool has_a_client() {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  return ::getpeername(STDIN_FILENO, reinterpret_cast<sockaddr*>(&peer), &size) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 2 && std::string_view(argv[1]) == "--make-host-key") return make_host_key();
    if (argc != 1 || !has_a_client()) {
      (void)std::fputs(how_to_use, stderr);
      return exit_code_of(ErrorCode::usage);
    }
    serve();
    return 0;
  } catch (const std::exception& error) {
    constexpr std::size_t longest = 300;  // it may quote the client
    (void)std::fprintf(stderr, "rescue-sftp: %s\n", printable(error.what(), longest).c_str());
    return 1;
  }
}
