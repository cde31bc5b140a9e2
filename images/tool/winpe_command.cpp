// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/tool/winpe_command.hpp"

#include "images/tool/signing_options.hpp"
#include "images/winpe/build_winpe.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <memory>
#include <string>

namespace rescue::tool {
namespace {

int run_winpe(const winpe::WinpeRequest& request, bool json) {
  const auto file = winpe::build_winpe(request, beside("rescue-wim"),
                                       [](const std::string& line) { std::fputs((line + "\n").c_str(), stderr); });
  if (json) {
    print(nlohmann::ordered_json{{"file", file}});
  } else {
    print(file + "\n");
  }
  return 0;
}

}  // namespace

void add_winpe_command(CLI::App& build, Action& action) {
  auto request = std::make_shared<winpe::WinpeRequest>();
  auto* const command =
      build.add_subcommand("winpe", "Build a small rescue image from the Windows PE on Microsoft's ISO");
  command->fallthrough();
  const auto add = [command](const char* name, std::string& value, const char* help) {
    return command->add_option(name, value, help)->type_name("FILE");
  };
  add("--iso", request->iso, "Microsoft's ISO of Windows Server, or a folder with its content")->required();
  add("--virtio", request->virtio, "ISO of virtio-win, or a folder with its layout")->required();
  add("--openssh", request->ssh_zip, "OpenSSH-Win64.zip of Win32-OpenSSH")->required();
  add("--out", request->folder, "Write the image to this folder")->type_name("DIR")->required();
  command->add_option("--image-version", request->version, "Version of the image; the default is today's date");
  const auto signing = std::make_shared<SigningOptions>();
  signing->add_to(*command, false);
  command->add_flag("--client", request->allow_client, "Accept media of Windows 10 and 11");
  command->footer("Example:\n  rescue-image build winpe --iso server-2025.iso --virtio virtio-win.iso \\\n"
                  "    --openssh OpenSSH-Win64.zip --out /srv/images/winpe");
  command->callback([request, signing, &action] {
    action = [request, signing](bool json) {
      request->key = signing->key();
      return run_winpe(*request, json);
    };
  });
}

}  // namespace rescue::tool
