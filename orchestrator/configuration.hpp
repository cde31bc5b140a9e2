// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// rescued.yaml as values. Every key, with its default, is in orchestrator/rescued.example.yaml.

#include "core/document.hpp"
#include "core/log.hpp"
#include "core/words.hpp"
#include "orchestrator/domain/settings.hpp"
#include "orchestrator/domain/ticket.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rescue {

/// How an image of a web server reaches the guest.
enum class ImageTransfer { stream, download };
constexpr auto words_of(ImageTransfer) { return words<ImageTransfer>("stream", "download"); }

struct Configuration {
  domain::SessionSettings session;
  domain::TicketSettings ticket;
  log::Level log_level = log::Level::info;
  std::string state_directory = "/var/lib/rescue";
  std::string rescue_hold;  ///< path of the program; empty: beside rescued's own
  std::string control_socket = "/run/rescue/rescued.sock";
  std::string control_group;
  std::string control_plane_url;       ///< empty: none
  std::string control_plane_boot_url;  ///< where servers' firmware reaches it, if elsewhere; empty: there
  std::string control_plane_token_file = "/etc/rescue/agent.token";
  std::string control_plane_ca_file;
  std::string boot_folder = "/run/rescue/boot";  ///< the boot hand-over in it overrides the keys above
  bool efi_layer = true;                         ///< set the firmware's boot order back, if there is one
  bool ipmi_layer = true;                        ///< reset the BMC's boot device override too
  std::string libvirt_uri = "qemu:///system";
  std::string image_manifest = "/var/lib/rescue/images/current/manifest.json";
  std::string image_url;  ///< folder that an image is downloaded from; empty: image_manifest is on this host
  std::string image_folder = "/var/lib/rescue/images/fetched";
  std::string image_ca_file;
  ImageTransfer image_transfer = ImageTransfer::stream;
  std::vector<std::string> image_mirrors;  ///< further folders with the same image
  unsigned image_cache_mib = 0;            ///< 0: an eighth of the host's memory
  std::string image_cache_folder;          ///< on a disk; empty: in memory
  unsigned image_bandwidth_mbit = 0;       ///< 0: no limit
  std::string image_public_key = "/etc/rescue/image.pub";
  std::string image_name;                 ///< image that is expected or, of a catalogue, the default; empty: any
  std::string image_channel;              ///< empty: any, of a catalogue "stable"
  std::uint64_t image_least_counter = 0;  ///< manifests with a lower counter are refused
  domain::Ending ending = domain::Ending::reboot;
  std::vector<std::string> reboot_command{"systemctl", "reboot"};
  std::vector<std::string> poweroff_command{"systemctl", "poweroff"};

  /// Throws `config_invalid` with file, line, key and hint.
  static Configuration parse(const Document& document);
};

}  // namespace rescue
