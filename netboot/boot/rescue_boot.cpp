// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/boot/rescue_boot.hpp"

#include "netboot/boot/cpio_archive.hpp"

#include <nlohmann/json.hpp>

namespace rescue::netboot {

std::string rescue_boot_archive(const AgentEndpoint& endpoint, const BootToken& token, const std::string& ca) {
  nlohmann::json body{{"url", endpoint.url},
                      {"boot_url", endpoint.boot_url},
                      {"server", token.server.text()},
                      {"boot_token", token.token.reveal()}};
  if (!endpoint.relay_urls.empty()) body["relay_urls"] = endpoint.relay_urls;
  auto text = body.dump(2) + "\n";
  wipe(body["boot_token"].get_ref<std::string&>());
  CpioArchive archive;
  archive.add_folder("rescue-boot", 0700);
  archive.add_file("rescue-boot/control-plane.json", 0600, text);
  wipe(text);
  if (!ca.empty()) archive.add_file("rescue-boot/ca.pem", 0600, ca);
  return std::move(archive).finish();
}

}  // namespace rescue::netboot
