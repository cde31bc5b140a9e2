// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/ipxe/script.hpp"

#include <fmt/format.h>

namespace rescue::netboot::ipxe {
namespace {

std::string comment(const std::string& why) {
  std::string line = "# ";
  for (const char c : why) line += static_cast<unsigned char>(c) < 0x20 || c == '\x7f' ? ' ' : c;
  return line + "\n";
}

/// Boots the disk. On BIOS the first disk, else the firmware continues in its boot order. UEFI firmware takes `exit 1`
/// for "this entry failed, try the next"; a bare `exit` opens the setup of many.
std::string disk_commands(const Disk& disk) {
  if (disk.firmware == Firmware::bios) return "sanboot --no-describe --drive 0x80 || exit\n";
  if (disk.loader.empty()) return "exit 1\n";
  return fmt::format("sanboot --no-describe --drive 0 --filename {} || exit 1\n", disk.loader);
}

/// Name of the initrd at this place, within iPXE.
std::string initrd_name(std::size_t place) {
  return place == 0 ? "initrd.img" : fmt::format("initrd{}.img", place + 1);
}

std::string kernel_line(const KernelBoot& boot, bool has_second) {
  // initrd= names the initrds for kernels that run as EFI programs; other kernels get them in the order of loading.
  std::string line = fmt::format("kernel --name vmlinuz {}", boot.kernel_url);
  for (std::size_t i = 0; i < boot.initrd_urls.size(); ++i) line += " initrd=" + initrd_name(i);
  if (has_second) line += " initrd=rescue-boot.cpio";
  if (!boot.arguments.empty()) line += " " + boot.arguments;
  if (!boot.squashfs_url.empty()) line += " rescue.squashfs=" + boot.squashfs_url;
  return line;
}

constexpr Milliseconds pause{5'000};  // `sleep 5` below

/// Loads the second initrd, and retries only that: kernel and initrd are loaded already, and large.
std::string second_initrd_commands(const SecondInitrd& second) {
  const auto waits = (second.patience + pause - Milliseconds(1)) / pause + 1;
  return fmt::format("set waits:int32 0\n"
                     ":second\n"
                     "initrd --name rescue-boot.cpio {} && goto start ||\n"
                     "inc waits\n"
                     "iseq ${{waits}} {} && goto failed ||\n"
                     "echo netbootd does not issue a token for this boot yet; retrying.\n"
                     "sleep 5\n"
                     "goto second\n"
                     ":start\n",
                     second.url, waits + 1);
}

constexpr auto trying_again = "echo The system could not be loaded; retrying.\n"
                              "sleep 5\n";
constexpr auto giving_up = ":disk\n"
                           "echo The system could not be loaded; booting the disk.\n";

std::string commands_of(const KernelBoot& boot, const std::optional<SecondInitrd>& second) {
  std::string script = "set attempts:int32 0\n"
                       ":rescue\n";
  script += kernel_line(boot, second.has_value()) + " || goto failed\n";
  for (std::size_t i = 0; i < boot.initrd_urls.size(); ++i) {
    script += fmt::format("initrd --name {} {} || goto failed\n", initrd_name(i), boot.initrd_urls[i]);
  }
  if (second) script += second_initrd_commands(*second);
  script += "boot || goto failed\n"
            ":failed\n"
            "imgfree\n"
            "inc attempts\n";
  script += fmt::format("iseq ${{attempts}} {} && goto disk ||\n", boot.attempts);
  return script + trying_again + "goto rescue\n" + giving_up;
}

/// Unrolls the attempts instead of counting in a setting: the operator's script may change every setting.
std::string commands_of(const ScriptBoot& boot) {
  std::string script;
  for (unsigned i = 0; i < boot.attempts; ++i) {
    if (i > 0) script += trying_again;
    script += fmt::format("chain --autofree {} && goto done ||\n", boot.url);
  }
  return script + giving_up + ":done\n";
}

}  // namespace

std::string disk_script(const Disk& disk, const std::string& why) {
  return "#!ipxe\n" + comment(why) + disk_commands(disk);
}

std::string disk_script_for_unknown(const std::string& why) {
  return "#!ipxe\n" + comment(why) +
         "iseq ${platform} efi && goto efi ||\n"
         "sanboot --no-describe --drive 0x80 || exit\n"
         ":efi\n"
         "exit 1\n";
}

std::string boot_script(const Disk& disk, const Boot& boot, const std::optional<SecondInitrd>& second,
                        const std::string& why) {
  const auto* const kernel = std::get_if<KernelBoot>(&boot);
  return "#!ipxe\n" + comment(why) +
         (kernel != nullptr ? commands_of(*kernel, second) : commands_of(std::get<ScriptBoot>(boot))) +
         disk_commands(disk);
}

}  // namespace rescue::netboot::ipxe
