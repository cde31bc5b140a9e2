// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/host/process.hpp"

#include "core/error.hpp"
#include "core/handle.hpp"
#include "core/log.hpp"

#include <netdb.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <filesystem>

namespace rescue::linux {
namespace {

sigset_t end_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  return signals;
}

/// "198.51.100.1" of "http://198.51.100.1:8080/x", "2001:db8::1" of "http://[2001:db8::1]:8080".
std::string host_of(const std::string& url) {
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string::npos) return {};
  auto authority = url.substr(scheme_end + 3);
  authority.erase(std::min(authority.find_first_of("/?#"), authority.size()));
  if (authority.starts_with('[')) return authority.substr(1, authority.find(']') - 1);
  authority.erase(std::min(authority.find(':'), authority.size()));
  return authority;
}

}  // namespace

std::string own_executable() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

void harden_process() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, nullptr);
  const auto signals = end_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void wait_for_end(Milliseconds interval, const std::function<void()>& at_each_interval) {
  const auto signals = end_signals();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(interval);
  const timespec limit{seconds.count(), std::chrono::nanoseconds(interval - seconds).count()};
  while (::sigtimedwait(&signals, nullptr, &limit) < 0) {
    if (errno == EAGAIN) at_each_interval();
  }
}

void exit_at_once() { ::_exit(0); }

std::uint16_t port_of_url(const std::string& url) {
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string::npos) return 0;
  auto authority = url.substr(scheme_end + 3);
  authority.erase(std::min(authority.find_first_of("/?#"), authority.size()));
  const auto bracket = authority.rfind(']');
  const auto colon = authority.find(':', bracket == std::string::npos ? 0 : bracket);
  constexpr std::uint16_t https = 443;
  constexpr std::uint16_t http = 80;
  std::uint16_t port = url.starts_with("https://") ? https : http;
  if (colon != std::string::npos) {
    const auto* const end = authority.data() + authority.size();
    if (std::from_chars(authority.data() + colon + 1, end, port).ec != std::errc{}) return 0;
  }
  return port;
}

std::vector<std::string> addresses_of_url(const std::string& url) {
  const auto host = host_of(url);
  if (host.empty()) return {};
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), nullptr, &wanted, &found); error != 0) {
    log::warning("{} can't be resolved: {}", host, ::gai_strerror(error));
    return {};
  }
  const Handle<addrinfo, ::freeaddrinfo> list(found);
  std::vector<std::string> addresses;
  for (const auto* one = found; one != nullptr; one = one->ai_next) {
    char text[NI_MAXHOST];
    if (::getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0) {
      addresses.emplace_back(text);
    }
  }
  return addresses;
}

}  // namespace rescue::linux
