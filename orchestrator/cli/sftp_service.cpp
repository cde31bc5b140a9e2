// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/sftp_service.hpp"

#include "core/error.hpp"
#include "core/secret.hpp"
#include "core/subprocess.hpp"
#include "orchestrator/files/sftp_settings.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <sstream>

namespace rescue::cli {
namespace {

using Json = nlohmann::json;

constexpr std::size_t most_connections = 8;
constexpr std::size_t most_of_one_peer = 4;

FileDescriptor file_in_memory(const std::string& text) {
  FileDescriptor file(::memfd_create("sftp-settings", MFD_CLOEXEC));
  if (!file || ::pwrite(file.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    throw system_error("cannot keep the settings in memory", errno);
  }
  return file;
}

FileDescriptor listening_socket(int family, const ListenAddress& listen) {
  FileDescriptor socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return socket;
  const int on = 1;
  const int off = 0;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (family == AF_INET6) ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  sockaddr_in6 six{};
  sockaddr_in four{};
  six.sin6_family = AF_INET6;
  six.sin6_port = htons(listen.port);
  four.sin_family = AF_INET;
  four.sin_port = htons(listen.port);
  if (listen.address) {
    const auto bytes = listen.address->bytes();
    void* const into = family == AF_INET6 ? static_cast<void*>(&six.sin6_addr) : &four.sin_addr;
    std::memcpy(into, bytes.data(), bytes.size());
  }
  const auto* const any =
      family == AF_INET6 ? reinterpret_cast<const sockaddr*>(&six) : reinterpret_cast<const sockaddr*>(&four);
  constexpr int backlog = 16;
  if (::bind(socket.get(), any, family == AF_INET6 ? sizeof six : sizeof four) != 0 ||
      ::listen(socket.get(), backlog) != 0) {
    const int reason = errno;
    socket.reset();
    errno = reason;
  }
  return socket;
}

FileDescriptor listening_socket(const ListenAddress& listen) {
  auto socket = listening_socket(listen.address ? listen.address->family() : AF_INET6, listen);
  if (!socket && !listen.address && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL)) {
    socket = listening_socket(AF_INET, listen);
  }
  if (socket) return socket;
  throw Error(ErrorCode::network, fmt::format("cannot listen on port {}: {}", listen.port, std::strerror(errno)),
              "Name another address or port: --listen ADDRESS:PORT");
}

}  // namespace

ListenAddress parse_listen_address(const std::string& text) {
  ListenAddress result;
  const auto colon = text.rfind(':');
  auto address = colon == std::string::npos ? "" : text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  const auto port = colon == std::string::npos ? text : text.substr(colon + 1);
  const auto* const end = port.data() + port.size();
  const auto [rest, error] = std::from_chars(port.data(), end, result.port);
  if (!address.empty()) result.address = net::IpAddress::try_parse(address);
  if (error != std::errc{} || rest != end || port.empty() || (!address.empty() && !result.address)) {
    throw Error(ErrorCode::usage, fmt::format("'{}' is no address to listen on", text),
                "Write PORT, ADDRESS:PORT or [IPV6]:PORT.");
  }
  return result;
}

std::vector<std::string> authorized_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty() && line[0] != '#') lines.push_back(line);
  }
  return lines;
}

SftpService::SftpService(VolumeSource& source, const std::vector<std::string>& authorized_keys,
                         const ListenAddress& listen)
    : source_(source) {
  auto names = Json::array();
  for (const auto& volume : source.volumes()) {
    if (!volume.problem.empty() || volumes_.size() == files::most_volumes) continue;
    volumes_.push_back(volume);
    names.push_back(folder_name_of(volume));
  }
  if (volumes_.empty()) {
    throw Error(ErrorCode::disk, "there is no NTFS volume that can be read", "`rescuectl disks` shows what is there.");
  }
  Command make_key;
  make_key.argv = {installed_program("rescue-sftp"), "--make-host-key"};
  auto made = run_checked(make_key);
  auto key = Json::parse(made.out);
  wipe(made.out);
  key.at("public_key").get_to(public_key_);
  key.at("fingerprint").get_to(fingerprint_);
  Json settings{
      {"host_key", key.at("private_key")}, {"authorized_keys", authorized_keys}, {"volumes", std::move(names)}};
  auto text = settings.dump();
  settings_ = file_in_memory(text);
  wipe(text);
  for (auto* const secret : {&key.at("private_key"), &settings.at("host_key")}) wipe(secret->get_ref<std::string&>());
  listener_ = listening_socket(listen);
}

std::uint16_t SftpService::port() const {
  sockaddr_in6 bound{};  // the port is at the same place in both families
  socklen_t size = sizeof bound;
  if (::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&bound), &size) != 0) return 0;
  return ntohs(bound.sin6_port);
}

void SftpService::run() {
  constexpr int a_second = 1'000;
  for (;;) {
    wait(a_second);
    connections_.remove_if([](Connection& connection) { return connection.program.has_ended(); });
    (void)source_.require_readable();
  }
}

void SftpService::wait(int milliseconds) {
  std::vector<pollfd> waits;
  const bool has_room = connections_.size() < most_connections;
  waits.push_back({has_room ? listener_.get() : -1, POLLIN, 0});
  for (const auto& connection : connections_) {
    for (const auto& end : connection.waiting) waits.push_back({end.get(), POLLIN, 0});
  }
  if (::poll(waits.data(), waits.size(), milliseconds) < 0) {
    if (errno == EINTR) return;
    throw system_error("cannot wait for clients", errno);
  }
  std::size_t at = 1;
  for (auto& connection : connections_) {
    for (std::size_t volume = 0; volume < connection.waiting.size(); ++volume, ++at) {
      if (waits[at].revents == 0) continue;
      if ((waits[at].revents & POLLIN) != 0 && !connection.program.has_ended()) {
        start_reader(connection, volume);
      } else {
        connection.waiting[volume].reset();
      }
    }
  }
  if (waits[0].revents != 0) accept();
}

void SftpService::start_reader(Connection& connection, std::size_t volume) {
  auto end = std::move(connection.waiting[volume]);
  try {
    const auto disk = source_.open_disk(volumes_[volume]);
    connection.readers.push_back(
        files::start_reader(installed_program("rescue-files"), disk.get(), volumes_[volume].partition, end));
  } catch (const Error& error) {  // this volume ends for this client
    fmt::print(stderr, "{}: {}\n", folder_name_of(volumes_[volume]), report_of(error).one_line());
  }
}

void SftpService::accept() {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  const FileDescriptor client(::accept4(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size, SOCK_CLOEXEC));
  if (!client) return;
  Connection connection;
  connection.peer = net::IpAddress::of_socket(reinterpret_cast<const sockaddr*>(&address)).value_or(net::IpAddress());
  const auto same = std::count_if(connections_.begin(), connections_.end(),
                                  [&](const Connection& other) { return other.peer == connection.peer; });
  if (static_cast<std::size_t>(same) >= most_of_one_peer) return;
  std::vector<FileDescriptor> theirs;
  std::vector<int> descriptors{client.get(), -1, settings_.get()};
  for (std::size_t i = 0; i < volumes_.size(); ++i) {
    auto [ours, other] = files::socket_pair();
    descriptors.push_back(other.get());
    connection.waiting.push_back(std::move(ours));
    theirs.push_back(std::move(other));
  }
  connection.program = files::Child({installed_program("rescue-sftp")}, descriptors);
  connections_.push_back(std::move(connection));
}

}  // namespace rescue::cli
