// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/document.hpp"
#include "core/file.hpp"
#include "netboot/api/access.hpp"
#include "tests/unit/netboot/asked.hpp"

#include <filesystem>
#include <set>
#include <string>

namespace rescue::netboot::api {
namespace {

class OpenApi : public Asked {
protected:
  static std::string parts_in_order() {
    std::set<std::string> parts;
    for (const auto& entry : std::filesystem::directory_iterator(RESCUE_SOURCE_DIR "/netboot/api/openapi")) {
      parts.insert(entry.path().string());
    }
    std::string all;
    for (const auto& part : parts) all += read_file(part);
    return all;
  }
};

TEST_F(OpenApi, IsServedAsItIsInTheSource) {
  const auto response = ask("GET", "/v1/openapi.yaml", "");
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(response.content_type, "application/yaml");
  EXPECT_EQ(response.body, parts_in_order());
}

TEST_F(OpenApi, DescribesTheRoutesThatThereAreAndNoOthers) {
  std::set<std::string> described;
  const auto document = Document::from_yaml("openapi.yaml", parts_in_order());
  const auto paths = document.root().at("paths").json();
  for (const auto& [path, item] : paths.items()) {
    for (const auto& [method, operation] : item.items()) {
      if (method == "parameters" || method.starts_with("x-")) continue;
      auto upper = method;
      for (char& c : upper) c = static_cast<char>(c - 'a' + 'A');
      described.insert(upper + " " + path);
    }
  }
  std::set<std::string> routes;
  for (const auto& route : access_table()) {
    auto pattern = std::string(route.pattern);
    if (const auto rest = pattern.find("*}"); rest != std::string::npos) pattern.erase(rest, 1);
    routes.insert(std::string(route.method) + " " + pattern);
  }
  EXPECT_EQ(described, routes);
}

TEST_F(OpenApi, KnowsThatFirmwareAsksAnything) {
  const auto response = ask("GET", "/boot/autoexec.ipxe", "");
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(response.content_type, "text/plain");
}

}  // namespace
}  // namespace rescue::netboot::api
