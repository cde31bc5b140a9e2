// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Input of firmware below /boot/: the answer is always a script that boots.
#include "core/http/target.hpp"
#include "core/log.hpp"
#include "expect.hpp"
#include "netboot/api/routes.hpp"
#include "netboot/service/leases.hpp"
#include "netboot/service/servers.hpp"
#include "netboot/store/store.hpp"

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace {

using namespace rescue;
using namespace rescue::netboot;
using rescue::fuzz::expect;

/// netbootd's own routes, with a server that boots its disk and one that boots the rescue system.
class Endpoint {
public:
  Endpoint() {
    log::set_level(log::Level::error);
    const auto add = [this](const char* name, const char* mac) {
      Server server{ServerName::parse(name), {MacAddress::parse(mac)}, Firmware::uefi, "", "", {}};
      server.uuid = std::string("4c4c4544-0042-3510-8056-b4c04f46313") + server.macs.front().text().back();
      server.serial = std::string("B5Q8F") + server.macs.front().text().back();
      Servers(store_).add(server);
      return server.name;
    };
    (void)add("web-01", "52:54:00:00:00:01");
    LeaseRequest request;
    request.time_to_live = std::chrono::hours(24);
    request.requested_by = "fuzzer";
    (void)Leases(store_).grant(add("web-02", "52:54:00:00:00:02"), request);
    api::ApiOptions options;
    options.catalogue.put(
        {BootMode::rescue_windows, "", ipxe::KernelBoot{"http://a/k", {"http://a/i"}, "", "", 3}, true});
    router_ = api::make_router(store_, options);
  }

  http::Response ask(http::Request& request) const {
    const auto& route = router_.match(request);
    if (route.quick) {
      if (auto response = route.quick(request)) return *std::move(response);
    }
    return route.handler(request);
  }

private:
  static std::string new_folder() {
    auto pattern = (std::filesystem::temp_directory_path() / "boot-endpoint-XXXXXX").string();
    expect(::mkdtemp(pattern.data()) != nullptr, "there is a place for the database");
    return pattern;
  }

  const std::string folder_ = new_folder();
  SystemClock clock_;
  Store store_{folder_ + "/db.sqlite", LeaseLimits{}, clock_};
  http::Router router_;
};

void check_spelling_of_uuid(const std::string& text) {
  const auto uuid = UuidNumber::of(text);
  if (!uuid) return;
  expect(UuidNumber::of(uuid->text()) == uuid, "the canonical spelling is that of the same UUID");
  expect(text.size() <= uuid->text().size() + 2, "no spelling is longer");
}

void check_spelling(const std::string& text) {
  const auto mac = MacAddress::try_parse(text);
  expect(mac.has_value() == MacAddress::number_of(text).has_value(), "a MAC address has a number");
  if (!mac) return;
  expect(MacAddress::parse(mac->text()) == *mac, "the canonical spelling is that of the same address");
  expect(mac->number() == *MacAddress::number_of(text), "its number too");
  expect(text.size() <= 20, "no spelling is longer");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Endpoint endpoint;
  const void* const place = data;
  const std::string text(static_cast<const char*>(place), size);
  check_spelling(text);
  check_spelling_of_uuid(text);
  http::Request request;
  request.method = "GET";
  const auto slash = text.starts_with("serial/") ? http::EncodedSlash::as_plain : http::EncodedSlash::refused;
  if (http::read_target("/boot/" + text, request, slash)) return 0;
  try {
    const auto response = endpoint.ask(request);
    if (!request.path.ends_with(".ipxe")) return 0;
    expect(response.status == 200, "a server that asks what to boot is told");
    expect(response.body.starts_with("#!ipxe\n"), "the answer is a script");
    expect(response.body.find("shell") == std::string::npos, "nothing of the request is in it");
  } catch (const Error& error) {
    const auto code = error.code();
    expect(code == ErrorCode::not_found || code == ErrorCode::usage, "what is refused is the caller's mistake");
  }
  return 0;
}
